"""What consents hold of people (PRV-04, PRV-05)."""

from __future__ import annotations

from portal.consent.models import ConsentRecord
from portal.kernel.personal import Share, Stay, holds, own

holds(
    ConsentRecord,
    {"page": "where the person said yes or no", "network": "roughly from where, as proof"},
    Share(
        "consents",
        own(ConsentRecord.user_id),
        Stay("proof that we were allowed what we did; it names an id that leads to a stub"),
        tells=("purpose", "granted", "text_version", "locale", "page", "network", "occurred_at"),
    ),
    plain=("text_version", "locale"),
)
