"""Every column of states has one declared table of steps, and it is the agreed one (wall 3)."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import pytest
from sqlalchemy import Enum

import portal.models
from portal.kernel.db import Base
from portal.kernel.errors import IllegalTransition
from portal.kernel.states import Machine
from portal.kernel.work import RUN_STEPS
from portal.ledger.models import TRANSFER_STEPS

# The agreed steps, word for word; the first state is the one a row starts in. A step that is not here is refused.
AGREED = {
    "users.status": "active -> suspended, deactivated, pending_deletion;"
    " suspended -> active, pending_deletion; deactivated -> active, pending_deletion;"
    " pending_deletion -> active, erased",
    "identity_documents.status": "pending -> verified, rejected; verified -> expired, rejected",
    "team_invitations.status": "waiting -> accepted, declined, canceled, expired; expired -> waiting, canceled",
    "guardian_requests.status": "waiting -> confirmed, refused, withdrawn, expired",
    "guardian_changes.status": "waiting -> ended, refused, withdrawn",
    "referrals.invitation_status": "sent -> accepted, declined, expired",
    "referrals.pipeline_stage": "pending -> contacted, qualified, converted, rejected;"
    " contacted -> qualified, converted, rejected; qualified -> converted, rejected;"
    " converted -> completed, rejected",
    "sponsor_contact_batches.status": "pending -> selected, skipped; selected -> sent, skipped, pending",
    "point_awards.status": "pending -> matured, revoked; matured -> revoked",
    "referral_campaigns.status": "draft -> active; active -> paused, ended; paused -> active, ended",
    "sponsor_campaigns.status": "draft -> active; active -> paused, completed; paused -> active, completed",
    "payouts.status": "pending -> processing, canceled; processing -> completed, failed; failed -> pending",
    "ledger_transfers.status": "pending -> posted, voided",
    "pots.status": "scheduled -> open, closed; open -> funded, expired, closed; funded -> open, closed;"
    " expired -> closed",
    "donations.status": "pending -> processing, succeeded, failed; processing -> succeeded, failed;"
    " failed -> succeeded; succeeded -> refunded",
    "refunds.status": "pending -> processing, canceled; processing -> completed, failed;"
    " failed -> processing",
    "payment_webhook_events.status": "received -> processed, ignored, failed; failed -> processed, ignored",
    "payment_transactions.status": "pending -> processing, succeeded, failed, canceled;"
    " processing -> succeeded, failed, canceled; failed -> succeeded;"
    " succeeded -> partially_refunded, refunded; partially_refunded -> refunded",
    "partners.status": "pending -> active, terminated; active -> suspended, terminated;"
    " suspended -> active, terminated",
    "sponsor_companies.status": "pending -> active, suspended; active -> suspended; suspended -> active",
    "qr_codes.status": "issued -> redeemed, expired, canceled",
    "partner_settlements.status": "pending -> approved, disputed; approved -> paid, disputed;"
    " disputed -> pending, approved",
    "notification_deliveries.status": "pending -> sent, delivered, failed; sent -> delivered, bounced, failed",
    "notification_broadcasts.status": "draft -> sending, canceled; sending -> done, canceled",
    "job_runs.status": "running -> succeeded, failed",
    "privacy_requests.status": "received -> running, canceled; running -> done, failed; failed -> running",
    "user_connections.status": "pending -> accepted, declined, canceled; accepted -> removed;"
    " removed -> pending",
}
# Steps that were agreed on later, each with the reason.
AGREED_LATER = {
    "payouts.status": "completed -> failed",  # Wave's own line that it took the money back
    "job_runs.status": "failed -> running",  # the queue hands the same run out again, under its key
    "partner_settlements.status": "paid -> approved",  # with its payout: the partner has no money then
}
# Columns of states that nothing moves along steps, with the reason.
WITHOUT_STEPS = {
    "system_health_checks.status": "what a check found; the row never changes",
}


def declared() -> dict[str, Machine[Any]]:
    """Every table of steps of the one model set."""
    found = {
        f"{mapper.class_.__tablename__}.{column}": machine
        for mapper in Base.registry.mappers
        for column, machine in getattr(mapper.class_, "MACHINES", {}).items()
    }
    return found | {"ledger_transfers.status": TRANSFER_STEPS, "job_runs.status": RUN_STEPS}


def columns_of_states() -> Iterator[tuple[str, Enum, Any]]:
    """Columns that say how far a row is: name, type with its values, default."""
    for table in portal.models.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Enum) and column.name.endswith(("status", "stage", "outcome")):
                yield f"{table.name}.{column.name}", column.type, column.default


def agreed(name: str) -> dict[str, set[str]]:
    """The agreed steps of one column, by state."""
    told = [AGREED[name], AGREED_LATER[name]] if name in AGREED_LATER else [AGREED[name]]
    steps = (step.split(" -> ") for step in "; ".join(told).split("; "))
    return {before: set(after.split(", ")) for before, after in steps}


def test_every_column_of_states_has_its_steps_or_a_reason() -> None:
    assert {name for name, _type, _default in columns_of_states()} == declared().keys() | WITHOUT_STEPS.keys()
    assert declared().keys() == AGREED.keys()


@pytest.mark.parametrize("name", AGREED)
def test_the_steps_are_the_agreed_ones_and_no_other(name: str) -> None:
    steps = declared()[name].steps

    assert {str(state): {str(one) for one in after} for state, after in steps.items() if after} == agreed(
        name
    )


@pytest.mark.parametrize("name", AGREED)
def test_a_machine_knows_every_value_that_the_column_takes_and_each_pair_has_an_answer(name: str) -> None:
    values = next(kind.enums for column, kind, _default in columns_of_states() if column == name)
    machine = declared()[name]

    assert {str(state) for state in machine.steps} == set(values)
    for before in machine.steps:
        for after in machine.steps:
            if str(after) in agreed(name).get(str(before), ()):
                machine.check(before, after)
            else:
                with pytest.raises(IllegalTransition, match=f"{before} → {after}"):
                    machine.check(before, after)


def test_a_row_starts_in_the_first_state() -> None:
    starts = {
        name: default.arg
        for name, _type, default in columns_of_states()
        if name in AGREED and default is not None
    }
    # A transfer may also start as posted, so the ledger says each time.
    assert starts.keys() == AGREED.keys() - {"ledger_transfers.status"}
    for name, start in starts.items():
        assert isinstance(start, StrEnum)
        assert AGREED[name].startswith(f"{start} -> "), name
