"""What everybody sees who has the link of a pot (POT-21, POT-22, POT-25, DON-17)."""

from __future__ import annotations

import hashlib
from typing import Any

import flask_babel
from flask import Blueprint, Response, make_response, request, url_for

from portal.config.limit_values import SHARES_PER_MINUTE
from portal.config.rates import rate
from portal.kernel import clock
from portal.kernel.access import open_to_all
from portal.kernel.errors import NotFound
from portal.kernel.limits import by_address, limiter
from portal.kernel.pages import in_place, page, public_url, see_other, wants_fragment
from portal.kernel.qr import qr_file
from portal.kernel.visitor import visitor
from portal.pots import counters, queries, sharing
from portal.pots.counters import Counter
from portal.pots.models import Visibility
from portal.pots.pictures import share_picture
from portal.pots.policies import collects, has_ended, may_see
from portal.pots.queries import PotPage
from portal.pots.words import PAGE_WORDS, raised_words

blueprint = Blueprint("pots_public", __name__)
blueprint.context_processor(lambda: PAGE_WORDS | {"raised_words": raised_words})

# Ten pixels a module: sharp on a poster of a page.
_QR_SCALE = 10
_KINDS = {"svg": "image/svg+xml", "png": "image/png"}
_share_limit = limiter.limit(rate(SHARES_PER_MINUTE, "minute"), key_func=by_address)


@blueprint.get("/p/<slug>")
@open_to_all("a pot is shared with people who have no account")
def show(slug: str) -> Response:
    """A pot: how far it is, who gave, and the way to give."""
    shown = visible_pot(slug)
    if counters.is_reader(request.user_agent.string) and not _is_owner(shown):
        counters.count(Counter.VIEWS, shown.pot.id)
    response = page("pots/show.html", **show_context(shown, request.args.get("cursor")))
    if shown.pot.visibility is not Visibility.PUBLIC:
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@blueprint.get("/p/<slug>/live")
@open_to_all("the page of a pot asks how far it is")
def live(slug: str) -> Response:
    """What moves while people give; an empty answer, after one statement, when nothing has moved."""
    shown = visible_pot(slug)
    if not wants_fragment():
        return see_other(url_for(".show", slug=slug))
    if request.args.get("since") == _state_of(shown):
        return make_response("", 204)
    return page("pots/show.html", block="live", **show_context(shown, None))


@blueprint.get("/p/<slug>/preview.jpg")
@open_to_all("programs draw it beside a shared link")
def preview_picture(slug: str) -> Response:
    """What WhatsApp and others show of the link."""
    shown = visible_pot(slug)
    drawn = share_picture(shown.pot, raised_words(shown.pot))
    response = in_place(drawn, name="teranga.jpg", mime_type="image/jpeg")
    response.headers["Cache-Control"] = "public, max-age=300"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@blueprint.get("/p/<slug>/qr.<kind>")
@open_to_all("posters and invitations carry it")
def qr(slug: str, kind: str) -> Response:
    """The pot's link as a QR code: `svg` to show, `png` to keep."""
    if kind not in _KINDS:
        raise NotFound
    shown = visible_pot(slug)
    link = public_url(url_for(".show", slug=shown.pot.public_slug))
    drawn = qr_file(link, kind, scale=_QR_SCALE)
    response = in_place(drawn, name=f"teranga-qr.{kind}", mime_type=_KINDS[kind])
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@blueprint.post("/p/<slug>/shares")
@open_to_all("everybody who sees a pot may pass it on")
@_share_limit
def count_share(slug: str) -> Response:
    """One more share, by whichever way."""
    counters.count(Counter.SHARES, visible_pot(slug).pot.id)
    return make_response("", 204)


@blueprint.get("/i/<token>")
@open_to_all("an invitation's own link")
def invitation(token: str) -> Response:
    """Note that an invitation was opened, and go on to its pot."""
    slug = sharing.follow_invitation(token[:50], is_reader=counters.is_reader(request.user_agent.string))
    return see_other(url_for(".show", slug=slug, via=token))


@blueprint.get("/pots/public")
@open_to_all("public pots are for everybody")
def public_list() -> Response:
    """Pots whose owners invite everybody."""
    return page("pots/public_list.html", pots=queries.public_pots(request.args.get("cursor")))


def visible_pot(slug: str) -> PotPage:
    """The pot of an address, if this visitor may see it. Raises `NotFound`."""
    shown = queries.pot_page(slug)
    person = visitor()
    if not may_see(shown.pot, person.user_id if person else None):
        raise NotFound
    return shown


def show_context(shown: PotPage, cursor: str | None, *, is_preview: bool = False) -> dict[str, Any]:
    """All that the page of a pot shows; a preview takes no gifts."""
    pot = shown.pot
    return {
        "shown": shown,
        "wall": queries.donor_wall(pot, cursor),
        "tag": _state_of(shown),
        "is_first_page": not cursor,
        "is_fragment": wants_fragment(),
        "raised": raised_words(pot),
        "days_left": (pot.birthday_date - clock.today()).days,
        "takes_gifts": collects(pot) and not is_preview,
        "has_ended": has_ended(pot),
        "is_owner": _is_owner(shown),
        "link": public_url(url_for("pots_public.show", slug=pot.public_slug)),
        "picture": public_url(
            url_for("pots_public.preview_picture", slug=pot.public_slug, v=pot.collected_minor)
        ),
        "via": request.args.get("via", "")[:50],
        "is_preview": is_preview,
    }


def _is_owner(shown: PotPage) -> bool:
    person = visitor()
    return person is not None and person.user_id == shown.pot.owner_user_id


def _state_of(shown: PotPage) -> str:
    """Changes whenever the live part of the page reads differently."""
    pot = shown.pot
    facts = (
        pot.updated_at,
        pot.collected_minor,
        pot.donor_count,
        pot.status,
        clock.today(),
        _is_owner(shown),
    )
    words = "|".join(map(str, (*facts, flask_babel.get_locale())))
    return hashlib.sha256(words.encode()).hexdigest()[:20]
