"""Signing in, the second factor, new passwords and other addresses, in any order: nobody comes in who has not proved it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from tests.badinput.fuzz.effort import amount
from tests.badinput.fuzz.values import texts
from tests.badinput.fuzz.ways_in import BROWSERS, GUARDED, PLAIN, Doorway
from tests.badinput.trying import Trial
from tests.identity.doorway import PASSWORD

_BROWSER = st.sampled_from(BROWSERS)
_WHO = st.sampled_from((PLAIN, GUARDED))
_PASSWORDS = st.one_of(st.just(PASSWORD), st.sampled_from(("huit pirogues bleues", "password1", "")), texts())
_NUMBER = st.integers(0, 200)


class WaysIn(RuleBasedStateMachine):
    """Any step, by anybody, at any moment."""

    def __init__(self, trial: Trial) -> None:
        super().__init__()
        self.door = Doorway(trial)

    def teardown(self) -> None:
        self.door.close()

    @rule(browser=_BROWSER, who=_WHO, typed=_PASSWORDS)
    def sign_in_with_a_password(self, browser: str, who: str, typed: str) -> None:
        self.door.password(browser, who, typed)

    @rule(browser=_BROWSER, who=_WHO)
    def sign_in_with_the_right_password(self, browser: str, who: str) -> None:
        self.door.password(browser, who, self.door.passwords[who] or PASSWORD)

    @rule(browser=_BROWSER, offset=st.sampled_from((0, 0, -30, 30, -300, 3600)))
    def type_what_the_app_shows(self, browser: str, offset: int) -> None:
        self.door.second_step(browser, self.door.right_code(offset), is_right=abs(offset) <= 30)

    @rule(browser=_BROWSER)
    def come_in_with_both(self, browser: str) -> None:
        self.door.do(browser, "/sign-out", {})
        self.door.password(browser, GUARDED, self.door.passwords[GUARDED])
        self.type_a_fresh_code(browser)

    @precondition(lambda self: self.door.cookies)
    @rule(browser=_BROWSER, number=_NUMBER)
    def go_on_from_an_earlier_moment(self, browser: str, number: int) -> None:
        self.door.do(browser, "/sign-out", {})
        self.door.bring_earlier_cookie(browser, number)
        self.type_a_fresh_code(browser)

    @rule(browser=_BROWSER)
    def type_a_fresh_code(self, browser: str) -> None:
        self.door.tick(31)
        self.door.second_step(browser, self.door.right_code(0), is_right=True)

    @rule(browser=_BROWSER, number=_NUMBER)
    def type_a_recovery_code(self, browser: str, number: int) -> None:
        codes = self.door.recovery_codes
        self.door.second_step(browser, codes[number % len(codes)], is_right=True)

    @rule(browser=_BROWSER, typed=texts())
    def type_something_as_the_second_step(self, browser: str, typed: str) -> None:
        self.door.second_step(browser, typed, is_right=False)

    @rule(browser=_BROWSER, who=_WHO)
    def ask_for_a_code(self, browser: str, who: str) -> None:
        self.door.ask_for_code(browser, who)

    @rule(browser=_BROWSER, of=_BROWSER)
    def type_the_code_that_one_of_them_was_sent(self, browser: str, of: str) -> None:
        asked = self.door.seats[of].asked
        self.door.enter_code(browser, asked.digits if asked else "000000")

    @rule(browser=_BROWSER)
    def have_the_code_sent_again(self, browser: str) -> None:
        self.door.send_code_again(browser)

    @rule(browser=_BROWSER)
    def sign_out(self, browser: str) -> None:
        self.door.do(browser, "/sign-out", {})
        assert self.door.who_sits_at(browser) is None

    @rule(browser=_BROWSER, who=_WHO)
    def forget_the_password(self, browser: str, who: str) -> None:
        self.door.do(browser, "/password/forgotten", {"email": self.door.emails[who]})
        self.door.issue_reset(who)

    @precondition(lambda self: self.door.resets)
    @rule(browser=_BROWSER, number=_NUMBER, password=_PASSWORDS)
    def choose_a_new_password(self, browser: str, number: int, password: str) -> None:
        links = [*self.door.resets]
        self.door.reset(browser, links[number % len(links)], password)

    @precondition(lambda self: self.door.used_links)
    @rule(browser=_BROWSER, number=_NUMBER)
    def use_a_void_link(self, browser: str, number: int) -> None:
        links = self.door.used_links
        answer = self.door.do(browser, f"/password/new/{links[number % len(links)]}", {"password": PASSWORD})
        assert answer.status_code == 410

    @rule(browser=_BROWSER, typed=_PASSWORDS)
    def prove_it_again(self, browser: str, typed: str) -> None:
        self.door.prove_again(browser, typed)

    @rule(browser=_BROWSER, name=st.sampled_from(("plain", "guarded", "fresh", "fresher")))
    def name_another_address(self, browser: str, name: str) -> None:
        self.door.name_new_address(browser, f"{name}@example.org")

    @precondition(lambda self: self.door.proofs)
    @rule(browser=_BROWSER, number=_NUMBER)
    def follow_the_link_to_another_address(self, browser: str, number: int) -> None:
        links = [*self.door.proofs]
        self.door.prove_address(browser, links[number % len(links)])

    @precondition(lambda self: self.door.take_backs)
    @rule(browser=_BROWSER, number=_NUMBER)
    def take_the_address_back(self, browser: str, number: int) -> None:
        links = [*self.door.take_backs]
        self.door.take_back(browser, links[number % len(links)])

    @precondition(lambda self: self.door.ended)
    @rule(browser=_BROWSER, number=_NUMBER)
    def bring_a_session_that_has_ended(self, browser: str, number: int) -> None:
        self.door.bring_ended_session(browser, number)

    @precondition(lambda self: self.door.cookies)
    @rule(browser=_BROWSER, number=_NUMBER)
    def bring_a_cookie_of_an_earlier_moment(self, browser: str, number: int) -> None:
        self.door.bring_earlier_cookie(browser, number)

    @rule(seconds=st.sampled_from((1, 31, 601, 3_601, 24 * 3_601)))
    def wait(self, seconds: int) -> None:
        self.door.tick(seconds)


@pytest.mark.covers("ID-53")
def test_no_order_of_steps_lets_anybody_in_without_what_it_takes(trial: Trial) -> None:
    run_state_machine_as_test(lambda: WaysIn(trial), settings=amount(6, stateful_step_count=20))


@pytest.mark.parametrize("who", [PLAIN, GUARDED])
def test_the_right_steps_do_let_them_in(trial: Trial, who: str) -> None:
    """Without this, a door that stays shut would pass for a safe one."""
    steps: Any = WaysIn(trial)
    try:
        steps.sign_in_with_the_right_password("phone", who)
        assert steps.door.who_sits_at("phone") == (PLAIN if who == PLAIN else None)
        steps.type_what_the_app_shows("phone", 0)
        assert steps.door.who_sits_at("phone") == who
        steps.name_another_address("phone", "fresh")
        steps.follow_the_link_to_another_address("phone", 0)
        assert steps.door.emails[who] == "fresh@example.org"
        steps.sign_out("phone")
        steps.ask_for_a_code("laptop", who)
        steps.type_the_code_that_one_of_them_was_sent("laptop", "laptop")
        steps.wait(31)
        steps.type_what_the_app_shows("laptop", 0)
        assert steps.door.who_sits_at("laptop") == who
        steps.take_the_address_back("phone", 0)
        assert steps.door.who_sits_at("laptop") is None
        steps.forget_the_password("phone", who)
        steps.choose_a_new_password("phone", 0, "huit pirogues bleues")
        assert steps.door.passwords[who] == "huit pirogues bleues"
        steps.use_a_void_link("phone", 0)
    finally:
        steps.teardown()
