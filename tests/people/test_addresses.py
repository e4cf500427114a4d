"""Postal addresses of a person: several, one of each kind used first, nobody else's."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.config.people_values import MOST_ADDRESSES
from portal.config.services import set_value
from portal.identity.models import User
from portal.kernel.actor import SYSTEM
from portal.kernel.db import violated
from portal.kernel.ids import new_id
from portal.people.addresses import addresses_of
from portal.people.models import AddressType, UserAddress
from tests.harness.house import send, sign_in
from tests.identity.doorway import open_account

FORM = {
    "type": "primary",
    "street": "Sacré-Cœur 3, villa 12",
    "country": "SEN",
    "region": "Dakar",
    "department": "Dakar",
    "city": "Dakar",
    "postal_code": "12500",
}
NEW = "/profile/addresses/new"


@pytest.fixture
def awa(client: FlaskClient, db_session: Session) -> User:
    user = open_account()
    sign_in(client, user)
    return user


def kept(session: Session, user: User) -> list[tuple[str, str, bool]]:
    session.expire_all()
    return [(row.type, row.street, row.is_default) for row in addresses_of(user.id)]


def test_an_address_stands_on_the_page_as_it_was_typed(client: FlaskClient, awa: User) -> None:
    send(client, NEW, FORM | {"street": "<b>Villa</b> 12"})

    page = client.get("/profile/addresses").text

    assert "<p>&lt;b&gt;Villa&lt;/b&gt; 12<br>" in page


@pytest.mark.covers("PPL-21", "PPL-22", "PPL-23")
def test_one_address_of_each_kind_is_used_first(client: FlaskClient, db_session: Session, awa: User) -> None:
    assert send(client, NEW, FORM).location == "/profile/addresses"
    send(client, NEW, FORM | {"street": "Second"})
    send(client, NEW, FORM | {"street": "Bills", "type": "billing"})
    assert kept(db_session, awa) == [
        ("billing", "Bills", True),
        ("primary", "Sacré-Cœur 3, villa 12", True),
        ("primary", "Second", False),
    ]
    page = client.get("/profile/addresses").text
    assert "Sacré-Cœur 3, villa 12" in page

    second = addresses_of(awa.id)[2].id
    send(client, f"/profile/addresses/{second}", FORM | {"street": "Second", "is_default": "y"})
    assert kept(db_session, awa)[1:] == [
        ("primary", "Second", True),
        ("primary", "Sacré-Cœur 3, villa 12", False),
    ]

    assert client.get(f"/profile/addresses/{second}/remove").status_code == 200
    assert send(client, f"/profile/addresses/{second}/remove").status_code == 303
    assert kept(db_session, awa)[1:] == [("primary", "Sacré-Cœur 3, villa 12", True)]


@pytest.mark.covers("PPL-21")
def test_an_address_that_changes_its_kind_leaves_no_gap(
    client: FlaskClient, db_session: Session, awa: User
) -> None:
    for street in ("One", "Two"):
        send(client, NEW, FORM | {"street": street})
    send(client, NEW, FORM | {"street": "Parcels", "type": "delivery"})
    first = next(row.id for row in addresses_of(awa.id) if row.street == "One")

    send(client, f"/profile/addresses/{first}", FORM | {"street": "One", "type": "delivery"})

    assert kept(db_session, awa) == [
        ("delivery", "Parcels", True),
        ("delivery", "One", False),
        ("primary", "Two", True),
    ]


@pytest.mark.covers("PPL-21")
def test_an_address_abroad_names_its_country(client: FlaskClient, db_session: Session, awa: User) -> None:
    abroad = {
        "country": "FRA",
        "region": "",
        "department": "",
        "region_abroad": "Occitanie",
        "city": "Toulouse",
    }

    assert send(client, NEW, FORM | abroad | {"postal_code": "31000"}).status_code == 303

    row = db_session.scalars(select(UserAddress)).one()
    assert (row.country, row.region, row.city, row.postal_code) == ("FRA", "Occitanie", "Toulouse", "31000")
    assert "France" in client.get("/profile/addresses").text


@pytest.mark.covers("PPL-21")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("type", "secret"),
        ("type", ""),
        ("street", ""),
        ("street", "x" * 256),
        ("city", ""),
        ("city", "x" * 101),
        ("postal_code", "x" * 11),
        ("country", "XXX"),
        ("region", "Atlantis"),
        ("department", "Mbour"),
    ],
)
def test_a_wrong_address_is_not_kept(
    client: FlaskClient, db_session: Session, awa: User, field: str, value: str
) -> None:
    answer = send(client, NEW, FORM | {field: value})

    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert kept(db_session, awa) == []


@pytest.mark.covers("PPL-21")
def test_nobody_sees_or_touches_the_address_of_another(
    client: FlaskClient, db_session: Session, awa: User
) -> None:
    send(client, NEW, FORM)
    address = addresses_of(awa.id)[0].id
    sign_in(client, open_account("Fatou Sow", email="fatou@example.org"))

    for path in (f"/profile/addresses/{address}", f"/profile/addresses/{address}/remove"):
        assert client.get(path).status_code == 404
        assert send(client, path, FORM | {"street": "Mine"}).status_code == 404
    assert "Sacré-Cœur" not in client.get("/profile/addresses").text
    assert kept(db_session, awa) == [("primary", "Sacré-Cœur 3, villa 12", True)]


def test_the_number_of_addresses_is_the_operators(
    client: FlaskClient, db_session: Session, awa: User
) -> None:
    set_value(MOST_ADDRESSES.key, 1, by=SYSTEM)
    db_session.commit()
    send(client, NEW, FORM)

    assert send(client, NEW, FORM).status_code == 422
    assert len(addresses_of(awa.id)) == 1


@pytest.mark.covers("PPL-22", "DEV-15")
def test_the_database_allows_one_first_address_of_a_kind(db_session: Session, awa: User) -> None:
    row = {"user_id": awa.id, "type": AddressType.BILLING, "street": "x", "city": "y", "is_default": True}
    db_session.execute(insert(UserAddress).values(id=new_id(), **row))

    with pytest.raises(IntegrityError) as refused:
        db_session.execute(insert(UserAddress).values(id=new_id(), **row))

    assert violated(refused.value) == "uq_user_addresses_default"
