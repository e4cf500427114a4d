"""Mail as it goes on the wire, and what cannot go."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from portal.gateways.mail import Mail, MailRefused, SmtpMail, compose

SENDER = "Teranga <bonjour@teranga.example>"
MAIL = Mail(
    message_id="<0192-77@teranga.example>",
    to="Awa Ndiaye <awa@example.org>",
    subject="Votre cagnotte d’anniversaire est ouverte : félicitations à toute la famille et aux amis",
    text="Bonjour Awa,\nc’est prêt.\n",
    html="<p>Bonjour <b>Awa</b>, c’est prêt.</p>",
    unsubscribe_url="https://teranga.example/unsubscribe/" + "a" * 150,
)


def on_the_wire(mail: Mail) -> EmailMessage:
    message = message_from_bytes(compose(mail, SENDER).as_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_text_and_html_travel_as_alternatives_in_plain_ascii() -> None:
    raw = compose(MAIL, SENDER).as_bytes()
    message = on_the_wire(MAIL)
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert raw.isascii()
    assert message.get_content_type() == "multipart/alternative"
    assert text is not None
    assert text.get_content().splitlines() == MAIL.text.splitlines()
    assert html is not None
    assert "<b>Awa</b>" in html.get_content()


def test_the_headers_are_ours_and_survive_the_wire() -> None:
    message = on_the_wire(MAIL)
    assert message["Message-ID"] == "<0192-77@teranga.example>"
    assert message["Subject"] == MAIL.subject
    assert message["From"] == SENDER
    assert message["Date"].datetime is not None
    assert message["Auto-Submitted"] == "auto-generated"


def test_answers_go_to_where_people_write_to_us() -> None:
    assert compose(MAIL, SENDER, "aide@example.org")["Reply-To"] == "aide@example.org"
    assert compose(MAIL, SENDER, "bonjour@teranga.example")["Reply-To"] is None
    assert compose(MAIL, SENDER)["Reply-To"] is None


def test_a_long_unsubscribe_address_stays_in_one_piece() -> None:
    raw = compose(MAIL, SENDER).as_bytes().decode()
    assert f"List-Unsubscribe: <{MAIL.unsubscribe_url}>\r\n" in raw
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in raw


def test_a_message_of_text_alone_has_no_html_and_no_way_to_unsubscribe() -> None:
    message = on_the_wire(replace(MAIL, html=None, unsubscribe_url=None))
    assert message.get_content_type() == "text/plain"
    assert message["List-Unsubscribe"] is None


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Bonjour\r\nBcc: everyone@example.org"},
        {"subject": "Bonjour\nX: y"},
        {"to": "awa@example.org\r\nBcc: everyone@example.org"},
        {"to": "awa@example.org, moussa@example.org"},
        {"to": "awa"},
        {"to": ""},
        {"to": "@example.org"},
        {"message_id": "no-brackets@example.org"},
        {"message_id": "<two words@example.org>"},
        {"message_id": "<a@b>\r\nBcc: x@example.org"},
        {"unsubscribe_url": "https://example.org/\r\nBcc: x@example.org"},
        {"unsubscribe_url": "mailto:x@example.org"},
        {"unsubscribe_url": "https://example.org/é"},
    ],
    ids=str,
)
def test_a_header_that_would_break_is_refused_for_good(changes: dict[str, str]) -> None:
    with pytest.raises(MailRefused):
        compose(replace(MAIL, **changes), SENDER)


def test_an_unknown_way_to_encrypt_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="starttls"):
        SmtpMail("localhost", 25, sender=SENDER, tls="maybe")
