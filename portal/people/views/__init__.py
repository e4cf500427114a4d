"""A person's own pages."""

from __future__ import annotations

from portal.people.views.client import blueprint

__all__ = ["blueprint"]
