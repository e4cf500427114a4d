"""How the values of this room read on a page."""

from __future__ import annotations

from portal.kernel.i18n import lazy
from portal.referrals.models import AwardEvent, BatchStatus, PipelineStage
from portal.referrals.policies import Standing, standing

STANDING_LABELS: dict[str, str] = {
    Standing.OPEN: lazy("Waiting for an answer"),
    Standing.SIGNED_UP: lazy("Signed up, not finished"),
    Standing.ACCEPTED: lazy("Accepted"),
    Standing.DECLINED: lazy("Declined"),
    Standing.EXPIRED: lazy("No longer open"),
}
STANDING_TONES: dict[str, str] = {
    Standing.OPEN: "info",
    Standing.SIGNED_UP: "notice",
    Standing.ACCEPTED: "positive",
    Standing.DECLINED: "neutral",
    Standing.EXPIRED: "neutral",
}
EVENT_LABELS: dict[str, str] = {
    AwardEvent.REFERRAL_ACCEPTED: lazy("Invitation accepted"),
    AwardEvent.POT_OPENED: lazy("A friend's pot has opened"),
    AwardEvent.FIRST_DONATION: lazy("First gift to a friend's pot"),
    AwardEvent.MILESTONE: lazy("Milestone reached"),
    AwardEvent.CAMPAIGN: lazy("Campaign"),
    AwardEvent.ADJUSTMENT: lazy("Adjustment"),
}
STAGE_LABELS: dict[str, str] = {
    PipelineStage.PENDING: lazy("Pending"),
    PipelineStage.CONTACTED: lazy("Contacted"),
    PipelineStage.QUALIFIED: lazy("Qualified"),
    PipelineStage.CONVERTED: lazy("Converted"),
    PipelineStage.COMPLETED: lazy("Completed"),
    PipelineStage.REJECTED: lazy("Rejected"),
}
BATCH_LABELS: dict[str, str] = {
    BatchStatus.PENDING: lazy("Waiting for your choice"),
    BatchStatus.SELECTED: lazy("Chosen, not sent"),
    BatchStatus.SENT: lazy("Sent"),
    BatchStatus.SKIPPED: lazy("Skipped"),
}
SOURCE_LABELS: dict[str, str] = {
    "app": lazy("Invitation"),
    "link": lazy("Personal link"),
}

# What every page of this room may need.
PAGE_WORDS: dict[str, object] = {
    "standing": standing,
    "standing_labels": STANDING_LABELS,
    "standing_tones": STANDING_TONES,
    "event_labels": EVENT_LABELS,
    "stage_labels": STAGE_LABELS,
    "batch_labels": BATCH_LABELS,
    "source_labels": SOURCE_LABELS,
}
