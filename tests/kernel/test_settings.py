"""What the portal refuses to start with where real money is."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from portal.kernel.settings import Settings, SettingsError, load


def own(name: str) -> str:
    """A key that nobody else has."""
    return sha256(name.encode()).hexdigest()


ALL = {
    "PORTAL_ENV": "production",
    "DATABASE_URL": "postgresql://portal@/portal",
    "REDIS_URL": "unix:///run/valkey.sock",
    "PUBLIC_URL": "https://teranga.example",
    "SECRET_KEY": own("SECRET_KEY"),
    "QR_SIGNING_KEY": own("QR_SIGNING_KEY"),
    "FIELD_KEY": own("FIELD_KEY"),
    "LOOKUP_KEY": own("LOOKUP_KEY"),
    "WAVE_API_KEY": "wave_sn_prod_own",
    "WAVE_WEBHOOK_SECRETS": "wave_sn_WHS_own",
    "SMS_ACCOUNT_SID": "AC2",
    "SMS_AUTH_TOKEN": "own",
}
DEVELOPMENT_FIELD_KEY = "00112233445566778899aabbccddeeff" * 2
SANDBOX_SECRET = "wave_sn_WHS_sandbox0000000000000000000000000000000000000000000000"
DEVELOPMENT_KEY = "development-only-secret-key"


def start(**told: str) -> Settings:
    return load(ALL | told)


@pytest.mark.parametrize(
    ("told", "address"),
    [
        ({}, "bonjour@teranga.example"),
        ({"MAIL_FROM": "Teranga <salut@example.org>"}, "salut@example.org"),
        ({"MAIL_FROM": "salut@example.org", "CONTACT_ADDRESS": "aide@example.org"}, "aide@example.org"),
        ({"MAIL_FROM": "nobody"}, ""),
    ],
)
def test_people_write_where_our_mails_come_from_unless_told_otherwise(
    told: dict[str, str], address: str
) -> None:
    assert start(**told).contact_address == address


@pytest.mark.parametrize(("told", "region"), [({}, "SN"), ({"HOME_REGION": "CI"}, "CI")])
def test_numbers_are_of_home_as_the_operator_says(told: dict[str, str], region: str) -> None:
    assert start(**told).home_region == region


@pytest.mark.parametrize("told", ["sn", "SEN", "221", "XX"])
def test_a_home_that_has_no_numbers_ends_the_start(told: str) -> None:
    with pytest.raises(SettingsError, match="HOME_REGION"):
        start(HOME_REGION=told)


@pytest.mark.parametrize("told", ["aide", "Aide <aide@example.org>", "a b@example.org", 'a"b@example.org'])
def test_an_address_that_nobody_can_write_to_ends_the_start(told: str) -> None:
    with pytest.raises(SettingsError, match="CONTACT_ADDRESS"):
        start(CONTACT_ADDRESS=told)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "x"),
        ("SECRET_KEY", own("short")[:31]),
        ("SECRET_KEY", "s" * 40),
        ("SECRET_KEY", "correct-horse" * 4),
        ("SECRET_KEY", "please-put-a-secret-of-your-own-here-0123"),
        ("FIELD_KEY", "0123456789abcdef" * 4),
        ("FIELD_KEY", "0" * 64),
        ("FIELD_KEY", "ab" * 32),
        ("FIELD_KEY", DEVELOPMENT_FIELD_KEY.upper()),
        ("FIELD_RETIRED_KEYS", DEVELOPMENT_FIELD_KEY),
        ("FIELD_RETIRED_KEYS", own("FIELD_KEY")),
        ("FIELD_RETIRED_KEYS", f"{own('old')},{own('old').upper()}"),
        ("FIELD_RETIRED_KEYS", own("old")[:62] + "zz"),
        ("LOOKUP_KEY", own("FIELD_KEY")),
        ("LOOKUP_RETIRED_KEYS", own("QR_SIGNING_KEY").upper()),
        ("QR_SIGNING_KEY", own("SECRET_KEY")),
        ("METRICS_TOKEN", "letmein"),
        ("SECRET_KEY_FALLBACKS", "x"),
        ("SECRET_KEY_FALLBACKS", f"{own('old')},{DEVELOPMENT_KEY}"),
        ("WAVE_WEBHOOK_SECRETS", ","),
        ("WAVE_WEBHOOK_SECRETS", f"wave_sn_WHS_own,{SANDBOX_SECRET}"),
        ("WAVE_WEBHOOK_SECRETS", f"{SANDBOX_SECRET}, wave_sn_WHS_own"),
        ("PUBLIC_URL", ""),
        ("PUBLIC_URL", "http://teranga.example"),
        ("WAVE_API_URL", "http://api.wave.example"),
        ("SMS_API_URL", "http://api.twilio.example"),
        ("SMTP_HOST", "mail.example"),
        ("REDIS_URL", "rediss://cache.example/0?ssl_cert_reqs=none"),
        ("FLASK_DEBUG", "1"),
        ("FLASK_DEBUG", "Yes"),
    ],
)
def test_production_starts_with_nothing_that_others_know_or_can_guess(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        start(**{name: value})


def test_what_only_development_knows_is_no_matter_there() -> None:
    told = load({"DATABASE_URL": ALL["DATABASE_URL"], "REDIS_URL": ALL["REDIS_URL"]})
    assert told.secret_key == DEVELOPMENT_KEY
    assert told.wave_webhook_secrets == (SANDBOX_SECRET,)


def test_only_production_cares_whether_errors_are_shown() -> None:
    assert start(FLASK_DEBUG="0").is_production
    told = load({"DATABASE_URL": ALL["DATABASE_URL"], "REDIS_URL": ALL["REDIS_URL"], "FLASK_DEBUG": "1"})
    assert not told.is_production


def test_lists_may_have_room_around_their_words() -> None:
    old = own("old")
    told = start(WAVE_WEBHOOK_SECRETS="new, old, ,", SECRET_KEY_FALLBACKS=f" {old} ,")
    assert told.wave_webhook_secrets == ("new", "old")
    assert told.secret_key_fallbacks == (old,)


@pytest.mark.parametrize("name", ["SECRET_KEY", "QR_SIGNING_KEY", "FIELD_KEY", "LOOKUP_KEY", "WAVE_API_KEY"])
def test_production_brings_every_secret_itself_and_says_which_is_missing(name: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        start(**{name: ""})
    assert str(refusal.value) == f"{name} is not set. Production needs its own value for it."


@pytest.mark.parametrize("name", ["SMTP_PASSWORD", "FIELD_RETIRED_KEYS", "DATABASE_URL", "LOOKUP_KEY"])
def test_whatever_is_secret_may_stand_in_a_file(name: str, tmp_path: Path) -> None:
    value = "postgresql:///elsewhere" if name == "DATABASE_URL" else own("in a file")
    (tmp_path / "secret").write_text(f"{value}\n", encoding="utf-8")
    told = start(**{name: "", f"{name}_FILE": str(tmp_path / "secret")})

    assert value.split("//")[-1] in repr(told)
    with pytest.raises(SettingsError, match=f"{name}_FILE cannot be read"):
        start(**{name: "", f"{name}_FILE": str(tmp_path / "nothing")})


def test_the_newest_key_comes_first() -> None:
    told = start(FIELD_RETIRED_KEYS=f"{own('older')},{own('oldest')}")
    assert told.field_keys == (own("FIELD_KEY"), own("older"), own("oldest"))
    assert told.lookup_keys == (own("LOOKUP_KEY"),)


@pytest.mark.covers("SEC-02")
@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("DATABASE_URL", "postgresql://portal:Zb7!kq@db.example/portal"),
        ("DATABASE_URL", "postgresql://portal:Zb7!kq@db.example/portal?sslmode=prefer"),
        ("DATABASE_URL", "postgresql://portal:Zb7!kq@/portal?host=db.example"),
        ("DATABASE_URL", "postgresql://portal:Zb7!kq@db.example/portal?sslmode=require"),
        ("REDIS_URL", "redis://cache.example/0"),
    ],
)
def test_no_connection_to_a_store_can_be_listened_to(name: str, address: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} leads over a network without TLS"):
        start(**{name: address})


@pytest.mark.covers("SEC-02")
@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("DATABASE_URL", "postgresql://portal:Zb7!kq@db.example/portal?sslmode=verify-full"),
        ("DATABASE_URL", "postgresql://portal:Zb7!kq@127.0.0.1/portal"),
        ("DATABASE_URL", "postgresql://portal@/portal?host=/run/postgresql"),
        ("REDIS_URL", "rediss://cache.example/0"),
        ("REDIS_URL", "redis://localhost:6379/0"),
    ],
)
def test_what_stays_on_the_machine_or_is_encrypted_may_be_used(name: str, address: str) -> None:
    assert start(**{name: address}).is_production


@pytest.mark.parametrize("password", ["postgres", "Portal", "changeme", "teranga_web"])
def test_the_password_of_the_database_is_not_the_one_everybody_tries(password: str) -> None:
    with pytest.raises(SettingsError, match="The password in DATABASE_URL can be guessed"):
        start(DATABASE_URL=f"postgresql://teranga_web:{password}@/portal")
