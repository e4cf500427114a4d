"""Whoever is told to write to us finds the address behind the words, on every kind of page and in every message."""

from __future__ import annotations

import dataclasses

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.identity.administration import suspend_user
from portal.kernel.access import open_to_all
from portal.kernel.actor import SYSTEM
from portal.kernel.contact import linked, spelled
from portal.kernel.errors import Conflict
from portal.notifications.catalog import REGISTRY, fill
from tests.harness.house import send
from tests.identity.doorway import PASSWORD, last_code, open_account

ADDRESS = "bonjour@teranga.example"
LINK = f'<a href="mailto:{ADDRESS}">'


@pytest.fixture
def nobody_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run without an address to write to."""
    settings = dataclasses.replace(app.config["SETTINGS"], contact_address="")
    monkeypatch.setitem(app.config, "SETTINGS", settings)


def test_the_marked_words_are_a_link_on_a_page_and_an_address_elsewhere(app: Flask) -> None:
    sentence = "Please [[write to us]] <now> & [here]."
    with app.app_context():
        assert linked(sentence) == f"Please {LINK}write to us</a> &lt;now&gt; &amp; [here]."
        assert spelled(sentence) == f"Please write to us ({ADDRESS}) <now> & [here]."
        # What was spelled out before, as the words of a message, leads there too, and once.
        assert linked(spelled("[[Write to us]].")) == f"Write to us ({LINK}{ADDRESS}</a>)."
        assert linked(linked(sentence)).count("<a ") == 1
        assert linked(f"x{ADDRESS} {ADDRESS}x") == f"x{ADDRESS} {ADDRESS}x"
        assert linked("[[<b>x</b>]]") == f"{LINK}&lt;b&gt;x&lt;/b&gt;</a>"


def test_without_an_address_the_sentence_stands_alone(app: Flask, nobody_told: None) -> None:
    with app.app_context():
        assert linked("Please [[write to us]] <now>.") == "Please write to us &lt;now&gt;."
        assert spelled("Please [[write to us]].") == "Please write to us."


def test_an_error_page_leads_to_us_and_says_what_to_quote(client: FlaskClient) -> None:
    client.set_cookie("language", "en")
    page = client.get("/nothing-here").text

    assert f"If you {LINK}write to us</a>, please quote:" in page
    assert f"{LINK}Write to us</a>" in page
    assert "[[" not in page


def test_an_error_page_makes_sense_where_nobody_is_told(client: FlaskClient, nobody_told: None) -> None:
    client.set_cookie("language", "en")
    page = client.get("/nothing-here").text

    assert "If you write to us, please quote:" in page
    assert "mailto:" not in page


@pytest.mark.covers("ID-08")
def test_whoever_is_suspended_can_write_to_us(client: FlaskClient, db_session: Session) -> None:
    user = open_account(phone="+221771234567")
    suspend_user(user.id, reason="test", by=SYSTEM)
    client.set_cookie("language", "en")

    by_password = send(client, "/sign-in", {"email": "awa@example.org", "password": PASSWORD})
    send(client, "/sign-in/code", {"phone": "77 123 45 67"})
    by_code = send(client, "/sign-in/code/enter", {"code": last_code()})

    for refused in (by_password, by_code):
        assert refused.status_code == 422
        assert f"Please {LINK}write to us</a> to have it opened." in refused.text
        assert "[[" not in refused.text
    # The line that leads to its field says the address: no link stands within a link.
    assert f"Please write to us ({ADDRESS}) to have it opened.</a>" in by_code.text


def test_a_refusal_for_a_program_says_the_address(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise Conflict("Please [[write to us]].")

    monkeypatch.setitem(app.view_functions, "web.healthz", open_to_all("tests")(refuse))

    told = client.get("/healthz", headers={"Accept": "application/json"})
    page = client.get("/healthz", headers={"Accept": "text/html"})

    assert told.get_json()["error"]["message"] == f"Please write to us ({ADDRESS})."
    assert f"Please {LINK}write to us</a>." in page.text


def test_flashes_fields_and_empty_places_lead_there(app: Flask) -> None:
    parts = (
        '{% from "components/flash.html" import flash %}{{ flash(said) }}',
        '{% from "components/empty_state.html" import empty_state %}{{ empty_state("x", said) }}',
        '{% from "components/notification.html" import notification %}{{ notification("x", said) }}',
    )
    with app.test_request_context():
        for part in parts:
            shown = render_template_string(part, said="<i> [[Write to us]].")
            assert f"&lt;i&gt; {LINK}Write to us</a>." in shown


def test_every_message_that_asks_to_write_says_where(app: Flask) -> None:
    asking = [
        part
        for message in REGISTRY.values()
        for text in message.texts.values()
        for part in text.parts()
        if "[[" in part
    ]
    assert len(asking) > 40
    with app.app_context():
        for part in asking:
            names = {name: "x" for message in REGISTRY.values() for name in message.variables}
            assert f" ({ADDRESS})" in fill(part, names)
            assert "[[" not in fill(part, names)
