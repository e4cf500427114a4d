"""Signed papers: how old they are is told by the portal's clock, and a new key does not spoil them."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from flask import Flask
from itsdangerous import BadSignature, SignatureExpired

from portal.kernel.errors import InvalidInput
from portal.kernel.papers import signer_of
from portal.redemptions.permits import MAX_AGE_SECONDS as PERMIT_LASTS
from portal.redemptions.permits import Permit, give_permit, read_permit
from portal.referrals.addresses import Reachable
from portal.referrals.previews import MAX_AGE_SECONDS as PREVIEW_LASTS
from portal.referrals.previews import seal, unseal
from tests.harness.moments import Clock

SOMEBODY = UUID("01890000-0000-7000-8000-000000000001")


@pytest.fixture(autouse=True)
def _inside(session_app: Flask, clock: Clock) -> Iterator[None]:
    clock.travel(2026, 3, 2, 10)
    with session_app.app_context():
        yield


def test_a_paper_is_as_old_as_the_portals_clock_says(clock: Clock) -> None:
    paper = signer_of("tests").dumps(["x"])

    clock.advance(seconds=60)
    assert signer_of("tests").loads(paper, max_age=60) == ["x"]
    clock.advance(seconds=1)
    with pytest.raises(SignatureExpired):
        signer_of("tests").loads(paper, max_age=60)


def test_a_paper_is_good_for_its_purpose_only() -> None:
    paper = signer_of("tests").dumps(["x"])

    with pytest.raises(BadSignature):
        signer_of("other tests").loads(paper, max_age=60)


def test_a_paper_outlives_a_change_of_the_key(session_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = signer_of("tests").dumps(["x"])

    monkeypatch.setitem(session_app.config, "SECRET_KEY_FALLBACKS", [session_app.config["SECRET_KEY"]])
    monkeypatch.setitem(session_app.config, "SECRET_KEY", "a-new-key")
    assert signer_of("tests").loads(paper, max_age=60) == ["x"]

    monkeypatch.setitem(session_app.config, "SECRET_KEY_FALLBACKS", [])
    with pytest.raises(BadSignature):
        signer_of("tests").loads(paper, max_age=60)


def test_a_permit_is_good_for_its_minutes(clock: Clock) -> None:
    held = Permit(SOMEBODY, None, "tap")
    permit = give_permit(held, SOMEBODY)

    clock.advance(seconds=PERMIT_LASTS)
    assert read_permit(permit, SOMEBODY) == held
    clock.advance(seconds=1)
    assert read_permit(permit, SOMEBODY) is None


def test_a_preview_is_good_for_its_hour(clock: Clock) -> None:
    people = [Reachable("Astou Cissé", "+221775554433", None)]
    preview = seal(people, SOMEBODY)

    clock.advance(seconds=PREVIEW_LASTS)
    assert unseal(preview, SOMEBODY) == people
    clock.advance(seconds=1)
    with pytest.raises(InvalidInput, match="too old"):
        unseal(preview, SOMEBODY)
