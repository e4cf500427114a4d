"""Sixteen houses that trust their scanners, somebody at the till of each, and as many codes as are wanted."""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection
from uuid import UUID

from flask import Flask, current_app
from sqlalchemy import text

from portal.identity.sessions import cookie_name, start_session
from portal.kernel.actor import SYSTEM
from portal.kernel.db import transaction
from portal.ledger import services as ledger
from portal.ledger.accounts import platform, provider_clearing
from portal.ledger.models import Purpose
from portal.ledger.services import Cause
from portal.payments.models import WAVE_PROVIDER_ID
from portal.redemptions.signing import sign
from portal.supervisor.ports import LOOPBACK
from tests.bench.traffic import form
from tests.harness.house import make_member, make_pack, make_partner, make_person, make_venue

HOUSES = 16
PRICE = 10_000
FIRST_NUMBER = 100_000_000_000
_POT = "0198b000-0000-7000-9000-"
_CODE = "0198c000-0000-7000-9000-"
_FIELD = re.compile(rb'name="csrf_token" value="([^"]+)"')
_PORTION = 20_000

# Pots that have ended and the codes they became; the price of each lies among the vouchers.
_POTS = f"""
    INSERT INTO pots (id, owner_user_id, public_slug, title, target_amount_minor, birthday_date,
        scheduled_open_at, closed_at, status, outcome, created_at, updated_at)
    SELECT ('{_POT}' || number)::uuid, :owner, 'bench-' || number, 'Anniversaire', {PRICE}, current_date,
        now() - interval '30 days', now(), 'closed', 'pack', now(), now()
    FROM generate_series(CAST(:first AS bigint), :last) AS number
"""
_CODES = f"""
    INSERT INTO qr_codes (id, pot_id, pack_id, partner_id, beneficiary_user_id, beneficiary_name, code,
        price_minor, redeemable_from, expires_at, status, created_at, updated_at)
    SELECT ('{_CODE}' || number)::uuid, ('{_POT}' || number)::uuid, house.pack_id, house.partner_id, :owner,
        'Awa', number::text, {PRICE}, now() - interval '1 day', now() + interval '90 days', 'issued', now(), now()
    FROM generate_series(CAST(:first AS bigint), :last) AS number
    JOIN unnest(CAST(:partners AS uuid[]), CAST(:packs AS uuid[])) WITH ORDINALITY
        AS house (partner_id, pack_id, place) ON house.place = 1 + number % {HOUSES}
"""


@dataclass(frozen=True)
class Till:
    """A member of a house at work: where, with which cookies and which token in the page's form."""

    venue_id: UUID
    cookies: str
    form_token: str

    def scan(self, number: int, seed: str) -> str:
        """The scan of the code `number` as the page sends it."""
        fields = {
            "csrf_token": self.form_token,
            "code": sign(code_id(number), seed),
            "venue": str(self.venue_id),
            "nonce": f"bench-{number}",
        }
        return form("/partner/scan", fields, {"Cookie": self.cookies})


def code_id(number: int) -> UUID:
    """The id of the code of that number."""
    return UUID(f"{_CODE}{number}")


@cache
def houses_of(app: Flask) -> Houses:
    """The houses of the database of that portal."""
    return Houses(app)


class Houses:
    """The houses of one database, and the numbers of their codes, each given out once.

    The code `number` belongs to the house `number % HOUSES`.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._next = self._made = FIRST_NUMBER
        with app.app_context():
            with transaction():
                self._owner_id = make_person("Awa Bench").id
                houses = [self._open(place) for place in range(HOUSES)]
            self.partner_ids = [partner for partner, _pack, _venue, _token in houses]
            self._pack_ids = [pack for _partner, pack, _venue, _token in houses]
            self._seats = [(venue, token) for _partner, _pack, venue, token in houses]
            self._seed = current_app.config["SETTINGS"].qr_signing_key
            self._cookie = cookie_name()

    def take(self, count: int) -> int:
        """The first of `count` numbers of codes that nobody has used."""
        while self._next + count > self._made:
            self._issue()
        first, self._next = self._next, self._next + count
        return first

    def tills(self, port: int) -> list[Till]:
        """Somebody of each house opens the scanner at that server."""
        return [self._sit_down(port, venue, token) for venue, token in self._seats]

    def lanes(self, tills: Sequence[Till], lanes: int, each: int) -> list[list[str]]:
        """New scans for so many connections, no two of which are ever in one house at the same time."""
        first = self.take(lanes * each)
        return [
            [
                tills[number % HOUSES].scan(number, self._seed)
                for number in range(first + lane, first + lanes * each, lanes)
            ]
            for lane in range(lanes)
        ]

    def _open(self, place: int) -> tuple[UUID, UUID, UUID, str]:
        partner = make_partner(f"Bench {place:02d}", auto_approve_redemptions=True)
        pack, venue = make_pack(partner, PRICE), make_venue(partner)
        token = start_session(make_member(partner).id, by=SYSTEM)
        return partner.id, pack.id, venue.id, token

    def _sit_down(self, port: int, venue_id: UUID, token: str) -> Till:
        session = f"{self._cookie}={token}"
        connection = HTTPConnection(LOOPBACK, port, timeout=30)
        connection.connect()
        assert isinstance(connection.sock, socket.socket)
        connection.request("GET", "/partner/scan", headers={"Cookie": session, "Accept-Language": "fr"})
        answer = connection.getresponse()
        page = answer.read()
        found = _FIELD.search(page)
        assert answer.status == 200, page[:500]
        assert found, page[:500]
        cookies = [session, f"venue={venue_id}"]
        cookies += [value.split(";")[0] for value in answer.headers.get_all("Set-Cookie") or []]
        connection.close()
        return Till(venue_id, "; ".join(cookies), found.group(1).decode())

    def _issue(self) -> None:
        first, last = self._made, self._made + _PORTION - 1
        with self._app.app_context(), transaction() as session:
            known = {"owner": self._owner_id, "first": first, "last": last}
            session.execute(text(_POTS), known)
            houses = {"partners": self.partner_ids, "packs": self._pack_ids}
            session.execute(text(_CODES), known | houses)
            cause = Cause("qr_issued", "bench", self._owner_id, f"bench:{first}:issued")
            paid, held = provider_clearing(WAVE_PROVIDER_ID), platform(Purpose.VOUCHERS)
            ledger.move(paid, held, PRICE * _PORTION, cause, by=SYSTEM)
        self._made += _PORTION
