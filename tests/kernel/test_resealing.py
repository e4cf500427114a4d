"""Keys change while people go on: everything ends under the newest key, whenever it was stopped."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.config.models import DataType, SystemConfig
from portal.identity.models import UserSecurity
from portal.kernel import resealing
from portal.kernel.files import files_folder, read_file, store_file
from portal.kernel.ids import new_id
from portal.kernel.keys import KEY_ID_SIZE, KeyRing
from portal.kernel.models import FilePurpose, StoredFile
from portal.kernel.resealing import Report, reseal
from portal.kernel.sealing import lookup_hash, seal, seal_json, unseal, unseal_json
from portal.people.models import DocumentStatus, DocumentType, IdentityDocument
from tests.harness.house import make_person

OLD, NEW = "1f" * 32, "2e" * 32
NUMBER = "1 751 1987 02345"


@pytest.fixture(autouse=True)
def old_keys(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The portal before its keys change."""
    start_with(app, monkeypatch, field_keys=(OLD,), lookup_keys=(OLD,))


def start_with(app: Flask, monkeypatch: pytest.MonkeyPatch, **keys: tuple[str, ...]) -> None:
    """Start the portal with these keys."""
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], **keys))


def run(batch: int = 2) -> Report:
    """The whole work, as the command does it."""
    report = Report()
    list(reseal(report, batch=batch))
    return report


def a_secret() -> UserSecurity:
    """The second factor of somebody."""
    user = make_person()
    return UserSecurity(user_id=user.id, mfa_secret=seal(UserSecurity.mfa_secret, user.id, "JBSWY3DP"))


def a_paper(number: str = NUMBER) -> IdentityDocument:
    """A paper with its number."""
    row_id = new_id()
    return IdentityDocument(
        id=row_id,
        user_id=make_person().id,
        id_type=DocumentType.NATIONAL_ID,
        id_country="SEN",
        id_number_encrypted=seal(IdentityDocument.id_number_encrypted, row_id, number),
        id_hash=hash_of(number),
        status=DocumentStatus.VERIFIED,
    )


def hash_of(number: str) -> str:
    return lookup_hash(IdentityDocument.id_hash, number, "SEN", "national_id")


def a_value() -> SystemConfig:
    """An operator value that is kept encrypted."""
    row_id = new_id()
    return SystemConfig(
        id=row_id,
        config_key="tests.word",
        config_value=seal_json(SystemConfig.config_value, row_id, "sesame"),
        data_type=DataType.STRING,
        is_sensitive=True,
    )


def heads(session: Session) -> set[bytes]:
    """The keys under which the second factors lie."""
    return {one[:KEY_ID_SIZE] for one in session.scalars(select(UserSecurity.mfa_secret)) if one}


@pytest.mark.covers("SEC-01")
def test_everything_sealed_ends_under_the_newest_key_and_the_old_one_can_go(
    app: Flask, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    db_session.add_all([*(a_secret() for _number in range(5)), a_paper(), a_value()])
    db_session.add(SystemConfig(config_key="tests.open", config_value="x", data_type=DataType.STRING))
    paper = store_file(b"a paper", mime_type="image/webp", purpose=FilePurpose.IDENTITY_DOCUMENT)
    face = store_file(b"a face", mime_type="image/webp", purpose=FilePurpose.AVATAR)
    paper_id, face_id, digest = paper.id, face.id, paper.sha256
    db_session.commit()

    start_with(app, monkeypatch, field_keys=(NEW, OLD), lookup_keys=(NEW, OLD))
    report = run()

    assert report.resealed == {
        "user_security.mfa_secret": 5,
        "identity_documents.id_number_encrypted": 1,
        "system_config.config_value": 1,
        "stored_files.bytes": 1,
    }
    assert report.rehashed == {"identity_documents.id_hash": 1, "stored_files.bytes": 1}
    assert report.in_use == {KeyRing([NEW]).newest.hex(): 8}
    assert (report.is_complete, report.retirable) == (True, [KeyRing([OLD]).newest.hex()])

    start_with(app, monkeypatch, field_keys=(NEW,), lookup_keys=(NEW,))
    db_session.expire_all()
    for secret in db_session.scalars(select(UserSecurity)):
        assert secret.mfa_secret is not None
        assert unseal(UserSecurity.mfa_secret, secret.user_id, secret.mfa_secret) == "JBSWY3DP"
    document = db_session.scalars(select(IdentityDocument)).one()
    assert document.id_number_encrypted is not None
    assert unseal(IdentityDocument.id_number_encrypted, document.id, document.id_number_encrypted) == NUMBER
    assert document.id_hash == hash_of(NUMBER)
    value, clear = db_session.scalars(select(SystemConfig).order_by(SystemConfig.is_sensitive.desc()))
    assert unseal_json(SystemConfig.config_value, value.id, value.config_value) == "sesame"
    assert clear.config_value == "x"
    paper = db_session.get_one(StoredFile, paper_id)
    assert read_file(paper) == b"a paper"
    assert paper.sha256 != digest
    assert read_file(db_session.get_one(StoredFile, face_id)) == b"a face"


@pytest.mark.covers("SEC-01")
def test_it_can_be_stopped_anywhere_and_repeated(
    app: Flask, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    db_session.add_all(a_secret() for _number in range(5))
    db_session.commit()
    start_with(app, monkeypatch, field_keys=(NEW, OLD))

    stopped = Report()
    for so_far in reseal(stopped, batch=2):
        if so_far.resealed.total() == 2:
            break
    assert len(heads(db_session)) == 2

    assert run().resealed == {"user_security.mfa_secret": 3}
    assert heads(db_session) == {KeyRing([NEW]).newest}
    assert run().resealed == {}


def test_what_is_changed_meanwhile_is_not_overwritten(
    app: Flask, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    db_session.add(row := a_secret())
    db_session.commit()
    user_id = row.user_id
    start_with(app, monkeypatch, field_keys=(NEW, OLD))
    read = resealing._batches

    def read_and_wait(table: object, size: int) -> object:
        for rows in read(table, size):
            changed = seal(UserSecurity.mfa_secret, user_id, "CHANGED")
            db_session.execute(UserSecurity.__table__.update().values(mfa_secret=changed))
            db_session.commit()
            yield rows

    monkeypatch.setattr(resealing, "_batches", read_and_wait)
    run()
    kept = db_session.execute(select(UserSecurity.mfa_secret)).scalar_one()
    assert kept is not None
    assert unseal(UserSecurity.mfa_secret, user_id, kept) == "CHANGED"


def test_when_a_row_was_last_changed_stays_true(
    app: Flask, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    db_session.add(a_secret())
    db_session.commit()
    asked = text("SELECT updated_at FROM user_security")
    before = db_session.execute(asked).scalar_one()
    start_with(app, monkeypatch, field_keys=(NEW, OLD))
    run()
    assert db_session.execute(asked).scalar_one() == before


def test_what_cannot_be_read_is_counted_left_alone_and_holds_its_key(
    app: Flask, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    never_sealed = SystemConfig(
        config_key="tests.word", config_value="sesame", data_type=DataType.STRING, is_sensitive=True
    )
    db_session.add_all([good := a_secret(), bad := a_secret(), paper := a_paper(), never_sealed])
    bad.mfa_secret = good.mfa_secret
    paper.id_number_encrypted = b"\x01\x02\x03\x04 of another portal"
    db_session.commit()
    start_with(app, monkeypatch, field_keys=(NEW, OLD), lookup_keys=(NEW, OLD))

    report = run()
    assert report.unreadable == {
        "user_security.mfa_secret": 1,
        "identity_documents.id_number_encrypted": 1,
        "system_config.config_value": 1,
    }
    assert (report.is_complete, report.retirable) == (False, [])
    assert list(report.advice()) == []


def test_the_command_says_what_it_did_and_what_can_go(
    app: Flask, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    db_session.add_all(a_secret() for _number in range(3))
    db_session.commit()
    start_with(app, monkeypatch, field_keys=(NEW, OLD), lookup_keys=(NEW, OLD))
    command = app.test_cli_runner()

    done = command.invoke(args=["portal", "reseal", "--batch", "2"])
    assert done.exit_code == 0
    assert "resealed, user_security.mfa_secret: 3" in done.output
    assert f"values under key {KeyRing([NEW]).newest.hex()} (newest): 3" in done.output
    assert "of FIELD_RETIRED_KEYS) seals nothing any more; it can go." in done.output
    assert "LOOKUP_RETIRED_KEYS finds nothing any more; it can go." in done.output

    db_session.execute(text("UPDATE user_security SET mfa_secret = 'spoilt'"))
    db_session.commit()
    refused = command.invoke(args=["portal", "reseal"])
    assert (refused.exit_code, "keep the older ones" in refused.output) == (1, True)


def test_a_file_that_is_gone_from_the_disk_stops_nothing(
    app: Flask, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, kept = (
        store_file(b"paper", mime_type="image/webp", purpose=FilePurpose.IDENTITY_DOCUMENT)
        for _number in range(2)
    )
    (files_folder() / gone.storage_key).unlink()
    kept_id = kept.id
    db_session.commit()
    start_with(app, monkeypatch, field_keys=(NEW, OLD))
    assert run().resealed == {"stored_files.bytes": 1}
    assert read_file(db_session.get_one(StoredFile, kept_id)) == b"paper"
