"""Static files with a content hash in their address, kept by browsers for a year.

The style sheets are small files by component; they are joined in the order of `bundle.txt` when the
process starts, so that a phone on 3G asks once and nobody runs a build.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, make_response, request, send_from_directory

from portal.kernel.access import open_to_all

_FOREVER = "public, max-age=31536000, immutable"
_BUNDLE = "css/portal.css"

blueprint = Blueprint("assets", __name__)


@dataclass(frozen=True, slots=True)
class Bundle:
    """The joined style sheet, plain and compressed, with the tag that names its content."""

    plain: bytes
    zipped: bytes
    tag: str


class Assets:
    """Knows the content hash of each static file and the joined style sheet."""

    def __init__(self, folder: Path, *, watch: bool) -> None:
        self.folder = folder
        self._watch = watch
        self._tags: dict[str, str] = {}
        self._bundle: Bundle | None = None

    def bundle(self) -> Bundle:
        """The style sheet; made anew each time only while developing."""
        if self._bundle is None or self._watch:
            self._bundle = self._join()
        return self._bundle

    def url(self, name: str) -> str:
        """The address of a static file, different whenever its content is."""
        if name not in self._tags or self._watch:
            self._tags[name] = self.bundle().tag if name == _BUNDLE else self._tag_of(name)
        return f"/static/{name}?v={self._tags[name]}"

    def _tag_of(self, name: str) -> str:
        try:
            return _tag((self.folder / name).read_bytes())
        except OSError:
            return "missing"

    def _join(self) -> Bundle:
        listed = (self.folder / "css" / "bundle.txt").read_text(encoding="utf-8").split()
        plain = b"\n".join((self.folder / "css" / name).read_bytes() for name in listed)
        return Bundle(plain, gzip.compress(plain, 9, mtime=0), _tag(plain))


def _tag(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def register(app: Flask, folder: Path) -> None:
    """Serve `/static` and give templates `asset()`."""
    assets = Assets(folder, watch=app.debug)
    app.extensions["assets"] = assets
    app.jinja_env.globals["asset"] = assets.url
    app.register_blueprint(blueprint)


def _assets() -> Assets:
    assets: Assets = current_app.extensions["assets"]
    return assets


@blueprint.get("/static/css/portal.css")
@open_to_all("the style sheet of every page")
def style_sheet() -> Response:
    """The joined style sheet, compressed where the browser takes it."""
    bundle = _assets().bundle()
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    response = make_response(bundle.zipped if zipped else bundle.plain)
    response.content_type = "text/css; charset=utf-8"
    response.headers["Vary"] = "Accept-Encoding"
    response.headers["Cache-Control"] = _FOREVER
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    return response


@blueprint.get("/static/<path:name>", endpoint="file")
@open_to_all("pictures, icons and scripts of every page")
def static_file(name: str) -> Response:
    """One file of the static folder."""
    if name.endswith((".md", ".txt")) and not name.startswith("vendor/"):
        abort(404)
    response = send_from_directory(_assets().folder, name, conditional=True)
    response.headers["Cache-Control"] = _FOREVER if "v" in request.args else "public, max-age=3600"
    return response
