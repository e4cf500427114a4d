"""What the room of people holds of them (PRV-05)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select

from portal.kernel.db import db
from portal.kernel.i18n import _
from portal.kernel.personal import (
    ERASED,
    Blank,
    Remove,
    Share,
    Stay,
    holds,
    mentions,
    open_matter,
    own,
)
from portal.people.ages import is_adult
from portal.people.models import (
    IdentityDocument,
    Profile,
    ProfileCompletion,
    UserAddress,
    UserBlock,
    UserConnection,
    UserLocation,
    UserMetadata,
    UserPreferences,
    UserPrivacy,
    UserServiceProfile,
)

holds(
    Profile,
    {
        "full_name": "how friends, donors and houses know whom they deal with",
        "display_name": "how the person wants to be called",
        "date_of_birth": "when the pot opens, and whether a guardian is needed",
        "stated_birthday": "so that nobody under 18 says another year afterwards",
        "bio": "what the person wants others to read",
        "interests": "what gifts may please",
        "social_handles": "where else friends find the person",
        "demographics": "what the person told of their situation, to fit offers",
    },
    Share(
        "profile",
        own(Profile.user_id),
        Blank(
            {
                "full_name": ERASED,
                "display_name": None,
                "date_of_birth": None,
                "stated_birthday": None,
                "bio": None,
                "avatar_file_id": None,
                "interests": [],
                "social_handles": {},
                "demographics": {},
                "guardian_user_id": None,
                "relationship_type": None,
                "guardian_confirmed_at": None,
                "guardian_refused_at": None,
            }
        ),
        tells=(
            "full_name",
            "display_name",
            "date_of_birth",
            "stated_birthday",
            "bio",
            "interests",
            "social_handles",
            "demographics",
            "guardian_user_id",
            "relationship_type",
            "guardian_confirmed_at",
            "guardian_refused_at",
            "created_at",
            "updated_at",
        ),
        ties=True,
        traces=("full_name", "display_name"),
    ),
    Share(
        "guardianships",
        own(Profile.guardian_user_id),
        Stay("another person's profile; the guardian's id leads to a stub"),
        tells=("user_id", "relationship_type", "guardian_confirmed_at", "guardian_refused_at"),
        # The minor is told by name who has said yes or stepped back.
        ties=True,
    ),
)
holds(
    IdentityDocument,
    {
        "id_number_encrypted": "proof of who a minor, a guardian or a payee is",
        "id_hash": "to see that one paper is used by one person",
        "reason": "why a paper was refused",
    },
    Share(
        "identity_papers",
        own(IdentityDocument.user_id),
        Remove(),
        tells=(
            "id",
            "id_type",
            "id_country",
            "id_number_encrypted",
            "status",
            "reason",
            "verified_at",
            "decided_at",
            "created_at",
        ),
    ),
    plain=("id_country",),
)
holds(
    UserAddress,
    {
        "street": "where something is sent or billed to",
        "city": "where something is sent or billed to",
        "region": "where something is sent or billed to",
        "department": "where something is sent or billed to",
        "country": "where something is sent or billed to",
        "postal_code": "where something is sent or billed to",
    },
    Share(
        "addresses",
        own(UserAddress.user_id),
        Remove(),
        tells=("type", "street", "city", "region", "department", "country", "postal_code", "is_default"),
    ),
)
holds(
    UserLocation,
    {
        "country": "which packs and prices fit",
        "region": "which packs are near",
        "department": "which packs are near",
        "city": "which packs are near",
        "latitude": "which packs are near, roughly",
        "longitude": "which packs are near, roughly",
    },
    Share(
        "location",
        own(UserLocation.user_id),
        Remove(),
        tells=("country", "region", "department", "city", "latitude", "longitude"),
    ),
)
holds(
    UserPreferences,
    {"calendar_token_hash": "to know the secret link of a calendar again"},
    Share(
        "preferences",
        own(UserPreferences.user_id),
        Remove(),
        tells=("locale", "timezone", "currency", "theme"),
    ),
    plain=("locale", "timezone", "currency"),
)
holds(
    UserPrivacy,
    {},
    Share(
        "privacy_switches",
        own(UserPrivacy.user_id),
        Remove(),
        tells=("profile_visible", "share_referral_stats", "allow_contact_by_sponsors", "share_birthday"),
    ),
)
holds(
    UserMetadata,
    {
        "first_source": "through which link or campaign the person came",
        "attribution": "through which link or campaign the person came",
        "admin_notes": "what staff noted to help the person",
    },
    Share(
        "origin",
        own(UserMetadata.user_id),
        Remove(),
        tells=("first_source", "attribution", "admin_notes", "lifetime_value_minor"),
    ),
)
holds(
    UserServiceProfile,
    {
        "about": "what guests and travellers read of a host or guide",
        "spoken_languages": "who can talk with whom",
    },
    Share(
        "services",
        own(UserServiceProfile.user_id),
        Remove(),
        tells=("host_type", "about", "spoken_languages", "is_available"),
    ),
)
holds(
    ProfileCompletion,
    {},
    Share(
        "completion", own(ProfileCompletion.user_id), Remove(), tells=("percent", "done", "missing", "badges")
    ),
    plain=("done", "missing", "badges"),
)
holds(
    UserConnection,
    {"message": "the words that went with a request to connect"},
    Share(
        "connections",
        lambda person: or_(
            own(UserConnection.requester_user_id)(person), own(UserConnection.addressee_user_id)(person)
        ),
        Remove(),
        tells=(
            "requester_user_id",
            "addressee_user_id",
            "status",
            "relationship_category",
            "message",
            "responded_at",
        ),
        ties=True,
    ),
)
holds(
    UserBlock,
    {},
    Share("blocks", own(UserBlock.blocker_user_id), Remove(), tells=("blocked_user_id", "created_at")),
    Share("blocked_by", own(UserBlock.blocked_user_id), Remove()),
)
mentions(UserMetadata, "admin_notes")


@open_matter
def answers_for_a_minor(user_id: UUID) -> str | None:
    """Somebody under 18 for whom the person answers."""
    born = db.session.scalars(
        select(Profile.date_of_birth).where(
            Profile.guardian_user_id == user_id, Profile.guardian_confirmed_at.is_not(None)
        )
    )
    if all(is_adult(day) for day in born):
        return None
    return _("You answer for somebody under 18. Please step back as their guardian first.")
