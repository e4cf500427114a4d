"""Packs say nothing of people (PRV-05)."""

from __future__ import annotations

from portal.kernel.personal import nothing_personal
from portal.packs.models import Pack

nothing_personal(Pack, "what a house offers")
