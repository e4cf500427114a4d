"""Opening an account: with an e-mail address, or with a number that a code has proved."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from flask import Response, flash, session, url_for

from portal.config.rates import rate
from portal.config.values import CONFIRM_HOURS, SIGN_UPS_PER_HOUR, value_of
from portal.identity.codes import proven_phone
from portal.identity.forms import MailSignUpForm, PhoneSignUpForm, SignUpForm
from portal.identity.mail_first import address_of, ask_to_sign_up, register_by_mail
from portal.identity.models import User
from portal.identity.providers import offered
from portal.identity.services import NewAccount, register_with_phone
from portal.identity.sessions import open_session
from portal.identity.views.door import (
    INVITATION_COOKIE,
    Carried,
    blueprint,
    carried,
    let_in,
    stored_locale,
    this_door,
)
from portal.identity.views.sign_in import PROVEN
from portal.kernel.access import open_to_all
from portal.kernel.cookies import forget_cookie
from portal.kernel.i18n import _
from portal.kernel.ids import parse_id
from portal.kernel.limits import by_address, limiter
from portal.kernel.pages import page, see_other
from portal.kernel.visitor import actor, visitor
from portal.people.ages import is_adult

_GONE = 410
sign_up_limit = limiter.shared_limit(
    rate(SIGN_UPS_PER_HOUR, "hour"), scope="sign_up", methods=["POST"], key_func=by_address
)


@blueprint.route("/sign-up", methods=["GET", "POST"])
@open_to_all("everybody may open an account")
@sign_up_limit
def sign_up() -> Response:
    """Have an address written to; the answer is the same for every address."""
    brought = carried()
    if visitor() is not None:
        return see_other(brought.next)
    form = SignUpForm()
    if form.validate_on_submit():
        with form.attempt():
            ask_to_sign_up(form.email.data, locale=stored_locale(), brought=_in_the_link(brought))
            return see_other(url_for("identity.sign_up_is_sent"))
    return page(
        "identity/sign_up.html",
        form=form,
        brought=brought,
        providers=offered(),
        status=422 if form.errors else 200,
    )


@blueprint.get("/sign-up/sent")
@open_to_all("everybody may open an account")
def sign_up_is_sent() -> Response:
    """What happens next, whoever asked."""
    return page("identity/sign_up_is_sent.html", hours=value_of(CONFIRM_HOURS))


@blueprint.route("/sign-up/mail/<token>", methods=["GET", "POST"])
@open_to_all("the link is the key")
@sign_up_limit
def finish_by_mail(token: str) -> Response:
    """Say one's name and choose a password, once the link has proved the address."""
    email = address_of(token)
    if email is None:
        return page("identity/link_is_gone.html", again=url_for("identity.sign_up"), status=_GONE)
    brought = carried()
    form = MailSignUpForm()
    if form.validate_on_submit():
        with form.attempt():
            account = replace(account_from(form, brought), password=form.password.data)
            user = register_by_mail(token, account, by=actor())
            return welcome(user, form.date_of_birth.data, brought)
    return page(
        "identity/finish_by_mail.html",
        form=form,
        email=email,
        brought=brought,
        status=422 if form.errors else 200,
    )


@blueprint.route("/sign-up/phone", methods=["GET", "POST"])
@open_to_all("everybody may open an account")
@sign_up_limit
def finish_sign_up() -> Response:
    """Say one's name, once a code has proved the number."""
    proof = parse_id(session.get(PROVEN))
    phone = proven_phone(proof) if proof else None
    if proof is None or phone is None:
        return see_other(url_for("identity.ask_for_code"))
    brought = carried()
    form = PhoneSignUpForm()
    if form.validate_on_submit():
        with form.attempt():
            user = register_with_phone(proof, account_from(form, brought), by=actor())
            return welcome(user, form.date_of_birth.data, brought)
    return page(
        "identity/finish_sign_up.html",
        form=form,
        phone=phone,
        brought=brought,
        status=422 if form.errors else 200,
    )


def _in_the_link(brought: Carried) -> dict[str, str]:
    """What comes back with the link, which may be opened in another browser."""
    kept = {"next": brought.next} if brought.next != url_for("web.home") else {}
    return kept | ({"code": brought.invitation_code} if brought.invitation_code else {}) | brought.utm


def account_from(form: MailSignUpForm | PhoneSignUpForm, brought: Carried) -> NewAccount:
    """What the person says at this door, and what they bring along; to go on is to agree to the terms."""
    return NewAccount(
        full_name=form.full_name.data,
        date_of_birth=form.date_of_birth.data,
        locale=stored_locale(),
        invitation_code=brought.invitation_code,
        utm=brought.utm,
        page=this_door(),
    )


def welcome(user: User, born: date | None, brought: Carried) -> Response:
    """Sign the new person in; a minor goes on to name a guardian."""
    needs_guardian = born is not None and not is_adult(born)
    following = url_for("people.name_guardian", next=brought.next) if needs_guardian else brought.next
    response = let_in(open_session(user, by=actor()), following)
    forget_cookie(response, INVITATION_COOKIE)
    flash(_("Welcome! Your account is open."), "success")
    return response
