"""The pages of operators, one module a subject, all under the blueprint `admin`."""

from __future__ import annotations

from portal.admin.views import health, jobs, ledger, overview, staff, trail, users, values
from portal.admin.views.door import blueprint

__all__ = ["blueprint", "health", "jobs", "ledger", "overview", "staff", "trail", "users", "values"]
