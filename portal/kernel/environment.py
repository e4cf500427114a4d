"""One variable of the environment at a time: read, checked, and a bad one told in a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from portal.kernel.guessable import is_guessable, is_well_known
from portal.kernel.keys import key_id

SENEGAL = "SN"


class SettingsError(Exception):
    """A setting is missing or unusable; the message is for the person who starts the portal."""


class Environment(StrEnum):
    """Where this portal runs; only production refuses to start without its own secrets."""

    DEVELOPMENT = "development"
    TEST = "test"
    PRODUCTION = "production"


# Development and tests must start without any configuration; production refuses these values.
_DEVELOPMENT_SECRETS = {
    "SECRET_KEY": "development-only-secret-key",
    "QR_SIGNING_KEY": "b2f1c3d4e5a697887766554433221100ffeeddccbbaa99887766554433221100",
    "FIELD_KEY": "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
    "LOOKUP_KEY": "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100",
    "WAVE_API_KEY": "wave_sn_sandbox_development",
    "WAVE_WEBHOOK_SECRETS": "wave_sn_WHS_sandbox0000000000000000000000000000000000000000000000",
    "SMS_ACCOUNT_SID": "AC00000000000000000000000000000001",
    "SMS_AUTH_TOKEN": "sandbox-auth-token",
}
# Letters that need no quoting in a link or a header.
_ADDRESS = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,190}")
_SHORTEST_KEY = 32
# The way to reach PostgreSQL on which nobody can listen or stand in for it (SEC-02).
_SAFE_WAY = "verify-full"


class Reader:
    """Reads one variable at a time and turns a bad one into a sentence."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        name = self.text("PORTAL_ENV", Environment.DEVELOPMENT)
        try:
            self.environment = Environment(name)
        except ValueError:
            known = ", ".join(Environment)
            raise SettingsError(f"PORTAL_ENV is “{name}”; it must be one of {known}.") from None
        self._refuse_debugging()

    def _refuse_debugging(self) -> None:
        """A server in debug mode shows its callers the inside of an error (ASVS 13.4.2)."""
        told = self.text("FLASK_DEBUG", "0").lower()
        if self.environment is Environment.PRODUCTION and told not in ("0", "false", "no"):
            raise SettingsError("FLASK_DEBUG shows errors to everybody; production does not allow it.")

    def text(self, name: str, default: str) -> str:
        return self._environ.get(name, "").strip() or default

    def optional(self, name: str) -> str | None:
        return self._environ.get(name, "").strip() or None

    def told(self, name: str) -> str | None:
        """What must not be seen in a list of processes: from the variable, or from the file that NAME_FILE points at."""
        return self.optional(name) or self._from_file(name)

    def words(self, name: str, default: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in (self.told(name) or default).split(",") if word.strip())

    def secret(self, name: str) -> str:
        """A secret from the variable, or from the file that NAME_FILE points at."""
        value = self.told(name)
        default = _DEVELOPMENT_SECRETS[name]
        if self.environment is not Environment.PRODUCTION:
            return value or default
        if value is None:
            raise SettingsError(f"{name} is not set. Production needs its own value for it.")
        self._refuse_known(name, value)
        return value

    def secrets(self, name: str) -> tuple[str, ...]:
        """Secrets with commas between, as while one replaces another."""
        values = tuple(word.strip() for word in self.secret(name).split(",") if word.strip())
        if not values:
            raise SettingsError(f"{name} holds no secret.")
        for value in values:
            self._refuse_known(name, value)
        return values

    def secret_key(self, name: str, key: str) -> str:
        """A key that signs links and forms, too long to be guessed."""
        self._refuse_known(name, key)
        self._refuse_guessable(name, key)
        if self.environment is Environment.PRODUCTION and len(key) < _SHORTEST_KEY:
            raise SettingsError(f"{name} is too short; a key must have {_SHORTEST_KEY} characters or more.")
        return key

    def secret_keys(self, name: str) -> tuple[str, ...]:
        """Older ones of these keys, that still prove what they have signed."""
        return tuple(self.secret_key(name, key) for key in self.words(name, ""))

    def long_enough(self, name: str) -> str | None:
        """A word that opens a door, if there is one: as long as a key."""
        value = self.told(name)
        return self.secret_key(name, value) if value else None

    def _refuse_known(self, name: str, value: str) -> None:
        known = {secret.lower() for secret in _DEVELOPMENT_SECRETS.values()}
        if self.environment is Environment.PRODUCTION and value.lower() in known:
            raise SettingsError(f"{name} still has its development value. Production needs its own.")

    def _refuse_guessable(self, name: str, value: str) -> None:
        if self.environment is Environment.PRODUCTION and is_guessable(value):
            raise SettingsError(f"{name} can be guessed. Make one with: openssl rand -hex 32")

    def _from_file(self, name: str) -> str | None:
        path = self.optional(f"{name}_FILE")
        if path is None:
            return None
        try:
            return Path(path).read_text(encoding="utf-8").strip() or None
        except OSError as error:
            raise SettingsError(f"{name}_FILE cannot be read: {error.strerror}.") from None

    def hexadecimal(self, name: str, size: int) -> str:
        value = self.secret(name)
        self._check_hexadecimal(name, value, size)
        return value

    def key_ring(self, name: str, retired: str) -> tuple[str, ...]:
        """A key and those before it, the newest first."""
        keys = (self.hexadecimal(name, 32), *self.words(retired, ""))
        for key in keys[1:]:
            self._check_hexadecimal(retired, key, 32)
        if len({key_id(key) for key in keys}) < len(keys):
            raise SettingsError(f"{retired} holds a key twice, or the one of {name}.")
        return keys

    def _check_hexadecimal(self, name: str, value: str, size: int) -> None:
        if len(value) != size * 2 or not set(value.lower()) <= set("0123456789abcdef"):
            raise SettingsError(f"{name} must be {size * 2} hexadecimal digits.")
        self._refuse_known(name, value)
        self._refuse_guessable(name, value)

    def public_keys(self, name: str) -> tuple[str, ...]:
        keys = self.words(name, "")
        if all(len(key) == 64 and set(key) <= set("0123456789abcdef") for key in keys):
            return keys
        raise SettingsError(f"{name} must be public keys of 64 hexadecimal digits, with commas between.")

    def number(self, name: str, default: int, low: int, high: int) -> int:
        raw = self.text(name, str(default))
        if raw.isascii() and raw.isdigit() and low <= int(raw) <= high:
            return int(raw)
        raise SettingsError(f"{name} is “{raw}”; it must be a whole number from {low} to {high}.")

    def choice(self, name: str, default: str, known: set[str]) -> str:
        value = self.text(name, default)
        if value not in known:
            raise SettingsError(f"{name} is “{value}”; it must be one of {', '.join(sorted(known))}.")
        return value

    def url(self, name: str, default: str | None, schemes: set[str]) -> str:
        value = self.told(name) or default or ""
        if not value:
            raise SettingsError(f"{name} is not set. Start with bin/serve, or set it.")
        parts = urlsplit(value)
        if parts.scheme not in schemes or not (parts.netloc or parts.path):
            allowed = " or ".join(f"{scheme}://" for scheme in sorted(schemes))
            raise SettingsError(f"{name} is not a usable address; it must start with {allowed}.")
        return value

    def public_url(self) -> str:
        schemes = {"https"} if self.environment is Environment.PRODUCTION else {"http", "https"}
        value = self.url("PUBLIC_URL", "http://127.0.0.1:8000", schemes)
        return value.rstrip("/")

    def optional_database_url(self, name: str) -> str | None:
        return self.database_url(name) if self.told(name) else None

    def database_url(self, name: str) -> str:
        value = self.url(name, None, {"postgresql", "postgres", "postgresql+psycopg"})
        parts = urlsplit(value)
        if self.environment is Environment.PRODUCTION:
            if parts.password and is_well_known(parts.password, parts.username):
                raise SettingsError(f"The password in {name} can be guessed. Production needs its own.")
            told = parse_qs(parts.query)
            if not (
                _is_here(told.get("host", [parts.hostname])[0]) or told.get("sslmode", [""])[0] == _SAFE_WAY
            ):
                raise SettingsError(
                    f"{name} leads over a network without TLS that knows the server; add sslmode=verify-full to it."
                )
        return "postgresql+psycopg://" + value.split("://", 1)[1]

    def redis_url(self) -> str:
        value = self.url("REDIS_URL", None, {"redis", "rediss", "unix"})
        parts = urlsplit(value)
        if (
            self.environment is Environment.PRODUCTION
            and parts.scheme == "redis"
            and not _is_here(parts.hostname)
        ):
            raise SettingsError("REDIS_URL leads over a network without TLS; use rediss://.")
        if self.environment is Environment.PRODUCTION and "ssl_" in parts.query:
            raise SettingsError("REDIS_URL changes how certificates are checked; leave that out.")
        return value

    def provider_url(self, name: str, default: str) -> str:
        """Where a provider is reached: in production over TLS, but for one that runs on this machine."""
        value = self.url(name, default, {"http", "https"}).rstrip("/")
        parts = urlsplit(value)
        if (
            self.environment is Environment.PRODUCTION
            and parts.scheme == "http"
            and not _is_here(parts.hostname)
        ):
            raise SettingsError(f"{name} leads over a network without TLS; use https://.")
        return value

    def smtp_tls(self, host: str) -> str:
        """How mail is encrypted on its way to the server; in production never not at all, but on this machine."""
        way = self.choice("SMTP_TLS", "none", {"none", "starttls", "tls"})
        if self.environment is Environment.PRODUCTION and way == "none" and not _is_here(host):
            raise SettingsError("SMTP_TLS is none and SMTP_HOST another machine; use starttls or tls.")
        return way

    def mail_address(self, name: str, otherwise: str) -> str:
        """An address that people write to: the one that is told, else the one in `otherwise`, else none."""
        told = self.optional(name)
        if told is not None and not _ADDRESS.fullmatch(told):
            raise SettingsError(f"{name} is “{told}”; it must be one mail address, as bonjour@example.org.")
        address = told or parseaddr(otherwise)[1]
        return address if _ADDRESS.fullmatch(address) else ""

    def country(self, name: str, otherwise: str) -> str:
        """The two letters of a country that has numbers of its own."""
        # The run that keeps the others alive reads settings too, and calls nobody.
        from phonenumbers import SUPPORTED_REGIONS

        told = self.text(name, otherwise)
        if told not in SUPPORTED_REGIONS:
            raise SettingsError(f"{name} is “{told}”; it must be the two letters of a country, as SN.")
        return told

    def clock_file(self) -> Path | None:
        path = self.optional("PORTAL_CLOCK_FILE")
        if path and self.environment is Environment.PRODUCTION:
            raise SettingsError("PORTAL_CLOCK_FILE moves the clock; production does not allow it.")
        return Path(path) if path else None


def _is_here(host: str | None) -> bool:
    """Whether a server is reached without leaving the machine: by a socket or by the loopback."""
    return not host or host.startswith("/") or host in ("localhost", "127.0.0.1", "::1")
