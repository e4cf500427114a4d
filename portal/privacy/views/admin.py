"""Staff see how long what is kept (PRV-12), and what the records say of the rules (SEC-15)."""

from __future__ import annotations

from flask import Blueprint, Response

from portal.kernel.access import staff, step_up_when
from portal.kernel.asking import wants_file
from portal.kernel.pages import csv_file, page
from portal.kernel.roles import Permission
from portal.privacy.compliance import counted
from portal.privacy.retention import ERRANDS, JOB, OWN_JOBS, last_runs, would_go
from portal.privacy.retention import counted as went_last
from portal.privacy.rules import RULES

blueprint = Blueprint("privacy_admin", __name__, url_prefix="/admin")

_COMPLIANCE_HEAD = ("rule", "sentence", "rows", "exceptions")


@blueprint.get("/retention")
@staff(Permission.OPERATE)
def retention() -> Response:
    """Every rule with its period, its dry run and its last count."""
    runs = last_runs()
    return page(
        "privacy/admin/retention.html",
        rules=(*RULES, *ERRANDS, *OWN_JOBS),
        due=would_go(),
        counts=went_last(runs),
        last=runs.get(JOB),
    )


@blueprint.get("/compliance")
@staff(Permission.SEE_TRAIL)
@step_up_when(wants_file)
def compliance() -> Response:
    """Every rule on identity, payment and consent with its exceptions; also as a file."""
    found = counted()
    if wants_file():
        rows = [(one.rule.key, str(one.rule.label), one.rows, one.exceptions) for one in found]
        return csv_file("compliance.csv", _COMPLIANCE_HEAD, rows)
    return page("privacy/admin/compliance.html", counted=found)
