"""What is sealed opens in its own place only, and nothing that ought to be sealed is forgotten."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import LargeBinary
from sqlalchemy.orm import Session

import portal.models
from portal.config.models import SystemConfig
from portal.kernel.files import files_folder, read_file, store_file
from portal.kernel.ids import new_id
from portal.kernel.keys import KEY_ID_SIZE, KeyRing, Undecryptable
from portal.kernel.models import FilePurpose
from portal.kernel.sealing import (
    LOOKED_UP_BY,
    SEALED,
    lookup_hash,
    seal,
    seal_json,
    unseal,
    unseal_json,
)
from portal.payments.models import PaymentMethod
from portal.people.models import IdentityDocument

FIRST, SECOND, THIRD = ("1f" * 32, "2e" * 32, "3d" * 32)
NUMBER = "1 751 1987 02345"


def test_the_newest_key_seals_and_all_of_the_ring_open() -> None:
    old, both = KeyRing([FIRST]), KeyRing([SECOND, FIRST])
    before, after = old.seal(b"plain", "here"), both.seal(b"plain", "here")

    assert both.open(before, "here") == both.open(after, "here") == b"plain"
    assert (before[:KEY_ID_SIZE], after[:KEY_ID_SIZE]) == (old.newest, both.newest)
    assert both.retired == (old.newest,)
    with pytest.raises(Undecryptable, match="another key"):
        old.open(after, "here")


@pytest.mark.parametrize("spoilt", [0, KEY_ID_SIZE, 20, -1])
def test_not_a_bit_of_it_can_be_changed(spoilt: int) -> None:
    ring = KeyRing([FIRST])
    sealed = bytearray(ring.seal(b"a number of a paper", "here"))
    sealed[spoilt] ^= 1

    with pytest.raises(Undecryptable):
        ring.open(bytes(sealed), "here")


@pytest.mark.parametrize("rest", [b"", b"\x00", b"\x00" * 5, b"\x00" * 15])
def test_what_was_cut_short_is_refused_in_the_same_way(rest: bytes) -> None:
    ring = KeyRing([FIRST])
    with pytest.raises(Undecryptable):
        ring.open(ring.newest + rest, "here")


def test_the_same_text_looks_different_each_time() -> None:
    ring = KeyRing([FIRST])
    assert ring.seal(b"plain", "here") != ring.seal(b"plain", "here")


@pytest.mark.covers("SEC-01", "PPL-17")
def test_a_sealed_value_opens_in_its_row_and_column_only(db_session: Session) -> None:
    row, other = new_id(), new_id()
    sealed = seal(IdentityDocument.id_number_encrypted, row, NUMBER)

    assert NUMBER.encode() not in sealed
    assert unseal(IdentityDocument.id_number_encrypted, row, sealed) == NUMBER
    for column, place in (
        (IdentityDocument.id_number_encrypted, other),
        (PaymentMethod.token_encrypted, row),
    ):
        with pytest.raises(Undecryptable):
            unseal(column, place, sealed)


def test_a_json_value_opens_in_its_row_only(db_session: Session) -> None:
    row = new_id()
    stored = seal_json(SystemConfig.config_value, row, {"word": "sesame"})

    assert "sesame" not in stored
    assert unseal_json(SystemConfig.config_value, row, stored) == {"word": "sesame"}
    with pytest.raises(Undecryptable):
        unseal_json(SystemConfig.config_value, new_id(), stored)
    for never_sealed in ("sesame", 7, None, ""):
        with pytest.raises(Undecryptable):
            unseal_json(SystemConfig.config_value, row, never_sealed)


def test_a_column_that_nobody_declared_is_not_sealed(db_session: Session) -> None:
    with pytest.raises(ValueError, match="not declared"):
        seal(PaymentMethod.label, new_id(), "x")


@pytest.mark.covers("SEC-03")
def test_a_number_is_found_by_a_hash_that_cannot_be_made_without_the_key(
    app: Flask, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hashed(*parts: str) -> str:
        return lookup_hash(IdentityDocument.id_hash, *parts)

    mine = hashed(NUMBER, "SEN", "national_id")
    assert mine == hashed(NUMBER, "SEN", "national_id")
    assert len({mine, hashed(NUMBER, "MLI", "national_id"), hashed(NUMBER + "S", "EN", "national_id")}) == 3
    with_another_key(app, monkeypatch, lookup_keys=(SECOND,))
    assert hashed(NUMBER, "SEN", "national_id") != mine


def with_another_key(app: Flask, monkeypatch: pytest.MonkeyPatch, **keys: tuple[str, ...]) -> None:
    """The portal as it is after a start with these keys."""
    monkeypatch.setitem(app.config, "SETTINGS", replace(app.config["SETTINGS"], **keys))


@pytest.mark.covers("SEC-01", "PPL-17")
@pytest.mark.parametrize("purpose", [FilePurpose.IDENTITY_DOCUMENT, FilePurpose.PRIVACY_EXPORT])
def test_a_paper_lies_encrypted_and_reads_clear(db_session: Session, purpose: FilePurpose) -> None:
    paper = b"%PDF-1.7 a passport of Awa Ndiaye" * 50
    file = store_file(paper, mime_type="application/pdf", purpose=purpose)
    path = files_folder() / file.storage_key

    assert (file.encrypted, file.size_bytes) == (True, len(paper))
    assert b"passport" not in path.read_bytes()
    assert read_file(file) == paper

    other = store_file(b"another paper", mime_type="application/pdf", purpose=purpose)
    (files_folder() / other.storage_key).write_bytes(path.read_bytes())
    with pytest.raises(Undecryptable):
        read_file(other)


def test_the_same_paper_is_recognised_and_cannot_be_looked_for(db_session: Session) -> None:
    first, second = (
        store_file(b"paper", mime_type="image/webp", purpose=FilePurpose.IDENTITY_DOCUMENT)
        for _number in range(2)
    )
    clear = store_file(b"paper", mime_type="image/webp", purpose=FilePurpose.AVATAR)

    assert first.sha256 == second.sha256 != clear.sha256
    assert not clear.encrypted


def test_every_column_that_says_it_is_encrypted_is_declared() -> None:
    """One that is not would be left behind when keys change, and be unreadable when the old key goes."""
    tables = portal.models.metadata.sorted_tables
    binary = {column for table in tables for column in table.columns if isinstance(column.type, LargeBinary)}
    declared = {str(column) for column in binary if SEALED in column.info}

    assert {str(column) for column in binary} - declared == {
        # What a passkey shows to everybody: nothing secret.
        "passkeys.credential_id",
        "passkeys.public_key",
        "passkey_challenges.challenge",
    }
    named = {str(c) for table in tables for c in table.columns if "encrypted" in c.name and c not in binary}
    assert named == {"stored_files.encrypted", "app_settings.is_encrypted"}


def test_what_is_looked_up_names_columns_that_exist() -> None:
    for table in portal.models.metadata.sorted_tables:
        for column in table.columns:
            if LOOKED_UP_BY in column.info and table.name != "stored_files":
                assert set(column.info[LOOKED_UP_BY]) <= set(table.columns.keys())
