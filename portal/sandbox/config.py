"""How one sandbox process is set up: its arguments, completed from the portal's own settings."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from portal.kernel import settings
from portal.kernel.providers import IdentityProvider
from portal.kernel.settings import Settings, SettingsError

WEBHOOK_PATH = "/webhooks/wave"
# The sandbox needs neither store, but the settings it shares with the portal name both.
_UNUSED_STORES = {"DATABASE_URL": "postgresql://unused/unused", "REDIS_URL": "redis://unused"}


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Where the sandbox listens, whom it notifies, and the secrets it shares with the portal."""

    host: str
    port: int
    smtp_port: int
    data_dir: Path
    public_url: str | None
    webhook_url: str | None
    webhook_secrets: tuple[str, ...]
    webhook_strategy: str
    api_key: str
    signing_secret: str | None
    sms_account_sid: str
    sms_auth_token: str
    provider_clients: Mapping[str, IdentityProvider]
    business_name: str
    https_only: bool


def read_config(arguments: Sequence[str], environ: Mapping[str, str]) -> SandboxConfig:
    """The configuration from the command line, then the environment, then development's defaults.

    Raises `SettingsError` for an unusable setting, and always in production.
    """
    told = _parser().parse_args(arguments)
    shared = settings.load(_UNUSED_STORES | {name: value for name, value in environ.items() if value.strip()})
    if shared.is_production:
        raise SettingsError(
            "The sandbox plays with money that does not exist; production has no place for it."
        )
    return SandboxConfig(
        host=told.host,
        port=told.port,
        smtp_port=told.smtp_port,
        data_dir=(told.data_dir or shared.data_dir / "sandbox").resolve(),
        public_url=told.public_url.rstrip("/") if told.public_url else None,
        webhook_url=_webhook_url(told, shared),
        webhook_secrets=tuple(told.webhook_secret) or shared.wave_webhook_secrets,
        webhook_strategy=told.webhook_strategy,
        api_key=told.api_key or shared.wave_api_key,
        signing_secret=told.signing_secret or shared.wave_signing_secret,
        sms_account_sid=shared.sms_account_sid,
        sms_auth_token=shared.sms_auth_token,
        provider_clients=shared.providers,
        business_name=told.business_name,
        https_only=told.https_only,
    )


def _webhook_url(told: argparse.Namespace, shared: Settings) -> str | None:
    if told.no_webhooks:
        return None
    return told.webhook_url or shared.public_url + WEBHOOK_PATH


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m portal.sandbox",
        description="A local stand-in for Wave, Twilio, a mail server, and the providers that say who somebody is.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8900, help="0 takes a free one")
    parser.add_argument("--smtp-port", type=int, default=1025, help="0 takes a free one")
    parser.add_argument(
        "--data-dir", type=Path, help="kept over restarts; default: sandbox/ beside the portal's data"
    )
    parser.add_argument(
        "--public-url", help="the sandbox's own address in payment links; default: host and port"
    )
    parser.add_argument("--webhook-url", help="default: PUBLIC_URL + " + WEBHOOK_PATH)
    parser.add_argument(
        "--no-webhooks", action="store_true", help="keep events to yourself until told a receiver"
    )
    parser.add_argument("--webhook-secret", action="append", default=[], help="repeat while rotating secrets")
    parser.add_argument("--webhook-strategy", choices=["signing", "shared"], default="signing")
    parser.add_argument("--api-key", help="default: WAVE_API_KEY")
    parser.add_argument("--signing-secret", help="demand signed requests; default: WAVE_SIGNING_SECRET")
    parser.add_argument("--business-name", default="Teranga")
    parser.add_argument("--https-only", action="store_true", help="refuse http redirects to this machine too")
    return parser
