"""People: found, looked at, suspended and let in again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from flask import Response, abort, flash, request, url_for

from portal.admin.forms import NotesForm
from portal.admin.person import person_and_around
from portal.admin.views.door import blueprint
from portal.audit.looks import is_contact, note_looks
from portal.audit.models import Opened
from portal.identity import administration
from portal.identity.models import UserStatus
from portal.identity.policies import may_change_duties, may_close, may_dismiss, may_look_as
from portal.identity.queries import user_detail, users_page
from portal.identity.second_factor import factor_locked_until
from portal.kernel.access import changes_something, staff, step_up, step_up_when
from portal.kernel.asking import asked, asked_kind
from portal.kernel.errors import Conflict
from portal.kernel.forms import ReasonForm
from portal.kernel.i18n import _, marked
from portal.kernel.pages import page, see_other
from portal.kernel.roles import Permission, Role
from portal.kernel.visitor import actor
from portal.ledger.accounts import user_earnings, user_points, user_wallet
from portal.ledger.queries import balances
from portal.people.metadata import keep_notes
from portal.people.words import PAPER_LABELS

_OPEN = frozenset({UserStatus.ACTIVE})


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing that may be decided about an account, with its reason."""

    decide: Callable[..., None]
    possible_when: frozenset[UserStatus]
    may: Callable[..., bool]
    title: str
    text: str
    button: str
    done: str


DECISIONS = {
    "suspension": Decision(
        administration.suspend_user,
        _OPEN,
        may_close,
        marked("Suspend this account?"),
        marked("Every session ends at once, and nobody can sign in until you open the account again."),
        marked("Suspend"),
        marked("The account is suspended."),
    ),
    "reopening": Decision(
        administration.reopen_user,
        frozenset({UserStatus.SUSPENDED, UserStatus.PENDING_DELETION}),
        may_close,
        marked("Open this account again?"),
        marked("The person can sign in from now on."),
        marked("Open again"),
        marked("The account is open again."),
    ),
    "dismissal": Decision(
        administration.dismiss_admin,
        _OPEN,
        may_dismiss,
        marked("Revoke administrator rights?"),
        marked("From the next page on this person is a user like any other. The account itself stays open."),
        marked("Revoke the rights"),
        marked("This person is no longer an administrator."),
    ),
}


@blueprint.get("/users")
@staff(Permission.SEE_PEOPLE)
def users() -> Response:
    """Accounts by name, address, number or code, by state and by right (ADM-26)."""
    status, role = asked_kind(UserStatus), asked_kind(Role, "role")
    found = users_page(asked() or "", status=status, role=role, cursor=request.args.get("cursor"))
    if is_contact(asked() or ""):
        note_looks([row.id for row in found.items], Opened.SEARCH, by=actor())
    return page(
        "admin/users.html",
        users=found,
        words=asked(),
        wanted_status=status,
        role=role,
        states=list(UserStatus),
        roles=list(Role),
        watches_staff=actor().has_role(Role.SUPER_ADMIN),
    )


@blueprint.get("/users/<uuid:user_id>")
@staff(Permission.SEE_PEOPLE)
def user(user_id: UUID) -> Response:
    """One account: who it is, what it holds, what happened to it."""
    return _shown(user_id)


@blueprint.post("/users/<uuid:user_id>/notes")
@staff(Permission.HELP_PEOPLE)
def user_notes(user_id: UUID) -> Response:
    """Keep what staff note about somebody (PPL-35)."""
    form = NotesForm()
    if form.validate_on_submit():
        with form.attempt():
            keep_notes(user_id, form.notes.data, by=actor())
            flash(_("The notes are kept."), "success")
            return see_other(url_for("admin.user", user_id=user_id))
    return _shown(user_id, form, status=422)


@blueprint.route("/users/<uuid:user_id>/<decision>", methods=["GET", "POST"])
@staff(Permission.HELP_PEOPLE)
@step_up_when(changes_something)
def user_decision(user_id: UUID, decision: str) -> Response:
    """Decide about an account; the reason is kept (ADM-14)."""
    chosen = DECISIONS.get(decision) or abort(404)
    detail, form = user_detail(user_id), ReasonForm()
    has_said_why = form.validate_on_submit()
    note_looks([user_id], Opened.PERSON_PAGE, by=actor(), reason=form.reason.data if has_said_why else None)
    if detail.user.status not in chosen.possible_when:
        raise Conflict(_("This account has moved on. Please look at its present state."))
    if has_said_why:
        with form.attempt():
            chosen.decide(user_id, reason=form.reason.data, by=actor())
            flash(_(chosen.done), "success")
            return see_other(url_for("admin.user", user_id=user_id))
    status = 422 if form.is_submitted() else 200
    return page("admin/user_decision.html", detail=detail, form=form, decision=chosen, status=status)


@blueprint.post("/users/<uuid:user_id>/lock/open")
@staff(Permission.HELP_PEOPLE)
@step_up
def unlock_user(user_id: UUID) -> Response:
    """Open the lock that wrong passwords have set."""
    administration.unlock_user(user_id, by=actor())
    flash(_("The password works again."), "success")
    return see_other(url_for("admin.user", user_id=user_id))


def _shown(user_id: UUID, form: NotesForm | None = None, *, status: int = 200) -> Response:
    detail, around = person_and_around(user_id)
    note_looks([user_id], Opened.PERSON_PAGE, by=actor())
    held = {
        _("Wallet"): user_wallet(user_id),
        _("Earnings"): user_earnings(user_id),
        _("Points"): user_points(user_id),
    }
    found = balances(held.values())
    has_step = detail.security is not None and (detail.security.mfa_enabled or detail.security.recovery_codes)
    step_locked_until = factor_locked_until(user_id) if has_step else None
    possible = {
        name: decision
        for name, decision in DECISIONS.items()
        if detail.user.status in decision.possible_when
        and decision.may(user_id, detail.user.roles, by=actor())
    }
    return page(
        "admin/user.html",
        detail=detail,
        around=around,
        notes=form or NotesForm(data={"notes": detail.metadata.admin_notes if detail.metadata else None}),
        paper_kinds=PAPER_LABELS,
        holdings=[(label, one, found[one]) for label, one in held.items()],
        decisions=possible,
        may_look=may_look_as(detail.user.roles, by=actor()) and detail.user.status is UserStatus.ACTIVE,
        may_change_duties=may_change_duties(user_id, detail.user.roles, by=actor()),
        step_locked_until=step_locked_until,
        may_unlock=detail.is_locked or step_locked_until is not None,
        status=status,
    )
