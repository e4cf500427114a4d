"""The pages of partners and of the admins above them."""

from __future__ import annotations

from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.kernel.ids import new_id
from portal.kernel.roles import MemberRole
from portal.partners.models import Partner, PartnerMember, PartnerStatus, PartnerVenue
from tests.harness.house import (
    make_admin,
    make_member,
    make_partner,
    make_person,
    make_venue,
    send,
    sign_in,
)
from tests.harness.statements import CountStatements

OWNER, MANAGER, STAFF = MemberRole.OWNER, MemberRole.MANAGER, MemberRole.STAFF
APPLICATION = {
    "name": "Le Djoloff",
    "type": "restaurant",
    "contact_name": "Ndèye Sow",
    "contact_email": "ndeye@example.org",
    "contact_phone": "77 123 45 67",
}
PLACE = {"name": "Plateau", "city": "Dakar", "region": "Dakar"}


def place_id(session: Session, user_id: UUID) -> UUID:
    return session.execute(select(PartnerMember.id).where(PartnerMember.user_id == user_id)).scalar_one()


@pytest.mark.covers("PRT-13", "PRT-14")
def test_a_person_applies_and_sees_the_house_at_once(client: FlaskClient, db_session: Session) -> None:
    person = make_person()
    sign_in(client, person)
    assert client.get("/partner/apply").status_code == 200

    answer = send(client, "/partner/apply", APPLICATION)

    assert (answer.status_code, answer.location) == (303, "/partner/organisation")
    house = client.get("/partner/organisation")
    assert house.status_code == 200
    assert "Le Djoloff" in house.text
    assert db_session.execute(select(Partner.status)).scalar_one() is PartnerStatus.PENDING


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 256),
        ("type", "bank"),
        ("contact_email", "nobody"),
        ("contact_phone", "12"),
        ("description", "x" * 2001),
        ("tax_id", "x" * 51),
        ("name", "a\x00b"),
    ],
)
def test_a_wrong_application_comes_back_with_the_reason(
    client: FlaskClient, db_session: Session, field: str, value: str
) -> None:
    sign_in(client, make_person())

    answer = send(client, "/partner/apply", APPLICATION | {field: value})

    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert db_session.execute(select(func.count()).select_from(Partner)).scalar_one() == 0


@pytest.mark.covers("PRT-12", "PRT-13")
def test_somebody_without_a_house_finds_no_partner_page(client: FlaskClient, db_session: Session) -> None:
    make_partner()
    sign_in(client, make_person())

    for path in ("organisation", "venues", "venues/new", "team", "organisation/edit"):
        assert client.get(f"/partner/{path}").status_code == 404, path


@pytest.mark.covers("PRT-12", "PRT-13")
@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        (STAFF, "venues", 200),
        (STAFF, "team", 200),
        (STAFF, "organisation", 200),
        (STAFF, "venues/new", 404),
        (STAFF, "organisation/edit", 404),
        (MANAGER, "venues/new", 200),
        (MANAGER, "organisation/edit", 404),
        (MANAGER, "organisation/habits", 404),
        (OWNER, "organisation/edit", 200),
        (OWNER, "organisation/habits", 200),
    ],
)
def test_each_role_opens_its_own_pages(
    client: FlaskClient, db_session: Session, role: MemberRole, path: str, status: int
) -> None:
    partner = make_partner()
    make_venue(partner)
    sign_in(client, make_member(partner, role))

    assert client.get(f"/partner/{path}").status_code == status


@pytest.mark.covers("PRT-12")
def test_a_house_sees_and_touches_only_its_own(client: FlaskClient, db_session: Session) -> None:
    mine, other = make_partner(), make_partner("Cinéma Pathé")
    theirs = make_venue(other, "Ngor")
    stranger = make_member(other, STAFF)
    sign_in(client, make_member(mine, OWNER))

    assert "Ngor" not in client.get("/partner/venues").text
    assert client.get(f"/partner/venues/{theirs.id}").status_code == 404
    assert send(client, f"/partner/venues/{theirs.id}/opening", {"is_active": "no"}).status_code == 404
    stranger_place = place_id(db_session, stranger.id)
    assert client.get(f"/partner/team/{stranger_place}").status_code == 404
    assert send(client, f"/partner/team/{stranger_place}/removal").status_code == 404
    assert send(client, "/partner/switch", {"partner": str(other.id)}).status_code == 404


@pytest.mark.covers("PRT-12")
def test_somebody_with_two_houses_chooses_for_which_to_work(client: FlaskClient, db_session: Session) -> None:
    first, second = make_partner("Le Djoloff"), make_partner("Cinéma Pathé")
    person = make_member(first, OWNER)
    db_session.add(PartnerMember(partner_id=second.id, user_id=person.id, role=OWNER))
    sign_in(client, person)
    before = client.get("/partner/organisation").text

    answer = send(client, "/partner/switch", {"partner": str(second.id), "next": "/partner/venues"})

    assert "<h1>Le Djoloff</h1>" in before
    assert (answer.status_code, answer.location) == (303, "/partner/venues")
    assert "<h1>Cinéma Pathé</h1>" in client.get("/partner/organisation").text


@pytest.mark.covers("PRT-07", "PRT-13")
def test_a_manager_opens_changes_and_closes_a_place(client: FlaskClient, db_session: Session) -> None:
    partner = make_partner()
    sign_in(client, make_member(partner, MANAGER))

    assert send(client, "/partner/venues/new", PLACE).status_code == 303
    venue = db_session.execute(select(PartnerVenue)).scalar_one()
    changed = send(client, f"/partner/venues/{venue.id}", PLACE | {"city": "Pikine", "latitude": "14.75"})
    closed = send(client, f"/partner/venues/{venue.id}/opening", {"is_active": "no"})

    db_session.expire_all()
    assert (changed.status_code, closed.status_code) == (303, 303)
    assert (venue.city, str(venue.latitude), venue.is_active) == ("Pikine", "14.75000", False)


@pytest.mark.parametrize(
    ("field", "value"),
    [("region", "Atlantis"), ("name", ""), ("latitude", "91"), ("latitude", "NaN"), ("phone", "5")],
)
def test_a_wrong_place_comes_back_with_the_reason(
    client: FlaskClient, db_session: Session, field: str, value: str
) -> None:
    partner = make_partner()
    sign_in(client, make_member(partner, MANAGER))

    assert send(client, "/partner/venues/new", PLACE | {field: value}).status_code == 422
    assert db_session.execute(select(func.count()).select_from(PartnerVenue)).scalar_one() == 0


def test_a_place_with_a_used_name_is_refused_at_the_field(client: FlaskClient, db_session: Session) -> None:
    partner = make_partner()
    make_venue(partner, "Plateau")
    sign_in(client, make_member(partner, MANAGER))

    answer = send(client, "/partner/venues/new", PLACE)

    assert answer.status_code == 422
    assert 'aria-describedby="name-hint name-error"' in answer.text


@pytest.mark.covers("PRT-13")
def test_an_owner_builds_the_team(client: FlaskClient, db_session: Session) -> None:
    partner = make_partner()
    person = make_member(partner, STAFF, "Binta Diallo")
    sign_in(client, make_member(partner, OWNER))

    member_id = place_id(db_session, person.id)
    raised = send(client, f"/partner/team/{member_id}", {"role": "manager"})
    page = client.get("/partner/team").text
    gone = send(client, f"/partner/team/{member_id}/removal")

    assert [raised.status_code, gone.status_code] == [303, 303]
    assert "Binta Diallo" in page
    assert "Binta Diallo" not in client.get("/partner/team").text


@pytest.mark.covers("PRT-12")
def test_nobody_is_asked_to_remove_whom_they_may_not(client: FlaskClient, db_session: Session) -> None:
    partner = make_partner()
    people = [make_member(partner, role) for role in (OWNER, STAFF, STAFF)]
    owner, helper, mine = (f"/partner/team/{place_id(db_session, one.id)}/removal" for one in people)
    sign_in(client, people[2])

    for place in (owner, helper):
        assert client.get(place).status_code == 403
        assert send(client, place).status_code == 403
    assert client.get(mine).status_code == 200
    sign_in(client, make_member(partner, MANAGER))
    assert client.get(owner).status_code == 403
    assert client.get(helper).status_code == 200


@pytest.mark.covers("PRT-10", "PRT-11", "PRT-13")
def test_an_owner_keeps_house_and_habits(client: FlaskClient, db_session: Session) -> None:
    partner = make_partner()
    sign_in(client, make_member(partner, OWNER))

    facts = send(client, "/partner/organisation/edit", APPLICATION | {"name": "Chez Ndèye"})
    habits = send(client, "/partner/organisation/habits", {"auto_approve_redemptions": "y"})

    db_session.expire_all()
    assert (facts.status_code, habits.status_code) == (303, 303)
    assert (partner.name, partner.auto_approve_redemptions) == ("Chez Ndèye", True)
    assert partner.notification_settings == {"redemptions": False, "settlements": False}


ADMIN_PATHS = ("", "/new", "/{id}", "/{id}/edit", "/{id}/terms", "/{id}/suspension", "/{id}/termination")


@pytest.mark.covers("PRT-14")
@pytest.mark.parametrize("path", ADMIN_PATHS)
def test_only_admins_find_the_pages_of_all_partners(
    client: FlaskClient, db_session: Session, path: str
) -> None:
    partner = make_partner()
    make_venue(partner)
    address = "/admin/partners" + path.format(id=partner.id)
    assert client.get(address).status_code == 303

    sign_in(client, make_member(partner, OWNER))
    assert client.get(address).status_code == 404

    sign_in(client, make_admin())
    assert client.get(address).status_code == 200


@pytest.mark.covers("PRT-14")
def test_an_admin_takes_verifies_suspends_and_ends(client: FlaskClient, db_session: Session) -> None:
    owner = make_person()
    sign_in(client, make_admin())

    taken = send(client, "/admin/partners/new", APPLICATION | {"owner": owner.email})
    partner = db_session.execute(select(Partner)).scalar_one()
    base = f"/admin/partners/{partner.id}"
    answers = [
        taken,
        send(client, f"{base}/verification"),
        send(client, f"{base}/suspension", {"reason": "Plaintes"}),
        send(client, f"{base}/reinstatement", {"reason": "Réglé"}),
        send(client, f"{base}/terms", TERMS),
        send(client, f"{base}/termination", {"reason": "Fermé"}),
    ]

    assert [answer.status_code for answer in answers] == [303] * 6
    assert "Plaintes" in client.get(base).text
    db_session.expire_all()
    assert (partner.status, partner.minimum_payout_minor) == (PartnerStatus.TERMINATED, 25_000)
    assert client.get("/partner/organisation").status_code == 404


TERMS = {"revenue_split_percentage": "72.5", "payment_terms": "weekly", "minimum_payout_minor": "25 000"}


@pytest.mark.covers("PRT-04", "PRT-06")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("revenue_split_percentage", "101"),
        ("revenue_split_percentage", "NaN"),
        ("revenue_split_percentage", "12.345"),
        ("revenue_split_percentage", "1e400"),
        ("payment_terms", "yearly"),
        ("minimum_payout_minor", "-1"),
        ("minimum_payout_minor", "x"),
    ],
)
def test_impossible_terms_come_back_with_the_reason(
    client: FlaskClient, db_session: Session, field: str, value: str
) -> None:
    partner = make_partner()
    sign_in(client, make_admin())

    answer = send(client, f"/admin/partners/{partner.id}/terms", TERMS | {field: value})

    assert answer.status_code == 422
    db_session.expire_all()
    assert str(partner.revenue_split_percentage) == "80.00"


def test_a_decision_needs_a_reason_and_an_allowed_step(client: FlaskClient, db_session: Session) -> None:
    partner = make_partner()
    sign_in(client, make_admin())
    base = f"/admin/partners/{partner.id}"

    assert send(client, f"{base}/suspension", {"reason": " "}).status_code == 422
    assert send(client, f"{base}/reinstatement", {"reason": "x"}).status_code == 422
    assert send(client, f"{base}/sleep", {"reason": "x"}).status_code == 404
    assert client.get(f"/admin/partners/{new_id()}").status_code == 404


def test_admins_find_partners_by_state_kind_and_words(client: FlaskClient, db_session: Session) -> None:
    make_partner("Le Djoloff", contact_email="ndeye@example.org")
    make_partner("=Cinéma 100%", type="cinema", status=PartnerStatus.PENDING, verified_at=None)
    sign_in(client, make_admin())

    def found(query: str) -> tuple[bool, bool]:
        text = client.get(f"/admin/partners?{query}").text
        return "Le Djoloff" in text, "Cinéma 100%" in text

    assert found("") == (True, True)
    assert found("status=pending") == (False, True)
    assert found("type=restaurant") == (True, False)
    assert found("q=NDEYE") == (True, False)
    assert found("q=100%25") == (False, True)
    assert found("status=nonsense&cursor=%F0") == (True, True)
    file = client.get("/admin/partners?format=csv&status=pending")
    assert file.mimetype == "text/csv"
    assert "'=Cinéma 100%" in file.text
    assert "Djoloff" not in file.text


def test_long_lists_of_partners_have_pages(client: FlaskClient, db_session: Session) -> None:
    for number in range(27):
        make_partner(f"Maison {number:02d}")
    sign_in(client, make_admin())

    first = client.get("/admin/partners").text
    link = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = client.get(link).text

    assert first.count("Maison ") == 25
    assert second.count("Maison ") == 2


@pytest.mark.parametrize(
    "path",
    ["/partner/organisation", "/partner/venues", "/partner/team", "/admin/partners", "/admin/partners/{id}"],
)
def test_a_page_asks_few_questions(
    client: FlaskClient, db_session: Session, count_statements: CountStatements, path: str
) -> None:
    partner = make_partner()
    for number in range(5):
        make_venue(partner, f"Place {number}")
        make_member(partner, STAFF)
    person = make_member(partner, OWNER)
    person.roles, person.duties = ["user", "partner", "admin"], ["support"]
    sign_in(client, person)
    address = path.format(id=partner.id)

    with count_statements() as asked:
        assert client.get(address).status_code == 200

    assert len(asked) <= 8, asked
