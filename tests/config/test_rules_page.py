"""The limits that `docs/security-rules.md` puts down are those that the portal begins with (ASVS 2.1.3, 2.3.2)."""

from __future__ import annotations

import re

import pytest

import portal.web.factory  # noqa: F401  (every room's settings are registered)
from portal.config.registry import REGISTRY
from portal.identity.passkeys import MOST_PASSKEYS
from portal.kernel.settings import PROJECT_ROOT
from portal.referrals.importing import MAX_CONTACTS, MAX_ENTRIES

PAGE = " ".join((PROJECT_ROOT / "docs" / "security-rules.md").read_text(encoding="utf-8").split())
_SAID = {
    "invitations.per_day": r"(\d+) invitations a day for a sponsor",
    "invitations.to_one_person": r"(\d+) in 24 hours for one person",
    "people.guardian_asks": r"(\d+) guardians named in an hour",
    "people.guardian_messages_of_one": r"of whom (\d+) a day are written to",
    "people.guardian_messages_to_one": r"(\d+) such messages a day for one address",
    "teams.invites_per_hour": r"(\d+) invitations into teams an hour",
    "teams.most_waiting": r"(\d+) that wait for one house",
    "teams.messages_to_one": r"(\d+) letters a day to one contact",
    "donations.min": r"gifts from ([\d,]+) to",
    "donations.max": r"gifts from [\d,]+ to ([\d,]+) F CFA",
    "pots.target_max": r"a pot's target up to ([\d,]+)",
    "privacy.exports_per_day": r"(\d+) copies of one's data a day",
    "redemptions.typed_misses": r"(\d+) unknown codes at a till",
    "people.pictures_per_hour": r"(\d+) pictures and \d+ address books an hour",
    "referrals.imports_per_hour": r"\d+ pictures and (\d+) address books an hour",
    "donations.per_minute": r"(\d+) gifts begun",
    "pots.shares_per_minute": r"(\d+) pictures to share made in a minute",
    "payouts.accounts_per_hour": r"(\d+) changes of a payout account an hour",
    "people.papers_per_hour": r"(\d+) papers and \d+ letters an hour",
    "people.letters_per_hour": r"\d+ papers and (\d+) letters an hour",
    "people.most_addresses": r"(\d+) addresses and \d+ interests",
    "people.most_interests": r"\d+ addresses and (\d+) interests",
    "api.requests_per_minute": r"(\d+) requests a minute of one's programs",
    "referrals.links_per_minute": r"(\d+) invitation links opened a minute",
    "people.calendar_fetches": r"(\d+) looks at calendars an hour",
    "identity.links_per_hour": r"(\d+) links an hour to one address",
    "portal.changes_per_minute": r"(\d+) forms a minute by one person",
    "notifications.unproved_texts_per_day": r"for all people together ([\d,]+) a day",
    "notifications.unproved_texts_at_home": r"of these ([\d,]+) to our own country",
    "notifications.unproved_texts_per_country": r"and (\d+) to each other country",
    "identity.lock_window": r"within (\d+) minutes closes it",
    "identity.lock_minutes": r"closes it for (\d+) minutes",
    "identity.sign_ins_per_minute": r"signs in (\d+) times a minute",
    "identity.sign_ups_per_hour": r"opens (\d+) accounts",
    "identity.codes_per_address": r"asks for (\d+) codes an hour",
    "identity.code_sends": r"one number gets (\d+) codes an hour",
    "identity.code_sends_to_strangers": r"(\d+) for all that nobody knows",
    "identity.code_tries": r"each with (\d+) tries",
    "identity.codes_per_day": r"all numbers together ([\d,]+) a day",
    "identity.wrong_codes_per_day": r"After (\d+) wrong codes",
    "identity.step_up_minutes": r"ask for a fresh proof \((\d+) minutes",
    "identity.take_back_days": r"taken back for (\d+) days",
    "identity.session_idle_days": r"ends after (\d+) days without use",
    "identity.session_days": r"and (\d+) days in any case",
    "identity.admin_session_idle_minutes": r"ends after (\d+) idle minutes",
    "identity.admin_session_hours": r"and after (\d+) hours",
    "people.paper_pages": r"of a PDF (\d+) pages",
    "people.paper_seconds": r"drawn within (\d+) seconds",
}


@pytest.mark.parametrize("key", _SAID)
def test_the_page_says_what_a_setting_begins_with(key: str) -> None:
    (said,) = re.findall(_SAID[key], PAGE)

    assert int(said.replace(",", "")) == REGISTRY[key].default


def test_whatever_is_limited_by_time_stands_on_the_page() -> None:
    limits = {key for key in REGISTRY if re.search(r"_per_(?:minute|hour|day)$|_to_one$|\.most_", key)}

    assert limits <= _SAID.keys()


def test_the_bounds_that_are_no_settings_are_said_too() -> None:
    assert f"{MAX_CONTACTS:,} contacts an import" in PAGE
    assert f"{MAX_ENTRIES:,} entries" in PAGE
    assert f"{MOST_PASSKEYS} passkeys" in PAGE
