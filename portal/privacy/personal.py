"""What requests about data hold of people: that somebody asked, and when (PRV-03, PRV-05)."""

from __future__ import annotations

from portal.kernel.personal import Blank, Share, holds, own
from portal.privacy.models import PrivacyRequest

holds(
    PrivacyRequest,
    {},
    Share(
        "privacy_requests",
        own(PrivacyRequest.user_id),
        Blank({"file_id": None}),
        tells=("kind", "status", "created_at", "due_at", "done_at", "expires_at"),
    ),
)
