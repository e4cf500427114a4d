"""Real ids in the hands of others: whatever somebody may not see is not there for them (wall 6).

Every door that takes an id is tried, as the map of addresses lists them, so a new one is tried too: with rows
that exist, by people who have nothing to do with them, and by members whose role does not reach that far.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from portal.audit.models import AuditLog
from portal.identity.administration import suspend_user
from portal.identity.models import User
from portal.kernel import clock
from portal.kernel.access import RULE
from portal.kernel.actor import SYSTEM
from portal.kernel.files import store_file
from portal.kernel.ids import new_id
from portal.kernel.models import FilePurpose, StatusHistory
from portal.kernel.roles import MemberRole
from portal.notifications.models import Notification
from portal.partners.members import remove
from portal.partners.models import Partner, PartnerMember
from portal.partners.services import terminate
from portal.people.models import Profile, Relationship
from portal.redemptions import scanning
from portal.redemptions.answers import Till
from portal.referrals.batches import open_batch
from portal.settlements.computing import settle_period
from portal.settlements.due import due_periods
from tests.factories.redeemed import serve
from tests.harness.house import (
    acting,
    make_code,
    make_member,
    make_pack,
    make_partner,
    make_person,
    make_venue,
    send,
    sign_in,
)
from tests.harness.moments import Clock
from tests.referrals.word_of_mouth import fill_list, make_sponsor, send_invitation

Ids = dict[str, UUID]

# What the wrong answer would be worth to whoever asks; a form is not even read before it is known whose it is.
FORM = {
    "title": "Mine",
    "target": "1000",
    "visibility": "public",
    "reason": "It is mine now",
    "role": "owner",
    "contact": "me@example.org",
    "is_active": "yes",
    "method": "whatsapp",
    "recipient": "77 123 45 67",
    "name": "Mine",
    "city": "Dakar",
    "region": "Dakar",
}


@dataclass(frozen=True)
class World:
    """A person's things and a house's, with the ids that addresses name them by."""

    person: User
    house: Partner
    ids: Ids


@pytest.fixture
def world(db_session: Session, clock: Clock) -> World:
    clock.travel(2026, 2, 10, 12)
    person = make_sponsor("Awa Ndiaye")
    house = make_partner("Le Djoloff")
    ids = _of_person(person, db_session) | _of_house(house, person, db_session)
    db_session.commit()
    return World(person, house, ids)


def _of_person(person: User, session: Session) -> Ids:
    """A guardian's minor, a sponsor's contacts and invitation, a message."""
    minor = make_person("Ibou Ndiaye")
    profile = session.get_one(Profile, minor.id)
    profile.guardian_user_id, profile.relationship_type = person.id, Relationship.PARENT
    profile.date_of_birth, profile.guardian_confirmed_at = date(2012, 3, 15), clock.now()
    contact = fill_list(person, 3)[0]
    referral = send_invitation(person)
    message = Notification(
        user_id=person.id, event_key="told", title="t", message="m", type="system", category="security"
    )
    session.add(message)
    session.flush()
    return {
        "minor_id": minor.id,
        "contact_id": contact.id,
        "batch_id": open_batch(person.id, by=acting(person)).id,
        "referral_id": referral.id,
        "notification_id": message.id,
        "user_id": person.id,
        "sponsor_id": person.id,
    }


def _of_house(house: Partner, person: User, session: Session) -> Ids:
    """A place, a pack with a picture, a member, a settled gift, a code that was scanned too early."""
    venue, staff = make_venue(house), make_member(house)
    pack = make_pack(house, 5_000)
    picture = store_file(b"picture", mime_type="image/webp", purpose=FilePurpose.PACK_IMAGE)
    pack.gallery_file_ids = [picture.id]
    serve(house, 40_000, at=clock.start_of_day(date(2026, 1, 10)))
    (settlement,) = [made for one in due_periods() if (made := settle_period(*one)) is not None]
    code = make_code(pack, person, birthday=date(2026, 2, 20))
    log = scanning.scan(code.code, Till(house.id, venue.id, acting(staff)), "nonce")
    assert log.log_id is not None
    place = staff_place(session, house)
    return {
        "pot_id": code.pot_id,
        "pack_id": pack.id,
        "file_id": picture.id,
        "venue_id": venue.id,
        "member_id": place,
        "settlement_id": settlement.id,
        "log_id": log.log_id,
        "partner_id": house.id,
        "code_id": code.id,
    }


def staff_place(session: Session, house: Partner) -> UUID:
    return session.scalars(select(PartnerMember.id).where(PartnerMember.partner_id == house.id)).one()


def doors(app: Flask, wanted: Callable[[str], bool]) -> Iterator[tuple[Rule, str]]:
    """Every rule that names a row by its id and whose access rule is `wanted`, with each of its methods."""
    for rule in app.url_map.iter_rules():
        access = str(getattr(app.view_functions[rule.endpoint], RULE))
        if any(name.endswith("_id") for name in rule.arguments) and wanted(access):
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield rule, method


def address(app: Flask, rule: Rule, ids: Ids) -> str:
    """The rule's address with the rows of the world; what it names that nobody has here is a new id."""
    values: dict[str, object] = {}
    for name in rule.arguments:
        items = getattr(rule._converters[name], "items", None)
        values[name] = min(items) if items else ids.get(name, new_id())
    return app.url_map.bind("localhost").build(rule.endpoint, values)


def knock(app: Flask, client: FlaskClient, world: World, wanted: Callable[[str], bool]) -> dict[str, int]:
    """The status of every such door, tried with the world's own ids."""
    answers = {}
    for rule, method in doors(app, wanted):
        url = address(app, rule, world.ids)
        answer = client.get(url) if method == "GET" else send(client, url, FORM)
        answers[f"{method} {rule.rule}"] = answer.status_code
    return answers


def traces(session: Session) -> int:
    """How much has been changed on the record."""
    session.expire_all()
    counted = [session.scalar(select(func.count()).select_from(table)) for table in (AuditLog, StatusHistory)]
    return sum(count or 0 for count in counted)


def _is_personal(access: str) -> bool:
    return access == "signed in"


def _is_of_a_house(access: str) -> bool:
    return access.startswith("partner")


@pytest.mark.covers("ID-11", "PRT-12", "SEC-06")
def test_a_person_finds_nothing_of_another_person(
    app: Flask, client: FlaskClient, db_session: Session, world: World
) -> None:
    sign_in(client, make_sponsor("Fatou Sarr"))
    before = traces(db_session)

    answers = knock(app, client, world, _is_personal)

    assert len(answers) > 25
    assert {door: status for door, status in answers.items() if status != 404} == {}
    assert traces(db_session) == before


@pytest.mark.covers("PRT-12")
@pytest.mark.parametrize("role", list(MemberRole))
def test_a_house_finds_nothing_of_another_house(
    app: Flask, client: FlaskClient, db_session: Session, world: World, role: MemberRole
) -> None:
    sign_in(client, make_member(make_partner("Cinéma Pathé"), role))
    # The switch takes only one's own houses; a cookie can be written by hand.
    assert send(client, "/partner/switch", {"partner": str(world.house.id)}).status_code == 404
    client.set_cookie("partner", str(world.house.id))
    before = traces(db_session)

    answers = knock(app, client, world, _is_of_a_house)

    assert len(answers) > 15
    assert {door: status for door, status in answers.items() if status != 404} == {}
    assert traces(db_session) == before


@pytest.mark.covers("ID-11")
@pytest.mark.parametrize("role", list(MemberRole))
def test_a_role_reaches_as_far_as_its_doors_say(
    app: Flask, client: FlaskClient, db_session: Session, world: World, role: MemberRole
) -> None:
    sign_in(client, make_member(world.house, role, "Modou Gueye"))

    answers = knock(app, client, world, lambda access: _is_of_a_house(access) and role not in access)

    assert {door: status for door, status in answers.items() if status != 404} == {}


@pytest.mark.covers("ADM-25")
@pytest.mark.parametrize("who", ["a person", "an owner of a house"])
def test_nobody_else_finds_what_admins_see(
    app: Flask, client: FlaskClient, db_session: Session, world: World, who: str
) -> None:
    sign_in(client, world.person if who == "a person" else make_member(world.house, MemberRole.OWNER))
    before = traces(db_session)

    answers = knock(app, client, world, lambda access: access.startswith("staff"))

    assert len(answers) > 40
    assert {door: status for door, status in answers.items() if status != 404} == {}
    assert traces(db_session) == before


@pytest.mark.parametrize(
    "purpose",
    [purpose for purpose in FilePurpose if purpose.value not in ("avatar", "pot_image", "pack_image")],
)
def test_a_file_that_is_not_for_everybody_is_nobody_s(
    client: FlaskClient, db_session: Session, world: World, purpose: FilePurpose
) -> None:
    file = store_file(b"private", mime_type="application/pdf", purpose=purpose, owner_user_id=world.person.id)
    db_session.commit()

    for person in (None, world.person):
        if person is not None:
            sign_in(client, person)
        assert client.get(f"/files/{file.id}").status_code == 404


@pytest.mark.covers("PRT-12", "ID-43")
@pytest.mark.parametrize("how", ["removed from the team", "house terminated", "account suspended"])
def test_rights_that_are_taken_away_are_gone_at_the_next_click(
    app: Flask, client: FlaskClient, db_session: Session, world: World, how: str
) -> None:
    owner = make_member(world.house, MemberRole.OWNER, "Ndèye Sow")
    manager = make_member(world.house, MemberRole.MANAGER, "Modou Gueye")
    sign_in(client, manager)
    url = f"/partner/settlements/{world.ids['settlement_id']}"
    assert client.get(url).status_code == 200

    if how == "removed from the team":
        place = db_session.scalars(select(PartnerMember).where(PartnerMember.user_id == manager.id)).one()
        remove(world.house.id, place.id, by=acting(owner))
    elif how == "house terminated":
        terminate(world.house.id, "contract ended", by=SYSTEM)
    else:
        suspend_user(manager.id, reason="stolen phone", by=SYSTEM)
    db_session.commit()

    gone = 303 if how == "account suspended" else 404
    assert client.get(url).status_code == gone
    assert send(client, f"{url}/dispute", {"reason": "It is too little"}).status_code == gone
