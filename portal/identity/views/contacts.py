"""Another e-mail address or number for one's account, and the way of the old one to take that back (ID-51)."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, session, url_for

from portal.identity import contacts
from portal.identity.codes import CodeResult, issue_code
from portal.identity.entry import after_code
from portal.identity.forms import AskForCodeForm, CodeForm, EmptyForm, SignUpForm, TakeBackForm
from portal.identity.mail_first import ask_for_new_address
from portal.identity.models import User
from portal.identity.returning import may_sign_in
from portal.identity.sessions import confirm_session
from portal.identity.views.door import blueprint, code_limit, give_session, sign_in_limit
from portal.identity.views.links import link_limit
from portal.identity.views.sign_in import why_not
from portal.kernel.access import changes_something, open_to_all, signed_in_always, step_up, step_up_when
from portal.kernel.i18n import _
from portal.kernel.ids import parse_id
from portal.kernel.pages import page, see_other
from portal.kernel.visitor import actor, known_visitor

_GONE = 410
_WAITING = "new_number"


@blueprint.route("/security/email", methods=["GET", "POST"])
@signed_in_always
@step_up
@link_limit
def new_email() -> Response:
    """Name another address, which is then written to; the answer is the same for every address."""
    form = SignUpForm()
    if form.validate_on_submit():
        with form.attempt():
            ask_for_new_address(known_visitor().user_id, form.email.data, locale=known_visitor().locale)
            flash(
                _("We have written to the new address. It counts once you follow the link there."), "success"
            )
            return see_other(url_for(".overview"))
    return page("identity/new_email.html", form=form, status=422 if form.errors else 200)


@blueprint.route("/security/email/<token>", methods=["GET", "POST"])
@signed_in_always
@step_up_when(changes_something)
@link_limit
def prove_new_email(token: str) -> Response:
    """Have the address that the link has proved from now on."""
    me = known_visitor()
    address = contacts.new_address_of(me, token)
    if address is None:
        return page("identity/link_is_gone.html", again=url_for(".new_email"), status=_GONE)
    form = EmptyForm()
    if form.validate_on_submit():
        with form.attempt():
            contacts.change_email(me, token, by=actor())
            return _changed(_("Your new e-mail address counts from now on."))
    return page(
        "identity/prove_new_email.html", form=form, address=address, status=422 if form.errors else 200
    )


@blueprint.route("/security/phone", methods=["GET", "POST"])
@signed_in_always
@step_up
@code_limit
def new_phone() -> Response:
    """Name another number, to which a code is sent."""
    form = AskForCodeForm()
    if form.validate_on_submit():
        with form.attempt():
            contacts.refuse_own_number(known_visitor().user_id, form.phone.data)
            token = issue_code(form.phone.data, locale=known_visitor().locale, by=actor())
            session[_WAITING] = str(token.id)
            return see_other(url_for(".prove_new_phone"))
    return page("identity/new_phone.html", form=form, status=422 if form.errors else 200)


@blueprint.route("/security/phone/code", methods=["GET", "POST"])
@signed_in_always
@step_up_when(changes_something)
@sign_in_limit
def prove_new_phone() -> Response:
    """Type the code that was sent to the new number."""
    waiting = _waiting()
    if waiting is None:
        return see_other(url_for(".new_phone"))
    form = CodeForm()
    if form.validate_on_submit():
        with form.attempt():
            check = contacts.change_phone(known_visitor(), waiting, form.code.data, by=actor())
            if check.result is CodeResult.RIGHT:
                session.pop(_WAITING)
                return _changed(_("Your new number counts from now on."))
            form.code.errors = [why_not(after_code(check))]
            form.code.data = ""
    return page("identity/prove_new_phone.html", form=form, status=422 if form.errors else 200)


@blueprint.route("/take-back/<token>", methods=["GET", "POST"])
@open_to_all("the link is the key")
@link_limit
def take_back(token: str) -> Response:
    """Have the old address or number again, with the link that was sent to it."""
    found = contacts.take_back_works(token)
    if found is None:
        return page("identity/take_back_is_over.html", status=_GONE)
    form = TakeBackForm(found.in_doubt)
    if form.validate_on_submit():
        with form.attempt():
            return _taken_back(contacts.take_back(token, keeps=form.chosen(), by=actor()))
    return page("identity/take_back.html", form=form, kind=found.kind, status=422 if form.errors else 200)


def _taken_back(user: User) -> Response:
    """On to the door that the account has now; none opens while staff keep it closed."""
    if may_sign_in(user) and user.email is not None:
        flash(
            _("Your account is yours again, and everybody is signed out. Please choose a new password."),
            "success",
        )
        return see_other(url_for(".forgotten"))
    flash(_("Your account is yours again, and everybody is signed out."), "success")
    if may_sign_in(user):
        return see_other(url_for(".ask_for_code"))
    flash(_("This account is closed at the moment. Please [[write to us]] to have it opened."), "warning")
    return see_other(url_for(".sign_in"))


def _changed(sentence: str) -> Response:
    """After a change of the ways in, the session goes on under a new token."""
    response = see_other(url_for(".overview"))
    give_session(response, confirm_session(known_visitor().session_id, by=actor()))
    flash(sentence, "success")
    return response


def _waiting() -> UUID | None:
    """The code this browser waits for."""
    return parse_id(session.get(_WAITING))
