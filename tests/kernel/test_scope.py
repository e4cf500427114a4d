"""The second lock: a transaction sees and changes the rows of partners for whom it has said that it works."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.orm import Session, scoped_session

from portal.admin import checks
from portal.config.models import HealthStatus
from portal.kernel.db import db, transaction
from portal.kernel.environment import Environment
from portal.kernel.ids import new_id
from portal.kernel.rights import owns_tables
from portal.kernel.roles import CompanyRole, MemberRole
from portal.kernel.scope import GUEST, SYSTEM, Kind, Scope, as_the_portal, declare, include
from portal.partners.models import Partner
from portal.teams.models import InvitationStatus
from tests.harness.database import Databases
from tests.harness.house import (
    make_company,
    make_company_member,
    make_member,
    make_partner,
    make_person,
    make_venue,
    sign_in,
)
from tests.teams.ground import GROUNDS, reachable

TABLES = (
    "partner_members",
    "partner_venues",
    "partner_settlements",
    "qr_redemption_logs",
    "settlement_adjustments",
)
_SETTLEMENT = (
    "INSERT INTO partner_settlements (id, partner_id, period_start, period_end, terms, is_carried, created_at, updated_at)"
    " VALUES (gen_random_uuid(), :partner, '2026-01-01', '2026-01-31', 'monthly', true, now(), now())"
)
_LOG = (
    "INSERT INTO qr_redemption_logs (id, scanned_code, validation_result, partner_id, occurred_at)"
    " VALUES (gen_random_uuid(), 'x', 'invalid', :partner, now())"
)

_CORRECTION = (
    "INSERT INTO settlement_adjustments (id, partner_id, amount_minor, reason, created_at, updated_at)"
    " VALUES (gen_random_uuid(), :partner, 500, 'x', now(), now())"
)


@dataclass
class Two:
    """Two houses, each with a team, a place, a settlement, a correction and a scan."""

    session: Session
    mine: UUID
    theirs: UUID
    me: UUID

    def seen(self, table: str) -> set[UUID]:
        """Whose rows a query finds that names no house at all, as when its scope was forgotten."""
        return set(self.session.scalars(text(f"SELECT partner_id FROM {table}")))


@pytest.fixture
def two(db_session: scoped_session[Session]) -> Two:
    houses = [make_partner("Le Djoloff"), make_partner("Chez Awa")]
    for house in houses:
        make_venue(house, "Plateau")
        person = make_member(house, MemberRole.OWNER)
        for statement in (_SETTLEMENT, _LOG, _CORRECTION):
            db_session.execute(text(statement), {"partner": house.id})
    db_session.commit()
    return Two(db_session(), houses[0].id, houses[1].id, person.id)


def partner_scope(two: Two) -> Scope:
    return Scope(Kind.PERSON, new_id(), (two.mine,))


@pytest.mark.covers("SEC-04")
@pytest.mark.parametrize("table", TABLES)
def test_whoever_says_nothing_sees_nothing(two: Two, table: str) -> None:
    assert two.seen(table) == {two.mine, two.theirs}
    two.session.execute(text("SELECT set_config('portal.scope', '', true)"))
    assert two.seen(table) == set()


@pytest.mark.covers("SEC-04")
def test_a_connection_that_declares_nothing_sees_nothing_and_writes_nothing(
    app: Flask, committed_db: Session, databases: Databases, process_database: str
) -> None:
    """As whoever reaches the database around the portal, with the portal's own password."""
    house = make_partner()
    make_venue(house, "Plateau")
    make_member(house, MemberRole.OWNER)
    committed_db.commit()
    with psycopg.connect(databases.url(process_database)) as connection:
        for table in TABLES:
            assert connection.execute(f"SELECT FROM {table}".encode()).fetchall() == []
        assert connection.execute("UPDATE partner_venues SET name = 'x'").rowcount == 0
        assert connection.execute("DELETE FROM partner_members").rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("ALTER TABLE partner_members DISABLE ROW LEVEL SECURITY")


@pytest.mark.covers("SEC-04")
@pytest.mark.parametrize("table", [one for one in TABLES if one != "partner_venues"])
def test_a_partners_context_gives_its_own_rows_whatever_the_query_forgets(two: Two, table: str) -> None:
    declare(two.session, partner_scope(two))
    assert two.seen(table) == {two.mine}
    found = two.session.execute(text(f"SELECT FROM {table} WHERE partner_id = :id"), {"id": two.theirs})
    assert found.all() == []


@pytest.mark.covers("SEC-04")
@pytest.mark.parametrize("table", [one for one in TABLES if one != "qr_redemption_logs"])
def test_the_rows_of_another_house_cannot_be_changed_given_away_or_made(two: Two, table: str) -> None:
    declare(two.session, partner_scope(two))
    stamp = text(f"UPDATE {table} SET updated_at = now() RETURNING partner_id")
    assert set(two.session.scalars(stamp)) == {two.mine}
    with pytest.raises(ProgrammingError, match="row-level security"), two.session.begin_nested():
        two.session.execute(text(f"UPDATE {table} SET partner_id = :other"), {"other": two.theirs})
    removed = two.session.scalars(text(f"DELETE FROM {table} RETURNING partner_id"))
    assert set(removed) == {two.mine}


def test_nobody_writes_a_scan_or_a_settlement_for_another_house(two: Two) -> None:
    declare(two.session, partner_scope(two))
    two.session.execute(text(_LOG), {"partner": two.mine})
    for statement in (_LOG, _SETTLEMENT, _CORRECTION):
        with pytest.raises(ProgrammingError, match="row-level security"), two.session.begin_nested():
            two.session.execute(text(statement), {"partner": two.theirs})


def test_a_place_is_there_for_everybody_to_read_and_for_nobody_else_to_change(two: Two) -> None:
    declare(two.session, GUEST)
    assert two.seen("partner_venues") == {two.mine, two.theirs}
    assert two.session.execute(text("UPDATE partner_venues SET name = 'x' RETURNING 1")).all() == []
    assert (
        two.seen("partner_members") | two.seen("partner_settlements") | two.seen("qr_redemption_logs")
        == set()
    )


def test_a_person_finds_their_own_places_in_teams_and_nobody_elses(two: Two) -> None:
    declare(two.session, Scope(Kind.PERSON, two.me))
    assert two.seen("partner_members") == {two.theirs}
    assert two.session.execute(text("UPDATE partner_members SET role = 'owner' RETURNING 1")).all() == []


@pytest.mark.parametrize("kind", [Kind.SYSTEM, Kind.STAFF])
def test_those_who_look_after_all_see_all(two: Two, kind: Kind) -> None:
    declare(two.session, Scope(kind))
    assert all(two.seen(table) == {two.mine, two.theirs} for table in TABLES)


def test_what_goes_beyond_whoever_asks_is_open_for_one_question(two: Two) -> None:
    declare(two.session, partner_scope(two))
    with as_the_portal(two.session):
        assert two.seen("partner_members") == {two.mine, two.theirs}
    assert two.seen("partner_members") == {two.mine}
    include(two.session, two.theirs)
    assert two.seen("partner_members") == {two.mine, two.theirs}


@pytest.mark.covers("SEC-04")
def test_a_request_declares_its_visitor(client: FlaskClient, app: Flask, two: Two) -> None:
    seen: list[set[UUID]] = []

    def look(_error: BaseException | None) -> None:
        seen.append(set(db.session.scalars(text("SELECT partner_id FROM partner_settlements"))))

    watchers = app.teardown_request_funcs.setdefault(None, [])
    watchers.append(look)
    try:
        client.get("/")
        person = make_member(db.session.get_one(Partner, two.mine), MemberRole.MANAGER)
        sign_in(client, person)
        client.get("/partner/organisation")
        client.get("/partner/organisation")
    finally:
        watchers.remove(look)
    # A guest; a member whom the portal has to look up; the same from the cache.
    assert seen == [set(), {two.mine}, {two.mine}]


def test_a_job_is_the_portal_itself_and_the_declaration_ends_with_the_transaction(
    committed_db: Session,
) -> None:
    asked = text("SELECT current_setting('portal.scope', true)")
    with transaction() as session:
        assert session.scalar(asked) == Kind.SYSTEM
        session.commit()
        connection = session.connection()
        assert connection.scalar(asked) == Kind.SYSTEM
    with db.engine.connect() as raw:
        assert not raw.scalar(asked)


@pytest.mark.covers("SEC-04")
def test_the_portal_owns_no_table_and_its_owner_would_be_noticed(app: Flask, db_session: Session) -> None:
    assert not owns_tables(db_session.connection())
    db_session.execute(text("SET LOCAL ROLE portal"))
    assert owns_tables(db_session.connection())


@pytest.mark.parametrize("environment", ["production", "test"])
def test_operators_hear_that_the_portal_owns_its_tables(
    app: Flask, db_session: Session, monkeypatch: pytest.MonkeyPatch, environment: Environment
) -> None:
    settings = replace(app.config["SETTINGS"], environment=Environment(environment))
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    assert checks.rights()[0] is HealthStatus.HEALTHY
    monkeypatch.setattr(checks, "owns_tables", lambda _connection: True)
    worst = HealthStatus.UNHEALTHY if environment == "production" else HealthStatus.DEGRADED
    assert checks.rights() == (worst, {}, "the portal owns its tables")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_logs SET reason = 'x'",
        "DELETE FROM audit_logs",
        "TRUNCATE audit_logs_default",
        "UPDATE ledger_entries SET amount_minor = 1",
        "DELETE FROM status_history",
        "UPDATE qr_redemption_logs SET validation_result = 'success'",
        "UPDATE alembic_version SET version_num = '0001'",
        "DROP TABLE users",
        "ALTER TABLE users DISABLE TRIGGER ALL",
        "CREATE TABLE mine (id int)",
        "SET session_replication_role = replica",
    ],
)
def test_the_portal_has_no_right_to(db_session: Session, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
        db_session.execute(text(statement))


def test_only_the_portals_own_words_reach_the_declaration() -> None:
    with pytest.raises(ValueError, match="badly formed"):
        dict(Scope(Kind.PERSON, None, ("x'; DROP TABLE users; --",)).settings())  # type: ignore[arg-type]
    assert dict(SYSTEM.settings()) == {
        "portal.scope": "system",
        "portal.user_id": "",
        "portal.partner_ids": "",
        "portal.company_ids": "",
    }


_COMPANIES = {"sponsor_companies": "id", "sponsor_company_members": "company_id"}


@dataclass
class TwoCompanies:
    """Two sponsor companies, each with one owner."""

    session: Session
    mine: UUID
    theirs: UUID
    me: UUID

    def seen(self, table: str) -> set[UUID]:
        """Whose rows a query finds that names no company at all."""
        return set(self.session.scalars(text(f"SELECT {_COMPANIES[table]} FROM {table}")))


@pytest.fixture
def companies(db_session: scoped_session[Session]) -> TwoCompanies:
    first, second = make_company(), make_company("Sahel Énergie")
    me = make_company_member(first, CompanyRole.OWNER)
    make_company_member(second, CompanyRole.OWNER)
    db_session.commit()
    return TwoCompanies(db_session(), first.id, second.id, me.id)


@pytest.mark.covers("SEC-04")
@pytest.mark.parametrize("table", _COMPANIES)
def test_a_companys_context_gives_its_own_rows_and_changes_no_others(
    companies: TwoCompanies, table: str
) -> None:
    declare(companies.session, Scope(Kind.PERSON, new_id(), company_ids=(companies.mine,)))
    assert companies.seen(table) == {companies.mine}
    moved = text(f"UPDATE {table} SET {_COMPANIES[table]} = :other")
    with pytest.raises(ProgrammingError, match="row-level security"), companies.session.begin_nested():
        companies.session.execute(moved, {"other": companies.theirs})
    removed = companies.session.scalars(text(f"DELETE FROM {table} RETURNING {_COMPANIES[table]}"))
    assert set(removed) == {companies.mine}


@pytest.mark.covers("SEC-04")
@pytest.mark.parametrize("table", _COMPANIES)
def test_a_partner_and_a_guest_see_no_company(companies: TwoCompanies, table: str) -> None:
    assert companies.seen(table) == {companies.mine, companies.theirs}
    for scope in (GUEST, Scope(Kind.PERSON, new_id(), (companies.mine,))):
        declare(companies.session, scope)
        assert companies.seen(table) == set()
    companies.session.execute(text("SELECT set_config('portal.scope', '', true)"))
    assert companies.seen(table) == set()


_INVITATIONS = {"house": "partner_id", "company": "company_id"}


@pytest.mark.covers("SEC-04")
@pytest.mark.parametrize("kind", _INVITATIONS)
def test_an_invitation_is_seen_by_its_organisation_and_by_who_has_proved_its_contact(
    db_session: scoped_session[Session], kind: str
) -> None:
    ground, column = GROUNDS[kind], _INVITATIONS[kind]
    mine, theirs = ground.organisation(), ground.organisation(name="Autre")
    invited, claims, heir = reachable(), make_person(email="claimed@example.org"), reachable()
    first, second = ground.invited(mine, invited), ground.invited(theirs, claims)
    answered = ground.invited(theirs, heir)
    answered.status, answered.user_id, answered.answered_at = (
        InvitationStatus.DECLINED,
        invited.id,
        answered.sent_at,
    )
    db_session.flush()
    ids = {"first": first.id, "second": second.id, "answered": answered.id}

    def seen(scope: Scope) -> set[str]:
        declare(db_session(), scope)
        found = set(db_session.scalars(text("SELECT id FROM team_invitations")))
        return {name for name, key in ids.items() if key in found}

    house = {"partner_ids": (mine.id,)} if column == "partner_id" else {"company_ids": (mine.id,)}
    assert seen(SYSTEM) == {"first", "second", "answered"}
    assert seen(GUEST) == set()
    assert seen(Scope(Kind.PERSON, new_id(), **house)) == {"first"}
    assert seen(Scope(Kind.PERSON, invited.id)) == {"first", "answered"}
    assert seen(Scope(Kind.PERSON, claims.id)) == set()
    assert seen(Scope(Kind.PERSON, heir.id)) == set()
    # Who is invited reads, and gives themselves nothing.
    declare(db_session(), Scope(Kind.PERSON, invited.id))
    raised = text("UPDATE team_invitations SET role = 'owner' RETURNING 1")
    assert db_session.execute(raised).all() == []
    declare(db_session(), Scope(Kind.PERSON, new_id(), **house))
    moved = text(f"UPDATE team_invitations SET {column} = :other")
    with pytest.raises(ProgrammingError, match="row-level security"), db_session.begin_nested():
        db_session.execute(moved, {"other": theirs.id})


def test_a_person_finds_their_own_place_in_a_company_and_may_not_raise_it(companies: TwoCompanies) -> None:
    declare(companies.session, Scope(Kind.PERSON, companies.me))
    assert companies.seen("sponsor_company_members") == {companies.mine}
    assert companies.seen("sponsor_companies") == set()
    raised = text("UPDATE sponsor_company_members SET role = 'owner' RETURNING 1")
    assert companies.session.execute(raised).all() == []
