"""What the portal refuses to start with where real money is."""

from __future__ import annotations

import pytest

from portal.kernel.settings import Settings, SettingsError, load

ALL = {
    "PORTAL_ENV": "production",
    "DATABASE_URL": "postgresql://portal@/portal",
    "REDIS_URL": "unix:///run/valkey.sock",
    "PUBLIC_URL": "https://teranga.example",
    "SECRET_KEY": "0123456789abcdef" * 4,
    "QR_SIGNING_KEY": "0123456789abcdef" * 4,
    "FIELD_KEY": "fedcba9876543210" * 4,
    "WAVE_API_KEY": "wave_sn_prod_own",
    "WAVE_WEBHOOK_SECRETS": "wave_sn_WHS_own",
    "SMS_ACCOUNT_SID": "AC2",
    "SMS_AUTH_TOKEN": "own",
}
SANDBOX_SECRET = "wave_sn_WHS_sandbox0000000000000000000000000000000000000000000000"
DEVELOPMENT_KEY = "development-only-secret-key"


def start(**told: str) -> Settings:
    return load(ALL | told)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "x"),
        ("SECRET_KEY", "x" * 31),
        ("SECRET_KEY_FALLBACKS", "x"),
        ("SECRET_KEY_FALLBACKS", f"{'k' * 40},{DEVELOPMENT_KEY}"),
        ("WAVE_WEBHOOK_SECRETS", ","),
        ("WAVE_WEBHOOK_SECRETS", f"wave_sn_WHS_own,{SANDBOX_SECRET}"),
        ("WAVE_WEBHOOK_SECRETS", f"{SANDBOX_SECRET}, wave_sn_WHS_own"),
        ("PUBLIC_URL", ""),
        ("PUBLIC_URL", "http://teranga.example"),
    ],
)
def test_production_starts_with_nothing_that_others_know_or_can_guess(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        start(**{name: value})


def test_what_only_development_knows_is_no_matter_there() -> None:
    told = load({"DATABASE_URL": ALL["DATABASE_URL"], "REDIS_URL": ALL["REDIS_URL"]})
    assert told.secret_key == DEVELOPMENT_KEY
    assert told.wave_webhook_secrets == (SANDBOX_SECRET,)


def test_lists_may_have_room_around_their_words() -> None:
    old = "k" * 40
    told = start(WAVE_WEBHOOK_SECRETS="new, old, ,", SECRET_KEY_FALLBACKS=f" {old} ,")
    assert told.wave_webhook_secrets == ("new", "old")
    assert told.secret_key_fallbacks == (old,)
