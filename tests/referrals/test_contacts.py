"""A sponsor's list: nobody twice, positions without gaps, whatever happens at the same moment."""

from __future__ import annotations

from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.identity.models import User
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.errors import Conflict, InvalidInput, NotFound
from portal.kernel.ids import new_id
from portal.referrals import contacts
from portal.referrals.addresses import Reachable
from portal.referrals.batches import open_batch
from portal.referrals.contacts import Kept, add_contact, change_contact, contact_of, keep, remove_contact
from portal.referrals.models import SponsorContact
from tests.harness.house import acting
from tests.referrals.word_of_mouth import fill_list, make_sponsor, race, reachable

AWA = Reachable("Awa", "+221771234567", "awa@exemple.sn")


def positions(sponsor: User) -> list[int]:
    statement = select(SponsorContact.position).where(SponsorContact.sponsor_user_id == sponsor.id)
    return sorted(db.session.scalars(statement))


def only(sponsor: User) -> Reachable:
    statement = select(SponsorContact).where(SponsorContact.sponsor_user_id == sponsor.id)
    row = db.session.scalars(statement).one()
    return Reachable(row.name, row.phone, row.email)


@pytest.mark.covers("REF-44")
def test_imported_people_stand_in_the_order_of_the_file(sponsor: User) -> None:
    assert keep(sponsor.id, [reachable(3), reachable(1)], source="import", by=acting(sponsor)) == Kept(
        2, 0, 0
    )
    assert keep(sponsor.id, [reachable(2)], source="import", by=acting(sponsor)) == Kept(1, 0, 0)

    rows = db.session.scalars(select(SponsorContact).order_by(SponsorContact.position))
    assert [(row.position, row.name) for row in rows] == [(0, "Ami 3"), (1, "Ami 1"), (2, "Ami 2")]


@pytest.mark.parametrize(
    ("known", "again", "result", "kept"),
    [
        (AWA, AWA, Kept(0, 0, 1), AWA),
        (Reachable(None, AWA.phone, None), AWA, Kept(0, 1, 0), AWA),
        (Reachable("Awa", None, AWA.email), Reachable("Maman", AWA.phone, AWA.email), Kept(0, 1, 0), AWA),
        (
            AWA,
            Reachable("Autre", AWA.phone, "autre@exemple.sn"),
            Kept(0, 0, 1),
            AWA,
        ),
    ],
)
def test_somebody_known_is_completed_and_not_doubled(
    sponsor: User, known: Reachable, again: Reachable, result: Kept, kept: Reachable
) -> None:
    keep(sponsor.id, [known], source="form", by=acting(sponsor))

    assert keep(sponsor.id, [again], source="import", by=acting(sponsor)) == result
    assert only(sponsor) == kept


def test_two_known_people_are_not_melted_into_one(sponsor: User) -> None:
    by_phone, by_email = Reachable("A", AWA.phone, None), Reachable("B", None, AWA.email)
    keep(sponsor.id, [by_phone, by_email], source="form", by=acting(sponsor))

    assert keep(sponsor.id, [AWA], source="import", by=acting(sponsor)) == Kept(0, 0, 1)
    assert positions(sponsor) == [0, 1]


def test_a_preview_knows_whom_the_list_has_already(sponsor: User) -> None:
    keep(sponsor.id, [AWA], source="form", by=acting(sponsor))

    assert contacts.known_among(sponsor.id, [Reachable("Awa", AWA.phone, None), reachable(1)]) == 1


@pytest.mark.covers("REF-44")
def test_imports_at_the_same_moment_leave_no_gap_and_nobody_twice(app: Flask, committed_db: Session) -> None:
    sponsor = make_sponsor()
    db.session.commit()
    sponsor_id = sponsor.id
    halves = [[reachable(number) for number in range(start, start + 40)] for start in (0, 20, 40, 10)]

    done = race(app, [partial(keep, sponsor_id, half, source="import", by=SYSTEM) for half in halves])

    assert [each for each in done if isinstance(each, Exception)] == []
    assert sum(each.added for each in done if isinstance(each, Kept)) == 80
    assert positions(db.session.merge(sponsor)) == list(range(80))


def test_a_position_that_a_batch_has_passed_is_not_used_again(sponsor: User) -> None:
    rows = fill_list(sponsor, 3)
    open_batch(sponsor.id, by=acting(sponsor))
    remove_contact(rows[2].id, sponsor.id, by=acting(sponsor))

    keep(sponsor.id, [AWA], source="form", by=acting(sponsor))

    assert positions(sponsor) == [0, 1, 3]


def test_a_list_has_an_end(sponsor: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contacts, "MAX_LIST", 3)

    with pytest.raises(InvalidInput, match="3"), db.session.begin_nested():
        keep(sponsor.id, [reachable(number) for number in range(4)], source="import", by=acting(sponsor))
    assert positions(sponsor) == []


def test_a_contact_is_added_corrected_and_removed(sponsor: User) -> None:
    add_contact(sponsor.id, " Awa  Diop ", "77 123 45 67", None, by=acting(sponsor))
    (row,) = db.session.scalars(select(SponsorContact))
    change_contact(row.id, sponsor.id, "Awa", None, "AWA@exemple.sn", by=acting(sponsor))
    assert only(sponsor) == Reachable("Awa", None, "awa@exemple.sn")

    remove_contact(row.id, sponsor.id, by=acting(sponsor))

    assert positions(sponsor) == []


def test_nobody_is_added_twice_by_hand(sponsor: User) -> None:
    add_contact(sponsor.id, "Awa", "771234567", None, by=acting(sponsor))
    add_contact(sponsor.id, "Fatou", "761234567", None, by=acting(sponsor))
    fatou = db.session.scalars(select(SponsorContact).where(SponsorContact.name == "Fatou")).one()

    with pytest.raises(Conflict):
        add_contact(sponsor.id, "Encore", "+221771234567", None, by=acting(sponsor))
    with pytest.raises(Conflict):
        change_contact(fatou.id, sponsor.id, "Fatou", "771234567", None, by=acting(sponsor))
    assert positions(sponsor) == [0, 1]


@pytest.mark.parametrize(
    ("phone", "email", "field"),
    [(None, None, "phone"), ("123", None, "phone"), (None, "awa@", "email"), ("771234567", "awa", "email")],
)
def test_a_contact_needs_an_address_that_works(
    sponsor: User, phone: str | None, email: str | None, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        add_contact(sponsor.id, "Awa", phone, email, by=acting(sponsor))
    assert refused.value.field == field


def test_the_contact_of_a_stranger_does_not_exist(sponsor: User) -> None:
    (row,) = fill_list(sponsor, 1)
    stranger = make_sponsor("Ibou Fall")

    for attempt in (contact_of, partial(remove_contact, by=acting(stranger))):
        with pytest.raises(NotFound):
            attempt(row.id, stranger.id)
    with pytest.raises(NotFound):
        change_contact(row.id, stranger.id, "X", "771234567", None, by=acting(stranger))


@pytest.mark.parametrize(
    "facts",
    [
        {"position": 0, "phone": "+221770000001"},
        {"position": 1, "phone": "+221770000000"},
        {"position": 1, "email": "a@exemple.sn"},
        {"position": 1},
        {"position": -1, "phone": "+221770000001"},
    ],
    ids=["position taken", "number taken", "address taken", "no address", "before the first"],
)
def test_the_database_refuses_a_broken_list(sponsor: User, facts: dict[str, object]) -> None:
    def add(**values: object) -> None:
        db.session.add(SponsorContact(id=new_id(), sponsor_user_id=sponsor.id, **values))
        db.session.flush()

    add(position=0, phone="+221770000000", email="a@exemple.sn")
    with pytest.raises(IntegrityError):
        add(**facts)
