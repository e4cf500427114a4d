"""Valkey emptied, PostgreSQL killed, while people give: they are served or asked to come again, and nothing is lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Event

import pytest
import requests

from portal.kernel.crypto import token_hash
from tests.crashes.portal import Gift, Phone, RunningPortal, at_once, gift_at_wave, hidden_fields

pytestmark = pytest.mark.xdist_group("browser")

PASSWORD = "a-long-walk-by-the-river"
SORRY = ("We are back in a moment", "Nous revenons dans un instant")
WAVE_AWAY = "Wave does not answer"
# Served, led on, or asked to come again: nothing else is told to whoever comes while PostgreSQL is away.
_TOLD = {200, 303, 503}
_PATIENCE = 90.0
# Sooner than asked, and seldom enough for the limit of gifts from one address, however long PostgreSQL is away.
_COMES_AGAIN = 5.0
_MANY = 200


@pytest.mark.covers("DON-20", "DON-22", "PAY-22", "QR-08")
def test_valkey_stopped_and_emptied_while_people_give_loses_nothing(portal: RunningPortal) -> None:
    pot = portal.town["pots"][1]
    early = Phone(portal).give(pot["slug"], 3_000, "early@crash.example")
    portal.stack.stop("valkey")
    shutil.rmtree(Path(portal.stack.env["PORTAL_DATA_DIR"]) / "valkey" / "appendonlydir")

    everybody_is_served(portal, pot["slug"])
    somebody_signs_up_and_in(portal)
    a_guesser_is_held_up(portal)
    a_partner_scans(portal)
    donors = [
        partial(Phone(portal).give, pot["slug"], 3_001 + number, f"c{number}@crash.example")
        for number in range(5)
    ]
    gifts = [early, *at_once(donors)]
    for gift in gifts:
        portal.order(f"/sessions/{gift.session_id}/pay")
        assert Phone(portal).open(f"/g/{gift.token}").status_code == 200
    portal.until(lambda: are_told(portal, gifts), "Wave's messages, taken without a queue")
    portal.let_pass(minutes=1)

    portal.mend()
    portal.wake("kernel.sweep")
    total = sum(gift.amount for gift in gifts)
    portal.until(lambda: portal.raised(pot) == (total, len(gifts)), "every gift in the pot")
    portal.wake("notifications.deliver")
    portal.until(portal.is_done, "everything done")
    assert portal.receipts(gifts) == [1] * len(gifts)
    assert portal.raised(pot) == (total, len(gifts))
    assert portal.is_in_balance()


def are_told(portal: RunningPortal, gifts: list[Gift]) -> bool:
    """Whether Wave has told of every payment."""
    told = [portal.messages_about(gift.session_id) for gift in gifts]
    return all(any(one["state"] == "done" for one in messages) for messages in told)


def everybody_is_served(portal: RunningPortal, slug: str) -> None:
    """Every kind of visitor finds a page."""
    guest, admin = Phone(portal), Phone(portal, portal.town["admin"])
    owner, staff = Phone(portal, portal.town["owner"]), Phone(portal, portal.town["staff"][0])
    doors = {
        guest: ("/", f"/p/{slug}", f"/p/{slug}/give", "/sign-in", "/packs"),
        owner: ("/home", "/messages", "/sponsor", "/pots", "/partner/settlements"),
        staff: ("/partner/scan",),
        admin: ("/admin", "/admin/health", "/admin/jobs", "/admin/donations"),
    }
    answers = {page: phone.open(page).status_code for phone, pages in doors.items() for page in pages}
    assert answers == dict.fromkeys(answers, 200)


def somebody_signs_up_and_in(portal: RunningPortal) -> None:
    """An account is opened, left and entered again."""
    person = Phone(portal)
    email = "new@crash.example"
    assert person.send("/sign-up", email=email).status_code == 303
    # What the mail would bring, which waits for the workers' queue.
    token = "a-token-that-only-this-test-knows"
    portal.one(
        "UPDATE verification_tokens SET token_hash = %s WHERE target = %s RETURNING id",
        token_hash(token),
        email,
    )
    opened = person.send(f"/sign-up/mail/{token}", full_name="Awa Ndiaye", password=PASSWORD)
    assert opened.status_code == 303
    assert person.post("/sign-out", person.form("/home")).status_code == 303
    assert person.open("/home").headers["Location"].startswith("/sign-in")
    assert person.send("/sign-in", email=email, password="not-that-one").status_code == 422
    assert person.send("/sign-in", email=email, password=PASSWORD).status_code == 303
    assert person.open("/home").status_code == 200


def a_guesser_is_held_up(portal: RunningPortal) -> None:
    """Each process counts for itself now, and still somebody who tries too often has to wait."""
    guesser = Phone(portal)
    form = guesser.form("/sign-in") | {"email": "nobody@crash.example", "password": "a-guess-of-mine"}
    assert any(guesser.post("/sign-in", form).status_code == 429 for _guess in range(_MANY))


def a_partner_scans(portal: RunningPortal) -> None:
    """A gift is served, and a typed code that nobody has is refused."""
    scanner = Phone(portal, portal.town["staff"][0])
    code, venue = portal.town["codes"][0], portal.town["venue"]
    for typed in ("2222-2222-2222", code["token"]):
        answer = scanner.send("/partner/scan", code=typed, venue=venue)
        assert answer.status_code == 303, answer.text
        assert scanner.open(answer.headers["Location"]).status_code == 200
    assert portal.one("SELECT status FROM qr_codes WHERE id = %s", code["id"]) == "redeemed"


@pytest.mark.covers("PAY-22")
def test_postgresql_killed_while_people_give_is_told_plainly_and_nothing_is_doubled(
    portal: RunningPortal,
) -> None:
    pot, web = portal.town["pots"][2], portal.stack.pid("web")
    crowd = Crowd(portal)
    with ThreadPoolExecutor(8) as threads:
        readers = [
            threads.submit(crowd.read, phone, page)
            for phone, page in (
                (Phone(portal), f"/p/{pot['slug']}"),
                (Phone(portal, portal.town["admin"]), "/admin"),
            )
        ]
        givers = [threads.submit(crowd.give, pot["slug"], 4_000 + number) for number in range(2)]
        try:
            portal.until(lambda: crowd.answers, "people at the doors")
            portal.kill("postgres")
            givers += [threads.submit(crowd.give, pot["slug"], 4_002 + number) for number in range(2)]
            is_told_plainly(portal, crowd)
            portal.until(portal.has_database, "PostgreSQL again")
            # Who was on the way to Wave when it happened is let through once the claim has run out.
            portal.let_pass(minutes=2)
            gifts = [giver.result(timeout=_PATIENCE) for giver in givers]
        finally:
            crowd.leave(readers)
    assert {answer.status_code for answer in crowd.answers} <= _TOLD
    for answer in crowd.asked_to_come_again():
        assert any(words in answer.text for words in (*SORRY, WAVE_AWAY))
        assert "Traceback" not in answer.text
    assert portal.stack.pid("web") == web
    assert Phone(portal).open(f"/p/{pot['slug']}").status_code == 200

    for gift in gifts:
        portal.order(f"/sessions/{gift.session_id}/pay")
    portal.mend()
    portal.let_pass(minutes=10)
    portal.wake("kernel.sweep")
    portal.wake("payments.poll_open")
    total = sum(gift.amount for gift in gifts)
    portal.until(lambda: portal.raised(pot) == (total, len(gifts)), "every gift in the pot")
    assert portal.one("SELECT count(*) FROM donations WHERE pot_id = %s", pot["id"]) == len(gifts)
    assert portal.is_in_balance()


def is_told_plainly(portal: RunningPortal, crowd: Crowd) -> None:
    """Whoever comes now, known or not, reads a sentence and no inner matters."""
    portal.until(lambda: crowd.asked_to_come_again(), "people asked to come again")
    for phone, page in (
        (Phone(portal), f"/p/{portal.town['pots'][2]['slug']}"),
        (Phone(portal, portal.town["admin"]), "/admin"),
        (Phone(portal, portal.town["staff"][1]), "/partner/scan"),
    ):
        answer = phone.open(page)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
        assert any(words in answer.text for words in SORRY)
    message = requests.post(f"{portal.stack.url}/webhooks/wave", timeout=30)
    assert message.status_code in {401, 503}


class Crowd:
    """People who read and give at the same time, and come back when they are asked to."""

    def __init__(self, portal: RunningPortal) -> None:
        self.answers: list[requests.Response] = []
        self._portal = portal
        self._is_over = Event()

    def read(self, phone: Phone, page: str) -> None:
        """Look at a page again and again."""
        while not self._is_over.wait(0.05):
            self.answers.append(phone.open(page))

    def give(self, slug: str, amount: int) -> Gift:
        """Give once, sending the same form as often as it takes."""
        phone = Phone(self._portal)
        path = f"/p/{slug}/give"
        words = {"choice": "other", "amount": str(amount), "name": "Moussa Fall"}
        form = hidden_fields(self._served(lambda: phone.open(path))) | words
        given = self._served(lambda: phone.post(path, form))
        on_to_wave = self._served(lambda: phone.open(given.headers["Location"]))
        return gift_at_wave(given, on_to_wave, amount, "")

    def asked_to_come_again(self) -> list[requests.Response]:
        """The answers of the kind “not now”."""
        return [answer for answer in self.answers if answer.status_code == 503]

    def leave(self, people: list[Future[None]]) -> None:
        """Everybody goes home."""
        self._is_over.set()
        for one in people:
            one.result(timeout=_PATIENCE)

    def _served(self, ask: Callable[[], requests.Response]) -> requests.Response:
        for _try in range(int(_PATIENCE / _COMES_AGAIN)):
            answer = ask()
            self.answers.append(answer)
            assert answer.status_code in _TOLD, answer.text
            if answer.status_code != 503:
                return answer
            self._is_over.wait(_COMES_AGAIN)
        raise AssertionError("never served")
