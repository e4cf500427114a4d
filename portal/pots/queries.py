"""What owners, donors and visitors ask about pots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, or_, select

from portal.identity.models import User, UserStatus
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.paging import Page, SortKey, paginate
from portal.ledger.accounts import pot_funds, user_wallet
from portal.ledger.queries import balance, balances
from portal.packs.availability import on_offer
from portal.packs.models import Pack
from portal.packs.queries import price_now
from portal.partners.models import Partner
from portal.people.models import Profile
from portal.people.queries import people_cards
from portal.people.seeing import card_shown_to
from portal.pots.models import (
    Donation,
    DonationStatus,
    Pot,
    PotAnalytics,
    PotInvitation,
    Visibility,
)
from portal.pots.policies import LIVE

WALL_SIZE = 12
_PACKS_OFFERED = 60


@dataclass(frozen=True, slots=True)
class PackChoice:
    """A pack that a pot may be meant for; `price_minor` in XOF."""

    id: UUID
    name: str
    partner_name: str
    price_minor: int
    image_file_id: UUID | None


@dataclass(frozen=True, slots=True)
class PotPage:
    """A pot with its owner and its wished-for pack, as a page shows them."""

    pot: Pot
    owner_name: str
    owner_avatar_file_id: UUID | None
    pack: PackChoice | None


@dataclass(frozen=True, slots=True)
class WallEntry:
    """A gift as far as its donor and the pot's owner let it be seen; None is hidden."""

    name: str | None
    amount_minor: int | None
    message: str | None
    given_at: datetime


@dataclass(frozen=True, slots=True)
class OwnedPot:
    """Everything the owner's page of a pot needs; amounts in XOF."""

    page: PotPage
    available_minor: int
    wallet_minor: int
    gifts: Page[Donation]
    course: list[PotAnalytics]
    invitations: list[PotInvitation]


def pot_page(slug: str) -> PotPage:
    """The pot of a public address, in one statement. Raises `NotFound`, also while its owner is suspended."""
    return _one(
        _pages().where(
            Pot.public_slug == slug[:50], User.status == UserStatus.ACTIVE, User.deleted_at.is_(None)
        )
    )


def own_pot_page(pot_id: UUID, owner_user_id: UUID) -> PotPage:
    """The person's own pot, in one statement. Raises `NotFound` for a stranger."""
    return _one(_pages().where(Pot.id == pot_id, Pot.owner_user_id == owner_user_id))


def any_pot_page(pot_id: UUID) -> PotPage:
    """Any pot, for admins, in one statement. Raises `NotFound`."""
    return _one(_pages().where(Pot.id == pot_id))


def donor_wall(pot: Pot, cursor: str | None = None) -> Page[WallEntry]:
    """The counted gifts, newest first, each as openly as allowed (POT-22, DON-17). The pot's settings win."""
    found = paginate(
        select(Donation).where(
            Donation.pot_id == pot.id,
            Donation.status == DonationStatus.SUCCEEDED,
            Donation.is_held.is_(False),
        ),
        [SortKey(Donation.confirmed_at), SortKey(Donation.id)],
        cursor,
        WALL_SIZE,
    )
    return Page([_as_seen(gift, pot) for gift in found.items], found.next_cursor, found.previous_cursor)


def public_pots(cursor: str | None = None) -> Page[Any]:
    """Public pots that collect now, the next birthday first, each a row of pot and owner's name."""
    return paginate(
        select(Pot, Profile.full_name)
        .join(Profile, Profile.user_id == Pot.owner_user_id)
        .join(User, User.id == Pot.owner_user_id)
        .where(
            Pot.visibility == Visibility.PUBLIC,
            Pot.status.in_(LIVE),
            Pot.birthday_date > clock.today(),
            User.status == UserStatus.ACTIVE,
        ),
        [SortKey(Pot.birthday_date, descending=False), SortKey(Pot.id, descending=False)],
        cursor,
        12,
    )


def wallet_of(user_id: UUID) -> int:
    """What a person can spend in the portal, in XOF."""
    return balance(user_wallet(user_id)).available


def my_pots(owner_user_id: UUID) -> list[Pot]:
    """A person's pots, the newest birthday first; one a year, so all of them."""
    return list(
        db.session.scalars(
            select(Pot)
            .where(Pot.owner_user_id == owner_user_id)
            .order_by(Pot.birthday_date.desc(), Pot.created_at.desc())
            .limit(50)
        )
    )


def owned_pot_details(pot_id: UUID, owner_user_id: UUID, cursor: str | None) -> OwnedPot:
    """The owner's view of a pot, in five statements. Raises `NotFound` for a stranger."""
    page = own_pot_page(pot_id, owner_user_id)
    funds, wallet = pot_funds(pot_id), user_wallet(owner_user_id)
    held = balances([funds, wallet])
    return OwnedPot(
        page=page,
        available_minor=held[funds].available,
        wallet_minor=held[wallet].available,
        gifts=gifts_of_pot(pot_id, cursor),
        course=course_of_pot(pot_id),
        invitations=invitations_of_pot(pot_id),
    )


def gifts_of_pot(pot_id: UUID, cursor: str | None = None) -> Page[Donation]:
    """The gifts that arrived, newest first, given back ones too; a held one is nobody's business yet."""
    return paginate(
        select(Donation).where(
            Donation.pot_id == pot_id,
            Donation.status.in_((DonationStatus.SUCCEEDED, DonationStatus.REFUNDED)),
            Donation.is_held.is_(False),
        ),
        [SortKey(Donation.confirmed_at), SortKey(Donation.id)],
        cursor,
        WALL_SIZE,
    )


def course_of_pot(pot_id: UUID) -> list[PotAnalytics]:
    """The last 45 daily snapshots, oldest first (POT-29)."""
    latest = db.session.scalars(
        select(PotAnalytics)
        .where(PotAnalytics.pot_id == pot_id)
        .order_by(PotAnalytics.snapshot_date.desc())
        .limit(45)
    )
    return list(reversed(latest.all()))


def invitations_of_pot(pot_id: UUID) -> list[PotInvitation]:
    """With whom the pot was shared lately, newest first (POT-24)."""
    return list(
        db.session.scalars(
            select(PotInvitation)
            .where(PotInvitation.pot_id == pot_id)
            .order_by(PotInvitation.sent_at.desc(), PotInvitation.id.desc())
            .limit(50)
        )
    )


def first_name_of(user_id: UUID) -> str:
    """The first name; empty for somebody without a profile."""
    card = people_cards([user_id]).get(user_id)
    return card.first_name if card else ""


def packs_to_prefer(birthday: date, chosen_id: UUID | None = None) -> list[PackChoice]:
    """Packs on offer on `birthday`, cheapest first, with the one chosen before; one statement (POT-08)."""
    offered = on_offer(clock.start_of_day(birthday))
    rows = db.session.execute(
        _pack_choices()
        .where(or_(offered, Pack.id == chosen_id))
        .order_by(price_now, Pack.id)
        .limit(_PACKS_OFFERED)
    )
    return [_choice(pack, partner_name) for pack, partner_name in rows]


def price_to_prefer(pack_id: UUID, birthday: date) -> int | None:
    """What the pack costs (XOF), if it will be on offer on `birthday`, as far as is known today; else None."""
    return db.session.execute(
        select(price_now).where(Pack.id == pack_id, on_offer(clock.start_of_day(birthday)))
    ).scalar_one_or_none()


def _pages() -> Select[Pot, str, str | None, UUID | None, Pack, str]:
    # The pot says whose it is; the portrait belongs to the profile, and is hidden with it (PPL-27).
    portrait = case((card_shown_to(None), Profile.avatar_file_id))
    return (
        select(Pot, Profile.full_name, Profile.display_name, portrait, Pack, Partner.name)
        .join(User, User.id == Pot.owner_user_id)
        .join(Profile, Profile.user_id == Pot.owner_user_id)
        .outerjoin(Pack, Pack.id == Pot.preferred_pack_id)
        .outerjoin(Partner, Partner.id == Pack.partner_id)
    )


def _one(statement: Select[Pot, str, str | None, UUID | None, Pack, str]) -> PotPage:
    row = db.session.execute(statement).one_or_none()
    if row is None:
        raise NotFound
    pot, full_name, display_name, avatar, pack, partner_name = row
    return PotPage(
        pot=pot,
        owner_name=display_name or full_name.split()[0],
        owner_avatar_file_id=avatar,
        pack=_choice(pack, partner_name) if pack is not None else None,
    )


def _pack_choices() -> Select[Pack, str]:
    return select(Pack, Partner.name).join(Partner, Partner.id == Pack.partner_id)


def _choice(pack: Pack, partner_name: str) -> PackChoice:
    return PackChoice(pack.id, pack.name, partner_name, pack.price_minor, pack.image_file_id)


def _as_seen(gift: Donation, pot: Pot) -> WallEntry:
    shows_name = pot.show_donor_names and not gift.is_anonymous
    assert gift.confirmed_at is not None
    return WallEntry(
        name=gift.donor_name if shows_name else None,
        amount_minor=gift.amount_minor if gift.show_amount else None,
        message=gift.donation_message if pot.enable_messages else None,
        given_at=gift.confirmed_at,
    )
