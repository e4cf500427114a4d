"""The safety of one's account: the second step, sessions, what happened."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, request, url_for

from portal.identity import changing_password, devices, looking, passkeys, providers, second_factor, security
from portal.identity.directory import contacts_of
from portal.identity.forms import ChangePasswordForm, EnrolForm
from portal.identity.sessions import confirm_session
from portal.identity.views.door import blueprint, give_session, sign_in_limit
from portal.identity.views.proving import why_not_password
from portal.identity.words import EVENTS, SEVERITIES, SEVERITY_TONES, UNDONE
from portal.kernel.access import signed_in_always, step_up
from portal.kernel.errors import NotFound
from portal.kernel.i18n import _
from portal.kernel.pages import page, see_other
from portal.kernel.qr import qr_svg
from portal.kernel.visitor import actor, known_visitor


@blueprint.post("/looking/end")
@signed_in_always
def stop_looking() -> Response:
    """A super admin has looked enough at the portal as somebody else."""
    person = known_visitor()
    looking.stop_looking(person)
    if person.watcher is None:
        return see_other(url_for("web.home"))
    return see_other(url_for("admin.user", user_id=person.user_id))


@blueprint.get("/security")
@signed_in_always
def overview() -> Response:
    """How one signs in, where one is signed in, and what happened lately."""
    me = known_visitor()
    return page(
        "identity/security.html",
        me=me,
        has_app=second_factor.has_app(me.user_id),
        passkeys=passkeys.passkeys_of(me.user_id),
        codes_left=second_factor.recovery_codes_left(me.user_id),
        sessions=security.sessions_of(me.user_id, me.session_id),
        contacts=contacts_of(me.user_id),
        has_password=changing_password.has_password(me.user_id),
        providers=providers.providers_of(me.user_id),
        devices=devices.devices_of(me.user_id, me.session_id),
    )


@blueprint.get("/security/events")
@signed_in_always
def security_events() -> Response:
    """Everything that happened to the safety of one's account."""
    return page(
        "identity/security_events.html",
        found=security.events_page(known_visitor().user_id, request.args.get("cursor")),
        words=EVENTS,
        undone=UNDONE,
        severities=SEVERITIES,
        tones=SEVERITY_TONES,
    )


@blueprint.route("/security/password", methods=["GET", "POST"])
@signed_in_always
@sign_in_limit
def change_password() -> Response:
    """Choose another password, with the present one; other sessions end."""
    me = known_visitor()
    if not changing_password.has_password(me.user_id):
        raise NotFound
    form = ChangePasswordForm()
    if form.validate_on_submit():
        with form.attempt():
            entry = changing_password.change_password(me, form.present.data, form.password.data, by=actor())
            if entry.session_token is not None:
                response = see_other(url_for(".overview"))
                give_session(response, entry.session_token)
                flash(_("Your new password counts from now on. Every other session has ended."), "success")
                return response
            form.present.errors = [why_not_password(entry)]
    return page("identity/change_password.html", form=form, status=422 if form.errors else 200)


@blueprint.post("/security/app/begin")
@signed_in_always
@step_up
def begin_app() -> Response:
    """Make the secret that one's app is to learn."""
    second_factor.begin_enrolment(known_visitor().user_id)
    return see_other(url_for(".enrol_app"))


@blueprint.route("/security/app", methods=["GET", "POST"])
@signed_in_always
@step_up
@sign_in_limit
def enrol_app() -> Response:
    """Let one's app learn the secret, and prove with its first code that it has; then the recovery codes."""
    me = known_visitor()
    contacts = contacts_of(me.user_id)
    waiting = second_factor.enrolment_of(me.user_id, contacts.email or contacts.phone or me.name)
    if waiting is None:
        return see_other(url_for(".overview"))
    form = EnrolForm()
    if form.validate_on_submit():
        with form.attempt():
            codes = second_factor.finish_enrolment(me.user_id, me.session_id, form.code.data, by=actor())
            response = page("identity/recovery_codes.html", codes=codes, is_new=True)
            give_session(response, confirm_session(me.session_id, by=actor()))
            return response
    return page(
        "identity/enrol_app.html",
        form=form,
        waiting=waiting,
        drawing=qr_svg(waiting.uri),
        status=422 if form.errors else 200,
    )


@blueprint.post("/security/app/off")
@signed_in_always
@step_up
def switch_app_off() -> Response:
    """Sign in without the second step from now on."""
    me = known_visitor()
    second_factor.switch_off(me.user_id, me.session_id, by=actor())
    response = see_other(url_for(".overview"))
    give_session(response, confirm_session(me.session_id, by=actor()))
    flash(_("The second step is switched off. Every other session has ended."), "success")
    return response


@blueprint.post("/security/recovery-codes")
@signed_in_always
@step_up
def renew_recovery_codes() -> Response:
    """New recovery codes, shown this once; the earlier ones no longer work."""
    codes = second_factor.new_recovery_codes(known_visitor().user_id, by=actor())
    return page("identity/recovery_codes.html", codes=codes, is_new=False)


@blueprint.post("/security/sessions/<uuid:session_id>/end")
@signed_in_always
@step_up
def end_session(session_id: UUID) -> Response:
    """Sign one device out (ID-42)."""
    security.end_own_session(known_visitor().user_id, session_id, by=actor())
    flash(_("This session has ended."), "success")
    return see_other(url_for(".overview"))


@blueprint.post("/security/devices/<uuid:device_id>/removal")
@signed_in_always
@step_up
def forget_device(device_id: UUID) -> Response:
    """Know one of one's devices no more (ID-56)."""
    me = known_visitor()
    devices.forget_device(me.user_id, me.session_id, device_id, by=actor())
    flash(_("This device is no longer known, and signed out."), "success")
    return see_other(url_for(".overview"))


@blueprint.post("/security/sessions/end-others")
@signed_in_always
@step_up
def end_other_sessions() -> Response:
    """Sign every other device out (ID-42)."""
    me = known_visitor()
    security.end_other_sessions(me.user_id, me.session_id, by=actor())
    flash(_("You are signed out everywhere else."), "success")
    return see_other(url_for(".overview"))
