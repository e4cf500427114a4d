"""What everybody may read, and what a donor without an account may ask (G-34)."""

from __future__ import annotations

from flask import Blueprint, Response, request, session, url_for
from flask_babel import get_locale

from portal.consent.texts import LegalText, earlier_than, version_named
from portal.identity.codes import CodeCheck, CodeResult
from portal.identity.views.door import sign_in_limit, stored_locale
from portal.identity.views.links import link_limit
from portal.kernel.access import open_to_all
from portal.kernel.asking import kind_named
from portal.kernel.errors import NotFound
from portal.kernel.i18n import DEFAULT_LANGUAGE, _, ngettext
from portal.kernel.ids import parse_id
from portal.kernel.pages import page, see_other
from portal.kernel.visitor import actor
from portal.privacy import by_code, giving_back
from portal.privacy.forms import AskToForgetForm, ForgetCodeForm, ForgetGiftForm
from portal.privacy.words import TEXT_WORDS

blueprint = Blueprint("privacy_public", __name__)
_WAITING = "forget"


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
        older=earlier_than(version),
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


@blueprint.route("/gifts/forget", methods=["GET", "POST"])
@open_to_all("a guest who has no receipt asks to be forgotten; a code to their own contact is the proof")
@link_limit
def ask_by_contact() -> Response:
    """Ask for a code; the answer is the same for every contact."""
    form = AskToForgetForm()
    if form.validate_on_submit():
        with form.attempt():
            session[_WAITING] = str(by_code.ask_to_be_forgotten(form.contact.data, locale=stored_locale()))
            return see_other(url_for(".forget_by_code"))
    return page("privacy/ask_by_contact.html", form=form, status=422 if form.errors else 200)


@blueprint.route("/gifts/forget/code", methods=["GET", "POST"])
@open_to_all("a guest who has no receipt asks to be forgotten; a code to their own contact is the proof")
@sign_in_limit
def forget_by_code() -> Response:
    """Type the code, and have every gift of the contact forgotten."""
    token_id, form = parse_id(session.get(_WAITING)), ForgetCodeForm()
    if token_id is None:
        return see_other(url_for(".ask_by_contact"))
    if form.validate_on_submit():
        check = by_code.forget_by_code(token_id, form.code.data)
        if check.result is CodeResult.RIGHT:
            session.pop(_WAITING)
            return page("privacy/forgotten.html")
        form.code.errors = [_why_not(check)]
        form.code.data = ""
    return page("privacy/forget_by_code.html", form=form, status=422 if form.errors else 200)


def _why_not(check: CodeCheck) -> str:
    if check.result is CodeResult.WRONG:
        return ngettext(
            "This is not the code. You have %(num)s try left.",
            "This is not the code. You have %(num)s tries left.",
            check.tries_left,
        )
    return _("This code no longer works. Please ask for a new one.")
