"""The way into each Wave call: who is asking, then the faults armed for it, then the work itself."""

from __future__ import annotations

import hmac
import json
import select
import socket
import time
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec

from flask import Response, jsonify, make_response, request

from portal.gateways.wave.signature import HEADER as SIGNATURE_HEADER
from portal.gateways.wave.signature import MAX_AGE_SECONDS, SignatureHeader, parse_header
from portal.sandbox import faults
from portal.sandbox.faults import CALL_KINDS, Fault
from portal.sandbox.wave.answers import Problem
from portal.sandbox.world import World, this_world

P = ParamSpec("P")
Answer = Response | tuple[Any, int] | Mapping[str, Any] | str
TIMEOUT_SECONDS = 60.0
_CODES = {500: "internal-server-error", 503: "service-unavailable"}


def operation(name: str) -> Callable[[Callable[P, Answer]], Callable[P, Response]]:
    """Make a view one of Wave's calls: authenticated, and open to the faults armed for `name`."""

    def decorate(view: Callable[P, Answer]) -> Callable[P, Response]:
        @wraps(view)
        def call(*args: P.args, **kwargs: P.kwargs) -> Response:
            try:
                authenticate(this_world())
                return with_faults(name, lambda: make_response(view(*args, **kwargs)))
            except Problem as problem:
                return render(problem)

        return call

    return decorate


def with_faults(name: str, work: Callable[[], Response]) -> Response:
    """Do the work and give its answer, unless a fault of the call strikes before or after it."""
    world = this_world()
    with world.store.transaction() as db:
        fault = faults.take(db, name, CALL_KINDS, _subject())
    if fault is None:
        return work()
    if fault.strikes_after:
        work()
    return _strike(fault, "twilio" if name.startswith("sms.") else "general")


def render(problem: Problem) -> Response:
    """The answer for a problem, in its shape."""
    body = problem.body()
    answer = make_response(body if isinstance(body, str) else jsonify(body), problem.status)
    if isinstance(body, str):
        answer.content_type = "text/html"
    return answer


def authenticate(world: World) -> None:
    """Check the key, and the signature if the key demands one (contract §1 and §2). Raises `Problem`."""
    header = request.headers.get("Authorization")
    if header is None:
        raise Problem("missing-auth-header")
    scheme, _, key = header.partition(" ")
    if scheme.lower() != "bearer":
        raise Problem("invalid-auth")
    if not key.strip():
        raise Problem("api-key-not-provided")
    if not hmac.compare_digest(key.strip().encode(), world.config.api_key.encode()):
        raise Problem("no-matching-api-key")
    if world.config.signing_secret:
        _check_signature(world, world.config.signing_secret)


def _check_signature(world: World, secret: str) -> None:
    written = request.headers.get(SIGNATURE_HEADER)
    if written is None:
        raise Problem("missing-signature")
    parts = parse_header(written)
    if parts is None:
        raise Problem("invalid-signature-format")
    with world.store.transaction() as db:
        now = world.now(db)
    if not parts.is_timely(now):
        raise Problem(_lateness(parts, now.timestamp()))
    if not parts.matches(request.get_data(), [secret]):
        raise Problem("invalid-signature")


def _lateness(parts: SignatureHeader, now: float) -> str:
    is_old = now - int(parts.timestamp) > MAX_AGE_SECONDS
    return "expired-signature-timestamp" if is_old else "invalid-signature-timestamp"


def _subject() -> dict[str, Any]:
    """What a fault's `match` may compare: the request's own fields, from its body, query and path."""
    fields: dict[str, Any] = dict(request.view_args or {})
    fields |= request.args.to_dict() | request.form.to_dict()
    try:
        body = json.loads(request.get_data() or b"{}")
    except (ValueError, RecursionError):
        return fields
    return fields | body if isinstance(body, dict) else fields


def _strike(fault: Fault, usual_shape: str) -> Response:
    details = fault.details
    if fault.kind == "timeout":
        _keep_waiting(float(details.get("seconds", TIMEOUT_SECONDS)))
        return _cut()
    if fault.kind == "cut":
        return _cut()
    if fault.kind == "garbage":
        return make_response('{"id": "pt-', 200, {"Content-Type": "application/json"})
    if fault.kind == "empty":
        return make_response("", 200)
    if fault.kind == "throttle":
        answer = render(Problem("too-many-requests", shape=usual_shape))
        if "retry_after" in details:
            answer.headers["Retry-After"] = str(details["retry_after"])
        return answer
    status = details.get("status")
    code = str(details.get("code") or _CODES.get(status or 500, f"http-{status}"))
    shape = str(details.get("shape", usual_shape))
    return render(Problem(code, str(details.get("message", "")), status=status, shape=shape))


def _keep_waiting(seconds: float) -> None:
    """Say nothing for a while, or until the caller hangs up."""
    connection: socket.socket | None = request.environ.get("werkzeug.socket")
    deadline = time.monotonic() + seconds
    while connection is not None and time.monotonic() < deadline:
        readable, _, _ = select.select([connection], [], [], 0.1)
        if readable and not connection.recv(1, socket.MSG_PEEK):
            return


def _cut() -> Response:
    """End the connection without an answer; what is returned can no longer be written."""
    connection: socket.socket | None = request.environ.get("werkzeug.socket")
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)
    return make_response("", 500)
