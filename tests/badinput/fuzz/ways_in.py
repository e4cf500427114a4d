"""Two browsers at the door of two accounts, and what each of them may come in as by what it has really proved."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pyotp
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.config.values import TAKE_BACK_DAYS, value_of
from portal.identity import second_factor
from portal.identity.models import User
from portal.identity.recovery import issue_password_reset
from portal.identity.sessions import cookie_name, resolve
from portal.kernel import clock
from portal.kernel.actor import SYSTEM
from portal.kernel.db import db
from portal.kernel.ids import new_id
from tests.badinput.trying import Trial
from tests.harness.house import acting, send
from tests.identity.doorway import PASSWORD, hear_of_sign_ups, last_code, open_account, sent_to

PLAIN, GUARDED = "plain", "guarded"
BROWSERS = ("phone", "laptop")
_PHONES = {PLAIN: "+221771000201", GUARDED: "+221771000202"}
_A_STEP = 30
_SIGNED = "form"


@dataclass
class Asked:
    """A code that was sent by SMS, for the browser that asked for it."""

    who: str
    digits: str
    is_used: bool = False


@dataclass
class HalfWay:
    """A right first step of the guarded account, which the second may follow once."""

    is_used: bool = False


@dataclass
class Seat:
    """One browser, and what it has proved so far."""

    client: FlaskClient
    half_way: HalfWay | None = None
    asked: Asked | None = None


class Doorway:
    """Does one step after the other, and knows after each who may sit at which browser."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._undone = ExitStack()
        self._undone.enter_context(trial.undoing())
        self.people = {who: self._open_account(who) for who in (PLAIN, GUARDED)}
        self.emails = {who: f"{who}@example.org" for who in self.people}
        self.passwords: dict[str, str | None] = dict.fromkeys(self.people, PASSWORD)
        self._used_codes: set[str] = set()
        self.secret, self.recovery_codes = self._guard()
        # Whoever takes a change back takes away what was added lately; the app is older than that.
        self.tick((value_of(TAKE_BACK_DAYS) + 1) * 24 * 3600)
        self.seats = {name: Seat(trial.app.test_client()) for name in BROWSERS}
        self.resets: dict[str, str] = {}
        self.used_links: list[str] = []
        self.proofs: dict[str, tuple[str, str]] = {}
        self.take_backs: dict[str, tuple[str, str]] = {}
        # Sessions that have ended or were renewed, and signed cookies with what the browser had proved then.
        self.ended: list[str] = []
        self.cookies: list[tuple[str, HalfWay | None, Asked | None]] = []
        self.tick(_A_STEP * 4)

    def close(self) -> None:
        """Undo all of it."""
        self._undone.close()
        self._trial.fingerprint.changed()
        self._trial.valkey.flushall()

    def tick(self, seconds: int) -> None:
        """Let time pass."""
        self._undone.enter_context(clock.travel(clock.now() + timedelta(seconds=seconds)))

    def who_sits_at(self, browser: str) -> str | None:
        """Whom the portal takes this browser for."""
        token = self._session_of(browser)
        found = resolve(token) if token else None
        db.session.remove()
        return next((who for who, id_ in self.people.items() if found and id_ == found.user_id), None)

    def do(self, browser: str, path: str, form: dict[str, str], grants: Collection[str] = ()) -> TestResponse:
        """One step at one browser: it breaks nothing, and lets nobody in but whom it may."""
        before = {name: (self.who_sits_at(name), self._session_of(name)) for name in BROWSERS}
        plain = {name: value.encode(errors="replace").decode() for name, value in form.items()}
        answer = send(self.seats[browser].client, path, plain)
        db.session.remove()
        assert answer.status_code < 500, f"{path} answers {answer.status_code}"
        for name, (who, token) in before.items():
            allowed = {who, None} | (set(grants) if name == browser else set())
            assert self.who_sits_at(name) in allowed, f"{path} with {form} lets somebody in at {name}"
            if token and token != self._session_of(name):
                self.ended.append(token)
        self._keep_cookie(browser)
        return answer

    def right_code(self, offset: int) -> str:
        """What the app of the guarded account shows, or showed."""
        return pyotp.TOTP(self.secret).at(clock.now() + timedelta(seconds=offset))

    def second_step(self, browser: str, typed: str, *, is_right: bool) -> None:
        """Type a code as the second step."""
        half_way = self.seats[browser].half_way
        may = is_right and typed not in self._used_codes and half_way is not None and not half_way.is_used
        before = self._session_of(browser)
        self.do(browser, "/sign-in/second-step", {"code": typed}, {GUARDED} if may else ())
        if half_way is not None and self._session_of(browser) != before:
            self._used_codes.add(typed)
            half_way.is_used = True

    def prove_again(self, browser: str, typed: str) -> None:
        """Say the password once more, before something that matters."""
        who = self.who_sits_at(browser)
        before = self._session_of(browser)
        self.do(browser, "/security/confirm", {"password": typed})
        assert who is not None or self._session_of(browser) == before
        assert self._session_of(browser) == before or (who and typed == self.passwords[who]), (
            "a wrong password proves"
        )

    def password(self, browser: str, who: str, typed: str) -> None:
        """Sign in with a password."""
        is_right = typed == self.passwords[who]
        self._first_step(
            browser, "/sign-in", {"email": self.emails[who], "password": typed}, who if is_right else None
        )

    def ask_for_code(self, browser: str, who: str) -> None:
        """Have a code sent to the number of this account."""
        before = len(sent_to(_PHONES[who], "sign_in_code"))
        answer = self.do(browser, "/sign-in/code", {"phone": _PHONES[who]})
        if answer.status_code == 303 and len(sent_to(_PHONES[who], "sign_in_code")) > before:
            self.seats[browser].asked = Asked(who, last_code(_PHONES[who]))
            self._keep_cookie(browser)

    def send_code_again(self, browser: str) -> None:
        """Another code to the same number; the earlier one no longer works."""
        seat = self.seats[browser]
        who = seat.asked.who if seat.asked else None
        before = len(sent_to(_PHONES[who], "sign_in_code")) if who else 0
        self.do(browser, "/sign-in/code/again", {})
        if seat.asked and who and len(sent_to(_PHONES[who], "sign_in_code")) > before:
            seat.asked.is_used = True
            seat.asked = Asked(who, last_code(_PHONES[who]))
            self._keep_cookie(browser)

    def enter_code(self, browser: str, typed: str) -> None:
        """Type the code that this browser waits for, or another."""
        asked = self.seats[browser].asked
        is_right = asked is not None and not asked.is_used and typed == asked.digits
        self._first_step(
            browser, "/sign-in/code/enter", {"code": typed}, asked.who if asked and is_right else None
        )

    def issue_reset(self, who: str) -> None:
        """Do what the worker does for somebody who has forgotten a password."""
        token = issue_password_reset(self.people[who], by=SYSTEM)
        db.session.commit()
        if token:
            self.resets[token] = who

    def reset(self, browser: str, token: str, password: str) -> None:
        """Choose a new password with a link."""
        answer = self.do(browser, f"/password/new/{token}", {"password": password})
        if answer.status_code != 303:
            return
        who = self.resets[token]
        self.passwords[who] = password
        # A new password makes every other link void, and ends every session.
        self._forget_links(who)
        assert who not in {self.who_sits_at(name) for name in BROWSERS}

    def name_new_address(self, browser: str, address: str) -> None:
        """Ask to have another e-mail address; the mail to it is heard."""
        who = self.who_sits_at(browser)
        answer = self.do(browser, "/security/email", {"email": address})
        if who is not None and answer.status_code == 303:
            for token in hear_of_sign_ups():
                self.proofs[token] = (who, address)

    def prove_address(self, browser: str, token: str) -> None:
        """Follow the link to the new address, as whoever sits there."""
        who, sits = self.proofs[token][0], self.who_sits_at(browser)
        old = self.emails[who]
        answer = self.do(browser, f"/security/email/{token}", {}, {sits} if sits else set())
        if answer.status_code != 303 or not answer.location.endswith("/security"):
            return
        assert sits == who, "the link of another account works"
        self.emails[who] = self.proofs.pop(token)[1]
        link = sent_to(old, "email_changed")[-1].template_data["action_link"]
        self.take_backs[link] = (who, old)
        self._forget_links(who)

    def take_back(self, browser: str, link: str) -> None:
        """Have the old address again, from whatever browser."""
        who, old = self.take_backs[link]
        answer = self.do(browser, link, {})
        if answer.status_code == 303:
            self.emails[who], self.passwords[who] = old, None
            self._forget_links(who)
            assert who not in {self.who_sits_at(name) for name in BROWSERS}

    def bring_ended_session(self, browser: str, number: int) -> None:
        """Put a session that has ended, or was renewed, into the browser again."""
        self.seats[browser].client.set_cookie(cookie_name(), self.ended[number % len(self.ended)])
        assert self.who_sits_at(browser) is None, "a session that has ended lives"

    def bring_earlier_cookie(self, browser: str, number: int) -> None:
        """Put the signed cookie of an earlier moment into a browser, with what it had proved."""
        seat = self.seats[browser]
        cookie, seat.half_way, seat.asked = self.cookies[number % len(self.cookies)]
        seat.client.set_cookie(_SIGNED, cookie)

    def _first_step(self, browser: str, path: str, form: dict[str, str], proved: str | None) -> None:
        before, seat = self._session_of(browser), self.seats[browser]
        answer = self.do(browser, path, form, {PLAIN} if proved == PLAIN else ())
        goes_on = (answer.location or "").endswith("/second-step")
        assert not goes_on or proved == GUARDED, "a second step follows a wrong first one"
        if goes_on:
            seat.half_way = HalfWay()
            self._keep_cookie(browser)
        if seat.asked is not None and (goes_on or self._session_of(browser) != before):
            seat.asked.is_used |= form.get("code") == seat.asked.digits

    def _keep_cookie(self, browser: str) -> None:
        seat = self.seats[browser]
        cookie = seat.client.get_cookie(_SIGNED)
        if cookie is not None:
            self.cookies.append((cookie.value, seat.half_way, seat.asked))

    def _forget_links(self, who: str) -> None:
        """A change of the address makes links on their way to it void."""
        self.used_links += [token for token, whose in self.resets.items() if whose == who]
        self.resets = {token: whose for token, whose in self.resets.items() if whose != who}

    def _session_of(self, browser: str) -> str | None:
        cookie = self.seats[browser].client.get_cookie(cookie_name())
        return cookie.value if cookie else None

    def _open_account(self, who: str) -> UUID:
        user = open_account(f"Awa {who}", email=f"{who}@example.org", phone=_PHONES[who])
        db.session.commit()
        return user.id

    def _guard(self) -> tuple[str, list[str]]:
        guarded = db.session.get_one(User, self.people[GUARDED])
        second_factor.begin_enrolment(guarded.id)
        waiting = second_factor.enrolment_of(guarded.id, "guarded@example.org")
        assert waiting is not None
        shown = pyotp.TOTP(waiting.secret).at(clock.now())
        codes = second_factor.finish_enrolment(guarded.id, new_id(), shown, by=acting(guarded))
        db.session.commit()
        self._used_codes.add(shown)
        return waiting.secret, codes
