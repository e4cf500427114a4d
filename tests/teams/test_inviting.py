"""Who may invite, what an invitation is until it is answered, and how often one goes out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.config.services import set_value
from portal.config.team_values import MOST_WAITING
from portal.identity.models import UserStatus
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, in_transaction
from portal.kernel.errors import Conflict, DomainError, Forbidden, InvalidInput, NotFound, TooMany
from portal.kernel.models import StatusHistory
from portal.teams.expiring import expire_due
from portal.teams.inviting import cancel, invite, send_again
from portal.teams.models import InvitationStatus, TeamInvitation
from portal.teams.queries import unanswered
from tests.harness.house import acting, make_admin, make_person
from tests.harness.moments import Clock
from tests.harness.together import at_once
from tests.teams.ground import GROUNDS, Ground, reachable


def all_rows() -> list[TeamInvitation]:
    return list(db.session.scalars(select(TeamInvitation).order_by(TeamInvitation.id)))


def trail() -> list[str]:
    return list(db.session.scalars(select(AuditLog.action).order_by(AuditLog.id)))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [(" Binta@Example.org ", "binta@example.org"), ("77 111 22 33", "+221771112233")],
)
def test_an_invitation_waits_and_makes_nobody_a_member(
    db_session: Session, ground: Ground, typed: str, kept: str
) -> None:
    organisation = ground.organisation()
    owner = ground.worker(organisation, ground.owner)
    person = reachable(email="binta@example.org", phone="+221771112233")

    row = ground.invite(organisation, typed, ground.owner, by=acting(owner))

    assert (row.contact, row.status, row.user_id, row.invited_by) == (
        kept,
        InvitationStatus.WAITING,
        None,
        owner.id,
    )
    assert row.expires_at - row.sent_at == timedelta(days=7)
    assert ground.role_of(organisation, person) is None
    assert trail() == ["team_invitation_sent"]
    # What is kept for ever names no address.
    (kept_for_ever,) = db_session.scalars(select(AuditLog.new_values))
    assert kept not in str(kept_for_ever)


@pytest.mark.parametrize("contact", ["zzz", "nobody@", "33 800 00 00", "", "@", "+1"])
def test_what_nobody_can_be_reached_at_is_refused(db_session: Session, ground: Ground, contact: str) -> None:
    organisation = ground.organisation()
    by = acting(ground.worker(organisation, ground.owner))

    with pytest.raises(InvalidInput) as refused:
        ground.invite(organisation, contact, by=by)

    assert refused.value.field == "contact"
    assert all_rows() == []


@pytest.mark.parametrize("status", ["pending", "suspended"])
def test_an_organisation_that_may_not_work_invites_nobody(
    db_session: Session, ground: Ground, status: str
) -> None:
    organisation = ground.organisation(status=status)
    by = acting(ground.worker(organisation, ground.owner))

    with pytest.raises(Conflict):
        ground.invite(organisation, "binta@example.org", ground.owner, by=by)


def test_staff_name_the_first_owner_before_a_decision_and_nobody_else(
    db_session: Session, ground: Ground
) -> None:
    organisation, admin = ground.organisation(status=ground.pending), acting(make_admin())

    with pytest.raises(Conflict):
        ground.invite(organisation, "binta@example.org", ground.low, by=admin)
    row = ground.invite(organisation, "binta@example.org", ground.owner, by=admin)

    assert row.status is InvitationStatus.WAITING


@pytest.mark.covers("PRT-12")
@pytest.mark.parametrize(
    ("hand", "given", "house", "company"),
    [
        ("owner", "owner", True, True),
        ("owner", "low", True, True),
        ("manager", "low", True, False),
        ("manager", "manager", False, False),
        ("manager", "owner", False, False),
        ("low", "low", False, False),
    ],
)
def test_each_role_invites_withdraws_and_sends_again_only_what_it_manages(
    db_session: Session, ground: Ground, hand: str, given: str, house: bool, company: bool
) -> None:
    organisation = ground.organisation()
    by = acting(ground.worker(organisation, getattr(ground, hand)))
    allowed = house if ground is GROUNDS["house"] else company
    role = getattr(ground, given)
    waiting = ground.invited(organisation, reachable(), role)
    waiting.sent_at -= timedelta(days=2)

    for deed in (
        lambda: ground.invite(organisation, "binta@example.org", role, by=by),
        lambda: send_again(ground.home, organisation.id, waiting.id, by=by),
        lambda: cancel(ground.home, organisation.id, waiting.id, by=by),
    ):
        if allowed:
            assert deed().role == role
        else:
            with pytest.raises(Forbidden):
                deed()


def test_the_portal_itself_and_strangers_invite_nobody(db_session: Session, ground: Ground) -> None:
    organisation = ground.organisation()
    elsewhere = acting(ground.worker(ground.organisation(name="Autre"), ground.owner))

    for by in (SYSTEM, elsewhere, acting(make_person())):
        with pytest.raises(Forbidden):
            ground.invite(organisation, "binta@example.org", by=by)


def test_an_invitation_of_another_organisation_is_not_found(db_session: Session, ground: Ground) -> None:
    mine, theirs = ground.organisation(), ground.organisation(name="Autre")
    row = ground.invited(theirs, reachable())
    by = acting(ground.worker(mine, ground.owner))

    for deed in (send_again, cancel):
        with pytest.raises(NotFound):
            deed(ground.home, mine.id, row.id, by=by)
        with pytest.raises(Forbidden):
            deed(ground.home, theirs.id, row.id, by=by)


def test_one_contact_has_one_waiting_invitation_and_an_old_one_comes_back(
    db_session: Session, ground: Ground, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    organisation = ground.organisation()
    by = acting(ground.worker(organisation, ground.owner))
    first = ground.invite(organisation, "binta@example.org", by=by)
    with pytest.raises(Conflict) as refused:
        ground.invite(organisation, "BINTA@example.org", ground.owner, by=by)
    assert refused.value.field == "contact"

    clock.advance(days=8)
    again = ground.invite(organisation, "binta@example.org", ground.manager, by=by)

    assert all_rows() == [first]
    assert (again.role, again.status, again.times_sent, again.is_open) == (
        ground.manager,
        "waiting",
        2,
        True,
    )


def test_an_organisation_lets_only_so_many_invitations_wait(
    db_session: Session, ground: Ground, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    set_value(MOST_WAITING.key, 2, by=SYSTEM)
    organisation, other = ground.organisation(), ground.organisation(name="Autre")
    by = acting(ground.worker(organisation, ground.owner))
    first, _second = (ground.invite(organisation, f"b{number}@example.org", by=by) for number in (1, 2))

    with pytest.raises(Conflict):
        ground.invite(organisation, "b3@example.org", by=by)
    ground.invite(other, "b3@example.org", by=acting(ground.worker(other, ground.owner)))
    cancel(ground.home, organisation.id, first.id, by=by)
    ground.invite(organisation, "b3@example.org", by=by)
    clock.advance(days=8)
    ground.invite(organisation, "b4@example.org", by=by)


def test_sending_again_takes_time_renews_the_days_and_names_who_vouches(
    db_session: Session, ground: Ground, clock: Clock
) -> None:
    sent = clock.travel(2026, 3, 1, 12)
    organisation = ground.organisation()
    first, second = (ground.worker(organisation, ground.owner) for _ in range(2))
    row = ground.invite(organisation, "binta@example.org", by=acting(first))
    with pytest.raises(TooMany) as refused:
        send_again(ground.home, organisation.id, row.id, by=acting(second))
    assert refused.value.retry_after == 24 * 3600 + 1

    clock.advance(hours=24)
    send_again(ground.home, organisation.id, row.id, by=acting(second))

    assert (row.times_sent, row.invited_by) == (2, second.id)
    assert row.expires_at == sent + timedelta(days=8)
    with pytest.raises(TooMany):
        send_again(ground.home, organisation.id, row.id, by=acting(first))


def test_what_ran_out_of_time_can_be_sent_again_or_put_away(
    db_session: Session, ground: Ground, clock: Clock
) -> None:
    clock.travel(2026, 3, 1, 12)
    organisation = ground.organisation()
    by = acting(ground.worker(organisation, ground.owner))
    rows = [ground.invite(organisation, f"b{number}@example.org", by=by) for number in (1, 2)]
    clock.advance(days=7)
    assert expire_due() == 2
    assert expire_due() == 0
    assert [row.status for row in rows] == [InvitationStatus.EXPIRED] * 2

    send_again(ground.home, organisation.id, rows[0].id, by=by)
    cancel(ground.home, organisation.id, rows[1].id, by=by)

    assert [row.status for row in rows] == [InvitationStatus.WAITING, InvitationStatus.CANCELED]
    assert [row for row, _name in unanswered(ground.home, organisation.id)] == [rows[0]]
    story = select(StatusHistory.to_status).where(StatusHistory.entity_id == rows[0].id)
    assert list(db_session.scalars(story.order_by(StatusHistory.id))) == ["waiting", "expired", "waiting"]


def test_what_is_withdrawn_stays_so(db_session: Session, ground: Ground) -> None:
    organisation = ground.organisation()
    by = acting(ground.worker(organisation, ground.owner))
    row = ground.invite(organisation, "binta@example.org", by=by)
    cancel(ground.home, organisation.id, row.id, by=by)

    for deed in (send_again, cancel):
        with pytest.raises(Conflict):
            deed(ground.home, organisation.id, row.id, by=by)
    assert trail() == ["team_invitation_sent", "team_invitation_canceled"]
    assert row.answered_at is not None
    # A new one is a new one.
    assert ground.invite(organisation, "binta@example.org", by=by).id != row.id


@pytest.mark.covers("DEV-15")
def test_the_database_keeps_one_waiting_invitation_of_a_contact(db_session: Session, ground: Ground) -> None:
    organisation = ground.organisation()
    row = ground.invited(organisation, reachable())
    twin = TeamInvitation(
        contact=row.contact,
        mailbox=row.mailbox,
        role=row.role,
        invited_by=row.invited_by,
        sent_at=row.sent_at,
        expires_at=row.expires_at,
        **{ground.home.id_column.key: organisation.id},
    )
    db_session.add(twin)

    with pytest.raises(IntegrityError, match="uq_team_invitations_waiting"):
        db_session.flush()


@pytest.mark.covers("DEV-15")
def test_two_who_invite_one_contact_at_once_leave_one_invitation(
    app: Flask, committed_db: Session, ground: Ground
) -> None:
    organisation = ground.organisation()
    hands = [acting(ground.worker(organisation, ground.owner)) for _ in range(2)]
    organisation_id, role = organisation.id, ground.low
    db.session.commit()

    def one(by: object) -> str:
        try:
            in_transaction(
                lambda: invite(ground.home, organisation_id, "binta@example.org", role, by=by),  # type: ignore[arg-type]
                by,  # type: ignore[arg-type]
            )
        except DomainError as refusal:
            return type(refusal).__name__
        return "sent"

    said = at_once(app, [lambda by=by: one(by) for by in hands])  # type: ignore[misc]

    assert sorted(said) == ["Conflict", "sent"]
    assert db.session.scalar(select(func.count()).select_from(TeamInvitation)) == 1


def test_an_owner_whose_account_is_closed_has_still_only_invited(db_session: Session, ground: Ground) -> None:
    """An invitation outlives the account of who sent it in the list, where another owner may vouch for it."""
    organisation = ground.organisation()
    first, second = (ground.worker(organisation, ground.owner) for _ in range(2))
    row = ground.invite(organisation, "binta@example.org", by=acting(first))
    first.status = UserStatus.SUSPENDED
    row.sent_at = clock.now() - timedelta(days=2)

    send_again(ground.home, organisation.id, row.id, by=acting(second))

    assert row.invited_by == second.id
