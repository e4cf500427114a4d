"""What every form of the portal does with what people send."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask

from portal.kernel.decimals import decimal_field
from portal.kernel.forms import PortalForm, email_field, optional, phone_field, text_field
from portal.kernel.i18n import speaking


class _Letter(PortalForm):
    address = email_field("Address")
    words = text_field("Words", 10)


class _Place(PortalForm):
    share = decimal_field("Share", 0, 100, 2, optional())
    longitude = decimal_field("Longitude", -180, 180, 5, optional())
    phone = phone_field("Phone", optional())


@pytest.mark.parametrize(
    ("typed", "number"),
    [("82,5", "82.5"), ("82.5", "82.5"), (" 82,50 ", "82.5"), ("82", "82"), ("100,00", "100")],
)
def test_a_decimal_is_read_with_either_mark_and_comes_back_as_it_was_typed(
    app: Flask, typed: str, number: str
) -> None:
    with app.test_request_context(method="POST", data={"share": typed}):
        form = _Place()
        assert form.validate(), form.errors

        assert form.share.data == Decimal(number)
        assert f'value="{typed}"' in form.share()


@pytest.mark.parametrize("typed", ["82,5,1", "1.082,5", "82%", "nan", "1e1", "100,01", "-1", "82,505"])
def test_what_is_no_such_decimal_is_refused_and_comes_back(app: Flask, typed: str) -> None:
    with app.test_request_context(method="POST", data={"share": typed}):
        form = _Place()
        assert not form.validate()

        assert len(form.share.errors) == 1
        assert f'value="{typed}"' in form.share()


@pytest.mark.parametrize(
    ("language", "share", "longitude"),
    [("fr", "82,5", "-17,44406"), ("wo", "82,5", "-17,44406"), ("en", "82.5", "-17.44406")],
)
def test_a_stored_decimal_is_shown_with_the_readers_mark_and_can_be_sent_as_it_is(
    app: Flask, language: str, share: str, longitude: str
) -> None:
    with app.test_request_context(), speaking(language):
        form = _Place(share=Decimal("82.50"), longitude=Decimal("-17.44406"))

        assert 'type="text"' in form.share()
        assert f'value="{share}"' in form.share()
        assert f'value="{longitude}"' in form.longitude()

    with app.test_request_context(method="POST", data={"share": share, "longitude": longitude}):
        form = _Place()
        assert form.validate()
        assert (form.share.data, form.longitude.data) == (Decimal("82.5"), Decimal("-17.44406"))


@pytest.mark.parametrize(
    ("stored", "shown"),
    [("+221771234567", "77 123 45 67"), ("+33612345678", "+33 6 12 34 56 78"), (None, "")],
)
def test_a_stored_number_is_shown_as_people_write_it_and_can_be_sent_as_it_is(
    app: Flask, stored: str | None, shown: str
) -> None:
    with app.test_request_context():
        assert f'value="{shown}"' in _Place(phone=stored).phone()

    with app.test_request_context(method="POST", data={"phone": shown}):
        form = _Place()
        assert form.validate()
        assert f'value="{shown}"' in form.phone()


def test_what_is_too_long_is_not_read_by_the_rules_that_follow(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading two megabytes as an address takes a second of the machine, at a door without an account."""
    read: list[str] = []
    monkeypatch.setattr("portal.kernel.forms.validate_email", lambda typed, **_: read.append(typed))
    address = "a" * 300 + "@exemple.sn"

    with app.test_request_context(method="POST", data={"address": address, "words": "x" * 11}):
        form = _Letter()
        assert not form.validate()

    assert read == []
    assert form.address.errors == ["Please use at most 255 characters."]
    assert form.words.errors == ["Please use at most 10 characters."]
