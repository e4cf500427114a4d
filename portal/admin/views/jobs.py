"""Background work: what runs when, what was given up, who works."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, current_app, flash, request, url_for

from portal.admin import work
from portal.admin.services import run_now
from portal.admin.views.door import blueprint
from portal.admin.work_results import results_of, seconds_of
from portal.audit.services import record
from portal.kernel.access import staff
from portal.kernel.asking import asked, asked_kind
from portal.kernel.errors import NotFound
from portal.kernel.i18n import _
from portal.kernel.models import JobRunStatus
from portal.kernel.pages import page, see_other
from portal.kernel.roles import Permission
from portal.kernel.visitor import actor
from portal.kernel.work import retry_failed

_ID_LENGTH = 200


@blueprint.get("/jobs")
@staff(Permission.OPERATE)
def jobs() -> Response:
    """The schedule with its last runs, the queue and who works."""
    return page(
        "admin/jobs.html",
        scheduled=work.scheduled_jobs(),
        queue=work.queue_state(),
        waiting=work.waiting_follow_ups(),
    )


@blueprint.get("/jobs/failed")
@staff(Permission.OPERATE)
def failed_jobs() -> Response:
    """Follow-ups and queued jobs that were given up."""
    return page(
        "admin/jobs_failed.html",
        follow_ups=work.failed_follow_ups(request.args.get("cursor")),
        queue=work.queue_state(),
    )


@blueprint.get("/jobs/runs")
@staff(Permission.OPERATE)
def job_runs() -> Response:
    """Every run of timed jobs, with what it counted."""
    name, status = asked("job"), asked_kind(JobRunStatus)
    return page(
        "admin/job_runs.html",
        results_of=results_of,
        seconds_of=seconds_of,
        runs=work.runs(name, status, request.args.get("cursor")),
        name=name,
        wanted_status=status,
        names=sorted(current_app.extensions["schedule"]),
        states=list(JobRunStatus),
    )


@blueprint.post("/jobs/<name>/run")
@staff(Permission.OPERATE)
def run_job(name: str) -> Response:
    """Run a timed job now, out of its turn."""
    if name not in current_app.extensions["schedule"]:
        abort(404)
    if run_now(name, by=actor()):
        flash(_("The job has been queued."), "success")
    else:
        flash(_("It is waiting already, or the queue does not answer."), "warning")
    return see_other(url_for("admin.jobs"))


@blueprint.post("/jobs/follow-ups/<uuid:event_id>/retry")
@staff(Permission.OPERATE)
def retry_follow_up(event_id: UUID) -> Response:
    """Give a follow-up that was given up a fresh set of attempts."""
    if not retry_failed(event_id):
        raise NotFound
    record("follow_up_retried", ("outbox_events", event_id), by=actor())
    flash(_("It is being tried again."), "success")
    return see_other(url_for("admin.failed_jobs"))


@blueprint.post("/jobs/queue/<job_id>/<action>")
@staff(Permission.OPERATE)
def change_queued_job(job_id: str, action: str) -> Response:
    """Try a failed job of the queue again, or remove it."""
    change = {"requeue": work.requeue, "remove": work.forget}.get(action) or abort(404)
    change(job_id[:_ID_LENGTH])
    record(f"queued_job_{action}d", ("job", None), by=actor(), details={"job_id": job_id[:_ID_LENGTH]})
    flash(_("Done."), "success")
    return see_other(url_for("admin.failed_jobs"))
