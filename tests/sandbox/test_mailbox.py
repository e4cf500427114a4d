"""Mail, through the portal's own sender: one connection for many, refused, deferred, read on the page."""

from __future__ import annotations

import smtplib
import time
from typing import Any

import pytest
import requests

from portal.gateways.mail import Mail, MailDeferred, MailRefused, SmtpMail
from tests.sandbox.running import RunningSandbox


def letter(number: int = 1, to: str = "awa@example.org", **more: Any) -> Mail:
    written = {
        "message_id": f"<delivery-{number}@teranga.example>",
        "to": to,
        "subject": f"Cagnotte n° {number} : c’est l’anniversaire d’Aïssatou",
        "text": "Bonjour,\nhttps://teranga.example/p/1\n",
        "html": '<h1>Bonjour</h1><script>alert(1)</script><a href="https://teranga.example/p/1">Voir</a>',
    }
    return Mail(**(written | more))


def mails(sandbox: RunningSandbox, query: str = "") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sandbox.control("GET", f"/mail{query}")["messages"]
    return found


def test_a_mail_arrives_whole(sandbox: RunningSandbox) -> None:
    sandbox.mail().send(letter(unsubscribe_url="https://teranga.example/u/1"))
    (summary,) = mails(sandbox)
    assert summary["message_id"] == "<delivery-1@teranga.example>"
    assert summary["to"] == ["awa@example.org"]
    assert summary["subject"] == letter().subject
    whole = sandbox.control("GET", f"/mail/{summary['number']}")
    assert "https://teranga.example/p/1" in whole["text"]
    assert "<h1>Bonjour</h1>" in whole["html"]
    assert ["List-Unsubscribe", "<https://teranga.example/u/1>"] in whole["headers"]


def test_many_mails_share_one_connection(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    connect = SmtpMail._connect

    def counted(mailer: SmtpMail) -> smtplib.SMTP:
        opened.append(mailer)
        return connect(mailer)

    monkeypatch.setattr(SmtpMail, "_connect", counted)
    with sandbox.mail() as mailer:
        for number in range(20):
            mailer.send(letter(number))
    assert len(opened) == 1
    assert len(mails(sandbox)) == 20


def test_a_refused_mail_does_not_spoil_those_after_it(sandbox: RunningSandbox) -> None:
    sandbox.arm("mail.send", "refuse", code=550, match={"at": "rcpt", "to": "gone@example.org"})
    sandbox.arm("mail.send", "refuse", code=554, match={"at": "data", "to": "full@example.org"})
    with sandbox.mail() as mailer:
        for to, code in (("gone@example.org", 550), ("full@example.org", 554)):
            with pytest.raises(MailRefused) as refused:
                mailer.send(letter(to=to))
            assert refused.value.code == code
        mailer.send(letter(2))
    assert [mail["message_id"] for mail in mails(sandbox)] == ["<delivery-2@teranga.example>"]


@pytest.mark.parametrize("step", ["rcpt", "data"])
def test_not_now_is_not_never(sandbox: RunningSandbox, step: str) -> None:
    sandbox.arm("mail.send", "refuse", code=451, match={"at": step})
    with pytest.raises(MailDeferred) as deferred:
        sandbox.mail().send(letter())
    assert deferred.value.code == 451
    sandbox.mail().send(letter())
    assert len(mails(sandbox)) == 1


def test_a_server_that_says_goodbye_is_called_again_for_the_next_mail(sandbox: RunningSandbox) -> None:
    with sandbox.mail() as mailer:
        sandbox.arm("mail.send", "refuse", code=421, match={"at": "rcpt"})
        with pytest.raises(MailDeferred):
            mailer.send(letter(1))
        mailer.send(letter(2))
    assert len(mails(sandbox)) == 1


def test_a_connection_lost_after_the_message_is_a_reason_to_send_the_same_again(
    sandbox: RunningSandbox,
) -> None:
    sandbox.arm("mail.send", "cut", match={"at": "data"})
    with sandbox.mail() as mailer:
        with pytest.raises(MailDeferred):
            mailer.send(letter())
        mailer.send(letter())
    assert [mail["message_id"] for mail in mails(sandbox)] == ["<delivery-1@teranga.example>"] * 2


def test_a_server_that_falls_silent_has_kept_the_message(sandbox: RunningSandbox) -> None:
    sandbox.arm("mail.send", "timeout", seconds=0.2, match={"at": "data", "to": "slow@example.org"})
    began = time.monotonic()
    with sandbox.mail() as mailer:
        mailer.send(letter(1, to="slow@example.org"))
        waited = time.monotonic() - began
        mailer.send(letter(2))
    assert waited >= 0.2
    assert len(mails(sandbox)) == 2


def test_nobody_listening_is_not_now() -> None:
    with pytest.raises(MailDeferred, match="no connection"):
        SmtpMail("127.0.0.1", 1, sender="a@example.org").send(letter())


def test_the_page_lists_the_newest_first_and_finds_by_address_or_subject(sandbox: RunningSandbox) -> None:
    for number in range(3):
        sandbox.mail().send(letter(number, to=f"person{number}@example.org"))
    page = requests.get(f"{sandbox.url}/mail", timeout=20).text
    assert page.index("person2@") < page.index("person1@") < page.index("person0@")
    found = requests.get(f"{sandbox.url}/mail", params={"q": "n° 1"}, timeout=20).text
    assert "person1@" in found
    assert "person2@" not in found
    assert len(mails(sandbox, "?to=person1@example.org")) == 1
    assert mails(sandbox, "?to=erson1@example.org") == []


def test_the_html_of_a_mail_can_be_looked_at_and_nothing_else(sandbox: RunningSandbox) -> None:
    sandbox.mail().send(letter())
    number = mails(sandbox)[0]["number"]
    page = requests.get(f"{sandbox.url}/mail/{number}", timeout=20)
    assert '<iframe src="/mail/' in page.text
    assert "<script>" not in page.text
    assert 'href="https://teranga.example/p/1"' in page.text
    framed = requests.get(f"{sandbox.url}/mail/{number}/html", timeout=20)
    policy = framed.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert framed.text.startswith('<base target="_blank">')


def test_a_mail_of_text_alone_has_no_frame_and_a_missing_one_is_not_found(sandbox: RunningSandbox) -> None:
    sandbox.mail().send(letter(html=None))
    number = mails(sandbox)[0]["number"]
    assert "<iframe" not in requests.get(f"{sandbox.url}/mail/{number}", timeout=20).text
    for path in (f"/mail/{number}/html", f"/mail/{number + 1}", f"/_sandbox/mail/{number + 1}"):
        assert requests.get(sandbox.url + path, timeout=20).status_code == 404
