"""An owner's pages: make, change, share, watch, end; a donor's own history."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.kernel.ids import new_id
from portal.pots.closing import end_pot
from portal.pots.finding import lock_pot
from portal.pots.models import Pot, PotInvitation, PotStatus, ShareMethod, Visibility
from tests.harness.house import acting, make_pack, make_partner, make_person, send, sign_in
from tests.harness.statements import CountStatements
from tests.pots.gifts import fail, give_to, make_open_pot, make_owner, paid_gift, reload_pot

FORM = {
    "title": "Nos 30 ans",
    "target": "25 000",
    "description": "Un dîner avec vous tous.",
    "visibility": "private",
    "pack": "",
    "allow_anonymous": "y",
    "show_names": "y",
    "enable_messages": "y",
}


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 36), "#22335c").save(out, "PNG")
    return out.getvalue()


@pytest.mark.covers("POT-20")
def test_an_owner_makes_a_pot_with_a_photo(client: FlaskClient, db_session: Session) -> None:
    owner = make_owner()
    sign_in(client, owner)
    assert client.get("/pots/new").status_code == 200

    answer = send(client, "/pots/new", {**FORM, "cover": (io.BytesIO(picture()), "awa.png")})

    pot = db_session.scalars(select(Pot)).one()
    assert (answer.status_code, answer.location) == (303, f"/pots/{pot.id}")
    assert (pot.title, pot.target_amount_minor, pot.visibility) == (FORM["title"], 25_000, Visibility.PRIVATE)
    assert pot.cover_file_id is not None
    page = client.get(answer.location)
    assert page.status_code == 200
    assert "25\u202f000" in page.text


def test_somebody_without_a_birth_date_is_asked_for_it_first(
    client: FlaskClient, db_session: Session
) -> None:
    sign_in(client, make_person())

    answer = client.get("/pots/new")

    assert (answer.status_code, answer.location) == (303, "/profile/birthday?next=/pots/new")


@pytest.mark.covers("POT-20")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "   "),
        ("title", "x" * 256),
        ("title", "a\x00b"),
        ("target", ""),
        ("target", "abc"),
        ("target", "-5000"),
        ("target", "0"),
        ("target", "1.5"),
        ("target", "999"),
        ("target", "99999999999999999999"),
        ("description", "x" * 2001),
        ("visibility", "everyone"),
        ("visibility", ""),
        ("pack", "not-a-pack"),
        ("pack", str(new_id())),
    ],
)
def test_a_bad_answer_is_refused_at_its_field_and_changes_nothing(
    client: FlaskClient, db_session: Session, field: str, value: str
) -> None:
    sign_in(client, make_owner())

    answer = send(client, "/pots/new", {**FORM, field: value})

    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert db_session.scalars(select(Pot)).all() == []


def test_a_file_that_is_no_picture_is_refused(client: FlaskClient, db_session: Session) -> None:
    sign_in(client, make_owner())

    answer = send(client, "/pots/new", {**FORM, "cover": (io.BytesIO(b"<svg/>"), "x.png")})

    assert answer.status_code == 422
    assert db_session.scalars(select(Pot)).all() == []


@pytest.mark.covers("POT-08", "POT-20")
def test_an_owner_changes_a_pot(client: FlaskClient, db_session: Session) -> None:
    owner, pack = make_owner(), make_pack(make_partner())
    pot = make_open_pot(owner)
    sign_in(client, owner)
    assert pot.title in client.get(f"/pots/{pot.id}/edit").text

    answer = send(client, f"/pots/{pot.id}/edit", {**FORM, "title": "Autre", "pack": str(pack.id)})

    assert answer.status_code == 303
    pot = reload_pot(pot.id)
    assert (pot.title, pot.preferred_pack_id) == ("Autre", pack.id)


@pytest.mark.covers("POT-13")
def test_an_owner_fills_the_gallery(client: FlaskClient, db_session: Session) -> None:
    owner = make_owner()
    pot = make_open_pot(owner)
    sign_in(client, owner)

    send(client, f"/pots/{pot.id}/photos", {"photo": (io.BytesIO(picture()), "one.png")})
    for nothing in ({}, {"photo": (io.BytesIO(b"no picture"), "two.png")}):
        answer = send(client, f"/pots/{pot.id}/photos", nothing)
        assert answer.status_code == 422
        assert "photo-error" in answer.text

    (file_id,) = reload_pot(pot.id).gallery_file_ids
    assert client.get(f"/files/{file_id}").status_code == 200
    answer = send(client, f"/pots/{pot.id}/photos/{file_id}/removal")
    assert answer.status_code == 303
    assert reload_pot(pot.id).gallery_file_ids == []


@pytest.mark.covers("POT-20")
def test_the_preview_is_the_public_page_without_gifts(client: FlaskClient, db_session: Session) -> None:
    owner = make_owner()
    pot = make_open_pot(owner)
    sign_in(client, owner)

    page = client.get(f"/pots/{pot.id}/preview")

    assert pot.title in page.text
    assert f"/p/{pot.public_slug}/give" not in page.text


@pytest.mark.covers("POT-20")
def test_an_owner_ends_a_pot_after_a_question(client: FlaskClient, db_session: Session) -> None:
    owner = make_owner()
    pot = make_open_pot(owner)
    paid_gift(pot, 3_000)
    sign_in(client, owner)
    assert "3\u202f000" in client.get(f"/pots/{pot.id}/end").text
    assert reload_pot(pot.id).status is PotStatus.OPEN

    assert send(client, f"/pots/{pot.id}/end").status_code == 303

    assert reload_pot(pot.id).status is PotStatus.EXPIRED
    assert "/give-back" in client.get(f"/pots/{pot.id}").text
    assert send(client, f"/pots/{pot.id}/give-back").status_code == 303
    assert reload_pot(pot.id).status is PotStatus.CLOSED
    assert send(client, f"/pots/{pot.id}/end").status_code == 409


@pytest.mark.covers("POT-23", "POT-24", "POT-25")
@pytest.mark.parametrize(
    ("method", "typed", "kept", "way"),
    [
        ("whatsapp", "77 123 45 67", "+221771234567", "https://wa.me/221771234567?text="),
        ("sms", "77 123 45 67", "+221771234567", "sms:+221771234567?"),
        ("email", "Fatou@example.org", "Fatou@example.org", "mailto:Fatou@example.org?"),
        ("social", "Le groupe du lycée", "Le groupe du lycée", None),
    ],
)
def test_an_owner_makes_a_link_for_one_person(
    client: FlaskClient, db_session: Session, method: str, typed: str, kept: str, way: str | None
) -> None:
    owner = make_owner()
    pot = make_open_pot(owner)
    sign_in(client, owner)

    answer = send(
        client, f"/pots/{pot.id}/invitations", {"method": method, "recipient": typed, "message": "Viens !"}
    )

    assert answer.status_code == 303
    row = db_session.scalars(select(PotInvitation)).one()
    assert (row.method, row.recipient_identifier) == (ShareMethod(method), kept)
    assert (row.inviter_user_id, row.custom_message) == (owner.id, "Viens !")
    page = client.get(f"/pots/{pot.id}").text
    assert f"/i/{row.tracking_token}" in page
    if way:
        assert way in page.replace("&amp;", "&")


@pytest.mark.parametrize(
    "form",
    [
        {"method": "whatsapp", "recipient": "12"},
        {"method": "sms", "recipient": "fatou@example.org"},
        {"method": "email", "recipient": "77 123 45 67"},
        {"method": "social", "recipient": ""},
        {"method": "social", "recipient": "x" * 256},
        {"method": "pigeon", "recipient": "Fatou"},
        {"recipient": "Fatou"},
        {"method": "social", "recipient": "Fatou", "message": "x" * 501},
    ],
)
def test_a_link_that_cannot_be_sent_is_not_made(
    client: FlaskClient, db_session: Session, form: dict[str, str]
) -> None:
    owner = make_owner()
    pot = make_open_pot(owner)
    sign_in(client, owner)

    answer = send(client, f"/pots/{pot.id}/invitations", form)

    assert answer.status_code == 422
    assert db_session.scalars(select(PotInvitation)).all() == []


@pytest.mark.covers("POT-20")
@pytest.mark.parametrize(
    "path",
    ["", "/edit", "/preview", "/end", "/give-back", "/photos", "/invitations", "/photos/{file}/removal"],
)
def test_a_stranger_finds_nothing(client: FlaskClient, db_session: Session, path: str) -> None:
    pot = make_open_pot()
    url = f"/pots/{pot.id}{path.format(file=new_id())}"
    posts = path in ("/photos", "/invitations") or "removal" in path
    assert (send(client, url) if posts else client.get(url)).status_code in (303, 302)

    sign_in(client, make_owner(name="Ali Ba"))

    forms: dict[str, Any] = {"photo": (io.BytesIO(picture()), "x.png"), "method": "social", "recipient": "x"}
    assert (send(client, url, forms) if posts else client.get(url)).status_code == 404


@pytest.mark.covers("POT-20", "POT-29")
def test_the_pages_ask_few_statements_however_much_there_is(
    client: FlaskClient, db_session: Session, count_statements: CountStatements
) -> None:
    owner = make_owner()
    pot = make_open_pot(owner, target=100_000)
    sign_in(client, owner)
    client.get("/pots")
    counts = []
    for _round in range(2):
        for _number in range(6):
            paid_gift(pot, 500, message="Bravo")
        for url in ("/pots", f"/pots/{pot.id}", f"/pots/{pot.id}/edit", "/pots/new", "/gifts"):
            with count_statements() as asked:
                assert client.get(url).status_code == 200
            counts.append(len(asked))

    assert counts[:5] == counts[5:]
    assert max(counts) <= 8, counts


@pytest.mark.covers("POT-29")
def test_the_owner_reads_who_gave_and_when_it_ended(client: FlaskClient, db_session: Session) -> None:
    owner = make_owner()
    pot = make_open_pot(owner)
    paid_gift(pot, 2_500, name="Moussa Fall", message="Joyeux anniversaire")
    paid_gift(pot, 1_500, name="Secret Person", is_anonymous=True)
    sign_in(client, owner)

    page = client.get(f"/pots/{pot.id}").text

    assert "Moussa Fall" in page
    assert "Joyeux anniversaire" in page
    assert "1\u202f500" in page
    assert "Secret Person" not in page


@pytest.mark.covers("DON-16")
def test_a_donor_finds_the_gifts_given_while_signed_in(client: FlaskClient, db_session: Session) -> None:
    pot, donor = make_open_pot(title="La fête d'Ibou"), make_person("Moussa Fall")
    mine = paid_gift(pot, 2_500, donor=donor)
    fail(give_to(pot, 700, donor=donor))
    paid_gift(pot, 9_100)
    sign_in(client, donor)

    page = client.get("/gifts").text

    assert "2\u202f500" in page
    assert "700" in page
    assert "9\u202f100" not in page
    assert f"/g/{mine.receipt_token}/receipt" in page


def test_the_list_of_pots_has_words_for_nobody_and_for_everybody(
    client: FlaskClient, db_session: Session
) -> None:
    owner = make_owner()
    sign_in(client, owner)
    assert "/pots/new" in client.get("/pots").text
    pot = make_open_pot(owner)
    paid_gift(pot, 3_000)
    end_pot(lock_pot(pot.id), by=acting(owner))
    db_session.commit()

    page = client.get("/pots").text

    assert pot.title in page
    assert "3\u202f000" in page


def test_sending_picture_after_picture_is_slowed_down(client: FlaskClient, db_session: Session) -> None:
    """Each is decoded, and kept on the disk for good."""
    owner = make_owner()
    pot = make_open_pot(owner)
    sign_in(client, owner)

    answers = [send(client, f"/pots/{pot.id}/photos").status_code for _time in range(121)]

    assert answers == [422] * 120 + [429]
    assert send(client, "/profile/edit").status_code == 429
    assert client.get("/profile/edit").status_code == 200
