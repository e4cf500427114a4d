"""What an operator sees first."""

from __future__ import annotations

from flask import Response

from portal.admin.overview import overview as overview_of_today
from portal.admin.views.door import blueprint
from portal.kernel.access import admin_only
from portal.kernel.pages import page


@blueprint.get("")
@admin_only
def overview() -> Response:
    """What there is, what came in today, what waits for somebody."""
    return page("admin/overview.html", now=overview_of_today())
