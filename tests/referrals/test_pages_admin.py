"""What admins see of word of mouth, and what they decide."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.models import AuditLog
from portal.identity.models import User
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.errors import IllegalTransition, InvalidInput, NotFound
from portal.kernel.ids import new_id
from portal.kernel.models import StatusHistory
from portal.ledger.accounts import user_points
from portal.ledger.queries import balance
from portal.referrals import queries
from portal.referrals.limits import places_today
from portal.referrals.models import PIPELINE_STEPS, AwardStatus, PipelineStage, PointAward
from portal.referrals.pipeline import decide, move_on
from portal.referrals.points import mature
from tests.harness.house import make_admin, send, sign_in
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.referrals.word_of_mouth import make_friend, make_sponsor, send_invitation


@pytest.fixture(autouse=True)
def spring(clock: Clock) -> None:
    clock.travel(2026, 5, 4, 12)


@pytest.fixture
def admin(client: FlaskClient, db_session: Session) -> User:
    user = make_admin()
    sign_in(client, user)
    return user


def addresses(sponsor: User) -> list[str]:
    _friend, referral = make_friend(sponsor)
    award = db.session.scalars(select(PointAward)).one()
    db.session.commit()
    return [
        "/admin/referrals",
        f"/admin/referrals/{referral.id}",
        f"/admin/referrals/sponsors/{sponsor.id}",
        "/admin/referrals/points",
        f"/admin/referrals/points/{award.id}/revocation",
    ]


def test_the_pages_exist_for_admins_only(client: FlaskClient, sponsor: User) -> None:
    everywhere = addresses(sponsor)
    assert {client.get(address).status_code for address in everywhere} == {303}

    sign_in(client, sponsor)
    assert {client.get(address).status_code for address in everywhere} == {404}

    sign_in(client, make_admin())
    assert {client.get(address).status_code for address in everywhere} == {200}


def test_a_page_asks_at_most_eight_statements(
    client: FlaskClient, admin: User, sponsor: User, count_statements: CountStatements
) -> None:
    for address in addresses(sponsor):
        with count_statements() as asked:
            client.get(address)
        assert len(asked) <= 8, (address, asked)


@pytest.mark.covers("REF-23")
def test_referrals_are_found_by_state_and_words_and_given_as_a_file(
    client: FlaskClient, admin: User, sponsor: User
) -> None:
    _friend, accepted = make_friend(sponsor)
    waiting = send_invitation(make_sponsor("Ibou Fall"))
    db.session.commit()

    def ids(query: str) -> set[str]:
        page = client.get(f"/admin/referrals{query}").text
        return {str(one.id) for one in (accepted, waiting) if f"/admin/referrals/{one.id}" in page}

    assert ids("") == {str(accepted.id), str(waiting.id)}
    assert ids("?state=accepted") == {str(accepted.id)}
    assert ids("?q=ibou") == {str(waiting.id)}
    assert ids(f"?q={waiting.referral_code.lower()}") == {str(waiting.id)}
    assert ids("?state=lost&cursor=x&q=%00") == {str(accepted.id), str(waiting.id)}
    lines = client.get("/admin/referrals?format=csv&state=open").text.splitlines()
    assert len(lines) == 2
    assert str(waiting.id) in lines[1]


@pytest.mark.covers("REF-59")
def test_points_are_taken_back_with_a_reason(client: FlaskClient, admin: User, sponsor: User) -> None:
    make_friend(sponsor)
    award = db.session.scalars(select(PointAward)).one()
    db.session.commit()
    address = f"/admin/referrals/points/{award.id}/revocation"
    for nonsense in ({}, {"reason": "  "}, {"reason": "r" * 501}, {"reason": "a\x00"}):
        assert send(client, address, nonsense).status_code == 422

    assert send(client, address, {"reason": "Compte double"}).status_code == 303

    db.session.expire_all()
    assert db.session.scalars(select(PointAward.status)).all() == [AwardStatus.REVOKED]
    assert balance(user_points(sponsor.id)).pending_in == 0
    line = db.session.scalars(select(AuditLog).where(AuditLog.action == "points_revoked")).one()
    assert (line.actor_user_id, line.reason) == (admin.id, "Compte double")
    assert "Compte double" in client.get("/admin/referrals/points?status=revoked").text
    assert "Compte double" not in client.get("/admin/referrals/points?status=pending").text
    assert client.get(f"/admin/referrals/points/{new_id()}/revocation").status_code == 404


def test_awards_are_found_and_given_as_a_file(
    client: FlaskClient, admin: User, sponsor: User, clock: Clock
) -> None:
    make_friend(sponsor)
    award = db.session.scalars(select(PointAward)).one()
    clock.advance(days=14)
    mature(award.id)
    db.session.commit()
    sign_in(client, admin)

    for query, found in (
        ("", True),
        ("?status=matured", True),
        ("?event=referral_accepted&q=awa", True),
        ("?event=pot_opened", False),
        ("?status=lost&event=lost", True),
        ("?q=%25", False),
    ):
        page = client.get(f"/admin/referrals/points{query}").text
        assert (f"{award.id}/revocation" in page) is found, query
    lines = client.get("/admin/referrals/points?format=csv").text.splitlines()
    assert len(lines) == 2
    assert "referral_accepted,100,matured" in lines[1]


@pytest.mark.covers("REF-34")
def test_the_limit_of_a_sponsors_day_is_changed(client: FlaskClient, admin: User, sponsor: User) -> None:
    send_invitation(sponsor)
    db.session.commit()
    address = f"/admin/referrals/sponsors/{sponsor.id}"
    for nonsense in (
        {},
        {"maximum": "60"},
        {"maximum": "0", "reason": "x"},
        {"maximum": "501", "reason": "x"},
        {"maximum": "many", "reason": "x"},
    ):
        assert send(client, address, nonsense).status_code == 422

    assert send(client, address, {"maximum": "60", "reason": "Fête de l'école"}).status_code == 303

    assert places_today(sponsor.id).limit == 60
    assert client.get(f"/admin/referrals/sponsors/{new_id()}").status_code == 404


@pytest.mark.covers("REF-10", "REF-11", "REF-14", "REF-23")
def test_staff_keep_stage_and_notes(client: FlaskClient, admin: User, sponsor: User, clock: Clock) -> None:
    referral = send_invitation(sponsor)
    db.session.commit()
    address = f"/admin/referrals/{referral.id}"
    later = clock.advance(hours=1)
    sign_in(client, admin)

    form = {"stage": "contacted", "reason": "", "notes": "Rappeler lundi"}
    assert send(client, address, form).status_code == 303
    db.session.refresh(referral)
    assert (referral.pipeline_stage, referral.notes) == (PipelineStage.CONTACTED, "Rappeler lundi")
    assert referral.updated_at == later
    for nonsense in (
        {"stage": "completed"},
        {"stage": "lost"},
        {"stage": "rejected", "reason": ""},
        {"notes": "n" * 2001},
        {"reason": "r" * 101},
    ):
        assert send(client, address, nonsense).status_code == 422
    form = {"stage": "rejected", "reason": "canceled", "notes": "Rappeler lundi"}
    assert send(client, address, form).status_code == 303

    db.session.refresh(referral)
    assert (referral.pipeline_stage, referral.rejection_reason) == (PipelineStage.REJECTED, "canceled")
    page = client.get(address).text
    assert "Rappeler lundi" in page
    assert client.get(f"/admin/referrals/{new_id()}").status_code == 404


@pytest.mark.covers("REF-10")
@pytest.mark.parametrize("before", list(PipelineStage))
@pytest.mark.parametrize("after", list(PipelineStage))
def test_a_stage_follows_the_declared_table(
    sponsor: User, before: PipelineStage, after: PipelineStage
) -> None:
    referral = send_invitation(sponsor)
    referral.pipeline_stage = before
    db.session.flush()

    move_on(referral, after, by=SYSTEM)
    is_allowed = PIPELINE_STEPS.allows(before, after)
    assert referral.pipeline_stage is (after if is_allowed else before)

    referral.pipeline_stage = before
    db.session.flush()
    if not is_allowed and after is not before:
        with pytest.raises(IllegalTransition):
            decide(referral.id, after, "because", None, by=SYSTEM)


def test_a_rejection_needs_its_reason(sponsor: User) -> None:
    referral = send_invitation(sponsor)

    with pytest.raises(InvalidInput):
        decide(referral.id, PipelineStage.REJECTED, None, None, by=SYSTEM)
    with pytest.raises(NotFound):
        decide(new_id(), None, None, None, by=SYSTEM)


@pytest.mark.covers("REF-12")
def test_a_conversion_keeps_its_time_and_kind(sponsor: User, clock: Clock) -> None:
    referral = send_invitation(sponsor)

    decide(referral.id, PipelineStage.CONVERTED, None, None, by=SYSTEM)

    assert (referral.converted_at, referral.conversion_type) == (clock.now(), "staff")
    steps = select(StatusHistory.column_name).where(StatusHistory.entity_id == referral.id)
    assert "pipeline_stage" in db.session.scalars(steps).all()


@pytest.mark.covers("REF-31")
def test_referral_stats_count_by_state_and_month_newest_first(sponsor: User, clock: Clock) -> None:
    clock.travel(2026, 1, 31, 23, 59)
    send_invitation(sponsor)
    make_friend(sponsor)
    clock.travel(2026, 2, 1, 0, 0)
    send_invitation(sponsor)
    send_invitation(sponsor)
    send_invitation(make_sponsor("Ibou"))

    found = [tuple(row) for row in queries.referral_stats(sponsor.id)]

    assert found == [("2026-02", "sent", 2), ("2026-01", "accepted", 1), ("2026-01", "sent", 1)]


@pytest.mark.covers("REF-27", "REF-28", "REF-29", "REF-30", "REF-62")
@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("referrals", "referrer_id"),
        ("referrals", "referred_user_id"),
        ("referrals", "invitation_status"),
        ("referrals", "pipeline_stage"),
        ("referrals", "referral_code"),
        ("referrals", "lower"),
        ("referrals", "created_at"),
        ("referrals", "pipeline_stage, created_at DESC"),
        ("referrals", "referrer_id, pipeline_stage"),
        ("referrals", "activated_at"),
        ("referrals", "campaign_id"),
        ("point_awards", "sponsor_user_id, status"),
        ("point_awards", "status, matures_at"),
    ],
)
def test_the_lists_have_their_indexes(db_session: Session, table: str, columns: str) -> None:
    found = db_session.execute(
        db.text("SELECT indexdef FROM pg_indexes WHERE tablename = :table"), {"table": table}
    ).scalars()

    assert any(f"({columns}" in definition for definition in found)
