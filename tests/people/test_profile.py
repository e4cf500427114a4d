"""A person's own profile: words, place, picture, and how complete it is."""

from __future__ import annotations

import io
from datetime import date

import pytest
import redis
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.config.people_values import COMPLETION_POINTS
from portal.config.services import set_value
from portal.identity.models import User
from portal.identity.recovery import confirm_email
from portal.kernel.actor import SYSTEM
from portal.kernel.files import read_file
from portal.kernel.ids import new_id
from portal.kernel.models import FilePurpose, StoredFile
from portal.kernel.places import REGIONS
from portal.ledger.accounts import user_points
from portal.ledger.queries import balance
from portal.people.birthdays import set_birthday
from portal.people.completion import COMPLETE
from portal.people.events import profile_completed
from portal.people.models import Profile, ProfileCompletion, UserLocation
from portal.people.places import TOWNS
from portal.people.queries import PersonCard, people_cards
from tests.harness.house import acting, send, sign_in
from tests.harness.statements import CountStatements
from tests.identity.doorway import GUEST, PHONE, last_link, open_account

FORM = {
    "full_name": "Awa  Ndiaye Diop",
    "display_name": "Awa",
    "bio": "J’aime le thé.",
    "region": "Thiès",
    "city": "Mbour",
}

EMPTY = {"full_name": "Awa Ndiaye", "display_name": "", "bio": " ", "region": "", "city": ""}


@pytest.fixture
def awa(client: FlaskClient, db_session: Session) -> User:
    user = open_account()
    sign_in(client, user)
    return user


def picture(size: tuple[int, int] = (900, 600), kind: str = "JPEG") -> io.BytesIO:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    Image.new("RGB", size, "orange").save(out, kind, exif=exif)
    out.seek(0)
    return out


def profile_of(session: Session, user: User) -> Profile:
    session.expire_all()
    return session.get_one(Profile, user.id)


@pytest.mark.covers("PPL-01", "PPL-08", "PPL-23", "PPL-25")
def test_a_person_changes_the_profile(client: FlaskClient, db_session: Session, awa: User) -> None:
    page = client.get("/profile/edit").text
    assert all(f'value="{region}"' in page for region in REGIONS)

    answer = send(client, "/profile/edit", FORM)

    assert (answer.status_code, answer.location) == (303, "/profile")
    profile = profile_of(db_session, awa)
    assert (profile.full_name, profile.display_name, profile.bio) == (
        "Awa Ndiaye Diop",
        "Awa",
        "J’aime le thé.",
    )
    place = db_session.get_one(UserLocation, awa.id)
    assert (place.country, place.region, place.city) == ("SEN", "Thiès", "Mbour")
    assert (str(place.latitude), str(place.longitude)) == ("14.79000", "-16.93000")
    shown = client.get("/profile").text
    assert "Mbour, Thiès" in shown
    assert "awa@example.org" in shown

    send(client, "/profile/edit", EMPTY)
    profile = profile_of(db_session, awa)
    assert (profile.display_name, profile.bio) == (None, None)
    assert (
        db_session.get_one(UserLocation, awa.id).region,
        db_session.get_one(UserLocation, awa.id).city,
    ) == (None, None)


@pytest.mark.covers("PPL-23")
def test_every_region_has_its_towns() -> None:
    assert len(REGIONS) == 14
    assert {*TOWNS} == {*REGIONS}
    assert all(TOWNS[region] for region in REGIONS)


def test_the_new_name_is_on_the_next_page(client: FlaskClient, db_session: Session, awa: User) -> None:
    assert "Awa" in client.get("/settings").text
    send(client, "/profile/edit", FORM | {"full_name": "Ndèye Sow"})

    assert "Ndèye" in client.get("/settings").text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("full_name", ""),
        ("full_name", "x" * 256),
        ("full_name", "a\x00b"),
        ("full_name", "…"),
        ("full_name", "WAVE: confirmez sur http://wave-sn.example/x"),
        ("display_name", "x" * 101),
        ("display_name", "Appelez 77 123 45 67"),
        ("bio", "x" * 501),
        ("bio", "a\x00b"),
        ("region", "Atlantis"),
        ("region", "'; DROP TABLE profiles; --"),
        ("city", "x" * 101),
        ("country", "XXX"),
        ("country", "FRANCE"),
        ("department", "Atlantis"),
        ("department", "Pikine"),
        ("interests", "x" * 501),
        ("interests", "x" * 41),
        ("interests", ", ".join(f"thing {number}" for number in range(21))),
    ],
)
def test_a_wrong_profile_comes_back_with_the_reason(
    client: FlaskClient, db_session: Session, awa: User, field: str, value: str
) -> None:
    answer = send(client, "/profile/edit", FORM | {field: value})

    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert profile_of(db_session, awa).full_name == "Awa Ndiaye"
    assert db_session.get(UserLocation, awa.id) is None


def test_a_town_needs_its_region(client: FlaskClient, db_session: Session, awa: User) -> None:
    assert send(client, "/profile/edit", FORM | {"region": ""}).status_code == 422


def test_hostile_words_stay_words(client: FlaskClient, db_session: Session, awa: User) -> None:
    send(
        client,
        "/profile/edit",
        FORM | {"bio": "<script>alert(1)</script>", "city": '"><img src=x onerror=1>'},
    )

    for page in (client.get("/profile").text, client.get("/profile/edit").text):
        assert "<script>alert" not in page
        assert "<img src=x" not in page


@pytest.mark.covers("PPL-03")
def test_a_photo_is_cut_square_cleaned_and_shown(client: FlaskClient, db_session: Session, awa: User) -> None:
    answer = send(
        client,
        "/profile/edit",
        FORM | {"photo": (picture(), "../../me.jpg")},
        content_type="multipart/form-data",
    )

    assert answer.status_code == 303
    file = db_session.execute(select(StoredFile)).scalar_one()
    assert (file.purpose, file.owner_user_id, file.mime_type) == (FilePurpose.AVATAR, awa.id, "image/webp")
    data = read_file(file)
    assert b"secret place" not in data
    with Image.open(io.BytesIO(data)) as shown:
        assert shown.size == (512, 512)
    address = f"/files/{profile_of(db_session, awa).avatar_file_id}"
    assert address in client.get("/profile").text
    assert client.get(address).data == data

    send(client, "/profile/edit", FORM | {"remove_photo": "y"})
    assert profile_of(db_session, awa).avatar_file_id is None


@pytest.mark.covers("PPL-03")
@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "me.svg"),
        (b"<?php system($_GET['c']); ?>", "me.php.jpg"),
        (b"\xff\xd8\xff\xe0" + b"x" * 500, "me.jpg"),
        (b"", "me.jpg"),
        (b"GIF89a" + b"x" * 100, "me.gif"),
    ],
)
def test_what_is_no_photo_changes_nothing(
    client: FlaskClient, db_session: Session, awa: User, data: bytes, name: str
) -> None:
    form = FORM | {"photo": (io.BytesIO(data), name)}

    answer = send(client, "/profile/edit", form, content_type="multipart/form-data")

    profile = profile_of(db_session, awa)
    assert profile.avatar_file_id is None
    assert db_session.execute(select(func.count()).select_from(StoredFile)).scalar_one() == 0
    if data:
        assert answer.status_code == 422
        assert profile.full_name == "Awa Ndiaye"


def test_an_enormous_photo_is_refused_unread(client: FlaskClient, db_session: Session, awa: User) -> None:
    kind = "multipart/form-data; boundary=x"

    assert client.post("/profile/edit", data=b"x" * (10 * 1024 * 1024), content_type=kind).status_code == 413
    assert profile_of(db_session, awa).full_name == "Awa Ndiaye"


@pytest.mark.covers("PPL-36")
def test_the_profile_counts_what_is_done_until_it_is_complete(
    client: FlaskClient, db_session: Session
) -> None:
    user = open_account("Moussa Sarr", email=None, phone=PHONE)
    sign_in(client, user)

    def completion() -> tuple[int, list[str]]:
        db_session.expire_all()
        row = db_session.get_one(ProfileCompletion, user.id)
        return row.percent, row.missing

    assert completion() == (40, ["birthday", "photo", "place"])
    assert "2 of 5" in client.get("/profile").text or "2 sur 5" in client.get("/profile").text
    send(client, "/profile/birthday", {"date_of_birth": "15/03/1990"})
    assert completion() == (60, ["photo", "place"])
    send(client, "/profile/edit", FORM | {"photo": (picture(), "me.jpg")}, content_type="multipart/form-data")
    assert completion() == (100, [])
    assert "Nothing is missing" in client.get("/profile").text
    send(client, "/profile/edit", EMPTY)
    assert completion() == (80, ["place"])


def finish(client: FlaskClient, user: User) -> None:
    """Fill in what a profile lacks."""
    sign_in(client, user)
    send(client, "/profile/birthday", {"date_of_birth": "15/03/1990"})
    send(client, "/profile/edit", FORM | {"photo": (picture(), "me.jpg")}, content_type="multipart/form-data")


@pytest.mark.covers("PPL-36", "PPL-37")
def test_finishing_is_rewarded_once(client: FlaskClient, db_session: Session) -> None:
    user = open_account("Moussa Sarr", email=None, phone=PHONE)
    heard: list[object] = []
    with profile_completed.connected_to(lambda user_id, points, by: heard.append((user_id, points))):
        finish(client, user)
        send(client, "/profile/edit", EMPTY)
        send(client, "/profile/edit", FORM)

    assert balance(user_points(user.id)).available == 20
    assert heard == [(user.id, 20)]
    assert db_session.get_one(ProfileCompletion, user.id).badges == [COMPLETE]


@pytest.mark.covers("PPL-36")
def test_the_reward_is_the_operators_and_may_be_nothing(client: FlaskClient, db_session: Session) -> None:
    set_value(COMPLETION_POINTS.key, 0, by=SYSTEM)
    db_session.commit()
    user = open_account("Moussa Sarr", email=None, phone=PHONE)

    finish(client, user)

    assert balance(user_points(user.id)).available == 0
    assert db_session.get_one(ProfileCompletion, user.id).badges == [COMPLETE]


@pytest.mark.covers("PPL-36", "ID-14")
def test_a_confirmed_address_counts(db_session: Session) -> None:
    user = open_account()
    confirm_email(last_link("awa@example.org", "confirm_email").rsplit("/", 1)[1], by=GUEST)

    db_session.expire_all()
    assert "contact" in db_session.get_one(ProfileCompletion, user.id).done


def test_cards_of_many_people_cost_one_statement(
    db_session: Session, count_statements: CountStatements
) -> None:
    users = [
        open_account(f"Person {'abcdefgh'[number]}", email=f"p{number}@example.org") for number in range(8)
    ]
    db_session.get_one(Profile, users[0].id).display_name = "The First"
    db_session.flush()

    with count_statements() as asked:
        cards = people_cards([*(user.id for user in users), new_id(), users[0].id])
    with count_statements() as nothing:
        assert people_cards([]) == {}

    assert (len(asked), len(nothing)) == (1, 0)
    assert len(cards) == 8
    assert cards[users[0].id] == PersonCard("The First", "Person", None)
    assert cards[users[1].id].name == "Person b"


@pytest.mark.parametrize("path", ["/profile", "/profile/edit", "/profile/birthday", "/settings", "/guardian"])
def test_own_pages_ask_few_statements_and_only_of_people_who_are_in(
    client: FlaskClient,
    db_session: Session,
    valkey: redis.Redis,
    count_statements: CountStatements,
    path: str,
) -> None:
    assert client.get(path).location == f"/sign-in/code?next={path}"
    user = open_account()
    sign_in(client, user)
    client.get(path)
    valkey.flushall()

    with count_statements() as asked:
        assert client.get(path).status_code == 200

    assert len(asked) <= 8, asked


@pytest.mark.covers("PPL-09")
def test_a_birthday_reads_in_the_language_of_the_reader(
    client: FlaskClient, db_session: Session, awa: User
) -> None:
    set_birthday(awa.id, date(1990, 3, 15), by=acting(awa))
    db_session.commit()
    assert "jeudi 15\u00a0mars 1990" in client.get("/profile").text

    send(client, "/language", {"locale": "en"})

    assert "Thursday 15\u00a0March 1990" in client.get("/profile").text
