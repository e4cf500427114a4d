"""What questions to guardians, and for another one, hold of people (PRV-05)."""

from __future__ import annotations

from portal.kernel.personal import (
    Blank,
    Remove,
    Share,
    Stay,
    any_of,
    erased_by_id,
    holds,
    names_guests,
    own,
    proved_at,
)
from portal.people.models import GuardianChange, GuardianRequest

holds(
    GuardianRequest,
    {
        "contact": "where the adult is asked whom a minor has named",
        "mailbox": "to write to one place only so often",
    },
    Share(
        "guardian_requests",
        own(GuardianRequest.minor_user_id),
        Remove(),
        # A message to the adult whom the minor named speaks of the minor.
        ties=True,
        # Not when the message went out, nor who has refused: that would say whether there is an account.
        tells=("contact", "relationship_type", "status", "asked_at", "expires_at", "ended_at"),
    ),
    Share(
        "guardian_requests_received",
        any_of(
            own(GuardianRequest.guardian_user_id),
            proved_at(GuardianRequest.contact),
            proved_at(GuardianRequest.mailbox),
        ),
        Remove(),
        tells=("contact", "relationship_type", "status", "asked_at", "expires_at", "ended_at"),
    ),
)
# The question stays, so that the minor knows what became of it.
names_guests(
    GuardianRequest,
    any_of(proved_at(GuardianRequest.contact), proved_at(GuardianRequest.mailbox)),
    Blank(
        {
            "contact": lambda _person: erased_by_id(GuardianRequest.id),
            "mailbox": lambda _person: erased_by_id(GuardianRequest.id),
        }
    ),
    ties=True,
)
holds(
    GuardianChange,
    {"reason": "why a young person asks the team for another guardian, in their words"},
    Share(
        "guardian_changes",
        own(GuardianChange.minor_user_id),
        Remove(),
        tells=("guardian_user_id", "reason", "status", "asked_at", "ended_at"),
    ),
    # What a minor says of the adult is not the adult's to read.
    Share(
        "guardian_changes_about",
        own(GuardianChange.guardian_user_id),
        Stay("another person's question; the guardian's id leads to a stub"),
    ),
)
