"""Passkeys: make one, remove one, and come in or prove who one is with one."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, session, url_for

from portal.identity import passkeys, second_factor
from portal.identity.confirming import confirm_with_passkey
from portal.identity.directory import contacts_of
from portal.identity.forms import NewPasskeyForm, PasskeyForm, PasskeyNameForm
from portal.identity.sessions import confirm_session
from portal.identity.signing_in import sign_in_with_passkey
from portal.identity.views.door import blueprint, carried, carry_on, give_session, let_in, sign_in_limit
from portal.identity.views.proving import following, proved
from portal.kernel.access import open_to_all, signed_in_always, step_up
from portal.kernel.i18n import _
from portal.kernel.ids import parse_id
from portal.kernel.pages import page, see_other
from portal.kernel.visitor import actor, known_visitor

_CHALLENGE = "passkey"


@blueprint.post("/sign-in/passkey/begin")
@open_to_all("the door")
@sign_in_limit
def begin_passkey_sign_in() -> Response:
    """Make what the passkey is to sign."""
    carry_on(carried())
    session[_CHALLENGE] = str(passkeys.new_challenge())
    return see_other(url_for(".passkey_sign_in"))


@blueprint.route("/sign-in/passkey", methods=["GET", "POST"])
@open_to_all("the door")
@sign_in_limit
def passkey_sign_in() -> Response:
    """Come in with a passkey alone: it is two steps in one."""
    challenge = _waiting()
    options = passkeys.sign_in_options(challenge) if challenge else None
    if challenge is None or options is None:
        return see_other(url_for(".sign_in"))
    form = PasskeyForm()
    if form.validate_on_submit():
        entry = sign_in_with_passkey(challenge, form.credential.data, by=actor())
        if entry.session_token is not None:
            return let_in(entry.session_token, carried().next)
        session.pop(_CHALLENGE)
        flash(_("This passkey could not be used. Please try again."), "warning")
        return see_other(url_for(".sign_in"))
    return page(
        "identity/passkey_sign_in.html", form=form, options=options, status=422 if form.errors else 200
    )


@blueprint.post("/security/confirm/passkey/begin")
@signed_in_always
@sign_in_limit
def begin_passkey_proof() -> Response:
    """Make what the person's passkey is to sign."""
    session[_CHALLENGE] = str(passkeys.new_challenge(known_visitor().user_id))
    return see_other(url_for(".prove_with_passkey", next=following()))


@blueprint.route("/security/confirm/passkey", methods=["GET", "POST"])
@signed_in_always
@sign_in_limit
def prove_with_passkey() -> Response:
    """Prove who one is with a passkey."""
    me, challenge = known_visitor(), _waiting()
    options = passkeys.sign_in_options(challenge, me.user_id) if challenge else None
    if challenge is None or options is None:
        return see_other(url_for(".prove", next=following()))
    form = PasskeyForm()
    if form.validate_on_submit():
        entry = confirm_with_passkey(me, challenge, form.credential.data, by=actor())
        session.pop(_CHALLENGE)
        if entry.session_token is not None:
            return proved(entry.session_token)
        flash(_("This passkey could not be used. Please try again."), "warning")
        return see_other(url_for(".prove", next=following()))
    return page(
        "identity/prove_with_passkey.html",
        form=form,
        options=options,
        following=following(),
        status=422 if form.errors else 200,
    )


@blueprint.post("/security/passkeys/begin")
@signed_in_always
@step_up
def begin_passkey() -> Response:
    """Make what the new passkey is to sign."""
    session[_CHALLENGE] = str(passkeys.new_challenge(known_visitor().user_id))
    return see_other(url_for(".new_passkey"))


@blueprint.route("/security/passkeys/new", methods=["GET", "POST"])
@signed_in_always
@step_up
@sign_in_limit
def new_passkey() -> Response:
    """Make a passkey; with the first second factor come recovery codes."""
    me, challenge = known_visitor(), _waiting()
    contacts = contacts_of(me.user_id)
    account = contacts.email or contacts.phone or me.name
    options = passkeys.registration_options(challenge, me.user_id, account) if challenge else None
    if challenge is None or options is None:
        return see_other(url_for(".overview"))
    form = NewPasskeyForm()
    if form.validate_on_submit():
        with form.attempt():
            passkeys.register(
                me.user_id,
                me.session_id,
                challenge,
                name=form.name.data,
                answer=form.credential.data,
                by=actor(),
            )
            return _kept(me.user_id, me.session_id)
    return page("identity/new_passkey.html", form=form, options=options, status=422 if form.errors else 200)


@blueprint.post("/security/passkeys/<uuid:passkey_id>/removal")
@signed_in_always
@step_up
def remove_passkey(passkey_id: UUID) -> Response:
    """Let a passkey open nothing any more."""
    me = known_visitor()
    passkeys.remove(me.user_id, me.session_id, passkey_id, by=actor())
    flash(_("This passkey opens nothing any more."), "success")
    response = see_other(url_for(".overview"))
    give_session(response, confirm_session(me.session_id, by=actor()))
    return response


@blueprint.route("/security/passkeys/<uuid:passkey_id>/name", methods=["GET", "POST"])
@signed_in_always
def rename_passkey(passkey_id: UUID) -> Response:
    """Call a passkey otherwise."""
    passkey = passkeys.own_passkey(known_visitor().user_id, passkey_id)
    form = PasskeyNameForm(obj=passkey)
    if form.validate_on_submit():
        passkeys.rename(known_visitor().user_id, passkey_id, form.name.data, by=actor())
        flash(_("The new name is kept."), "success")
        return see_other(url_for(".overview"))
    return page("identity/passkey_name.html", form=form, status=422 if form.errors else 200)


def _kept(user_id: UUID, session_id: UUID) -> Response:
    session.pop(_CHALLENGE)
    if second_factor.recovery_codes_left(user_id):
        response = see_other(url_for(".overview"))
        flash(_("Your passkey is kept."), "success")
    else:
        codes = second_factor.new_recovery_codes(user_id, by=actor())
        response = page("identity/recovery_codes.html", codes=codes, is_new=True)
    give_session(response, confirm_session(session_id, by=actor()))
    return response


def _waiting() -> UUID | None:
    """What this browser's passkey is to sign."""
    return parse_id(session.get(_CHALLENGE))
