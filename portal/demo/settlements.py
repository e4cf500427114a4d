"""The office: settlements are looked at, approved, disputed and paid."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import select

from portal.demo.cast import Person
from portal.demo.stage import Kept, Stage
from portal.kernel import clock
from portal.kernel.db import transaction
from portal.payments.methods import destination_in_force
from portal.settlements.deciding import approve, dispute, resolve
from portal.settlements.models import PartnerSettlement, SettlementStatus

# Left for a newcomer to decide.
_UNDECIDED_HOUSE = 0
# Approved, but its number takes no money any more: the payment fails and waits for a person.
_CLOSED_WALLET_HOUSE = 5
# Says that the latest settlement is wrong; an earlier objection was answered.
_OBJECTING_HOUSE = 9
_LATELY = timedelta(days=9)
_SETTLED_OBJECTION = range(-130, -60)


@dataclass(slots=True)
class _Office:
    """What the people who steer the portal do once a day."""

    stage: Stage
    objected: set[UUID] = field(default_factory=set)

    def open(self, day: int) -> None:
        """Answer objections, hear new ones, approve the rest."""
        # Whoever raises an amount by an answer does not approve it.
        answering, approving = self.stage.cast.admins[:2]
        for settlement_id, partner_id, age, status in _undecided():
            house = next(place for place, kept in self.stage.houses.items() if kept.partner_id == partner_id)
            is_late = self.stage.days.now - (clock.now() - age) < _LATELY
            if status is SettlementStatus.DISPUTED:
                self._answer(settlement_id, answering, is_late)
            elif house == _OBJECTING_HOUSE and self._objects(settlement_id, day, is_late):
                self._object(settlement_id, self.stage.houses[house])
            elif not (house == _UNDECIDED_HOUSE and is_late):
                _approve(settlement_id, partner_id, approving)

    def _objects(self, settlement_id: UUID, day: int, is_late: bool) -> bool:
        """Once in the past, and once now."""
        if settlement_id in self.objected:
            return False
        return is_late or (not self.objected and day in _SETTLED_OBJECTION)

    def _object(self, settlement_id: UUID, house: Kept) -> None:
        self.objected.add(settlement_id)
        with transaction(house.owner.actor):
            dispute(
                settlement_id,
                house.partner_id,
                "Il manque une table servie samedi soir, le code a été lu deux fois.",
                by=house.owner.actor,
            )

    def _answer(self, settlement_id: UUID, admin: Person, is_late: bool) -> None:
        if not is_late:
            with transaction(admin.actor):
                resolve(settlement_id, "Table retrouvée : nous ajoutons 2 500 F.", 2_500, by=admin.actor)


def plan_settlements(stage: Stage) -> None:
    """The office opens every day; ten days ago one house closed its Wave account without saying so."""
    office = _Office(stage)
    for day in range(-160, 1):
        stage.agenda.at(stage.days.at(day, 10, 30), partial(office.open, day))
    closed = stage.cast.owners[_CLOSED_WALLET_HOUSE]
    stage.agenda.at(
        stage.days.now - _LATELY - timedelta(days=1),
        partial(stage.wave.know, closed.phone, closed.name, refusal="recipient-account-inactive"),
    )


def _undecided() -> list[tuple[UUID, UUID, timedelta, SettlementStatus]]:
    """Settlements that wait for somebody: id, partner, age, state."""
    row = PartnerSettlement
    with transaction() as session:
        found = session.execute(
            select(row.id, row.partner_id, row.created_at, row.status)
            .where(
                row.status.in_((SettlementStatus.PENDING, SettlementStatus.DISPUTED)),
                row.is_carried.is_(False),
            )
            .order_by(row.id)
        )
        return [(one, partner, clock.now() - made, status) for one, partner, made, status in found]


def _approve(settlement_id: UUID, partner_id: UUID, admin: Person) -> None:
    with transaction(admin.actor):
        method = destination_in_force(partner_id=partner_id)
        assert method is not None
        approve(settlement_id, method.id, by=admin.actor)


__all__ = ["plan_settlements"]
