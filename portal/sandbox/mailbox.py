"""The mailbox: takes every mail over SMTP, delivers none, keeps them to be read (messaging §7)."""

from __future__ import annotations

import asyncio
import json
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.parser import BytesHeaderParser
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.sandbox import faults
from portal.sandbox.store import Database, Row, insert, like
from portal.sandbox.world import World, written

KEEP = 20_000
MAX_MESSAGE_BYTES = 10 * 1024 * 1024
_KINDS = frozenset({"refuse", "cut", "timeout"})
_SILENCE_SECONDS = 60.0


class Mailbox(threading.Thread):
    """An SMTP server in a thread of its own; `port` is known once it runs."""

    def __init__(self, world: World) -> None:
        super().__init__(name="mailbox", daemon=True)
        self.port = 0
        self._world = world
        self._loop = asyncio.new_event_loop()
        self._is_listening = threading.Event()
        self._failure: OSError | None = None

    def listen(self) -> None:
        """Start, and wait until mail can come. Raises `OSError` when the port is taken."""
        self.start()
        self._is_listening.wait()
        if self._failure is not None:
            raise self._failure

    def run(self) -> None:
        """Serve until `stop`."""
        config = self._world.config
        asyncio.set_event_loop(self._loop)
        try:
            server = self._loop.run_until_complete(
                self._loop.create_server(self._protocol, config.host, config.smtp_port)
            )
        except OSError as error:
            self._failure = error
            self._is_listening.set()
            return
        self.port = server.sockets[0].getsockname()[1]
        self._is_listening.set()
        self._loop.run_forever()
        server.close()

    def stop(self) -> None:
        """Take no more mail."""
        self._loop.call_soon_threadsafe(self._loop.stop)

    def _protocol(self) -> SMTP:
        return SMTP(
            _Handler(self._world), loop=self._loop, data_size_limit=MAX_MESSAGE_BYTES, enable_SMTPUTF8=True
        )


class _Handler:
    """What aiosmtpd asks at each step of a conversation."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the recipient, unless a refusal at this step is armed."""
        with self._world.store.transaction() as db:
            fault = faults.take(db, "mail.send", {"refuse"}, {"to": address, "at": "rcpt"})
        if fault is not None:
            return _refusal(fault)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the message, unless a refusal is armed; perhaps hang up, or be silent, before saying so."""
        subject = {"to": envelope.rcpt_tos[0], "at": "data"}
        with self._world.store.transaction() as db:
            fault = faults.take(db, "mail.send", _KINDS, subject)
            if fault is not None and fault.kind == "refuse":
                return _refusal(fault)
            number = _keep(db, envelope, self._world.timestamp(db))
        if fault is not None and fault.kind == "timeout":
            await asyncio.sleep(float(fault.details.get("seconds", _SILENCE_SECONDS)))
        elif fault is not None and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return f"250 OK kept as {number}"


def listing(
    db: Database,
    *,
    to: str | None = None,
    text: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """Messages without their bodies, newest first: to one address, holding a text in subject or address."""
    rows = db.execute(
        "SELECT id, message_id, sender, recipients, subject, received FROM mail"
        " WHERE (?1 IS NULL OR recipients LIKE ?1 ESCAPE '\\') AND (?2 IS NULL OR id < ?2)"
        " AND (?3 IS NULL OR subject LIKE ?3 ESCAPE '\\' OR recipients LIKE ?3 ESCAPE '\\')"
        " ORDER BY id DESC LIMIT ?4",
        (like(json.dumps(to)) if to else None, before, like(text) if text else None, limit),
    ).fetchall()
    return [_summary(row) for row in rows]


def read(db: Database, number: int) -> dict[str, Any] | None:
    """One message with its text, its HTML and its headers; None when it is not there (any more)."""
    row = db.execute("SELECT * FROM mail WHERE id = ?", (number,)).fetchone()
    if row is None:
        return None
    message = message_from_bytes(row["raw"], policy=policy.default)
    headers = [[name, str(value)] for name, value in message.items()]
    return _summary(row) | {
        "headers": headers,
        "text": _part(message, "plain"),
        "html": _part(message, "html"),
        "attachments": [part.get_filename() or "" for part in message.iter_attachments()],
    }


def _keep(db: Database, envelope: Envelope, now: int) -> int:
    raw = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
    headers = BytesHeaderParser(policy=policy.default).parsebytes(raw)
    number = insert(
        db,
        "mail",
        message_id=str(headers.get("Message-ID", "")),
        sender=str(headers.get("From", envelope.mail_from or "")),
        recipients=json.dumps(envelope.rcpt_tos),
        subject=str(headers.get("Subject", "")),
        raw=raw,
        received=now,
    )
    db.execute("DELETE FROM mail WHERE id <= ?", (number - KEEP,))
    return number


def _summary(row: Row) -> dict[str, Any]:
    return {
        "number": row["id"],
        "message_id": row["message_id"],
        "from": row["sender"],
        "to": json.loads(row["recipients"]),
        "subject": row["subject"],
        "received_at": written(row["received"]),
    }


def _part(message: Message[Any, Any], subtype: str) -> str | None:
    if not isinstance(message, EmailMessage):
        return None
    part = message.get_body(preferencelist=(subtype,))
    return str(part.get_content()) if part is not None else None


def _refusal(fault: faults.Fault) -> str:
    return f"{fault.details.get('code', 550)} {fault.details.get('message', 'refused by the sandbox')}"
