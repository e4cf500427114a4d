"""Whether everything the portal stands on is well."""

from __future__ import annotations

from flask import Response

from portal.admin.health import is_stale, newest_results
from portal.admin.views.door import blueprint
from portal.kernel.access import staff
from portal.kernel.pages import page
from portal.kernel.roles import Permission


@blueprint.get("/health")
@staff(Permission.LOOK)
def health() -> Response:
    """The newest result of every check (ADM-19)."""
    results = newest_results()
    return page("admin/health.html", results=results, is_stale=is_stale(results))
