"""A sponsor's list on the page: written down, brought from a phone, sent in batches."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.identity.models import User
from portal.kernel.db import db
from portal.kernel.ids import new_id
from portal.referrals import importing
from portal.referrals.batches import open_batch
from portal.referrals.limits import day_row
from portal.referrals.models import BatchStatus, Referral, SponsorContact, SponsorContactBatch
from tests.harness.house import acting, send, sign_in
from tests.harness.statements import CountStatements
from tests.referrals.test_vcards import IPHONE, NOKIA, SAMSUNG
from tests.referrals.word_of_mouth import fill_list, make_sponsor, send_invitation

IMPORT = "/sponsor/contacts/import"
CONFIRM = "/sponsor/contacts/import/confirmation"


@pytest.fixture
def sponsor(client: FlaskClient, db_session: Session) -> User:
    user = make_sponsor()
    sign_in(client, user)
    return user


def listed() -> list[tuple[int, str | None, str | None, str | None]]:
    rows = db.session.scalars(
        select(SponsorContact).order_by(SponsorContact.position).execution_options(populate_existing=True)
    )
    return [(row.position, row.name, row.phone, row.email) for row in rows]


def upload(client: FlaskClient, data: bytes, name: str = "contacts.vcf") -> str:
    response = send(client, IMPORT, {"file": (io.BytesIO(data), name)})
    assert response.status_code == 200, response.text[:1500]
    return response.text


def sealed_in(page: str) -> str:
    found = re.search(r'name="sealed" value="([^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.mark.covers("REF-44")
def test_an_address_book_is_shown_first_and_kept_on_confirmation(client: FlaskClient, sponsor: User) -> None:
    cut = "BEGIN:VCARD\nVERSION:3.0\nFN:Coupée"
    page = upload(client, "\n".join([SAMSUNG, IPHONE, NOKIA, IPHONE, cut]).encode(), "contacts")

    assert re.findall(r'class="stat__value">([^<]+)<', page) == ["3", "0", "1", "1"]
    assert "Aïssatou Ndiaye (bureau)" in page
    assert listed() == []

    response = send(client, CONFIRM, {"sealed": sealed_in(page)})

    assert response.status_code == 303
    assert listed() == [
        (0, "Aïssatou Ndiaye (bureau)", "+221771234567", None),
        (1, "Moussa Diop", "+221779876543", "moussa.diop@exemple.sn"),
        (2, "Béatrice Sène", "+221771112233", None),
    ]
    again = upload(client, IPHONE.encode())
    assert re.findall(r'class="stat__value">([^<]+)<', again) == ["0", "1", "0", "0"]
    assert send(client, CONFIRM, {"sealed": sealed_in(again)}).status_code == 303
    assert len(listed()) == 3


@pytest.mark.covers("REF-44")
def test_pasted_lines_are_understood_like_a_file(client: FlaskClient, sponsor: User) -> None:
    response = send(client, IMPORT, {"lines": "Awa Diop, 77 123 45 67\nFatou 76 123 45 67"})

    assert response.status_code == 200
    send(client, CONFIRM, {"sealed": sealed_in(response.text)})
    assert [name for _place, name, _phone, _email in listed()] == ["Awa Diop", "Fatou"]


def test_what_people_write_is_shown_and_never_run(client: FlaskClient, sponsor: User) -> None:
    response = send(client, IMPORT, {"lines": "<script>alert(1)</script>, 77 123 45 67\n<b>x</b>"})

    assert response.status_code == 200
    assert "<script>alert" not in response.text
    assert "<b>x" not in response.text


def test_a_preview_belongs_to_one_person_and_cannot_be_changed(client: FlaskClient, sponsor: User) -> None:
    sealed = sealed_in(upload(client, IPHONE.encode()))
    changed = sealed[:5] + ("A" if sealed[5] != "A" else "B") + sealed[6:]
    for nonsense in ("", changed, "x" * 100, sealed[:-3], "." + sealed):
        response = send(client, CONFIRM, {"sealed": nonsense})
        assert response.status_code == 422
        assert 'class="error-summary"' in response.text
    sign_in(client, make_sponsor("Ibou"))
    assert send(client, CONFIRM, {"sealed": sealed}).status_code == 422
    assert listed() == []


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("contacts.vcf", b"0" * 20_000_000)
    return out.getvalue()


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"lines": "   "},
        {"lines": "a\x00b, 771234567"},
        {"lines": "x" * 200_001},
        {"file": b""},
        {"file": _zip()},
        {"file": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20},
        {"file": b"a" * 30_001},
    ],
    ids=["nothing", "blanks", "NUL", "too long", "empty file", "zip bomb", "picture", "too large"],
)
def test_a_file_without_contacts_shows_the_page_again(
    client: FlaskClient, sponsor: User, monkeypatch: pytest.MonkeyPatch, form: dict[str, object]
) -> None:
    monkeypatch.setattr(importing, "MAX_FILE_BYTES", 30_000)
    data = {
        name: (io.BytesIO(value), "contacts.vcf") if isinstance(value, bytes) else value
        for name, value in form.items()
    }

    response = send(client, IMPORT, data)

    assert response.status_code == 422
    assert 'class="error-summary"' in response.text


def test_lines_that_give_no_contact_are_shown_with_their_reasons(client: FlaskClient, sponsor: User) -> None:
    response = send(client, IMPORT, {"lines": "Sans numéro\nFaux, 12 34 56 78 90"})

    assert response.status_code == 200
    assert 'name="sealed"' not in response.text
    assert "Sans numéro" in response.text


@pytest.mark.covers("REF-44")
def test_a_contact_is_written_down_corrected_and_taken_off(client: FlaskClient, sponsor: User) -> None:
    assert send(client, "/sponsor/contacts/new", {"name": "Awa", "phone": "771234567"}).status_code == 303
    contact_id = db.session.scalars(select(SponsorContact.id)).one()
    address = f"/sponsor/contacts/{contact_id}"
    assert 'value="77 123 45 67"' in client.get(address).text

    form = {"name": "Awa Diop", "phone": "", "email": "awa@exemple.sn"}
    assert send(client, address, form).status_code == 303
    assert listed() == [(0, "Awa Diop", None, "awa@exemple.sn")]
    assert client.get(f"{address}/removal").status_code == 200
    assert listed() != []
    assert send(client, f"{address}/removal").status_code == 303
    assert listed() == []
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "form",
    [
        {"phone": ""},
        {"name": "Awa", "phone": "", "email": ""},
        {"phone": "12"},
        {"email": "a@"},
        {"phone": "771234567", "name": "n" * 256},
        {"phone": "76 000 00 00"},
        {"phone": "\x00"},
    ],
)
def test_a_wrong_contact_shows_the_page_again(
    client: FlaskClient, sponsor: User, form: dict[str, str]
) -> None:
    known = SponsorContact(id=new_id(), sponsor_user_id=sponsor.id, position=0, phone="+221760000000")
    other = SponsorContact(id=new_id(), sponsor_user_id=sponsor.id, position=1, phone="+221761111111")
    db.session.add_all([known, other])
    db.session.commit()
    before = listed()

    for address in ("/sponsor/contacts/new", f"/sponsor/contacts/{other.id}"):
        response = send(client, address, form)
        assert response.status_code == 422
        assert 'class="error-summary"' in response.text
    assert listed() == before


def test_contacts_are_searched_and_given_as_a_file(client: FlaskClient, sponsor: User) -> None:
    fill_list(sponsor, 30)
    fill_list(make_sponsor("Ibou"), 0)
    db.session.commit()

    page = client.get("/sponsor/contacts?q=Ami+29").text
    assert "Ami 29" in page
    assert "Ami 12" not in page
    for nonsense in ("?q=%00", "?q=%25", "?cursor=abc", "?q=" + "é" * 500):
        assert client.get(f"/sponsor/contacts{nonsense}").status_code == 200
    file = client.get("/sponsor/contacts?format=csv").text.splitlines()
    assert (len(file), file[0]) == (31, "\ufeffname,phone,email")
    following = re.search(r'href="([^"]*cursor=[^"]+)"', client.get("/sponsor/contacts").text)
    assert following is not None
    assert "Ami 29" in client.get(following[1].replace("&amp;", "&")).text


def test_the_contact_and_the_batch_of_a_stranger_do_not_exist(client: FlaskClient, sponsor: User) -> None:
    stranger = make_sponsor("Ibou")
    (contact,) = fill_list(stranger, 1)
    batch = open_batch(stranger.id, by=acting(stranger))
    db.session.commit()

    for address in (
        f"/sponsor/contacts/{contact.id}",
        f"/sponsor/contacts/{contact.id}/removal",
        f"/sponsor/batches/{batch.id}",
        f"/sponsor/invite?contact={contact.id}",
    ):
        assert client.get(address).status_code == 404
    for address in (
        f"/sponsor/contacts/{contact.id}",
        f"/sponsor/contacts/{contact.id}/removal",
        f"/sponsor/batches/{batch.id}/sending",
        f"/sponsor/batches/{batch.id}/skipping",
    ):
        assert send(client, address, {"phone": "771234567", "choice": "all"}).status_code == 404


@pytest.mark.covers("REF-52", "REF-53")
def test_a_batch_is_opened_chosen_and_sent_from_the_page(client: FlaskClient, sponsor: User) -> None:
    fill_list(sponsor, 4)
    db.session.commit()
    where = send(client, "/sponsor/batches").headers["Location"]
    page = client.get(where).text
    boxes = re.findall(r'name="contacts" value="([^"]+)"( checked)?', page)
    assert [ticked for _id, ticked in boxes] == [" checked"] * 4

    form = {"choice": "ticked", "contacts": [boxes[1][0], boxes[2][0]], "message": "Venez !"}
    assert send(client, f"{where}/sending", form).status_code == 303

    sent = db.session.scalars(select(Referral).order_by(Referral.id)).all()
    assert [(one.referred_name, one.message) for one in sent] == [("Ami 1", "Venez !"), ("Ami 2", "Venez !")]
    outcome = client.get(where).text
    assert re.findall(r'class="stat__value">([^<]+)<', outcome) == ["4", "2", "2", "0"]
    assert "Ami 3" in outcome
    assert len(db.session.scalars(select(Referral.id)).all()) == 2


@pytest.mark.covers("REF-52")
def test_all_of_a_batch_are_sent_with_one_button(client: FlaskClient, sponsor: User) -> None:
    fill_list(sponsor, 3)
    db.session.commit()
    where = send(client, "/sponsor/batches").headers["Location"]

    assert send(client, f"{where}/sending", {"choice": "all"}).status_code == 303

    assert len(db.session.scalars(select(Referral.id)).all()) == 3


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"choice": "ticked"},
        {"choice": "ticked", "contacts": ["nobody", "\x00"]},
        {"choice": "all", "message": "m" * 501},
        {"choice": "all", "message": "a\x00"},
        {"choice": "x" * 11},
    ],
)
def test_a_wrong_choice_shows_the_batch_again_and_sends_nothing(
    client: FlaskClient, sponsor: User, form: dict[str, object]
) -> None:
    fill_list(sponsor, 2)
    batch = open_batch(sponsor.id, by=acting(sponsor))
    db.session.commit()

    response = send(client, f"/sponsor/batches/{batch.id}/sending", form)

    assert response.status_code == 422
    assert 'class="error-summary"' in response.text
    assert db.session.scalars(select(Referral)).all() == []


@pytest.mark.covers("REF-48", "REF-52")
def test_a_batch_is_left_out_from_the_page(client: FlaskClient, sponsor: User) -> None:
    fill_list(sponsor, 2)
    batch = open_batch(sponsor.id, by=acting(sponsor))
    db.session.commit()

    assert send(client, f"/sponsor/batches/{batch.id}/skipping").status_code == 303

    kept = db.session.get_one(SponsorContactBatch, batch.id, populate_existing=True)
    assert kept.status is BatchStatus.SKIPPED
    assert client.get(f"/sponsor/batches/{batch.id}").status_code == 200
    assert send(client, "/sponsor/batches").status_code == 409


def test_without_a_place_no_batch_is_opened(client: FlaskClient, sponsor: User) -> None:
    fill_list(sponsor, 2)
    day_row(sponsor.id).invitations_sent_today = 50
    db.session.commit()

    assert 'action="/sponsor/batches"' not in client.get("/sponsor/batches").text
    assert send(client, "/sponsor/batches").status_code == 429


def test_the_pages_of_a_batch_ask_at_most_eight_statements(
    client: FlaskClient, sponsor: User, count_statements: CountStatements
) -> None:
    fill_list(sponsor, 60)
    send_invitation(sponsor)
    batch = open_batch(sponsor.id, by=acting(sponsor))
    db.session.commit()

    with count_statements() as asked:
        assert client.get(f"/sponsor/batches/{batch.id}").status_code == 200

    assert len(asked) <= 8, asked
