"""The pages of sponsor companies and of the admins above them."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.campaigns.models import CompanyStatus, SponsorCompany, SponsorCompanyMember
from portal.config.services import set_value
from portal.config.values import SECOND_FACTOR_REQUIRED
from portal.identity.models import User
from portal.kernel.actor import SYSTEM
from portal.kernel.roles import CompanyRole, Duty
from tests.harness.house import (
    make_admin,
    make_company,
    make_company_member,
    make_person,
    send,
    sign_in,
)
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements

OWNER, MANAGER, VIEWER = CompanyRole.OWNER, CompanyRole.MANAGER, CompanyRole.VIEWER


def member_of(session: Session, user: User) -> SponsorCompanyMember:
    return session.scalars(select(SponsorCompanyMember).where(SponsorCompanyMember.user_id == user.id)).one()


def stands(session: Session) -> CompanyStatus:
    """How the one company of a test stands now."""
    return session.scalars(select(SponsorCompany.status)).one()


@pytest.mark.parametrize("role", list(CompanyRole))
def test_everybody_of_a_company_sees_it_and_only_owners_have_the_buttons(
    client: FlaskClient, db_session: Session, role: CompanyRole
) -> None:
    company = make_company()
    other = make_company_member(company, VIEWER, "Penda Sy")
    sign_in(client, make_company_member(company, role, "Adja Faye"))

    shown = client.get("/company")

    assert shown.status_code == 200
    assert "Penda Sy" in shown.text
    link = f'href="/company/members/{member_of(db_session, other).id}'
    assert (link in shown.text, 'name="contact"' in shown.text) == (role is OWNER, role is OWNER)
    assert 'href="/company"' in client.get("/home").text


@pytest.mark.parametrize("role", [MANAGER, VIEWER])
def test_those_who_only_look_change_nothing(
    client: FlaskClient, db_session: Session, role: CompanyRole
) -> None:
    company = make_company()
    other = make_company_member(company, VIEWER, "Penda Sy")
    sign_in(client, make_company_member(company, role))
    theirs = f"/company/members/{member_of(db_session, other).id}"

    added = send(client, "/company", {"contact": "fatou@example.org", "role": "owner"})

    assert added.status_code == 404
    assert client.get(f"{theirs}/removal").status_code == 403
    assert send(client, f"{theirs}/removal").status_code == 403
    assert client.get(theirs).status_code == 404
    assert send(client, theirs, {"role": "owner"}).status_code == 404
    assert member_of(db_session, other).role is VIEWER


def test_an_owner_changes_and_removes(client: FlaskClient, db_session: Session) -> None:
    company = make_company()
    person = make_company_member(company, VIEWER)
    sign_in(client, make_company_member(company, OWNER))

    page = f"/company/members/{member_of(db_session, person).id}"
    assert client.get(page).status_code == 200
    send(client, page, {"role": "manager"})
    assert member_of(db_session, person).role is MANAGER
    assert client.get(f"{page}/removal").status_code == 200
    answer = send(client, f"{page}/removal")

    assert (answer.status_code, answer.location) == (303, "/company")
    assert client.get(page).status_code == 404


def test_everybody_may_leave_and_sees_nothing_any_more(client: FlaskClient, db_session: Session) -> None:
    company = make_company()
    person = make_company_member(company, VIEWER)
    sign_in(client, person)

    left = send(client, f"/company/members/{member_of(db_session, person).id}/removal")

    assert (left.status_code, left.location) == (303, "/")
    assert client.get("/company").status_code == 404


def test_a_company_finds_nothing_of_another(client: FlaskClient, db_session: Session) -> None:
    mine, theirs = make_company(), make_company("Sahel Énergie")
    stranger = member_of(db_session, make_company_member(theirs, VIEWER))
    sign_in(client, make_company_member(mine, OWNER))
    # The switch takes only one's own companies; a cookie can be written by hand.
    assert send(client, "/company/switch", {"company": str(theirs.id)}).status_code == 404
    client.set_cookie("company", str(theirs.id))

    assert "Sahel" not in client.get("/company").text
    for path in (f"/company/members/{stranger.id}", f"/company/members/{stranger.id}/removal"):
        assert client.get(path).status_code == 404
        assert send(client, path, {"role": "owner"}).status_code == 404


def test_nobody_else_finds_a_company(client: FlaskClient, db_session: Session) -> None:
    make_company_member(make_company(), OWNER)
    sign_in(client, make_person())

    assert client.get("/company").status_code == 404
    assert client.get("/admin/companies").status_code == 404


def test_somebody_with_two_companies_chooses(client: FlaskClient, db_session: Session) -> None:
    first, second = make_company(), make_company("Sahel Énergie")
    person = make_company_member(first, VIEWER)
    db_session.add(SponsorCompanyMember(company_id=second.id, user_id=person.id, role=VIEWER))
    sign_in(client, person)
    assert "<h1>Baobab Télécom</h1>" in client.get("/company").text

    send(client, "/company/switch", {"company": str(second.id)})

    assert "<h1>Sahel Énergie</h1>" in client.get("/company").text


@pytest.mark.parametrize(("role", "asked"), [(OWNER, True), (MANAGER, False), (VIEWER, False)])
def test_an_owner_needs_a_second_step_where_it_is_required(
    client: FlaskClient, db_session: Session, role: CompanyRole, asked: bool
) -> None:
    set_value(SECOND_FACTOR_REQUIRED.key, True, by=SYSTEM)
    sign_in(client, make_company_member(make_company(), role))

    answer = client.get("/company")

    assert (answer.status_code == 303) is asked
    if asked:
        assert answer.location == "/security"


def test_changes_ask_again_who_one_is(client: FlaskClient, db_session: Session, clock: Clock) -> None:
    clock.travel(2026, 3, 1, 12)
    company = make_company()
    other = member_of(db_session, make_company_member(company, VIEWER, "Penda Sy"))
    sign_in(client, make_company_member(company, OWNER))
    clock.advance(minutes=11)

    assert client.get("/company").status_code == 200
    for path in ("/company", f"/company/members/{other.id}", f"/company/members/{other.id}/removal"):
        assert send(client, path, {"role": "owner"}).location.startswith("/security/confirm")


def test_staff_take_in_approve_and_stop_a_company(client: FlaskClient, db_session: Session) -> None:
    sign_in(client, make_admin(Duty.SUPPORT))
    assert client.get("/admin/companies/new").status_code == 200

    made = send(
        client,
        "/admin/companies/new",
        {"name": "Baobab Télécom", "contact_email": "x@example.org", "owner": "adja@example.org"},
    )
    company = db_session.scalars(select(SponsorCompany)).one()
    assert made.location == f"/admin/companies/{company.id}"
    send(client, f"{made.location}/approval")
    assert stands(db_session) is CompanyStatus.ACTIVE
    send(client, f"{made.location}/suspension", {"reason": "Factures impayées"})
    assert stands(db_session) is CompanyStatus.SUSPENDED
    assert "Factures impayées" in client.get(made.location).text
    send(client, f"{made.location}/reinstatement", {"reason": "Payé"})
    send(client, f"{made.location}/edit", {"name": "Baobab Mobile"})

    assert stands(db_session) is CompanyStatus.ACTIVE
    assert "Baobab Mobile" in client.get("/admin/companies?q=mobile&status=active").text


def test_the_last_owner_stays_also_for_staff(client: FlaskClient, db_session: Session) -> None:
    company = make_company()
    owner = member_of(db_session, make_company_member(company, OWNER))
    sign_in(client, make_admin())
    page = f"/admin/companies/{company.id}/members/{owner.id}/removal"

    assert client.get(page).status_code == 200
    assert send(client, page).status_code == 409

    assert (
        client.get(f"/admin/companies/{make_company('Sahel').id}/members/{owner.id}/removal").status_code
        == 404
    )


@pytest.mark.parametrize("page", ["/company", "/admin/companies"])
def test_long_lists_are_paged_with_few_statements(
    client: FlaskClient, db_session: Session, count_statements: CountStatements, page: str
) -> None:
    company = make_company()
    for number in range(30):
        make_company(f"Entreprise {number}")
        make_company_member(company, VIEWER, f"Membre {number}")
    sign_in(client, make_admin() if page.startswith("/admin") else make_company_member(company, OWNER))
    client.get(page)

    with count_statements() as counted:
        shown = client.get(page)

    assert "cursor=" in shown.text
    assert len(counted) <= 8, counted
