"""What people hear of their place in a sponsor company, each change once."""

from __future__ import annotations

from portal.campaigns.models import SponsorCompany, SponsorCompanyMember
from portal.identity.attempts import note_security_event
from portal.identity.models import Severity
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.notifications.services import notify


def tell_of_place(member: SponsorCompanyMember, company: SponsorCompany, what: str, *, by: Actor) -> None:
    """Write and send to the person that their place was given, changed or ended (`what` names both)."""
    moment = clock.now()
    note_security_event(
        member.user_id, what, Severity.INFO, by=by, details={"company": company.name, "role": member.role}
    )
    notify(
        what,
        event_key=f"{what}:{member.id}:{moment.isoformat()}",
        data={"company": company.name, "at": moment},
        user_id=member.user_id,
        action_link="/security" if what == "company_place_ended" else "/company",
        by=by,
    )
