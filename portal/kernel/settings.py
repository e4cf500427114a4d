"""Everything the portal is told from outside, read once from the environment and checked.

A broken value ends the start with one clear sentence (`SettingsError`), never a traceback.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from portal.kernel.environment import SENEGAL, Environment, Reader, SettingsError
from portal.kernel.providers import IdentityProvider, read_providers

__all__ = ["PROJECT_ROOT", "Environment", "Settings", "SettingsError", "load"]

_MAIL_FROM = "Teranga <bonjour@teranga.example>"
PROJECT_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Settings:
    """The portal's configuration; every field names its environment variable in upper case."""

    environment: Environment
    database_url: str
    # Whoever owns the tables; told to what migrates and to commands, to no process that serves.
    database_owner_url: str | None
    redis_url: str
    public_url: str
    data_dir: Path
    secret_key: str
    secret_key_fallbacks: tuple[str, ...]
    qr_signing_key: str
    qr_retired_keys: tuple[str, ...]
    # The newest first: it seals and hashes, the others still open and find.
    field_keys: tuple[str, ...]
    lookup_keys: tuple[str, ...]
    wave_api_url: str
    wave_api_key: str
    wave_signing_secret: str | None
    wave_webhook_secrets: tuple[str, ...]
    sms_api_url: str
    sms_account_sid: str
    sms_auth_token: str
    sms_from: str
    providers: Mapping[str, IdentityProvider]
    smtp_host: str
    smtp_port: int
    smtp_tls: str
    smtp_user: str | None
    smtp_password: str | None
    mail_from: str
    # Where people write to; answers to our mails go there too.
    contact_address: str
    # Whose numbers are typed without the code of a country.
    home_region: str
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
    reader = Reader(os.environ if environ is None else environ)
    settings = Settings(
        environment=reader.environment,
        database_url=reader.database_url("DATABASE_URL"),
        database_owner_url=reader.optional_database_url("DATABASE_OWNER_URL"),
        redis_url=reader.redis_url(),
        public_url=reader.public_url(),
        data_dir=Path(reader.text("PORTAL_DATA_DIR", str(PROJECT_ROOT / "instance"))).resolve(),
        secret_key=reader.secret_key("SECRET_KEY", reader.secret("SECRET_KEY")),
        secret_key_fallbacks=reader.secret_keys("SECRET_KEY_FALLBACKS"),
        qr_signing_key=reader.hexadecimal("QR_SIGNING_KEY", 32),
        qr_retired_keys=reader.public_keys("QR_RETIRED_KEYS"),
        field_keys=reader.key_ring("FIELD_KEY", "FIELD_RETIRED_KEYS"),
        lookup_keys=reader.key_ring("LOOKUP_KEY", "LOOKUP_RETIRED_KEYS"),
        wave_api_url=reader.provider_url("WAVE_API_URL", "https://api.wave.com"),
        wave_api_key=reader.secret("WAVE_API_KEY"),
        wave_signing_secret=reader.told("WAVE_SIGNING_SECRET"),
        wave_webhook_secrets=reader.secrets("WAVE_WEBHOOK_SECRETS"),
        sms_api_url=reader.provider_url("SMS_API_URL", "https://api.twilio.com"),
        sms_account_sid=reader.secret("SMS_ACCOUNT_SID"),
        sms_auth_token=reader.secret("SMS_AUTH_TOKEN"),
        sms_from=reader.text("SMS_FROM", "Teranga"),
        providers=read_providers(reader),
        smtp_host=reader.text("SMTP_HOST", "127.0.0.1"),
        smtp_port=reader.number("SMTP_PORT", 1025, 1, 65535),
        smtp_tls=reader.smtp_tls(reader.text("SMTP_HOST", "127.0.0.1")),
        smtp_user=reader.optional("SMTP_USER"),
        smtp_password=reader.told("SMTP_PASSWORD"),
        mail_from=reader.text("MAIL_FROM", _MAIL_FROM),
        contact_address=reader.mail_address("CONTACT_ADDRESS", reader.text("MAIL_FROM", _MAIL_FROM)),
        home_region=reader.country("HOME_REGION", SENEGAL),
        metrics_token=reader.long_enough("METRICS_TOKEN"),
        db_pool_size=reader.number("DB_POOL_SIZE", 8, 0, 100),
        proxy_count=reader.number("PROXY_COUNT", 0, 0, 5),
        clock_file=reader.clock_file(),
        testing_hash_cost=reader.environment is Environment.TEST,
    )
    _refuse_twins(settings)
    return settings


def _refuse_twins(settings: Settings) -> None:
    """Each key of production has one use: whoever learns one must not know another."""
    if not settings.is_production:
        return
    named = {
        "SECRET_KEY": (settings.secret_key,),
        "QR_SIGNING_KEY": (settings.qr_signing_key,),
        "FIELD_KEY": settings.field_keys[:1],
        "FIELD_RETIRED_KEYS": settings.field_keys[1:],
        "LOOKUP_KEY": settings.lookup_keys[:1],
        "LOOKUP_RETIRED_KEYS": settings.lookup_keys[1:],
    }
    seen: dict[str, str] = {}
    for name, keys in named.items():
        for key in keys:
            if seen.setdefault(key.lower(), name) != name:
                raise SettingsError(f"{name} and {seen[key.lower()]} are the same. Each needs its own value.")
