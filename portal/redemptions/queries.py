"""What can be asked of codes and scans, by owners, houses and admins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Uuid, and_, cast, or_, select
from sqlalchemy.orm import aliased

from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.models import StatusHistory
from portal.kernel.paging import Filter, Page, SortKey, paginate
from portal.packs.models import Pack
from portal.packs.queries import places_of
from portal.partners.models import Partner, PartnerVenue
from portal.people.models import Profile
from portal.pots.models import Pot
from portal.redemptions.answers import Outcome, answer_of
from portal.redemptions.codes import normal_code
from portal.redemptions.models import QrCode, RedemptionLog, ScanResult

MOST_EXPORTED = 20_000
_served = aliased(PartnerVenue)


@dataclass(frozen=True, slots=True)
class ScanFilter(Filter):
    """Which scans: redeemed or refused, of which days (both included), of which partner, of which code."""

    result: str | None = None
    first_day: date | None = None
    last_day: date | None = None
    partner_id: UUID | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class OwnedCode:
    """A code with everything its owner needs to use it (QR-15)."""

    code: QrCode
    pack: Pack
    partner: Partner
    places: list[PartnerVenue]


@dataclass(frozen=True, slots=True)
class CodeFile:
    """A code with everything around it, for admins (QR-17)."""

    code: QrCode
    pack: Pack
    partner: Partner
    pot: Pot
    scans: Sequence[Any]
    story: Sequence[StatusHistory]


def scans_page(wanted: ScanFilter, cursor: str | None) -> Page[Any]:
    """Scans, newest first: the line, the code if it is that house's, pack, place, staff, house."""
    return paginate(_scans(wanted), [SortKey(RedemptionLog.occurred_at), SortKey(RedemptionLog.id)], cursor)


def scans_rows(wanted: ScanFilter) -> Sequence[Any]:
    """The same for a file, up to `MOST_EXPORTED` rows."""
    newest = (RedemptionLog.occurred_at.desc(), RedemptionLog.id.desc())
    return db.session.execute(_scans(wanted).order_by(*newest).limit(MOST_EXPORTED)).all()


def logged_outcome(log_id: UUID, partner_id: UUID) -> Outcome:
    """The answer that this house's till has shown. Raises `NotFound`."""
    row = db.session.execute(
        _scans(ScanFilter(partner_id=partner_id))
        .add_columns(_served.name, Pack.redemption_instructions)
        .outerjoin(_served, _served.id == QrCode.redeemed_venue_id)
        .where(RedemptionLog.id == log_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    line, code, pack, _place, _staff, _house, served, instructions = row
    answer = answer_of(line.validation_result, line.error_code)
    if code is None:
        return Outcome(answer, log_id=line.id)
    return Outcome(
        answer=answer,
        log_id=line.id,
        code_id=code.id,
        pack=pack,
        beneficiary=code.beneficiary_name,
        price_minor=code.price_minor,
        share_minor=code.partner_share_minor,
        instructions=instructions or "",
        valid_from=code.redeemable_from,
        valid_until=code.expires_at,
        redeemed_at=code.redeemed_at,
        redeemed_venue=served or "",
        redeemed_by=_first_name_of(code.redeemed_by_user_id),
    )


def code_of_pot(pot_id: UUID, owner_user_id: UUID) -> OwnedCode:
    """The newest code of one's own pot. Raises `NotFound`, also while there is none."""
    row = db.session.execute(
        select(QrCode, Pack, Partner)
        .join(Pack, Pack.id == QrCode.pack_id)
        .join(Partner, Partner.id == QrCode.partner_id)
        .where(QrCode.pot_id == pot_id, QrCode.beneficiary_user_id == owner_user_id)
        .order_by(QrCode.created_at.desc(), QrCode.id.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        raise NotFound
    code, pack, partner = row
    return OwnedCode(code, pack, partner, places_of(pack))


def code_file(code_id: UUID) -> CodeFile:
    """Everything about one code. Raises `NotFound`."""
    row = db.session.execute(
        select(QrCode, Pack, Partner, Pot)
        .join(Pack, Pack.id == QrCode.pack_id)
        .join(Partner, Partner.id == QrCode.partner_id)
        .join(Pot, Pot.id == QrCode.pot_id)
        .where(QrCode.id == code_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    scans = (
        select(RedemptionLog, Profile.full_name)
        .outerjoin(Profile, Profile.user_id == RedemptionLog.scanned_by_user_id)
        .where(RedemptionLog.qr_code_id == code_id)
        .order_by(RedemptionLog.occurred_at.desc(), RedemptionLog.id.desc())
        .limit(50)
    )
    story = (
        select(StatusHistory)
        .where(StatusHistory.entity_type == QrCode.__tablename__, StatusHistory.entity_id == code_id)
        .order_by(StatusHistory.occurred_at.desc(), StatusHistory.id.desc())
    )
    return CodeFile(*row, db.session.execute(scans).all(), db.session.execute(story).scalars().all())


def code_typed(text: str) -> UUID | None:
    """The id of the code that somebody reads out to an admin."""
    code = normal_code(text)
    if code is None:
        return None
    return db.session.execute(select(QrCode.id).where(QrCode.code == code)).scalar_one_or_none()


def _scans(wanted: ScanFilter) -> Select[*tuple[Any, ...]]:
    """A house never learns whose code it scanned when it was another's: the code is joined on both."""
    place = cast(RedemptionLog.venue_context["venue_id"].astext, Uuid)
    code_is_theirs = QrCode.partner_id == RedemptionLog.partner_id
    statement = (
        select(
            RedemptionLog,
            QrCode,
            Pack.name.label("pack"),
            PartnerVenue.name.label("place"),
            Profile.full_name,
            Partner.name.label("house"),
        )
        .outerjoin(QrCode, and_(QrCode.id == RedemptionLog.qr_code_id, code_is_theirs))
        .outerjoin(Pack, Pack.id == QrCode.pack_id)
        .outerjoin(PartnerVenue, PartnerVenue.id == place)
        .outerjoin(Profile, Profile.user_id == RedemptionLog.scanned_by_user_id)
        .outerjoin(Partner, Partner.id == RedemptionLog.partner_id)
    )
    if wanted.partner_id is not None:
        statement = statement.where(RedemptionLog.partner_id == wanted.partner_id)
    if wanted.result == "redeemed":
        statement = statement.where(RedemptionLog.validation_result == ScanResult.SUCCESS)
    elif wanted.result == "refused":
        statement = statement.where(RedemptionLog.validation_result != ScanResult.SUCCESS)
    if wanted.first_day is not None:
        statement = statement.where(RedemptionLog.occurred_at >= clock.start_of_day(wanted.first_day))
    if wanted.last_day is not None:
        end = clock.start_of_day(wanted.last_day + timedelta(days=1))
        statement = statement.where(RedemptionLog.occurred_at < end)
    if wanted.code is not None:
        code_id = code_typed(wanted.code)
        matches = RedemptionLog.scanned_code.icontains(wanted.code, autoescape=True)
        statement = statement.where(or_(RedemptionLog.qr_code_id == code_id, matches) if code_id else matches)
    return statement


def _first_name_of(user_id: UUID | None) -> str:
    if user_id is None:
        return ""
    name = db.session.execute(select(Profile.full_name).where(Profile.user_id == user_id)).scalar()
    return (name or "").split(" ")[0]
