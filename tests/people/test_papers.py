"""Identity papers: handed in, kept sealed, looked at by staff, forgotten in time."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask, current_app
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.audit.models import AuditLog
from portal.config.people_values import PAPER_DAYS
from portal.config.services import set_value
from portal.identity.models import SecurityEvent, User, UserSecurity
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db, in_transaction
from portal.kernel.errors import Conflict, Forbidden, IllegalTransition, InvalidInput, NotFound
from portal.kernel.files import files_folder
from portal.kernel.models import StoredFile
from portal.kernel.scans import clean_scan
from portal.people.fading import due_scans, forget_scans
from portal.people.models import DocumentStatus, DocumentType, IdentityDocument
from portal.people.papers import PaperFacts, hand_in, number_of
from portal.people.queries import identity_verified
from portal.people.reviewing import approve, refuse
from tests.badinput.pdfs import pdf
from tests.badinput.pictures import not_pictures, photo, pictures_with_more
from tests.harness.house import acting, make_admin, send, sign_in
from tests.harness.moments import Clock
from tests.harness.together import at_once
from tests.identity.doorway import open_account, sent_to

NUMBER = "1 234-1990-00567"
FACTS = PaperFacts(DocumentType.NATIONAL_ID, "SEN", NUMBER)
FORM = {"kind": "national_id", "country": "SEN", "number": NUMBER}
SCAN = photo("PNG", (60, 40))


@pytest.fixture
def awa(client: FlaskClient, db_session: Session) -> User:
    user = open_account(born=date(1990, 5, 14))
    sign_in(client, user)
    return user


@pytest.fixture
def admin(db_session: Session) -> User:
    return make_admin()


def upload(client: FlaskClient, data: bytes, name: str = "me.jpg", **changes: str) -> TestResponse:
    form = FORM | changes | {"scan": (io.BytesIO(data), name)}
    return send(client, "/profile/papers", form, content_type="multipart/form-data")


def only_paper() -> IdentityDocument:
    db.session.expire_all()
    return db.session.scalars(select(IdentityDocument)).one()


def on_disk() -> list[Path]:
    return [path for path in files_folder().rglob("*") if path.is_file()]


@pytest.mark.covers("PPL-16", "PPL-17")
@pytest.mark.parametrize("data", [photo("JPEG", (900, 600)), pdf(pages=2)], ids=["a photo", "a PDF"])
def test_a_paper_is_kept_so_that_only_the_keys_read_it(
    client: FlaskClient, db_session: Session, awa: User, data: bytes
) -> None:
    before = set(on_disk())
    assert upload(client, data, "../../x.JPG").location == "/profile/papers"

    paper = only_paper()
    assert (paper.id_type, paper.id_country, paper.status) == ("national_id", "SEN", DocumentStatus.PENDING)
    assert number_of(paper) == "1234199000567"
    assert b"1234199000567" not in (paper.id_number_encrypted or b"")
    assert "1234199000567" not in paper.id_hash
    file = db_session.get_one(StoredFile, paper.file_id)
    assert file.encrypted
    (new,) = set(on_disk()) - before
    sealed = new.read_bytes()
    assert not sealed.startswith((b"RIFF", b"%PDF"))
    static = Path(current_app.static_folder or "/static")
    assert not new.is_relative_to(static)

    answer = client.get(f"/profile/papers/{paper.id}/scan")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.mimetype == "image/webp"
    with Image.open(io.BytesIO(answer.data)) as shown:
        assert (shown.format, dict(shown.getexif())) == ("WEBP", {})
    assert "To be looked at" not in client.get("/profile/papers").text
    assert "Pending" in client.get("/profile/papers").text


@pytest.mark.covers("PPL-16", "PPL-17")
def test_no_address_leads_to_the_scan_of_another(
    client: FlaskClient, db_session: Session, awa: User, admin: User
) -> None:
    upload(client, SCAN)
    paper = only_paper()
    addresses = [
        f"/files/{paper.file_id}",
        f"/profile/papers/{paper.id}/scan",
        f"/admin/papers/{paper.id}/scan",
        f"/admin/papers/{paper.id}",
        "/admin/papers",
    ]
    guest = client.application.test_client()
    assert guest.get(addresses[0]).status_code == 404
    for address in addresses[1:]:
        assert guest.get(address).status_code == 303
    sign_in(client, open_account("Fatou Sow", email="fatou@example.org"))
    for address in addresses:
        assert client.get(address).status_code == 404
    assert send(client, f"/admin/papers/{paper.id}/approve").status_code == 404
    sign_in(client, awa)
    assert send(client, f"/admin/papers/{paper.id}/approve").status_code == 404
    sign_in(client, admin)
    assert client.get(f"/profile/papers/{paper.id}/scan").status_code == 404


@pytest.mark.covers("PPL-16")
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "library_card"),
        ("kind", ""),
        ("country", "XXX"),
        ("country", ""),
        ("number", ""),
        ("number", "--- "),
        ("number", "123"),
        ("number", "x" * 51),
    ],
)
def test_a_wrong_paper_is_not_taken(
    client: FlaskClient, db_session: Session, awa: User, field: str, value: str
) -> None:
    answer = upload(client, SCAN, **{field: value})

    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert db_session.scalars(select(IdentityDocument)).all() == []


@pytest.mark.covers("PPL-16", "SEC-14")
@pytest.mark.parametrize(
    "data",
    [
        *not_pictures().values(),
    ],
    ids=lambda _data: "file",
)
def test_what_is_no_picture_is_refused(app: Flask, data: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        clean_scan(data, field="scan", most_pages=1, seconds=15)
    assert refused.value.field == "scan"


@pytest.mark.covers("PPL-16")
def test_of_a_picture_only_what_is_seen_is_kept(app: Flask) -> None:
    for kind, data in pictures_with_more().items():
        kept = clean_scan(data, field="scan", most_pages=1, seconds=15)
        assert kept.startswith(b"RIFF"), kind
        assert b"script" not in kept, kind


@pytest.mark.covers("PPL-18", "PPL-19")
def test_staff_look_and_say_yes(client: FlaskClient, db_session: Session, awa: User, admin: User) -> None:
    upload(client, photo("JPEG", (900, 600)))
    paper = only_paper()
    assert not identity_verified(awa.id)
    sign_in(client, admin)
    assert "Awa Ndiaye" in client.get("/admin/papers").text
    page = client.get(f"/admin/papers/{paper.id}").text
    assert "1234199000567" in page
    shown = client.get(f"/admin/papers/{paper.id}/scan")
    assert (shown.mimetype, shown.headers["Cache-Control"]) == ("image/webp", "private, no-store")

    assert send(client, f"/admin/papers/{paper.id}/approve").location == "/admin/papers"

    paper = only_paper()
    assert (paper.status, paper.verified_by) == (DocumentStatus.VERIFIED, admin.id)
    assert paper.verified_at == paper.decided_at
    assert paper.verified_at is not None
    assert identity_verified(awa.id)
    assert db_session.get_one(UserSecurity, awa.id).identity_verified_at is not None
    assert len(sent_to("awa@example.org", "paper_verified")) == 1
    assert "Awa Ndiaye" not in client.get("/admin/papers").text
    assert "Awa Ndiaye" in client.get("/admin/papers?status=verified").text
    assert send(client, f"/admin/papers/{paper.id}/approve").status_code == 409
    actions = db_session.execute(
        select(AuditLog.action, AuditLog.actor_user_id)
        .where(AuditLog.resource_type == "identity_documents")
        .order_by(AuditLog.id)
    ).all()
    assert actions == [
        ("identity_paper_opened", admin.id),
        ("identity_scan_opened", admin.id),
        ("identity_paper_verified", admin.id),
    ]
    events = db_session.scalars(select(SecurityEvent.event_type).where(SecurityEvent.user_id == awa.id))
    assert {*events} == {"paper_handed_in", "paper_verified"}


@pytest.mark.covers("PPL-18")
def test_staff_say_no_and_the_holder_reads_why(
    client: FlaskClient, db_session: Session, awa: User, admin: User
) -> None:
    upload(client, SCAN)
    paper = only_paper()
    sign_in(client, admin)
    assert send(client, f"/admin/papers/{paper.id}/refuse", {"reason": " "}).status_code == 422
    assert send(client, f"/admin/papers/{paper.id}/refuse", {"reason": "Illisible"}).status_code == 303

    paper = only_paper()
    assert (paper.status, paper.reason, paper.verified_at) == (DocumentStatus.REJECTED, "Illisible", None)
    assert not identity_verified(awa.id)
    (mail,) = sent_to("awa@example.org", "paper_refused")
    assert "Illisible" in mail.body
    sign_in(client, awa)
    assert "Illisible" in client.get("/profile/papers").text
    assert upload(client, SCAN).status_code == 303


@pytest.mark.covers("PPL-18")
def test_a_paper_that_was_verified_can_still_be_refused(db_session: Session, awa: User, admin: User) -> None:
    paper = hand_in(awa.id, FACTS, SCAN, by=acting(awa))
    approve(paper.id, by=acting(admin))
    refuse(paper.id, reason="Forged", by=acting(admin))

    assert not identity_verified(awa.id)
    assert db_session.get_one(UserSecurity, awa.id).identity_verified_at is None
    with pytest.raises(IllegalTransition):
        approve(paper.id, by=acting(admin))


@pytest.mark.covers("PPL-18")
def test_nobody_decides_about_their_own_paper(db_session: Session, admin: User) -> None:
    paper = hand_in(admin.id, FACTS, SCAN, by=acting(admin))

    with pytest.raises(Forbidden):
        approve(paper.id, by=acting(admin))
    with pytest.raises(Forbidden):
        refuse(paper.id, reason="x", by=acting(admin))
    with pytest.raises(NotFound):
        approve(admin.id, by=acting(admin))


@pytest.mark.covers("PPL-20")
@pytest.mark.parametrize("written", [NUMBER, "1234199000567", " 1.234 1990/00567 "])
def test_the_same_paper_is_not_taken_for_two_accounts(
    client: FlaskClient, db_session: Session, awa: User, admin: User, written: str
) -> None:
    paper = hand_in(awa.id, FACTS, SCAN, by=acting(awa))
    fatou = open_account("Fatou Sow", email="fatou@example.org")
    sign_in(client, fatou)
    approve(paper.id, by=acting(admin))
    db_session.commit()
    answer = upload(client, SCAN, number=written)

    assert answer.status_code == 422
    assert "This paper belongs to another account" in answer.text
    assert only_paper().user_id == awa.id
    assert upload(client, SCAN, number=written, country="MLI").status_code == 303


@pytest.mark.covers("PPL-20")
def test_who_hands_in_the_number_of_another_keeps_nobody_out(
    client: FlaskClient, db_session: Session, awa: User, admin: User
) -> None:
    stranger = open_account("Fatou Sow", email="fatou@example.org")
    hand_in(stranger.id, FACTS, SCAN, by=acting(stranger))
    db_session.commit()

    assert upload(client, SCAN).status_code == 303

    sign_in(client, admin)
    mine = db_session.scalars(select(IdentityDocument).where(IdentityDocument.user_id == awa.id)).one()
    assert "handed in for another account too" in client.get(f"/admin/papers/{mine.id}").text
    sign_in(client, awa)


@pytest.mark.covers("PPL-20")
def test_the_same_paper_handed_in_for_eight_accounts_at_once_is_verified_once(
    app: Flask, committed_db: Session
) -> None:
    people = [open_account(f"Person {'abcdefgh'[n]}", email=f"p{n}@example.org") for n in range(8)]
    actors = [(person.id, acting(person)) for person in people]
    admin = acting(make_admin())
    committed_db.commit()

    def try_for(number: int) -> bool:
        user_id, by = actors[number]
        try:
            paper_id = in_transaction(lambda: hand_in(user_id, FACTS, SCAN, by=by).id)
            in_transaction(lambda: approve(paper_id, by=admin))
        except Conflict:
            return False
        return True

    verified = at_once(app, [lambda n=number: try_for(n) for number in range(8)])

    assert verified.count(True) == 1


@pytest.mark.covers("PPL-20", "DEV-15")
def test_the_database_and_the_reviewer_see_a_paper_used_twice(
    db_session: Session, awa: User, admin: User
) -> None:
    fatou = open_account("Fatou Sow", email="fatou@example.org")
    first = hand_in(awa.id, FACTS, SCAN, by=acting(awa))
    second = hand_in(fatou.id, PaperFacts(FACTS.kind, "MLI", NUMBER), SCAN, by=acting(fatou))
    second.id_hash = first.id_hash
    approve(first.id, by=acting(admin))

    with pytest.raises(Conflict):
        approve(second.id, by=acting(admin))
    assert second.status is DocumentStatus.PENDING
    with pytest.raises(IntegrityError), db_session.begin_nested():
        second.status = DocumentStatus.VERIFIED
        db_session.flush()


@pytest.mark.covers("PPL-16")
def test_one_paper_waits_at_a_time(client: FlaskClient, db_session: Session, awa: User, admin: User) -> None:
    upload(client, SCAN)
    assert upload(client, SCAN, kind="passport").status_code == 422
    approve(only_paper().id, by=acting(admin))
    db_session.commit()

    assert upload(client, SCAN).status_code == 422
    assert upload(client, SCAN, kind="passport").status_code == 303


@pytest.fixture
def decided(committed_db: Session, clock: Clock) -> list[UUID]:
    """A verified, a refused and a waiting paper, of January."""
    clock.travel(2026, 6, 1, 12)
    admin = make_admin()
    papers = []
    for number, name in enumerate(("verified", "refused", "waiting")):
        person = open_account(f"Person {name}", email=f"{name}@example.org")
        facts = PaperFacts(DocumentType.PASSPORT, "SEN", f"A000{number}")
        papers.append(hand_in(person.id, facts, SCAN, by=acting(person)).id)
    approve(papers[0], by=acting(admin))
    refuse(papers[1], reason="x", by=acting(admin))
    committed_db.commit()
    return papers


@pytest.mark.covers("PPL-17", "PRV-12")
def test_scans_are_forgotten_when_their_time_is_over(
    app: Flask, committed_db: Session, clock: Clock, decided: list[UUID]
) -> None:
    assert forget_scans() == 0
    set_value(PAPER_DAYS.key, 30, by=SYSTEM)
    committed_db.commit()
    clock.advance(days=31)
    before = len(on_disk())

    assert due_scans() == 2
    assert len(on_disk()) == before
    assert forget_scans() == 2
    assert forget_scans() == 0

    assert len(on_disk()) == before - 2
    committed_db.expire_all()
    verified, refused, waiting = (committed_db.get_one(IdentityDocument, one) for one in decided)
    assert (verified.file_id, refused.file_id) == (None, None)
    assert (number_of(verified), number_of(refused)) == ("A0000", None)
    assert waiting.file_id is not None
    assert identity_verified(verified.user_id)
    assert len(committed_db.scalars(select(StoredFile)).all()) == 1


@pytest.mark.covers("PRV-12")
def test_an_operator_asks_first_what_would_be_forgotten(
    app: Flask, committed_db: Session, clock: Clock, decided: list[UUID]
) -> None:
    clock.advance(days=91)
    command = app.test_cli_runner()

    assert (
        command.invoke(args=["portal", "forget-scans", "--dry-run"]).output == "2 scans would be forgotten.\n"
    )
    assert command.invoke(args=["portal", "forget-scans"]).output == "2 scans forgotten.\n"
