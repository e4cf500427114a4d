"""Static files with a content hash in their address, kept by browsers for a year.

The style sheets are small files by component, the scripts small files by behaviour. Each kind is joined
when the process starts (in the order of `bundle.txt` and of the imports of `portal.js`), so that a phone
on 3G asks once and nobody runs a build.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, Flask, Response, abort, current_app, make_response, request, send_from_directory

from portal.kernel.access import open_to_all

_FOREVER = "public, max-age=31536000, immutable"
_AN_HOUR = "public, max-age=3600"
_STYLES = "css/portal.css"
_SCRIPTS = "js/portal.js"
_TEXT = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_IMPORT = re.compile(r'^import "\./([\w-]+\.js)";$', re.MULTILINE)

blueprint = Blueprint("assets", __name__)


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file that compresses well, plain and compressed, with the tag that names its content."""

    plain: bytes
    zipped: bytes
    mime_type: str
    tag: str


class Assets:
    """Knows the content of each text file, joined where it is a bundle, and the hash of every file."""

    def __init__(self, folder: Path, *, watch: bool) -> None:
        self.folder = folder
        self._watch = watch
        self._texts: dict[str, TextFile] = {}
        self._tags: dict[str, str] = {}

    def url(self, name: str) -> str:
        """The address of a static file, different whenever its content is."""
        if name not in self._tags or self._watch:
            self._tags[name] = self._tag_of(name)
        return f"/static/{name}?v={self._tags[name]}"

    def text(self, name: str) -> TextFile | None:
        """The text file of that name; None for pictures, fonts and what is not there."""
        if Path(name).suffix not in _TEXT:
            return None
        if name not in self._texts or self._watch:
            try:
                plain = self._plain(name)
            except OSError:
                return None
            mime_type = _TEXT[Path(name).suffix]
            self._texts[name] = TextFile(plain, gzip.compress(plain, 9, mtime=0), mime_type, _tag(plain))
        return self._texts[name]

    def _plain(self, name: str) -> bytes:
        if name == _STYLES:
            listed = (self.folder / "css" / "bundle.txt").read_text(encoding="utf-8").split()
            return b"\n".join((self.folder / "css" / one).read_bytes() for one in listed)
        if name == _SCRIPTS:
            listed = _IMPORT.findall((self.folder / _SCRIPTS).read_text(encoding="utf-8"))
            # A block each, as a module each: what one file names stays its own.
            return b"".join(b"{\n" + (self.folder / "js" / one).read_bytes() + b"}\n" for one in listed)
        path = (self.folder / name).resolve()
        if not path.is_relative_to(self.folder.resolve()):
            raise FileNotFoundError(name)
        return path.read_bytes()

    def _tag_of(self, name: str) -> str:
        known = self.text(name)
        return known.tag if known else _tag((self.folder / name).read_bytes())


def _tag(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:12]


def register(app: Flask, folder: Path) -> None:
    """Serve `/static` and give templates `asset()`."""
    assets = Assets(folder, watch=app.debug)
    app.extensions["assets"] = assets
    app.jinja_env.globals["asset"] = assets.url
    app.register_blueprint(blueprint)


@blueprint.get("/static/<path:name>", endpoint="file")
@open_to_all("pictures, styles and scripts of every page")
def static_file(name: str) -> Response:
    """One file of the static folder; text is compressed where the browser takes it."""
    assets: Assets = current_app.extensions["assets"]
    known = assets.text(name)
    if known is not None:
        response = _text_answer(known)
    elif name.startswith("css/") or name.endswith(".md"):
        abort(404)
    else:
        response = send_from_directory(assets.folder, name, conditional=True)
    response.headers["Cache-Control"] = _FOREVER if "v" in request.args else _AN_HOUR
    return response


def _text_answer(file: TextFile) -> Response:
    zipped = "gzip" in request.headers.get("Accept-Encoding", "")
    response = make_response(file.zipped if zipped else file.plain)
    response.content_type = f"{file.mime_type}; charset=utf-8"
    response.headers["Vary"] = "Accept-Encoding"
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    return response
