"""What everybody may read, and what a donor without an account may ask (G-34)."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_babel import get_locale

from portal.consent.texts import VERSIONS, LegalText, version_named
from portal.identity.views.links import link_limit
from portal.kernel.access import open_to_all
from portal.kernel.asking import kind_named
from portal.kernel.errors import NotFound
from portal.kernel.i18n import DEFAULT_LANGUAGE
from portal.kernel.pages import page, see_other
from portal.kernel.visitor import actor
from portal.privacy import giving_back
from portal.privacy.forms import ForgetGiftForm
from portal.privacy.words import TEXT_WORDS

blueprint = Blueprint("privacy_public", __name__)


@blueprint.get("/legal/<text>")
@open_to_all("everybody reads what they agree to, before they do")
def legal(text: str) -> Response:
    """One text, in the version in force or in an earlier one."""
    named = kind_named(LegalText, text)
    if named is None:
        raise NotFound
    version = version_named(named, request.args.get("version"))
    return page(
        "privacy/text.html",
        version=version,
        language=str(get_locale() or DEFAULT_LANGUAGE),
        words=TEXT_WORDS[named],
        older=[one for one in VERSIONS if one.text is named and one != version],
    )


@blueprint.route("/g/<token>/forget", methods=["GET", "POST"])
@open_to_all("a guest asks to be forgotten; the link of the receipt is the proof")
@link_limit
def forget_gift(token: str) -> Response:
    """Have a gift forget who gave it."""
    donation_id, form = giving_back.gift_of(token), ForgetGiftForm()
    if form.validate_on_submit():
        giving_back.forget_donor(donation_id, by=actor())
        return see_other(url_for(".forget_gift", token=token))
    return page(
        "privacy/forget_gift.html",
        form=form,
        token=token,
        request=giving_back.request_of(donation_id),
        status=422 if form.errors else 200,
    )
