"""A person's own pages."""

from __future__ import annotations

from portal.people.views import about, client
from portal.people.views.door import blueprint

__all__ = ["about", "blueprint", "client"]
