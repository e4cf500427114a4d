"""What matters today about a person's pots: the cards of the home page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import url_for
from sqlalchemy import or_, select

from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.i18n import _, ngettext
from portal.pots.models import Pot, PotStatus
from portal.pots.policies import has_ended
from portal.pots.words import raised_words

_URGENT, _TODAY, _LATER = 10, 30, 60


@dataclass(frozen=True, slots=True)
class FeedCard:
    """One card in the words of the `feed_item` macro; a smaller `rank` is more urgent.

    `progress` is (value, goal, words) for a bar, `action` the (label, url) of the one button.
    """

    rank: int
    title: str
    text: str
    icon_name: str
    tone: str
    url: str
    when: datetime | None = None
    progress: tuple[int, int, str] | None = None
    action: tuple[str, str] | None = None


def feed_cards(user_id: UUID) -> list[FeedCard]:
    """The person's pots that still need something, in one statement; an invitation to make one without any."""
    pots = db.session.scalars(
        select(Pot)
        .where(
            Pot.owner_user_id == user_id,
            or_(Pot.status != PotStatus.CLOSED, Pot.choose_until.is_not(None)),
        )
        .order_by(Pot.birthday_date)
        .limit(5)
    ).all()
    return [_card(pot) for pot in pots] or [_first_pot()]


def _card(pot: Pot) -> FeedCard:
    if has_ended(pot):
        return _choose(pot)
    if pot.status is PotStatus.SCHEDULED:
        return _waits(pot)
    return _collects(pot)


def _choose(pot: Pot) -> FeedCard:
    return FeedCard(
        rank=_URGENT,
        title=_("Choose your pack"),
        text=_("“%(title)s” has ended. Decide what it becomes.", title=pot.title),
        icon_name="gift",
        tone="hibiscus",
        url=_page(pot),
        when=pot.choose_until,
        action=(_("Choose"), _page(pot)),
    )


def _collects(pot: Pot) -> FeedCard:
    days = (pot.birthday_date - clock.today()).days
    is_funded = pot.status is PotStatus.FUNDED
    return FeedCard(
        rank=_TODAY,
        title=pot.title,
        text=ngettext("Your birthday is tomorrow.", "Your birthday is in %(num)s days.", days),
        icon_name="cake",
        tone="baobab" if is_funded else "marigold",
        url=_page(pot),
        progress=(pot.collected_minor, pot.target_amount_minor, raised_words(pot)),
        action=(_("Choose my pack") if is_funded else _("Share my pot"), _page(pot)),
    )


def _waits(pot: Pot) -> FeedCard:
    return FeedCard(
        rank=_LATER,
        title=pot.title,
        text=_("Your pot is ready. It opens by itself."),
        icon_name="pot",
        tone="indigo",
        url=_page(pot),
        when=pot.scheduled_open_at,
    )


def _first_pot() -> FeedCard:
    return FeedCard(
        rank=_LATER,
        title=_("Your birthday deserves a pot"),
        text=_("Make it in two minutes. It opens 30 days before your birthday."),
        icon_name="pot",
        tone="marigold",
        url=url_for("pots_client.create"),
        action=(_("Make my pot"), url_for("pots_client.create")),
    )


def _page(pot: Pot) -> str:
    return url_for("pots_client.detail", pot_id=pot.id)
