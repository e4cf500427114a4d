"""Doors that are knocked at too often: who has a limit, and what is said when it is reached."""

from __future__ import annotations

from typing import Any

import pytest

from portal.kernel.limits import limiter
from portal.web import changes
from tests.badinput.doors import Door
from tests.badinput.judging import complaints
from tests.badinput.table import DOORS, OPEN, knock, rule_of_access
from tests.badinput.trying import NOBODY, Trial

# Open to everybody, and nothing that a program could wear out.
_WITHOUT_LIMIT = frozenset(
    {
        "web.set_locale",
        "identity.sign_out",
        "identity_returning.carry_answer",
        "notifications_public.unsubscribe",
        "notifications_public.sms_receipt",
        "payments_public.wave_webhook",
    }
)
_FOR_PEOPLE_WITH_AN_ACCOUNT = {
    "campaigns_admin.detail",
    "campaigns_admin.invitation",
    "campaigns_company.invitation",
    "campaigns_company.invite",
    "identity.begin_passkey_proof",
    "identity.change_password",
    "identity.enrol_app",
    "identity.link_provider",
    "identity.new_email",
    "identity.new_passkey",
    "identity.new_phone",
    "identity.prove",
    "identity.prove_new_email",
    "identity.prove_new_phone",
    "identity.prove_with_app",
    "identity.prove_with_code",
    "identity.prove_with_passkey",
    "identity.send_confirmation",
    "identity.send_proof_code",
    "people.paper_list",
    "people.write_letter",
    "privacy.ask",
    "people.change_guardian",
    "people.edit_profile",
    "people.name_guardian",
    "pots_client.add_photo",
    "pots_client.create",
    "pots_client.edit",
    "packs_partner.add_picture",
    "packs_partner.edit",
    "packs_partner.new",
    "partners_admin.detail",
    "partners_admin.invitation",
    "partners_partner.invitation",
    "partners_partner.invite",
    "payouts_partner.account",
    "referrals_api.create",
    "referrals_sponsor.import_contacts",
}


@pytest.fixture
def worn_out(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every limit of a door of its own has been reached."""

    def reached(_strategy: object, _item: object, *identifiers: str, **_named: Any) -> bool:
        return changes.SCOPE in identifiers

    monkeypatch.setattr(limiter, "enabled", True)
    monkeypatch.setattr(type(limiter.limiter), "hit", reached)


def _limited(trial: Trial) -> list[Door]:
    return [door for door in DOORS if knock(trial, door).status == 429]


@pytest.mark.usefixtures("worn_out")
def test_what_costs_something_has_a_limit(trial: Trial) -> None:
    """Every form that is open to everybody, and what makes work or asks others for something."""
    limited = {door.endpoint for door in _limited(trial) if door.method == "POST"}
    is_open = {
        door.endpoint
        for door in DOORS
        if door.method == "POST" and rule_of_access(trial.app, door).startswith(OPEN)
    }

    assert limited == is_open - _WITHOUT_LIMIT | _FOR_PEOPLE_WITH_AN_ACCOUNT


def test_whatever_somebody_changes_counts(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    """But for the till, the way out, and what only programs send without a session (ASVS 2.4.1)."""

    def reached(_strategy: object, _item: object, *identifiers: str, **_named: Any) -> bool:
        return changes.SCOPE not in identifiers

    monkeypatch.setattr(limiter, "enabled", True)
    monkeypatch.setattr(type(limiter.limiter), "hit", reached)
    by_people = [door for door in DOORS if door.method != "GET" and door.by != NOBODY]

    free = {door.endpoint for door in by_people if knock(trial, door).status != 429}

    assert len(by_people) > 100
    assert free == changes.WITHOUT


@pytest.mark.usefixtures("worn_out")
def test_a_reached_limit_says_why_and_when_it_works_again(trial: Trial) -> None:
    for door in _limited(trial):
        tried = knock(trial, door)
        assert [*complaints(tried, {429})] == [], door
        assert tried.changed == set(), door
        assert int(tried.answer.headers["Retry-After"]) >= 1, door
        assert "That was a little too fast" in tried.page, door
        assert "That was too often in a short time. You can go on in" in tried.page, door
