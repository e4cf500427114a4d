"""How far the business with a referred person is (R-19; REF-10 to REF-12, REF-14)."""

from __future__ import annotations

from uuid import UUID

from portal.audit.services import record
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import InvalidInput, NotFound
from portal.kernel.i18n import _
from portal.kernel.states import advance
from portal.referrals.models import PIPELINE_STEPS, PipelineStage, Referral

CANCELED = "canceled"
MAX_REASON = 100
MAX_NOTES = 2_000


def move_on(
    referral: Referral, stage: PipelineStage, *, by: Actor, conversion_type: str | None = None
) -> None:
    """Follow what the person has done; a stage that cannot come next (any more) changes nothing."""
    if not PIPELINE_STEPS.allows(referral.pipeline_stage, stage):
        return
    advance(referral, stage, by=by, column="pipeline_stage")
    if stage is PipelineStage.CONVERTED:
        referral.converted_at = clock.now()
        referral.conversion_type = conversion_type


def decide(
    referral_id: UUID, stage: PipelineStage | None, reason: str | None, notes: str | None, *, by: Actor
) -> None:
    """Staff write down what they know: another stage (None keeps it), and free notes.

    A rejection needs its reason (`canceled` is the word for one taken back, REF-11). Raises `NotFound`,
    `InvalidInput` without that reason, `IllegalTransition` for a step that is not declared.
    """
    referral = db.session.get(Referral, referral_id, with_for_update=True, populate_existing=True)
    if referral is None:
        raise NotFound
    before = {"pipeline_stage": referral.pipeline_stage, "notes": referral.notes}
    if stage is PipelineStage.REJECTED and not reason:
        raise InvalidInput(_("Please say why."), field="reason")
    if stage is not None and stage is not referral.pipeline_stage:
        advance(referral, stage, by=by, reason=reason, column="pipeline_stage")
        if stage is PipelineStage.CONVERTED:
            referral.converted_at, referral.conversion_type = clock.now(), "staff"
        referral.rejection_reason = (
            reason[:MAX_REASON] if stage is PipelineStage.REJECTED and reason else None
        )
    referral.notes = notes
    after = {"pipeline_stage": referral.pipeline_stage, "notes": referral.notes}
    if before != after:
        record("referral_updated", ("referrals", referral.id), by=by, old=before, new=after, reason=reason)
