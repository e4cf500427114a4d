"""What matters today about word of mouth: the cards of the home page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from flask import url_for
from sqlalchemy import select

from portal.config.values import POINTS_MINIMUM, value_of
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.i18n import _
from portal.ledger.accounts import user_points
from portal.ledger.queries import balance
from portal.people.models import Profile
from portal.people.seeing import name_shown_to
from portal.pots.feed import FeedCard
from portal.referrals.models import Referral

_SOON, _NEWS, _IDEA = 20, 40, 90
_NEWS_LASTS = timedelta(days=7)


def feed_cards(user_id: UUID) -> list[FeedCard]:
    """An invitation that waits for me, the friend who came last, points to use, else the idea; four statements."""
    cards = [*_my_invitation(user_id), *_newest_friend(user_id), *_points(user_id)]
    return cards or [_idea()]


def _my_invitation(user_id: UUID) -> Iterator[FeedCard]:
    """Somebody brought me, and it does not count before I have said when I was born (R-08)."""
    own = select(Profile.user_id).where(
        Profile.user_id == user_id, Profile.date_of_birth.is_(None), Profile.stated_birthday.is_(None)
    )
    name = db.session.scalar(
        select(Profile.full_name)
        .join(Referral, Referral.referrer_id == Profile.user_id)
        .where(Referral.referred_user_id == user_id, Referral.accepted_at.is_(None), own.exists())
    )
    if name is not None:
        url = url_for("people.birthday")
        yield FeedCard(
            rank=_SOON,
            title=_("One thing is missing: your birthday"),
            text=_(
                "%(name)s has invited you. It counts from then on, and your pot can open.",
                name=name.split()[0],
            ),
            icon_name="cake",
            tone="hibiscus",
            url=url,
            action=(_("Add my birthday"), url),
        )


def _newest_friend(user_id: UUID) -> Iterator[FeedCard]:
    row = db.session.execute(
        select(name_shown_to(user_id).label("name"), Referral.accepted_at)
        .join(Referral, Referral.referred_user_id == Profile.user_id)
        .where(Referral.referrer_id == user_id, Referral.accepted_at > clock.now() - _NEWS_LASTS)
        .order_by(Referral.accepted_at.desc())
        .limit(1)
    ).one_or_none()
    if row is not None:
        yield FeedCard(
            rank=_NEWS,
            title=_("%(name)s has joined you", name=row.name.split()[0])
            if row.name
            else _("A friend has joined you"),
            text=_("Your points are on their way."),
            icon_name="users",
            tone="baobab",
            url=url_for("referrals_sponsor.dashboard"),
            when=row.accepted_at,
        )


def _points(user_id: UUID) -> Iterator[FeedCard]:
    available = balance(user_points(user_id)).available
    if available >= value_of(POINTS_MINIMUM):
        url = url_for("referrals_sponsor.points")
        yield FeedCard(
            rank=_NEWS + 1,
            title=_("Your points can do something"),
            text=_("Put them into your pot, or into a friend's."),
            icon_name="star",
            tone="marigold",
            url=url,
            action=(_("Use my points"), url),
        )


def _idea() -> FeedCard:
    url = url_for("referrals_sponsor.invite")
    return FeedCard(
        rank=_IDEA,
        title=_("Who else would be glad of a pot?"),
        text=_("Invite a friend: you earn points when they join."),
        icon_name="invite",
        tone="indigo",
        url=url,
        action=(_("Invite a friend"), url),
    )
