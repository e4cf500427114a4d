"""The page where a person plays the payer: plain HTML, two languages, back to the merchant."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests

from portal.gateways.wave import CheckoutStatus, Session
from tests.sandbox.running import RunningSandbox

OK = "http://127.0.0.1:8000/donations/1/thanks?d=1"
KO = "https://portal.example.org/donations/1/failed"


def ask(sandbox: RunningSandbox, **more: Any) -> Session:
    return sandbox.wave().create_session(
        amount=15_000, success_url=OK, error_url=KO, client_reference="don-1", **more
    )


def answer(session: Session, **choice: str) -> requests.Response:
    return requests.post(session.wave_launch_url, data=choice, allow_redirects=False, timeout=20)


def look(session: Session, language: str = "fr") -> requests.Response:
    return requests.get(session.wave_launch_url, headers={"Accept-Language": language}, timeout=20)


def test_the_page_says_who_asks_for_how_much_and_works_without_scripts(sandbox: RunningSandbox) -> None:
    page = look(ask(sandbox))
    assert page.status_code == 200
    assert "Teranga" in page.text
    assert "15\u202f000\u00a0F\u00a0CFA" in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert set(re.findall(r'name="choice" value="(\w+)"', page.text)) == {"pay", "fail", "leave"}


def test_the_page_speaks_french_unless_english_is_preferred(sandbox: RunningSandbox) -> None:
    session = ask(sandbox)
    assert 'lang="fr"' in look(session, "wo").text
    assert "aucun argent réel" in look(session, "fr-SN").text
    assert "no real money" in look(session, "en-GB,en;q=0.9,fr;q=0.5").text


def test_nothing_foreign_loads_and_the_form_may_lead_back_to_the_merchant_only(
    sandbox: RunningSandbox,
) -> None:
    headers = look(ask(sandbox)).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:8000 https://portal.example.org" in policy
    assert headers["Cache-Control"] == "no-store"
    style = requests.get(f"{sandbox.url}/static/sandbox.css", timeout=20)
    assert style.headers["Content-Type"].startswith("text/css")


def test_paying_leads_to_the_success_address_once(sandbox: RunningSandbox) -> None:
    session = ask(sandbox)
    paid = answer(session, choice="pay", mobile="+221 77 123 45 67")
    assert (paid.status_code, paid.headers["Location"]) == (303, OK)
    assert sandbox.wave().get_session(session.id).is_paid
    again = answer(session, choice="pay", mobile="+221771234567")
    assert again.status_code == 409
    assert OK in again.text
    assert len(sandbox.control("GET", "/moved")["payments"]) == 1


def test_a_try_that_fails_leads_to_the_error_address_and_can_be_repeated(sandbox: RunningSandbox) -> None:
    session = ask(sandbox)
    failed = answer(session, choice="fail", reason="kyb-limits-exceeded")
    assert (failed.status_code, failed.headers["Location"]) == (303, KO)
    told = sandbox.wave().get_session(session.id)
    assert told.last_payment_error is not None
    assert told.last_payment_error.code == "kyb-limits-exceeded"
    assert "Plafond du marchand" in look(session).text
    assert answer(session, choice="pay").headers["Location"] == OK


def test_walking_away_leads_back_and_changes_nothing(sandbox: RunningSandbox) -> None:
    session = ask(sandbox)
    left = answer(session, choice="leave")
    assert (left.status_code, left.headers["Location"]) == (303, KO)
    assert sandbox.wave().get_session(session.id) == session


def test_a_number_that_is_none_is_asked_for_again(sandbox: RunningSandbox) -> None:
    session = ask(sandbox)
    page = answer(session, choice="pay", mobile="77")
    assert page.status_code == 422
    assert 'aria-invalid="true"' in page.text
    assert not sandbox.wave().get_session(session.id).is_paid


def test_a_restricted_request_is_filled_in_for_its_payer_and_fails_for_others(
    sandbox: RunningSandbox,
) -> None:
    session = ask(sandbox, restrict_payer_mobile="+221771234567")
    assert 'value="+221771234567"' in look(session).text
    assert answer(session, choice="pay", mobile="+221770000001").headers["Location"] == KO
    assert answer(session, choice="pay", mobile="+221771234567").headers["Location"] == OK


def test_an_expired_request_says_so_and_takes_no_money(sandbox: RunningSandbox) -> None:
    session = ask(sandbox)
    sandbox.clock_file.write_text("1801")
    assert "expirée" in look(session).text
    assert answer(session, choice="pay").status_code == 409
    assert sandbox.wave().get_session(session.id).checkout_status is CheckoutStatus.EXPIRED


@pytest.mark.parametrize("send", [requests.get, requests.post])
def test_a_link_to_nowhere_says_so(sandbox: RunningSandbox, send: Any) -> None:
    page = send(f"{sandbox.url}/c/cos-nobody", timeout=20)
    assert page.status_code == 404
    assert "Demande inconnue" in page.text


def test_text_from_outside_is_shown_as_text(sandbox: RunningSandbox) -> None:
    sandbox.wave().create_session(
        amount=500, success_url=OK, error_url=KO, client_reference="<script>alert(1)</script>"
    )
    index = requests.get(sandbox.url, timeout=20).text
    assert "<script>" not in index
    assert "&lt;script&gt;" in index
