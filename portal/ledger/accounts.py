"""Which accounts exist, whose they are, and which of them are busy house accounts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID, uuid5

from portal.kernel.money import LEAD_CREDITS, POINTS, XOF
from portal.ledger.models import OwnerType, Purpose

# An account's key follows from what it is, so that posting needs no look-up (docs/decisions).
_NAMESPACE = UUID("6f0c1f8e-53d1-5b0b-9d6e-0b6a6c4d7a11")

_HOUSE = frozenset(
    {
        Purpose.CLEARING,
        Purpose.REVENUE,
        Purpose.FEES,
        Purpose.COMMISSION,
        Purpose.VOUCHERS,
        Purpose.PROMOTIONS,
        Purpose.POINTS_ISSUED,
        Purpose.CREDITS_ISSUED,
    }
)


@dataclass(frozen=True, slots=True)
class AccountRef:
    """An account by what it is: owner, purpose and unit (XOF, PTS, CRD, …)."""

    owner_type: OwnerType
    owner_id: UUID | None
    purpose: Purpose
    unit: str

    @property
    def id(self) -> UUID:
        """The account's key, the same wherever and whenever it is asked for."""
        return _key_of(self)

    @property
    def is_house(self) -> bool:
        """Whether every payment touches it: no running balance, no limit, no row lock."""
        return self.purpose in _HOUSE or self.owner_type is OwnerType.PLATFORM


@lru_cache(maxsize=4096)
def _key_of(account: AccountRef) -> UUID:
    return uuid5(_NAMESPACE, f"{account.owner_type}:{account.owner_id}:{account.purpose}:{account.unit}")


def pot_funds(pot_id: UUID) -> AccountRef:
    """The money given to a pot, XOF."""
    return AccountRef(OwnerType.POT, pot_id, Purpose.FUNDS, XOF)


def user_wallet(user_id: UUID) -> AccountRef:
    """Money to spend in the portal, never paid out, XOF."""
    return AccountRef(OwnerType.USER, user_id, Purpose.WALLET, XOF)


def user_earnings(user_id: UUID, unit: str = XOF) -> AccountRef:
    """Money a person may have paid out."""
    return AccountRef(OwnerType.USER, user_id, Purpose.EARNINGS, unit)


def user_points(user_id: UUID) -> AccountRef:
    """A sponsor's points, PTS."""
    return AccountRef(OwnerType.USER, user_id, Purpose.POINTS, POINTS)


def partner_payable(partner_id: UUID) -> AccountRef:
    """What the house owes a partner for gifts it served, XOF."""
    return AccountRef(OwnerType.PARTNER, partner_id, Purpose.PAYABLE, XOF)


def campaign_budget(campaign_id: UUID) -> AccountRef:
    """What a company has put into a boost, XOF."""
    return AccountRef(OwnerType.SPONSOR_CAMPAIGN, campaign_id, Purpose.BUDGET, XOF)


def kept_for_payer(payment_id: UUID, unit: str = XOF) -> AccountRef:
    """Money of one payment that belongs to its payer and could not go back yet."""
    return AccountRef(OwnerType.TRANSACTION, payment_id, Purpose.ESCROW, unit)


def provider_clearing(provider_id: UUID, unit: str = XOF) -> AccountRef:
    """Money at a payment provider, seen from outside: negative when it holds ours."""
    return AccountRef(OwnerType.PROVIDER, provider_id, Purpose.CLEARING, unit)


def platform(purpose: Purpose, unit: str = XOF) -> AccountRef:
    """One of the house's own accounts."""
    return AccountRef(OwnerType.PLATFORM, None, purpose, unit)


def house_money(unit: str = XOF) -> AccountRef:
    """What the house itself has put into the wallets of providers, less what it has taken out."""
    return platform(Purpose.WALLET, unit)


def unexplained(unit: str = XOF) -> AccountRef:
    """Money at a provider that belongs to nothing of ours until a person has found out (docs/decisions)."""
    return platform(Purpose.CLEARING, unit)


# Made by the migration, so that posting need not make sure of them.
SEEDED_HOUSE = frozenset(
    {
        platform(Purpose.REVENUE),
        platform(Purpose.FEES),
        platform(Purpose.COMMISSION),
        platform(Purpose.VOUCHERS),
        platform(Purpose.PROMOTIONS),
        platform(Purpose.POINTS_ISSUED, POINTS),
        platform(Purpose.CREDITS_ISSUED, LEAD_CREDITS),
    }
)
