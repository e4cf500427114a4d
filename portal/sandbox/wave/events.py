"""Webhook events: the envelope, and how it is signed when it leaves (contract §9)."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from portal.gateways.wave.signature import HEADER, MAX_AGE_SECONDS, signed_header
from portal.sandbox import faults
from portal.sandbox.config import SandboxConfig
from portal.sandbox.faults import WEBHOOK_KINDS
from portal.sandbox.outbox import enqueue
from portal.sandbox.store import Database, get_setting
from portal.sandbox.wave.identifiers import new_event_id
from portal.sandbox.world import World

WEBHOOK_URL = "webhook_url"


def announce(world: World, db: Database, event_type: str, data: dict[str, Any]) -> str:
    """Write the event down for delivery, with whatever trick is armed for it; the event's id."""
    event_id = new_event_id()
    # Blanks after the separators, like Wave's own: whoever signs re-serialised JSON is found out.
    body = json.dumps({"id": event_id, "type": event_type, "data": data}, ensure_ascii=False).encode()
    subject = {"type": event_type, "client_reference": data.get("client_reference"), "id": data.get("id")}
    fault = faults.take(db, "webhook", WEBHOOK_KINDS, subject)
    kind = fault.kind if fault is not None else None
    details = fault.details if fault is not None else {}
    states = {"drop": "dropped", "hold": "held", "reorder": "reordered"}
    copies = int(details.get("copies", 2)) if kind == "duplicate" else 1
    for _ in range(copies):
        enqueue(
            world,
            db,
            provider="wave",
            event_id=event_id,
            event_type=event_type,
            url=receiver(world.config, db),
            body=body,
            state=states.get(kind or "", "pending"),
            trick=kind if kind in {"forge", "stale"} else None,
            wait_seconds=float(details.get("seconds", 0)) if kind == "delay" else 0.0,
        )
    return event_id


def receiver(config: SandboxConfig, db: Database) -> str | None:
    """Where events go: what the control routes said last, else what the process was started with."""
    url = get_setting(db, WEBHOOK_URL, config.webhook_url)
    return str(url) if url else None


def headers_for(config: SandboxConfig, body: bytes, now: datetime, trick: str | None) -> dict[str, str]:
    """The headers that prove a delivery, made afresh each time it is tried; wrong ones if so tricked."""
    headers = {"Content-Type": "application/json", "User-Agent": "wave-sandbox"}
    secrets = [f"forged-{secret}" if trick == "forge" else secret for secret in config.webhook_secrets]
    if config.webhook_strategy == "shared":
        return headers | {"Authorization": f"Bearer {secrets[0]}"}
    signed_at = now - timedelta(seconds=2 * MAX_AGE_SECONDS) if trick == "stale" else now
    return headers | {HEADER: signed_header(secrets, body, signed_at)}
