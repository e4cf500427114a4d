"""Which campaign of the platform a new referral belongs to, and what it still gives (REF-22; R-30)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, literal, or_, select, update

from portal.campaigns.models import ReferralCampaign, ReferralCampaignStatus
from portal.kernel import clock
from portal.kernel.db import db


def running_campaign(country: str | None) -> UUID | None:
    """The campaign that runs now for a sponsor of `country` (three letters), the one begun last; None without one.

    Campaigns for a segment of people are for nobody yet: the portal knows no segments.
    """
    moment = clock.now()
    return db.session.execute(
        select(ReferralCampaign.id)
        .where(
            ReferralCampaign.status == ReferralCampaignStatus.ACTIVE,
            ReferralCampaign.starts_at <= moment,
            or_(ReferralCampaign.ends_at.is_(None), ReferralCampaign.ends_at > moment),
            or_(ReferralCampaign.max_uses.is_(None), ReferralCampaign.uses < ReferralCampaign.max_uses),
            func.cardinality(ReferralCampaign.target_segments) == 0,
            or_(
                func.cardinality(ReferralCampaign.target_countries) == 0,
                literal(country or "") == func.any(ReferralCampaign.target_countries),
            ),
        )
        .order_by(ReferralCampaign.starts_at.desc(), ReferralCampaign.id.desc())
        .limit(1)
    ).scalar_one_or_none()


def take_use(campaign_id: UUID) -> int:
    """Use the campaign once: the points it gives to the friend; 0, and nothing is used, when it gives none or no more.

    A campaign that has ended since still gives what it promised to those who came by it.
    """
    gift = ReferralCampaign.referee_reward["points"].as_integer()
    points = db.session.scalar(
        update(ReferralCampaign)
        .where(
            ReferralCampaign.id == campaign_id,
            gift > 0,
            or_(ReferralCampaign.max_uses.is_(None), ReferralCampaign.uses < ReferralCampaign.max_uses),
        )
        .values(uses=ReferralCampaign.uses + 1)
        .returning(gift)
        .execution_options(synchronize_session=False)
    )
    return points or 0
