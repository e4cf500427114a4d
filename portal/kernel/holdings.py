"""What the platform's own tables hold of people (PRV-05)."""

from __future__ import annotations

from portal.kernel.models import DayCount, JobRun, OutboxEvent, StatusHistory, StoredFile
from portal.kernel.personal import Remove, Share, Stay, holds, mentions, nothing_personal, own

holds(
    StoredFile,
    {"sha256": "to find the same file again and to see that it is whole"},
    Share(
        "files",
        own(StoredFile.owner_user_id),
        Remove(),
        tells=("id", "purpose", "mime_type", "size_bytes", "sha256", "created_at"),
    ),
    plain=("storage_key", "mime_type"),
)
holds(
    StatusHistory,
    {"reason": "why staff or a person changed a state, as proof of what was done"},
    Share(
        "own_changes",
        own(StatusHistory.actor_user_id),
        Stay("proof of what was done, kept with the row it is about; the hand is an id that leads to a stub"),
        tells=("entity_type", "entity_id", "column_name", "from_status", "to_status", "occurred_at"),
    ),
    plain=("entity_type", "column_name", "from_status", "to_status"),
)
nothing_personal(OutboxEvent, "payloads hold ids alone; done rows are removed after some days")
nothing_personal(JobRun, "names of jobs and counts")
nothing_personal(DayCount, "numbers of a day and a country")
mentions(OutboxEvent, "payload", "last_error")
mentions(JobRun, "error")
