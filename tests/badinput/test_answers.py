"""What holds of every good answer: its kind, its name, and what it may have changed."""

from __future__ import annotations

import re

import pytest
from werkzeug.http import parse_options_header

from tests.badinput.doors import PAGE, Door
from tests.badinput.table import DOORS, OPEN, knock, rule_of_access
from tests.badinput.trying import Trial

# What opening a page may leave behind: that it was opened, by whom, and the way to Wave's page of one's own gift.
_LEFT_BY_LOOKING = {
    "admin.user": {"data_accesses"},
    "admin.user_decision": {"data_accesses"},
    "guardians_admin.case": {"data_accesses"},
    "notifications.open_message": {"notifications"},
    "people_admin.paper": {"audit_logs", "data_accesses"},
    "people_admin.scan": {"audit_logs", "data_accesses"},
    "pots_admin.donation": {"data_accesses"},
    "pots_admin.refund": {"data_accesses"},
    "pots_giving.pay": {"payment_transactions", "status_history"},
    "pots_public.invitation": {"pot_invitations"},
    "privacy.fetch": {"security_events"},
    "redemptions_admin.detail": {"data_accesses"},
    "referrals_admin.detail": {"data_accesses"},
    "referrals_admin.revoke": {"data_accesses"},
    "referrals_admin.sponsor": {"data_accesses"},
    "referrals_public.landing": {"referral_clicks", "referrals"},
}
_FOR_EVERYBODY = {"assets.file", "web.stored_picture", "pots_public.preview_picture", "pots_public.qr"}
# Texts and tables that programs and sheets read, and whose kind says how they are written.
_TEXTS = ("text/", "image/svg+xml", "application/manifest+json")
# Shown where they are by their very kind: what pages are made of, and answers to programs.
_NAMELESS = ("text/html", "application/json", "application/manifest+json", "text/css", "text/plain")


@pytest.mark.parametrize("door", [one for one in DOORS if one.method == "GET"], ids=str)
def test_whoever_only_looks_changes_nothing(trial: Trial, door: Door) -> None:
    """A link, a picture or a page of somebody else can have it opened (ASVS 3.5.3)."""
    assert knock(trial, door).changed == _LEFT_BY_LOOKING.get(door.endpoint, set())


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_an_answer_says_what_it_is_and_what_a_file_is_called(trial: Trial, door: Door) -> None:
    """Its true kind with its letters (ASVS 4.1.1), a name of ours for files (5.4.1), and for no other site (3.4.2)."""
    answer = knock(trial, door).answer
    if answer.data:
        kind, more = parse_options_header(answer.headers["Content-Type"])
        if kind.startswith(_TEXTS) and "Content-Encoding" not in answer.headers:
            answer.data.decode(more.get("charset", "ascii"))
        if not kind.startswith(_NAMELESS):
            _how, named = parse_options_header(answer.headers["Content-Disposition"])
            assert named["filename"].isascii()
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_nothing_about_a_person_is_kept_on_the_way(trial: Trial, door: Door) -> None:
    """Only what is for everybody may lie in a cache (ASVS 14.2.2, 14.3.2)."""
    told = knock(trial, door).answer.headers["Cache-Control"]

    assert ("no-store" not in told) == (door.endpoint in _FOR_EVERYBODY), told


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_every_page_of_somebody_who_is_in_leads_out(trial: Trial, door: Door) -> None:
    """Also those that ask who it is (ASVS 7.4.4)."""
    if rule_of_access(trial.app, door).startswith(OPEN):
        return
    tried = knock(trial, door)
    if tried.status == PAGE and tried.page.startswith("<!doctype html>"):
        assert 'action="/sign-out"' in tried.page


@pytest.mark.parametrize("door", [one for one in DOORS if one.method == "GET"], ids=str)
def test_a_password_is_hidden_and_may_come_from_where_it_is_kept(trial: Trial, door: Door) -> None:
    """Browsers and managers know which one is meant (ASVS 6.2.6, 6.2.7)."""
    for field in re.findall(r"<input\b[^>]*>", knock(trial, door).page):
        if 'type="password"' in field or re.search(r'name="[^"]*(?:password|present)"', field):
            assert 'type="password"' in field
            assert re.search(r'autocomplete="(?:current|new)-password"', field), field
