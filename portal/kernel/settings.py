"""Everything the portal is told from outside, read once from the environment and checked.

A broken value ends the start with one clear sentence (`SettingsError`), never a traceback.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

PROJECT_ROOT = Path(__file__).resolve().parents[2]


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
    "WAVE_API_KEY": "wave_sn_sandbox_development",
    "WAVE_WEBHOOK_SECRETS": "wave_sn_WHS_sandbox0000000000000000000000000000000000000000000000",
    "SMS_ACCOUNT_SID": "AC00000000000000000000000000000001",
    "SMS_AUTH_TOKEN": "sandbox-auth-token",
}
_SHORTEST_KEY = 32


@dataclass(frozen=True, slots=True)
class Settings:
    """The portal's configuration; every field names its environment variable in upper case."""

    environment: Environment
    database_url: str
    redis_url: str
    public_url: str
    data_dir: Path
    secret_key: str
    secret_key_fallbacks: tuple[str, ...]
    qr_signing_key: str
    qr_retired_keys: tuple[str, ...]
    field_key: str
    wave_api_url: str
    wave_api_key: str
    wave_signing_secret: str | None
    wave_webhook_secrets: tuple[str, ...]
    sms_api_url: str
    sms_account_sid: str
    sms_auth_token: str
    sms_from: str
    smtp_host: str
    smtp_port: int
    smtp_tls: str
    smtp_user: str | None
    smtp_password: str | None
    mail_from: str
    metrics_token: str | None
    db_pool_size: int
    proxy_count: int
    clock_file: Path | None
    testing_hash_cost: bool

    @property
    def is_production(self) -> bool:
        """Whether real money and real people are on the other side."""
        return self.environment is Environment.PRODUCTION

    @property
    def limiter_url(self) -> str:
        """The same Valkey as `redis_url`, database 1, in the spelling the rate limiter reads."""
        if self.redis_url.startswith("unix://"):
            return "redis+" + self.redis_url.split("?")[0] + "?db=1"
        return self.redis_url.rstrip("/").removesuffix("/0") + "/1"


def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Read and check the settings.

    Raises `SettingsError` with one sentence naming the variable that is missing or unusable.
    """
    reader = _Reader(os.environ if environ is None else environ)
    data_dir = Path(reader.text("PORTAL_DATA_DIR", str(PROJECT_ROOT / "instance"))).resolve()
    return Settings(
        environment=reader.environment,
        database_url=reader.database_url(),
        redis_url=reader.url("REDIS_URL", None, {"redis", "rediss", "unix"}),
        public_url=reader.public_url(),
        data_dir=data_dir,
        secret_key=reader.secret_key("SECRET_KEY", reader.secret("SECRET_KEY")),
        secret_key_fallbacks=tuple(
            reader.secret_key("SECRET_KEY_FALLBACKS", key) for key in reader.words("SECRET_KEY_FALLBACKS", "")
        ),
        qr_signing_key=reader.hexadecimal("QR_SIGNING_KEY", 32),
        qr_retired_keys=reader.public_keys("QR_RETIRED_KEYS"),
        field_key=reader.hexadecimal("FIELD_KEY", 32),
        wave_api_url=reader.url("WAVE_API_URL", "https://api.wave.com", {"http", "https"}).rstrip("/"),
        wave_api_key=reader.secret("WAVE_API_KEY"),
        wave_signing_secret=reader.optional("WAVE_SIGNING_SECRET"),
        wave_webhook_secrets=reader.secrets("WAVE_WEBHOOK_SECRETS"),
        sms_api_url=reader.url("SMS_API_URL", "https://api.twilio.com", {"http", "https"}).rstrip("/"),
        sms_account_sid=reader.secret("SMS_ACCOUNT_SID"),
        sms_auth_token=reader.secret("SMS_AUTH_TOKEN"),
        sms_from=reader.text("SMS_FROM", "Teranga"),
        smtp_host=reader.text("SMTP_HOST", "127.0.0.1"),
        smtp_port=reader.number("SMTP_PORT", 1025, 1, 65535),
        smtp_tls=reader.choice("SMTP_TLS", "none", {"none", "starttls", "tls"}),
        smtp_user=reader.optional("SMTP_USER"),
        smtp_password=reader.optional("SMTP_PASSWORD"),
        mail_from=reader.text("MAIL_FROM", "Teranga <bonjour@teranga.example>"),
        metrics_token=reader.optional("METRICS_TOKEN"),
        db_pool_size=reader.number("DB_POOL_SIZE", 8, 0, 100),
        proxy_count=reader.number("PROXY_COUNT", 0, 0, 5),
        clock_file=reader.clock_file(),
        testing_hash_cost=reader.environment is Environment.TEST,
    )


class _Reader:
    """Reads one variable at a time and turns a bad one into a sentence."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        name = self.text("PORTAL_ENV", Environment.DEVELOPMENT)
        try:
            self.environment = Environment(name)
        except ValueError:
            known = ", ".join(Environment)
            raise SettingsError(f"PORTAL_ENV is “{name}”; it must be one of {known}.") from None

    def text(self, name: str, default: str) -> str:
        return self._environ.get(name, "").strip() or default

    def optional(self, name: str) -> str | None:
        return self._environ.get(name, "").strip() or None

    def words(self, name: str, default: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in self.text(name, default).split(",") if word.strip())

    def secret(self, name: str) -> str:
        """A secret from the variable, or from the file that NAME_FILE points at."""
        value = self.optional(name) or self._from_file(name)
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
        if self.environment is Environment.PRODUCTION and len(key) < _SHORTEST_KEY:
            raise SettingsError(f"{name} is too short; a key must have {_SHORTEST_KEY} characters or more.")
        return key

    def _refuse_known(self, name: str, value: str) -> None:
        if self.environment is Environment.PRODUCTION and value in _DEVELOPMENT_SECRETS.values():
            raise SettingsError(f"{name} still has its development value. Production needs its own.")

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
        try:
            if len(bytes.fromhex(value)) == size:
                return value
        except ValueError:
            pass
        raise SettingsError(f"{name} must be {size * 2} hexadecimal digits.")

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
        value = self.text(name, default or "")
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

    def database_url(self) -> str:
        value = self.url("DATABASE_URL", None, {"postgresql", "postgres", "postgresql+psycopg"})
        return "postgresql+psycopg://" + value.split("://", 1)[1]

    def clock_file(self) -> Path | None:
        path = self.optional("PORTAL_CLOCK_FILE")
        if path and self.environment is Environment.PRODUCTION:
            raise SettingsError("PORTAL_CLOCK_FILE moves the clock; production does not allow it.")
        return Path(path) if path else None
