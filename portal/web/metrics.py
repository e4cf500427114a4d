"""Numbers for Prometheus: requests by endpoint and the length of the queue, nothing about persons.

With PROMETHEUS_MULTIPROC_DIR set, the processes of a server count together.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

from flask import Flask, Response, current_app, g, make_response, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from redis.exceptions import RedisError

from portal.kernel.access import open_to_all
from portal.kernel.crypto import same
from portal.kernel.errors import NotFound
from portal.kernel.jobs import queue
from portal.kernel.settings import Settings

_REGISTRY = CollectorRegistry()
_SECONDS = Histogram(
    "portal_request_seconds",
    "How long requests took",
    ["endpoint", "method"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=_REGISTRY,
)
_ANSWERS = Counter(
    "portal_answers_total", "Answers by status", ["endpoint", "method", "status"], registry=_REGISTRY
)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_LOOPBACK = frozenset({"127.0.0.1", "::1"})


class _QueueLength(Collector):
    """Asked of Valkey at the moment of the scrape; left out when it does not answer."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            waiting = queue().count
        except RedisError:
            return
        yield GaugeMetricFamily("portal_queue_jobs", "Jobs that wait for a worker", value=waiting)


def register(app: Flask) -> None:
    """Count every request, and answer the scraper at /metrics."""
    app.before_request(_start)
    app.after_request(_count)
    app.add_url_rule("/metrics", "web.metrics", metrics)


@open_to_all("the scraper comes from this machine, or shows the token of METRICS_TOKEN")
def metrics() -> Response:
    """The counts in Prometheus' text format. Raises `NotFound` for everybody else."""
    if not _may_scrape():
        raise NotFound
    registry = CollectorRegistry()
    registry.register(_QueueLength())
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        text = generate_latest(registry)
    else:
        text = generate_latest(_REGISTRY) + generate_latest(registry)
    response = make_response(text)
    response.headers["Content-Type"] = CONTENT_TYPE_LATEST
    response.headers["Cache-Control"] = "no-store"
    return response


def _may_scrape() -> bool:
    """With a token set, whoever shows it; without one, this machine, and never in production.

    Behind a proxy on the same machine every caller could look like loopback.
    """
    settings: Settings = current_app.config["SETTINGS"]
    if settings.metrics_token:
        return same(request.headers.get("Authorization", ""), f"Bearer {settings.metrics_token}")
    return not settings.is_production and request.remote_addr in _LOOPBACK


def _start() -> None:
    g.started_at = time.perf_counter()


def _count(response: Response) -> Response:
    endpoint = request.endpoint or "none"
    # Anybody may invent a method; the numbers keep to those that exist.
    method = request.method if request.method in _METHODS else "other"
    started_at = g.pop("started_at", None)
    if started_at is not None:
        _SECONDS.labels(endpoint, method).observe(time.perf_counter() - started_at)
    _ANSWERS.labels(endpoint, method, str(response.status_code)).inc()
    return response
