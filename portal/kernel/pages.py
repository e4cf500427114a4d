"""Answering with a page: whole, or only the named block that HTMX asked for (wall 7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response, current_app, make_response, redirect, render_template, request
from jinja2_fragments.flask import render_block

from portal.kernel.tables import csv_bytes


def wants_fragment() -> bool:
    """Whether HTMX asks for a part of the page (not for a whole page in place of the body)."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Request-Type") == "partial"


def page(template: str, *, block: str | None = None, status: int = 200, **context: Any) -> Response:
    """Render `template`, or only its `block` for a partial request; both come from the same file."""
    if block is not None and wants_fragment():
        response = make_response(render_block(template, block, **context), status)
    else:
        response = make_response(render_template(template, **context), status)
    response.vary.add("HX-Request")
    return response


def see_other(location: str) -> Response:
    """Send the person on after a POST (303), so that a reload does not repeat it."""
    return make_response(redirect(location, code=303))


def safe_next(target: str | None, fallback: str) -> str:
    """`target` when it is a path of this portal, else `fallback`; never another host."""
    if not target or len(target) > 500 or "\\" in target or any(ord(letter) < 32 for letter in target):
        return fallback
    return target if target.startswith("/") and not target.startswith("//") else fallback


def this_page() -> str:
    """The address that was asked for, to come back to; one that `safe_next` would not take loses its query."""
    return safe_next(request.full_path.rstrip("?"), safe_next(request.path, "/"))


def public_url(path: str) -> str:
    """The full address of a path, from configuration and never from a request's Host header."""
    base: str = current_app.config["SETTINGS"].public_url
    return base + path


def csv_file(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """A list as a file for a spreadsheet."""
    return download(csv_bytes(header, rows), name=name, mime_type="text/csv")


def in_place(data: bytes, *, name: str, mime_type: str) -> Response:
    """A file that is shown where it is, with a name of ours for whoever keeps it (ASVS 5.4.1)."""
    response = make_response(data)
    response.mimetype = mime_type
    response.headers.set("Content-Disposition", "inline", filename=name)
    return response


def download(data: bytes, *, name: str, mime_type: str) -> Response:
    """A file to keep, never shown in place."""
    response = make_response(data)
    response.mimetype = mime_type
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response
