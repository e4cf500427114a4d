"""What every form of the portal does with what people send."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.kernel.forms import PortalForm, email_field, text_field


class _Letter(PortalForm):
    address = email_field("Address")
    words = text_field("Words", 10)


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
