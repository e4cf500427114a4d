"""Signing in, by password or by code, and signing out."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, request, session, url_for

from portal.config.values import GUARDED_DIGITS, value_of
from portal.identity.codes import issue_code
from portal.identity.devices import known_device
from portal.identity.entry import Door, Entry
from portal.identity.forms import AskForCodeForm, CodeForm, FactorForm, PasswordSignInForm
from portal.identity.half_open import take_second_step, who_waits
from portal.identity.policies import needs_second_factor
from portal.identity.providers import offered
from portal.identity.sessions import cookie_name, end_session_of
from portal.identity.signing_in import sign_in_with_code, sign_in_with_password
from portal.identity.views.door import (
    DEVICE_COOKIE,
    blueprint,
    carried,
    carry_on,
    code_limit,
    let_in,
    let_out,
    sign_in_limit,
    stored_locale,
)
from portal.kernel import clock
from portal.kernel.access import open_to_all
from portal.kernel.cookies import read_cookie
from portal.kernel.errors import TooMany
from portal.kernel.i18n import _, ngettext
from portal.kernel.ids import parse_id
from portal.kernel.pages import page, see_other
from portal.kernel.roles import ADMIN_ROLES
from portal.kernel.visitor import actor, visitor

_WAITING = "code"
_SECOND_STEP = "second_step"
PROVEN = "proven"


@blueprint.route("/sign-in", methods=["GET", "POST"])
@open_to_all("the door")
@sign_in_limit
def sign_in() -> Response:
    """Come in with an e-mail address and a password."""
    brought = carried()
    if visitor() is not None:
        return see_other(brought.next)
    form = PasswordSignInForm()
    if form.validate_on_submit():
        entry = sign_in_with_password(form.email.data, form.password.data, by=actor())
        if entry.session_token is not None:
            return let_in(entry.session_token, brought.next)
        if entry.waiting_token is not None:
            carry_on(brought)
            return go_on_to_second_step(entry.waiting_token)
        form.form_errors.append(why_not(entry))
    return page(
        "identity/sign_in.html",
        form=form,
        brought=brought,
        providers=offered(),
        asks_staff_for_two_steps=needs_second_factor(ADMIN_ROLES, (), ()),
        status=422 if form.errors else 200,
    )


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@open_to_all("the door, for people who use their phone")
@code_limit
def ask_for_code() -> Response:
    """Have a code sent to a phone; the answer is the same for every number."""
    brought = carried()
    if visitor() is not None:
        return see_other(brought.next)
    form = AskForCodeForm()
    if form.validate_on_submit():
        with form.attempt():
            carry_on(brought)
            _send(form.phone.data)
            return see_other(url_for("identity.enter_code"))
    return page(
        "identity/ask_for_code.html",
        form=form,
        brought=brought,
        providers=offered(),
        status=422 if form.errors else 200,
    )


@blueprint.route("/sign-in/code/enter", methods=["GET", "POST"])
@open_to_all("the door, for people who use their phone")
@sign_in_limit
def enter_code() -> Response:
    """Type the code; a number without an account goes on to sign-up."""
    waiting = _waiting()
    if waiting is None:
        return see_other(url_for("identity.ask_for_code"))
    token_id, phone = waiting
    form = CodeForm()
    if form.validate_on_submit():
        entry = sign_in_with_code(token_id, form.code.data, by=actor())
        if entry.session_token is not None:
            return let_in(entry.session_token, carried().next)
        if entry.waiting_token is not None:
            return go_on_to_second_step(entry.waiting_token)
        if entry.door is Door.NEW_NUMBER:
            session[PROVEN] = session.pop(_WAITING)[0]
            return see_other(url_for("identity.finish_sign_up"))
        form.code.errors = [why_not(entry)]
        form.code.data = ""
    return page("identity/enter_code.html", form=form, phone=phone, status=422 if form.errors else 200)


@blueprint.post("/sign-in/code/again")
@open_to_all("the door, for people who use their phone")
@code_limit
def send_code_again() -> Response:
    """Have another code sent to the same number; the earlier one no longer works."""
    waiting = _waiting()
    if waiting is None:
        return see_other(url_for("identity.ask_for_code"))
    try:
        _send(waiting[1], replaces=waiting[0])
    except TooMany as refusal:
        # The code that was sent before still works here.
        flash(refusal.message, "warning")
    else:
        flash(_("We have sent you a new code. The earlier one no longer works."), "success")
    return see_other(url_for("identity.enter_code"))


@blueprint.route("/sign-in/second-step", methods=["GET", "POST"])
@open_to_all("the second step at the door")
@sign_in_limit
def second_step() -> Response:
    """Type what one's app shows, or a recovery code; the session begins here."""
    token = session.get(_SECOND_STEP)
    if not isinstance(token, str) or who_waits(token) is None:
        return see_other(url_for("identity.sign_in"))
    form = FactorForm()
    if form.validate_on_submit():
        entry = take_second_step(token, form.code.data, by=actor())
        if entry.session_token is not None:
            return let_in(entry.session_token, carried().next)
        form.code.errors = [why_not_factor(entry)]
        form.code.data = ""
    return page("identity/second_step.html", form=form, status=422 if form.errors else 200)


@blueprint.post("/sign-out")
@open_to_all("leaving needs no key")
def sign_out() -> Response:
    """Leave; the session is refused from now on, on every device that has copied it (ID-43)."""
    token = request.cookies.get(cookie_name())
    if token:
        end_session_of(token)
    response = let_out(url_for("web.home"))
    flash(_("You are signed out."), "success")
    return response


def go_on_to_second_step(waiting_token: str) -> Response:
    """Ask for the second factor; the browser keeps the key to the sign-in that waits for it."""
    session[_SECOND_STEP] = waiting_token
    return see_other(url_for("identity.second_step"))


def _send(phone: str, replaces: UUID | None = None) -> None:
    device_id = known_device(phone, read_cookie(DEVICE_COOKIE))
    token = issue_code(phone, locale=stored_locale(), replaces=replaces, device_id=device_id, by=actor())
    session[_WAITING] = [str(token.id), token.target]


def _waiting() -> tuple[UUID, str] | None:
    """The code this browser waits for, with its number."""
    token_id, phone = session.get(_WAITING) or (None, None)
    found = parse_id(token_id)
    return (found, phone) if found and phone else None


def why_not(entry: Entry) -> str:
    """The sentence for a refused try. It never depends on whether an account exists."""
    match entry.door:
        case Door.WRONG if entry.tries_left:
            return ngettext(
                "This is not the code. You have %(num)s try left.",
                "This is not the code. You have %(num)s tries left.",
                entry.tries_left,
            )
        case Door.LOCKED if entry.locked_until is not None:
            seconds = (entry.locked_until - clock.now()).total_seconds()
            return ngettext(
                "Too many tries for this address. You can try again in %(num)s minute, or choose a new password.",
                "Too many tries for this address. You can try again in %(num)s minutes, or choose a new password.",
                max(-int(-seconds // 60), 1),
            )
        case Door.TOO_SHORT:
            return _(
                "Many wrong codes were typed for this number, so only codes of %(num)s digits count for now."
                " Please ask for a new code.",
                num=value_of(GUARDED_DIGITS),
            )
        case Door.USED_UP:
            return _("Too many tries for this code. Please ask for a new one.")
        case Door.EXPIRED:
            return _("This code no longer works. Please ask for a new one.")
        case Door.NOT_ACTIVE:
            return _("This account is closed at the moment. Please [[write to us]] to have it opened.")
    return _("The e-mail address or the password is not right.")


def why_not_factor(entry: Entry) -> str:
    """The sentence for a refused second step."""
    if entry.door is Door.LOCKED and entry.locked_until is not None:
        seconds = (entry.locked_until - clock.now()).total_seconds()
        return ngettext(
            "Too many tries. You can try again in %(num)s minute.",
            "Too many tries. You can try again in %(num)s minutes.",
            max(-int(-seconds // 60), 1),
        )
    if entry.door is Door.USED_UP:
        return _("Too many tries. Please sign in from the beginning.")
    if entry.door in (Door.EXPIRED, Door.NOT_ACTIVE):
        return why_not(entry)
    return _("This is not the code that the app shows now. Each code works once; wait for the next one.")
