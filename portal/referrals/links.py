"""What stands behind a code, and who looked at it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import insert, select

from portal.identity.models import User, UserStatus
from portal.identity.services import PERSONAL_CODE_LENGTH
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.i18n import _
from portal.kernel.ids import new_id
from portal.people.models import Profile
from portal.pots.counters import is_reader
from portal.referrals.inviting import CODE_LENGTH
from portal.referrals.models import Referral, ReferralClick

UTM_FIELDS = ("utm_source", "utm_medium", "utm_campaign")
_MAX_UTM = 100


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """The sponsor behind a code, and the single invitation if it was one."""

    code: str
    sponsor_id: UUID
    sponsor_name: str
    referral: Referral | None

    @property
    def sponsor_first_name(self) -> str:
        """What a page calls the sponsor."""
        return self.sponsor_name.split()[0]


def find_link(code: str) -> OpenedLink:
    """The sponsor (and invitation) behind a code; its length tells which kind it is (R-22). One statement.

    Raises `NotFound` for an unknown code or a sponsor who is no longer here.
    """
    code = code.strip().upper()
    if not (code.isascii() and code.isalnum()):
        raise _leads_nowhere()
    names = select(User.id, Profile.full_name).join(Profile, Profile.user_id == User.id)
    if len(code) == CODE_LENGTH:
        of_invitation = names.add_columns(Referral).join(Referral, Referral.referrer_id == User.id)
        statement = of_invitation.where(Referral.referral_code == code, User.status == UserStatus.ACTIVE)
        found = db.session.execute(statement).one_or_none()
        if found is not None:
            return OpenedLink(code, found[0], found[1], found[2])
    elif len(code) == PERSONAL_CODE_LENGTH:
        statement = names.where(User.referral_code == code, User.status == UserStatus.ACTIVE)
        person = db.session.execute(statement).one_or_none()
        if person is not None:
            return OpenedLink(code, person[0], person[1], None)
    raise _leads_nowhere()


def remember_click(link: OpenedLink, utm: dict[str, str], *, by: Actor) -> None:
    """Count that a person opened a link (REF-19); the sponsor and programs that draw previews do not count."""
    if by.user_id == link.sponsor_id or not is_reader(by.user_agent):
        return
    moment = clock.now()
    db.session.execute(
        insert(ReferralClick),
        {
            "id": new_id(),
            "owner_user_id": link.sponsor_id,
            "referral_id": link.referral.id if link.referral else None,
            "utm": tidy_utm(utm),
            "ip_address": by.ip,
            "user_agent": by.user_agent,
            "occurred_at": moment,
        },
    )
    if link.referral is not None and link.referral.clicked_at is None:
        link.referral.opened_at = link.referral.clicked_at = moment


def tidy_utm(utm: dict[str, str]) -> dict[str, str]:
    """The campaign fields we keep, shortened, without signs nobody sees (REF-13)."""
    kept = {name: "".join(sign for sign in utm.get(name, "") if sign.isprintable()) for name in UTM_FIELDS}
    return {name: value.strip()[:_MAX_UTM] for name, value in kept.items() if value.strip()}


def _leads_nowhere() -> NotFound:
    return NotFound(_("This invitation link does not lead anywhere."))
