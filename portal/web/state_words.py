"""What a state is called on a page, and how much it should worry: one table for every state column."""

from __future__ import annotations

from flask import Flask

from portal.kernel.i18n import _, marked

# The word for a state and the tone of its badge (neutral, info, positive, notice, negative).
_WORDS: dict[str, tuple[str, str]] = {
    "accepted": (marked("Accepted"), "positive"),
    "active": (marked("Active"), "positive"),
    "already_used": (marked("Already used"), "notice"),
    "approved": (marked("Approved"), "info"),
    "bounced": (marked("Bounced"), "negative"),
    "canceled": (marked("Canceled"), "neutral"),
    "closed": (marked("Closed"), "neutral"),
    "completed": (marked("Completed"), "positive"),
    "contacted": (marked("Contacted"), "info"),
    "converted": (marked("Converted"), "positive"),
    "deactivated": (marked("Deactivated"), "neutral"),
    "declined": (marked("Declined"), "neutral"),
    "degraded": (marked("Degraded"), "notice"),
    "delivered": (marked("Delivered"), "positive"),
    "disputed": (marked("Disputed"), "negative"),
    "erased": (marked("Erased"), "neutral"),
    "expired": (marked("Expired"), "neutral"),
    "failed": (marked("Failed"), "negative"),
    "funded": (marked("Funded"), "positive"),
    "healthy": (marked("Healthy"), "positive"),
    "ignored": (marked("Ignored"), "neutral"),
    "invalid": (marked("Invalid"), "negative"),
    "issued": (marked("Ready to use"), "info"),
    "matured": (marked("Available"), "positive"),
    "open": (marked("Open"), "info"),
    "pot.open": (marked("Collecting"), "info"),
    "pot.expired": (marked("To be decided"), "notice"),
    "pot.closed": (marked("Finished"), "neutral"),
    "paid": (marked("Paid"), "positive"),
    "waiting": (marked("Waiting for an answer"), "info"),
    "partially_refunded": (marked("Partly refunded"), "notice"),
    "pending": (marked("Pending"), "notice"),
    "pending_deletion": (marked("To be deleted"), "notice"),
    "posted": (marked("Posted"), "positive"),
    "processed": (marked("Processed"), "positive"),
    "processing": (marked("In progress"), "info"),
    "qualified": (marked("Qualified"), "info"),
    "received": (marked("Received"), "info"),
    "redeemed": (marked("Redeemed"), "positive"),
    "refunded": (marked("Refunded"), "neutral"),
    "rejected": (marked("Rejected"), "negative"),
    "revoked": (marked("Revoked"), "negative"),
    "running": (marked("Running"), "info"),
    "scheduled": (marked("Scheduled"), "neutral"),
    "selected": (marked("Selected"), "info"),
    "sent": (marked("Sent"), "info"),
    "skipped": (marked("Skipped"), "neutral"),
    "succeeded": (marked("Succeeded"), "positive"),
    "success": (marked("Redeemed"), "positive"),
    "suspended": (marked("Suspended"), "negative"),
    "terminated": (marked("Terminated"), "negative"),
    "unhealthy": (marked("Unhealthy"), "negative"),
    "verified": (marked("Verified"), "positive"),
    "voided": (marked("Voided"), "neutral"),
}


def state_word(state: str, of: str = "") -> str:
    """The state in the reader's language; `of` names a thing that has words of its own (`pot`)."""
    known = _known(state, of)
    return _(known[0]) if known else state.replace("_", " ")


def state_tone(state: str, of: str = "") -> str:
    """The tone of the state's badge."""
    known = _known(state, of)
    return known[1] if known else "neutral"


def _known(state: str, of: str) -> tuple[str, str] | None:
    return _WORDS.get(f"{of}.{state}") or _WORDS.get(state)


def register(app: Flask) -> None:
    """Give both to every template."""
    app.jinja_env.filters.update(state_word=state_word, state_tone=state_tone)
