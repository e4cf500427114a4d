"""Where an invitation leads: who asks, what this is, yes or no (REF-05, REF-09, REF-13, REF-19)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, flash, request, session, url_for

from portal.config.rates import rate
from portal.config.values import LINKS_PER_MINUTE
from portal.kernel.access import open_to_all
from portal.kernel.cookies import forget_cookie, keep_cookie
from portal.kernel.errors import NotFound
from portal.kernel.i18n import _
from portal.kernel.limits import by_address, limiter
from portal.kernel.pages import page, see_other
from portal.kernel.visitor import actor, visitor
from portal.notifications.asking import question_at
from portal.referrals.answering import decline
from portal.referrals.links import OpenedLink, find_link, remember_click, tidy_utm
from portal.referrals.policies import Standing, standing

blueprint = Blueprint("referrals_public", __name__, url_prefix="/r")

# The door of the accounts reads it (portal/identity/views/door.py).
COOKIE = "invitation"
_COOKIE_DAYS = 30
_A_DAY = 24 * 3600
_COUNTED = "opened_link"

_opening_limit = limiter.limit(rate(LINKS_PER_MINUTE, "minute"), key_func=by_address)


@blueprint.get("/<string(maxlength=40):code>")
@open_to_all("an invitation is for people without an account")
@_opening_limit
def landing(code: str) -> Response:
    """Who asks, and what for; or why this link no longer leads anywhere."""
    link = _found(code)
    if link is None:
        return _private(page("referrals/nowhere.html", status=404))
    _count_once(link)
    state = standing(link.referral) if link.referral else Standing.OPEN
    key = _key_of(link)
    if state is not Standing.OPEN:
        return _private(page("referrals/over.html", link=link, state=state, key=key, status=410))
    person = visitor()
    brought: dict[str, Any] = {"invitation_code": link.code, **tidy_utm(request.args)}
    response = _private(
        page(
            "referrals/landing.html",
            link=link,
            key=key,
            is_own=person is not None and person.user_id == link.sponsor_id,
            sign_up_url=url_for("identity.sign_up", **brought),
        )
    )
    if person is None:
        _carry_to_the_door(response, link.code)
    return response


@blueprint.post("/<string(maxlength=40):code>/decline")
@open_to_all("an invitation is for people without an account")
@_opening_limit
def refuse(code: str) -> Response:
    """No, thank you."""
    link = decline(code, by=actor())
    flash(_("Thank you for your answer. We do not write to you about this invitation again."), "success")
    response = see_other(url_for(".landing", code=link.code))
    forget_cookie(response, COOKIE)
    return response


def _carry_to_the_door(response: Response, code: str) -> None:
    """Whoever signs up some days later is still this sponsor's friend (REF-15)."""
    keep_cookie(response, COOKIE, code, seconds=_COOKIE_DAYS * _A_DAY)


def _found(code: str) -> OpenedLink | None:
    try:
        return find_link(code)
    except NotFound:
        return None


def _key_of(link: OpenedLink) -> str | None:
    """The key that came with the message about this very invitation; the sponsor has none."""
    message = question_at(request.args.get("k", "")) if link.referral else None
    is_about = message is not None and link.referral and message.related_entity_id == link.referral.id
    return message.answer_key if message is not None and is_about else None


def _count_once(link: OpenedLink) -> None:
    """One click for each visit, however often the page is loaded in it."""
    if session.get(_COUNTED) == link.code:
        return
    session[_COUNTED] = link.code
    remember_click(link, tidy_utm(request.args), by=actor())


def _private(response: Response) -> Response:
    """Single invitations are nobody else's business, search engines included."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
