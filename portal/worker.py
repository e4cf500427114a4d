"""A worker process: `python -m portal.worker`. The app is loaded once, each job runs in a fork of it."""

from __future__ import annotations

import dataclasses
import logging

from rq import Worker
from rq.serializers import JSONSerializer

from portal import create_app
from portal.kernel.jobs import QUEUE_NAME, SafeJob, valkey
from portal.kernel.settings import load


def main() -> None:
    """Work until told to stop; a running job is finished first."""
    # A forked child must not share a connection with its parent, so workers keep no pool.
    app = create_app(dataclasses.replace(load(), db_pool_size=0))
    logging.getLogger("rq.worker").setLevel(logging.WARNING)
    with app.app_context():
        worker = Worker(
            [QUEUE_NAME],
            connection=valkey(),
            serializer=JSONSerializer,
            job_class=SafeJob,
            worker_ttl=60,
        )
        worker.work(with_scheduler=True, logging_level="WARNING")


if __name__ == "__main__":
    main()
