"""Nobody but us makes a code that the till believes."""

from __future__ import annotations

import base64
import dataclasses
from uuid import UUID

import pytest
import segno
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.kernel.ids import UNAMBIGUOUS, new_id
from portal.redemptions.codes import grouped, normal_code, unused_code
from portal.redemptions.signing import TOKEN_LENGTH, Forged, looks_signed, public_key, sign, verify
from tests.harness.statements import CountStatements

TODAY, YESTERDAY, STRANGER = "11" * 32, "22" * 32, "33" * 32
CODE = UUID("018f2f6a-0000-7000-8000-0123456789ab")


@pytest.mark.covers("QR-02")
@given(code_id=st.uuids())
def test_a_token_says_its_own_code_and_fits_a_small_picture(code_id: UUID) -> None:
    token = sign(code_id, TODAY)

    assert verify(token, TODAY) == code_id
    assert len(token) == TOKEN_LENGTH
    picture = segno.make_qr(token, error="m")
    assert (picture.mode, picture.version) == ("alphanumeric", 6)


@pytest.mark.covers("QR-02", "QR-09")
def test_a_token_with_any_bit_changed_is_refused() -> None:
    data = base64.b32decode(sign(CODE, TODAY) + "=" * (-TOKEN_LENGTH % 8))

    for place in range(len(data)):
        for bit in (1, 128):
            wrong = bytearray(data)
            wrong[place] ^= bit
            text = base64.b32encode(bytes(wrong)).decode().rstrip("=")
            with pytest.raises(Forged):
                verify(text, TODAY)


@pytest.mark.covers("QR-02")
def test_a_token_with_any_sign_changed_is_refused() -> None:
    token = sign(CODE, TODAY)

    for place in range(TOKEN_LENGTH):
        for other in "A7":
            if token[place] != other:
                with pytest.raises(Forged):
                    verify(token[:place] + other + token[place + 1 :], TODAY)


@pytest.mark.covers("QR-02")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "A" * TOKEN_LENGTH,
        "a" * TOKEN_LENGTH,
        "1" * TOKEN_LENGTH,
        "é" * TOKEN_LENGTH,
        "A" * (TOKEN_LENGTH + 1),
    ],
)
def test_what_was_never_a_token_is_refused(text: str) -> None:
    with pytest.raises(Forged):
        verify(text, TODAY)


def test_a_small_letter_makes_another_text() -> None:
    assert looks_signed(sign(CODE, TODAY).lower())
    with pytest.raises(Forged):
        verify(sign(CODE, TODAY).lower(), TODAY)


@pytest.mark.covers("QR-02")
def test_a_stranger_s_key_signs_nothing_for_us() -> None:
    with pytest.raises(Forged):
        verify(sign(CODE, STRANGER), TODAY, (public_key(YESTERDAY),))


def test_gifts_signed_with_an_earlier_key_stay_good() -> None:
    old = sign(CODE, YESTERDAY)

    assert verify(old, TODAY, (public_key(STRANGER), public_key(YESTERDAY))) == CODE
    with pytest.raises(Forged):
        verify(old, TODAY)


@pytest.mark.covers("QR-02", "QR-09")
def test_a_forged_code_is_refused_without_a_look_at_the_database(
    app: Flask, count_statements: CountStatements
) -> None:
    settings = app.config["SETTINGS"]

    with count_statements() as asked, pytest.raises(Forged):
        verify(sign(new_id(), STRANGER), settings.qr_signing_key, settings.qr_retired_keys)

    assert asked == []


def test_the_settings_refuse_an_earlier_key_that_is_none(app: Flask) -> None:
    settings = app.config["SETTINGS"]

    assert dataclasses.replace(settings, qr_retired_keys=(public_key(YESTERDAY),)).qr_retired_keys


@pytest.mark.covers("QR-02")
def test_typed_codes_are_random_and_read_back_however_they_are_spaced(db_session: Session) -> None:
    codes = {unused_code() for _ in range(200)}

    assert len(codes) == 200
    for code in codes:
        assert len(code) == 12
        assert set(code) <= set(UNAMBIGUOUS)
        assert normal_code(f"  {grouped(code).lower()} ") == code
        assert normal_code(" ".join(code)) == code


@pytest.mark.parametrize("typed", ["", "7KQ2", "7KQ2-M4XD-9RT0", "7KQ2-M4XD-9RTAA", "７KQ2-M4XD-9RTA"])
def test_what_cannot_be_a_code_is_not_looked_for(typed: str) -> None:
    assert normal_code(typed) is None
