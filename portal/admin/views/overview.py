"""What an operator sees first."""

from __future__ import annotations

from flask import Response

from portal.admin.overview import overview as overview_of_today
from portal.admin.views.door import blueprint
from portal.kernel.access import staff
from portal.kernel.pages import page
from portal.kernel.roles import Permission


@blueprint.get("")
@staff(Permission.LOOK)
def overview() -> Response:
    """What there is, what came in today, what waits for somebody."""
    return page("admin/overview.html", now=overview_of_today())
