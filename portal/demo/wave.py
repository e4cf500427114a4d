"""Wave as the sandbox plays it, within this process: what the past leaves there is still there afterwards.

The sandbox of `bin/serve` opens the same memory later, so a gift of the demo world can be refunded, and the
wallet's record of months is there to be compared with the books.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import requests
from flask import Flask
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from werkzeug.test import Client

from portal.gateways.wave import Session, WaveClient, WaveGateway, reading
from portal.kernel.pages import public_url
from portal.kernel.settings import Settings
from portal.payments.models import PaymentTransaction
from portal.payments.provider import reference_of
from portal.sandbox import app, faults
from portal.sandbox.config import SandboxConfig
from portal.sandbox.store import Store
from portal.sandbox.wave import checkout, recipients, wallet
from portal.sandbox.world import World

# The sandbox's memory below the portal's data, as `portal.sandbox.config` has it.
_FOLDER = "sandbox"
_FILE = "sandbox.sqlite3"


class PlayedWave:
    """The payers' side of Wave, and (`gateway`) the business side for the portal's own jobs."""

    def __init__(self, settings: Settings) -> None:
        folder = settings.data_dir / _FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        self._world = World(_config(settings, folder), Store(folder / _FILE), base_url=settings.wave_api_url)
        self.gateway: WaveGateway = WaveClient(
            "http://wave.played", settings.wave_api_key, settings.wave_signing_secret, self._line
        )

    def close(self) -> None:
        """Let the memory go, so that the sandbox can have it."""
        self._world.store.close()

    def open(self, payment: PaymentTransaction) -> Session:
        """The payer has been sent to Wave and has not decided yet."""
        with self._world.store.transaction() as db:
            return reading.read_session(checkout.create(self._world, db, _order(payment)))

    def pay(self, session: Session, mobile: str) -> Session:
        """The payer confirms in the app; no webhook leaves."""
        with self._world.store.transaction() as db:
            return reading.read_session(checkout.pay(self._world, db, session.id, mobile))

    def refuse(self, session: Session, code: str) -> Session:
        """The payer tries and is refused (`insufficient-funds`)."""
        with self._world.store.transaction() as db:
            return reading.read_session(checkout.fail(self._world, db, session.id, code))

    def look(self, session: Session) -> Session:
        """The session as it is now, expired if its time is over."""
        with self._world.store.transaction() as db:
            return reading.read_session(
                checkout.show(self._world, checkout.find(self._world, db, session.id))
            )

    def know(self, mobile: str, name: str, *, refusal: str | None = None) -> None:
        """Whose number it is; with `refusal`, every payout to it is refused with that code."""
        with self._world.store.transaction() as db:
            recipients.describe(db, mobile, name=name, national_id=None, payment_limit=None, refusal=refusal)

    def refuse_next_refund(self) -> None:
        """The next refund that is asked for is refused."""
        with self._world.store.transaction() as db:
            faults.arm(
                db,
                {
                    "operation": "checkout.refund",
                    "kind": "error",
                    "status": 400,
                    "code": "checkout-refund-failed",
                },
            )

    def receive_at_till(self, amount: int, mobile: str) -> None:
        """Somebody pays into the wallet without any checkout."""
        with self._world.store.transaction() as db:
            wallet.receive_merchant_payment(db, amount, mobile, self._world.timestamp(db))

    def top_up(self, amount: int) -> None:
        """Put francs into the wallet; no line of its record says so."""
        with self._world.store.transaction() as db:
            wallet.set_balance(db, wallet.balance(db) + amount)

    def _line(self) -> requests.Session:
        line = requests.Session()
        line.mount("http://", _Line(app.create_app(self._world)))
        return line


class _Line(BaseAdapter):
    """Carries a request to an application of this process and its answer back."""

    def __init__(self, application: Flask) -> None:
        super().__init__()
        self._client = Client(application)

    def send(self, request: requests.PreparedRequest, *_args: Any, **_more: Any) -> requests.Response:
        answer = self._client.open(
            request.path_url,
            method=request.method,
            headers=dict(request.headers),
            data=request.body,
        )
        response = requests.Response()
        response.status_code = answer.status_code
        response.headers = CaseInsensitiveDict(answer.headers.items())
        response.raw = io.BytesIO(answer.data)
        response.request = request
        return response

    def close(self) -> None:
        """Nothing is held open."""


def _order(payment: PaymentTransaction) -> dict[str, Any]:
    return {
        "amount": str(payment.amount_minor),
        "currency": payment.currency,
        "success_url": public_url(payment.provider_data["success_path"]),
        "error_url": public_url(payment.provider_data["error_path"]),
        "client_reference": reference_of(payment.id),
    }


def _config(settings: Settings, folder: Path) -> SandboxConfig:
    return SandboxConfig(
        host="127.0.0.1",
        port=0,
        smtp_port=0,
        data_dir=folder,
        public_url=None,
        webhook_url=None,
        webhook_secrets=settings.wave_webhook_secrets,
        webhook_strategy="signing",
        api_key=settings.wave_api_key,
        signing_secret=settings.wave_signing_secret,
        sms_account_sid=settings.sms_account_sid,
        sms_auth_token=settings.sms_auth_token,
        provider_clients={},
        business_name="Teranga",
        https_only=False,
    )
