"""Wave Business API: the typed client, what it answers, what it raises, and webhook verification."""

from portal.gateways.wave.client import WaveClient
from portal.gateways.wave.errors import WaveError, WaveRefused, WaveThrottled, WaveUnknownOutcome
from portal.gateways.wave.gateway import PayoutOrder, WaveGateway
from portal.gateways.wave.reading import Unreadable, read_session
from portal.gateways.wave.records import (
    Balance,
    Batch,
    BatchStatus,
    CheckoutStatus,
    Failure,
    IdMatch,
    NameMatch,
    PaymentStatus,
    Payout,
    PayoutStatus,
    RecipientCheck,
    Session,
    Transaction,
    TransactionType,
)
from portal.gateways.wave.webhooks import EventUnreadable, WebhookEvent, parse_event, signature_ok

__all__ = [
    "Balance",
    "Batch",
    "BatchStatus",
    "CheckoutStatus",
    "EventUnreadable",
    "Failure",
    "IdMatch",
    "NameMatch",
    "PaymentStatus",
    "Payout",
    "PayoutOrder",
    "PayoutStatus",
    "RecipientCheck",
    "Session",
    "Transaction",
    "TransactionType",
    "Unreadable",
    "WaveClient",
    "WaveError",
    "WaveGateway",
    "WaveRefused",
    "WaveThrottled",
    "WaveUnknownOutcome",
    "WebhookEvent",
    "parse_event",
    "read_session",
    "signature_ok",
]
