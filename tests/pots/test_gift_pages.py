"""What a donor reads of a gift, whatever became of it."""

from __future__ import annotations

from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.config.values import RISK_HOLD
from portal.identity.models import UserStatus
from portal.kernel.actor import SYSTEM
from portal.pots.closing import end_pot
from portal.pots.finding import lock_pot
from portal.pots.models import DonationStatus
from tests.harness.house import make_person, sign_in
from tests.harness.moments import Clock
from tests.harness.statements import CountStatements
from tests.pots.gifts import (
    ask_back,
    fail,
    give_to,
    make_open_pot,
    make_owner,
    paid_gift,
    pay,
    said,
    send_back,
)

FRAGMENT = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.mark.covers("DON-16")
def test_a_failed_gift_offers_to_try_again_with_its_words(client: FlaskClient, db_session: Session) -> None:
    pot = make_open_pot()
    token = fail(give_to(pot, 7_300, name="Moussa Fall", message="Bon vent")).receipt_token
    slug = pot.public_slug
    db_session.commit()

    page = client.get(f"/g/{token}").text
    assert said("The payment did not go through") in unescape(page)
    link = f"/p/{slug}/give?again={token}"
    assert link in page.replace("&amp;", "&")
    again = client.get(link).text

    assert 'value="Moussa Fall"' in again
    assert "Bon vent" in again
    assert 'value="7300"' in again
    assert client.get(f"/g/{token}/pay").location == f"/g/{token}"
    assert client.get(f"/g/{token}/receipt").location == f"/g/{token}"


def test_a_paid_gift_does_not_fill_a_form(client: FlaskClient, db_session: Session) -> None:
    pot = make_open_pot()
    token = paid_gift(pot, name="Moussa Fall").receipt_token
    slug = pot.public_slug
    db_session.commit()

    assert "Moussa Fall" not in client.get(f"/p/{slug}/give?again={token}").text


@pytest.mark.covers("DON-11", "DON-16")
@pytest.mark.parametrize(
    ("story", "words"),
    [
        ("waiting", "We are waiting for Wave"),
        ("paid", "Thank you!"),
        ("held", "Your payment has arrived and is being checked"),
        ("late", "The pot had already ended"),
        ("returning", "Your money is on its way back"),
        ("returned", "Your money is back"),
        ("failed", "The payment did not go through"),
        ("refused", "We could not accept this gift"),
    ],
)
def test_a_donor_reads_the_truth(
    client: FlaskClient, db_session: Session, clock: Clock, story: str, words: str
) -> None:
    clock.travel(2026, 3, 1)
    pot = make_open_pot(make_owner())
    donation = give_to(pot)
    match story:
        case "paid":
            pay(donation)
        case "held":
            donation.risk_score = RISK_HOLD.default
            pay(donation)
        case "late":
            end_pot(lock_pot(pot.id), by=SYSTEM)
            pay(donation)
        case "returning" | "returned":
            refund = ask_back(pay(donation))
            if story == "returned":
                send_back(refund)
        case "failed":
            fail(donation)
        case "refused":
            donation.payment_transaction_id = None
            donation.status = DonationStatus.FAILED
    token = donation.receipt_token
    db_session.commit()

    page = client.get(f"/g/{token}")

    assert page.status_code == 200
    assert said(words) in unescape(page.text)
    assert ("http-equiv" in page.text) is (story == "waiting")
    assert client.get(f"/g/{token}", headers=FRAGMENT).status_code == 200


@pytest.mark.covers("DON-16")
@pytest.mark.parametrize("path", ["", "/pay", "/receipt"])
def test_a_guessed_link_opens_nothing(client: FlaskClient, db_session: Session, path: str) -> None:
    give_to(make_open_pot())
    db_session.commit()

    assert client.get(f"/g/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA{path}").status_code == 404
    assert client.get(f"/g/{'x' * 300}{path}").status_code == 404


def test_the_pages_of_a_gift_ask_few_statements(
    client: FlaskClient, db_session: Session, count_statements: CountStatements
) -> None:
    pot = make_open_pot()
    token, slug = paid_gift(pot).receipt_token, pot.public_slug
    sign_in(client, make_person())
    client.get("/gifts")

    for url in (f"/g/{token}", f"/g/{token}/receipt", f"/p/{slug}/give"):
        with count_statements() as asked:
            assert client.get(url).status_code == 200
        assert len(asked) <= 5, url


@pytest.mark.covers("POT-18", "DON-16")
def test_nobody_is_sent_to_pay_for_a_pot_that_has_ended(
    client: FlaskClient, db_session: Session, clock: Clock
) -> None:
    clock.travel(2026, 3, 1)
    token = give_to(make_open_pot(make_owner())).receipt_token
    db_session.commit()
    clock.travel(2026, 3, 11)

    assert client.get(f"/g/{token}/pay").location == f"/g/{token}"
    assert "/pay" not in client.get(f"/g/{token}").text


@pytest.mark.covers("DON-11", "DON-16")
def test_nobody_is_sent_to_pay_somebody_whose_account_is_closed(
    client: FlaskClient, db_session: Session
) -> None:
    owner = make_owner()
    token = give_to(make_open_pot(owner)).receipt_token
    owner.status = UserStatus.SUSPENDED
    db_session.commit()

    assert client.get(f"/g/{token}/pay").location == f"/g/{token}"
    shown = client.get(f"/g/{token}").text
    assert "/pay" not in shown
    assert "This pot takes no gifts at the moment." in shown
