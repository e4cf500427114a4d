"""State changes along declared tables (reconciliation §7), each leaving a row in `status_history`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import IllegalTransition
from portal.kernel.models import StatusHistory

State = TypeVar("State", bound=StrEnum)


class Machine(Generic[State]):
    """The declared steps of one column: for each state, the states it may turn into."""

    def __init__(self, subject: str, steps: Mapping[State, Iterable[State]]) -> None:
        self.subject = subject
        self.steps: dict[State, frozenset[State]] = {
            state: frozenset(following) for state, following in steps.items()
        }

    def allows(self, current: State, wanted: State) -> bool:
        """Whether the step is in the table."""
        return wanted in self.steps.get(current, frozenset())

    def leading_to(self, wanted: State) -> list[State]:
        """The states that may turn into `wanted`, for a statement that changes many rows or none."""
        return [state for state in self.steps if self.allows(state, wanted)]

    def check(self, current: State, wanted: State) -> None:
        """Raise `IllegalTransition`, naming both states, unless the step is in the table."""
        if not self.allows(current, wanted):
            raise IllegalTransition(self.subject, current, wanted)


class HasStates(Protocol):
    """A row with an id and one or more state columns, each with its machine."""

    id: Any

    @property
    def __tablename__(self) -> str: ...

    @property
    def MACHINES(self) -> Mapping[str, Machine[Any]]: ...


def advance(
    row: HasStates, wanted: StrEnum, *, by: Actor, reason: str | None = None, column: str = "status"
) -> None:
    """Lock `row`, check the step, change `column` and write the history, in this transaction.

    Raises `IllegalTransition` (nothing changed) when the declared table has no such step.
    """
    # A refresh forgets what has not been written yet, an earlier step of this transaction too.
    db.session.flush()
    db.session.refresh(row, with_for_update=True)
    advance_held(row, wanted, by=by, reason=reason, column=column)


def advance_held(
    row: HasStates, wanted: StrEnum, *, by: Actor, reason: str | None = None, column: str = "status"
) -> None:
    """As `advance`, of a row that this transaction has locked already."""
    current = getattr(row, column)
    row.MACHINES[column].check(current, wanted)
    setattr(row, column, wanted)
    remember(row.__tablename__, row.id, column, current, wanted, by=by, reason=reason)


def remember(
    entity_type: str,
    entity_id: UUID,
    column: str,
    before: StrEnum | None,
    after: StrEnum,
    *,
    by: Actor,
    reason: str | None = None,
) -> None:
    """Write one line of history; for a row's first state and for set-based changes."""
    db.session.add(
        StatusHistory(
            entity_type=entity_type,
            entity_id=entity_id,
            column_name=column,
            from_status=before,
            to_status=after,
            actor_user_id=by.user_id,
            actor_kind=by.kind,
            reason=reason,
        )
    )
