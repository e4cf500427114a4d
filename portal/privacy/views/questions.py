"""Where somebody without an account answers what they were asked, without opening one (PRV-02)."""

from __future__ import annotations

from flask import Blueprint, Response, flash, request, url_for

from portal.config.rates import rate
from portal.config.values import LINKS_PER_MINUTE
from portal.kernel.access import open_to_all
from portal.kernel.asking import kind_named
from portal.kernel.errors import InvalidInput, NotFound
from portal.kernel.i18n import _
from portal.kernel.limits import by_address, limiter
from portal.kernel.pages import page, see_other
from portal.kernel.visitor import actor
from portal.privacy import questions
from portal.privacy.words import ANSWERED_WORDS, ASKED_WORDS, NEVER_WORDS

blueprint = Blueprint("questions", __name__, url_prefix="/q")

_opening_limit = limiter.limit(rate(LINKS_PER_MINUTE, "minute"), key_func=by_address)


@blueprint.get("/<string(maxlength=40):key>")
@open_to_all("whoever was asked by a message answers without an account; the key in it is the right to")
@_opening_limit
def show(key: str) -> Response:
    """Who asks what, the way in to a yes, and the ways to say no; looking changes nothing."""
    try:
        asked = questions.question_behind(key)
    except NotFound:
        return _private(page("privacy/no_question.html", status=404))
    return _private(
        page(
            "privacy/question.html",
            asked=asked,
            key=key,
            words=ASKED_WORDS[asked.kind],
            never=NEVER_WORDS[asked.kind],
        )
    )


@blueprint.post("/<string(maxlength=40):key>")
@open_to_all("whoever was asked by a message answers without an account; the key in it is the right to")
@_opening_limit
def reply(key: str) -> Response:
    """No, never again, or forget me."""
    said = kind_named(questions.Answer, request.form.get("answer"))
    if said is None:
        raise InvalidInput(_("Please choose one of the answers on offer."))
    questions.answer(key, said, by=actor())
    flash(str(ANSWERED_WORDS[said]), "success")
    return _private(see_other(url_for(".show", key=key)))


def _private(response: Response) -> Response:
    """A question to one person is nobody else's business, search engines included."""
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
