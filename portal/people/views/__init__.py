"""A person's own pages."""

from __future__ import annotations

from portal.people.views import about, calendars, client, guardians, papers, public
from portal.people.views.door import blueprint

__all__ = ["about", "blueprint", "calendars", "client", "guardians", "papers", "public"]
