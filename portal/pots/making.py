"""Making a pot and changing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from portal.config.values import POT_TARGET_MAX, POT_TARGET_MIN, value_of
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db, violated
from portal.kernel.errors import Conflict, InvalidInput
from portal.kernel.i18n import _
from portal.kernel.ids import new_id, random_token
from portal.kernel.money import francs
from portal.kernel.states import advance, remember
from portal.people.services import require_birthday, require_confirmed_guardian
from portal.pots import telling
from portal.pots.birthdays import next_birthday, opening_time
from portal.pots.events import pot_opened
from portal.pots.finding import lock_pot
from portal.pots.models import Pot, PotStatus, Visibility
from portal.pots.pictures import keep_cover
from portal.pots.queries import price_to_prefer

MAX_TITLE = 255
MAX_STORY = 2000
_SLUG_BYTES = 16


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an owner decides about a pot; `target_minor` in XOF."""

    title: str
    target_minor: int
    story: str | None = None
    visibility: Visibility = Visibility.PRIVATE
    preferred_pack_id: UUID | None = None
    allow_anonymous: bool = True
    show_names: bool = True
    enable_messages: bool = True


def create_pot(
    owner_user_id: UUID,
    wishes: Wishes,
    *,
    cover: bytes | None = None,
    referral_id: UUID | None = None,
    by: Actor,
) -> Pot:
    """Make the pot for the owner's next birthday; it opens at once when that is near (POT-01 to POT-04).

    Raises `InvalidInput` for an unusable title, target, pack or picture, `Conflict` when there is a live pot
    for that birthday, and what people say about a missing birth date (R-08) or guardian.
    """
    born = require_birthday(owner_user_id)
    require_confirmed_guardian(owner_user_id)
    birthday = next_birthday(born, clock.today())
    pot = Pot(
        id=new_id(),
        owner_user_id=owner_user_id,
        public_slug=random_token(_SLUG_BYTES),
        birthday_date=birthday,
        scheduled_open_at=opening_time(birthday),
        status=PotStatus.SCHEDULED,
        created_from_referral_id=referral_id,
    )
    _write(pot, wishes)
    _insert(pot)
    # Only now: where the pot is refused, no picture of it is left behind.
    keep_cover(pot, cover, draw_if_missing=True)
    remember("pots", pot.id, "status", None, PotStatus.SCHEDULED, by=by)
    if pot.scheduled_open_at <= clock.now():
        open_pot(pot, by=by)
    return pot


def edit_pot(
    pot_id: UUID, owner_user_id: UUID, wishes: Wishes, *, cover: bytes | None = None, by: Actor
) -> Pot:
    """Change a pot that has not ended. The target stays as it is once somebody has given towards it.

    Raises as `create_pot`, and `Conflict` when the pot has ended.
    """
    pot = lock_pot(pot_id, owner_user_id=owner_user_id)
    if pot.status in (PotStatus.EXPIRED, PotStatus.CLOSED):
        raise Conflict(_("This pot has ended and cannot be changed any more."))
    if pot.collected_minor and wishes.target_minor != pot.target_amount_minor:
        raise InvalidInput(
            _("The target cannot change any more: people have already given towards it."), field="target"
        )
    _write(pot, wishes)
    keep_cover(pot, cover)
    db.session.flush()
    return pot


def open_pot(pot: Pot, *, by: Actor) -> None:
    """Start collecting (POT-16). Raises `IllegalTransition` unless the pot is scheduled."""
    advance(pot, PotStatus.OPEN, by=by)
    pot.actual_opened_at = clock.now()
    db.session.flush()
    pot_opened.send(pot, by=by)
    telling.pot_opened(pot, by=by)


def _write(pot: Pot, wishes: Wishes) -> None:
    pot.title = _checked_title(wishes.title)
    pot.description = _checked_story(wishes.story)
    pot.target_amount_minor = _checked_target(wishes.target_minor)
    pot.visibility = wishes.visibility
    if wishes.preferred_pack_id != pot.preferred_pack_id:
        pot.preferred_price_minor = _price_of(wishes.preferred_pack_id, pot.birthday_date)
    pot.preferred_pack_id = wishes.preferred_pack_id
    pot.allow_anonymous_donations = wishes.allow_anonymous
    pot.show_donor_names = wishes.show_names
    pot.enable_messages = wishes.enable_messages


def _insert(pot: Pot) -> None:
    """Write the row; the database refuses a second live pot for the same birthday."""
    try:
        with db.session.begin_nested():
            db.session.add(pot)
    except IntegrityError as error:
        if violated(error) == "uq_pots_live_birthday":
            raise Conflict(_("You already have a pot for this birthday.")) from None
        raise


def _checked_title(title: str) -> str:
    title = " ".join(title.split())
    if not 1 <= len(title) <= MAX_TITLE:
        raise InvalidInput(_("Please give your pot a title."), field="title")
    return title


def _checked_story(story: str | None) -> str | None:
    story = (story or "").strip()
    if len(story) > MAX_STORY:
        raise InvalidInput(
            _("Please use at most %(limit)s characters.", limit=MAX_STORY), field="description"
        )
    return story or None


def _checked_target(target_minor: int) -> int:
    low, high = value_of(POT_TARGET_MIN), value_of(POT_TARGET_MAX)
    if not low <= target_minor <= high:
        raise InvalidInput(
            _("Please choose an amount from %(low)s to %(high)s.", low=francs(low), high=francs(high)),
            field="target",
        )
    return target_minor


def _price_of(pack_id: UUID | None, birthday: date) -> int | None:
    if pack_id is None:
        return None
    price = price_to_prefer(pack_id, birthday)
    if price is None:
        raise InvalidInput(_("This pack is not on offer any more. Please choose another."), field="pack")
    return price
