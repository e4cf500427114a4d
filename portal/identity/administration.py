"""What staff do with an account: rights, suspension, locks; each leaves a row in the trail (ADM-12, ID-54)."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import func, select

from portal.audit.services import record
from portal.identity.admin_sessions import end_staff_work
from portal.identity.attempts import Reason, note_attempt, note_security_event, one_at_a_time, start_afresh
from portal.identity.directory import account_at, contacts_of
from portal.identity.events import user_reopened, user_suspended
from portal.identity.holding import held
from portal.identity.models import Severity, User, UserStatus
from portal.identity.policies import may_close, may_give_role
from portal.identity.recovery import issue_password_reset
from portal.identity.returning import come_back
from portal.identity.second_factor import factor_name, has_app, recovery_codes_left
from portal.identity.services import NewAccount, register_user
from portal.identity.sessions import end_all_sessions, forget_cached
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import Conflict, Forbidden
from portal.kernel.i18n import _
from portal.kernel.ids import random_token
from portal.kernel.roles import ADMIN_ROLES, Duty, Role
from portal.kernel.states import advance_held

RESOURCE = User.__tablename__
# Super admins go one at a time, so that one remains.
_SUPER_ADMINS = "users.super_admin"


def grant_role(user_id: UUID, role: Role, *, duties: Iterable[Duty] = tuple(Duty), by: Actor) -> None:
    """Add a right (ID-09, ID-11); a new admin is there for `duties`. Safe to repeat. Raises `NotFound`, `Forbidden`."""
    user = held(user_id)
    if not may_give_role(role, by=by):
        raise Forbidden(_("You may not give or take this right."))
    if role not in user.roles:
        if role is Role.ADMIN:
            user.duties = sorted(duty.value for duty in duties)
        _set_roles(user, sorted({*user.roles, role}), "user_role_granted", by)
        note_security_event(user_id, "rights_given", Severity.WARNING, by=by)


def revoke_role(user_id: UUID, role: Role, *, reason: str | None = None, by: Actor) -> None:
    """Take a right away; it is gone from the next request on. Safe to repeat.

    Raises `NotFound`, `Forbidden`, and `Conflict` for one's own right to steer or the last super admin's.
    """
    if role is Role.SUPER_ADMIN:
        one_at_a_time(_SUPER_ADMINS)
    user = held(user_id)
    if not may_give_role(role, by=by):
        raise Forbidden(_("You may not give or take this right."))
    if role not in user.roles:
        return
    if by.user_id == user_id:
        raise Conflict(_("Somebody else has to take this right from you."))
    if role is Role.SUPER_ADMIN:
        _keep_a_super_admin(user_id)
    if role is Role.ADMIN:
        user.duties = []
    _set_roles(user, [held for held in user.roles if held != role], "user_role_revoked", by, reason)
    note_security_event(user_id, "rights_taken", Severity.INFO, by=by)
    # Whoever keeps another right proves who they are before they go on with it.
    end_staff_work(user_id)


def dismiss_admin(user_id: UUID, *, reason: str, by: Actor) -> None:
    """Take from somebody every right to steer the portal. Raises as `revoke_role`, `Conflict` without any."""
    one_at_a_time(_SUPER_ADMINS)
    if ADMIN_ROLES.isdisjoint(held(user_id).roles):
        raise Conflict(_("This person is not an administrator."))
    for role in (Role.SUPER_ADMIN, Role.ADMIN):
        revoke_role(user_id, role, reason=reason, by=by)


def suspend_user(user_id: UUID, *, reason: str, by: Actor) -> None:
    """Close an account until staff reopen it; its sessions end at once (ID-08).

    Raises `NotFound`, `Forbidden`, `IllegalTransition` unless the account is active, and `Conflict` for the last
    super admin's.
    """
    one_at_a_time(_SUPER_ADMINS)
    user = _closable(user_id, by)
    if Role.SUPER_ADMIN in user.roles:
        _keep_a_super_admin(user_id)
    before = user.status
    advance_held(user, UserStatus.SUSPENDED, by=by, reason=reason)
    end_all_sessions(user_id)
    record(
        "user_suspended", (RESOURCE, user_id), by=by, reason=reason, old={"status": before}, new=_now(user)
    )
    note_security_event(user_id, "account_suspended", Severity.WARNING, by=by)
    user_suspended.send(user, reason=reason, by=by)


def reopen_user(user_id: UUID, *, reason: str, by: Actor) -> None:
    """Let a person in again whose account was closed, or who was leaving (PRV-14).

    Raises `NotFound`, `Forbidden`, and `IllegalTransition`.
    """
    user = _closable(user_id, by)
    before = user.status
    if before is UserStatus.PENDING_DELETION:
        come_back(user, reason=reason, by=by)
    else:
        advance_held(user, UserStatus.ACTIVE, by=by, reason=reason)
    record("user_reopened", (RESOURCE, user_id), by=by, reason=reason, old={"status": before}, new=_now(user))
    note_security_event(user_id, "account_reopened", Severity.INFO, by=by)
    user_reopened.send(user, reason=reason, by=by)


def unlock_user(user_id: UUID, *, by: Actor) -> None:
    """Open the lock that failed sign-ins have set (ID-54). Raises `NotFound`, `Forbidden`."""
    email = contacts_of(user_id).email
    if email is not None:
        one_at_a_time(email)
    user = _closable(user_id, by)
    if user.email is not None:
        note_attempt(user.email, Reason.REOPENED, user_id=user_id, by=by)
    # Recovery codes are tried under the same name, also by whoever has a passkey and no app.
    if has_app(user_id) or recovery_codes_left(user_id):
        note_attempt(factor_name(user_id), Reason.REOPENED, user_id=user_id, by=by)
    start_afresh(user_id)
    note_security_event(user_id, "account_unlocked", Severity.INFO, by=by)
    record("user_unlocked", (RESOURCE, user_id), by=by)


def make_admin(
    email: str, *, full_name: str, is_super: bool, duties: Iterable[Duty] = tuple(Duty), by: Actor
) -> str | None:
    """Give an address the right to steer the portal, with a new account if it has none.

    Answers the token of a new-password link for a new account. For the operator's console only.
    """
    user_id = account_at(email)
    token = None
    if user_id is None:
        account = NewAccount(full_name=full_name, email=email, password=random_token())
        user = register_user(account, by=by)
        # The operator vouches for the address: nobody has to find a mail before the first sign-in.
        user.email_verified_at = clock.now()
        user_id = user.id
        token = issue_password_reset(user_id, by=by)
    for role in (Role.ADMIN, Role.SUPER_ADMIN) if is_super else (Role.ADMIN,):
        grant_role(user_id, role, duties=duties, by=by)
    return token


def follow_membership(user_id: UUID, *, is_member: bool, by: Actor) -> None:
    """Keep the role `partner` while the person has a place in any team or company (R-04). Their room has decided."""
    user = held(user_id)
    if is_member and Role.PARTNER not in user.roles:
        _set_roles(user, sorted({*user.roles, Role.PARTNER}), "user_role_granted", by)
    elif not is_member and Role.PARTNER in user.roles:
        _set_roles(user, [held for held in user.roles if held != Role.PARTNER], "user_role_revoked", by)
    else:
        forget_cached(user_id)


def _set_roles(user: User, roles: list[str], action: str, by: Actor, reason: str | None = None) -> None:
    before = list(user.roles)
    user.roles = roles
    db.session.flush()
    record(action, (RESOURCE, user.id), by=by, reason=reason, old={"roles": before}, new={"roles": roles})
    forget_cached(user.id)


def _keep_a_super_admin(user_id: UUID) -> None:
    others = select(func.count()).where(
        User.roles.contains([Role.SUPER_ADMIN.value]),
        User.status == UserStatus.ACTIVE,
        User.id != user_id,
    )
    if db.session.execute(others).scalar_one() == 0:
        raise Conflict(_("The portal needs at least one super admin."))


def _closable(user_id: UUID, by: Actor) -> User:
    user = held(user_id)
    if not may_close(user_id, user.roles, by=by):
        raise Forbidden(_("You may not open or close this account."))
    return user


def _now(user: User) -> dict[str, str]:
    return {"status": user.status}
