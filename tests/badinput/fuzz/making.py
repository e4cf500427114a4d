"""Makes up requests for one door: its good one, with one, two or three things of it spoiled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from wtforms import Field, FileField

from portal.identity.sessions import cookie_name
from tests.badinput import hostile
from tests.badinput.doors import Door
from tests.badinput.fuzz.sent import FORM, TRUE, Pairs, Sent, as_json
from tests.badinput.fuzz.uploads import CONTENTS
from tests.badinput.fuzz.values import anything, ids, texts, values_for
from tests.badinput.table import knock
from tests.badinput.trying import NOBODY, Trial

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY", "get", "P" * 300)
_CONTENT_TYPES = (
    "", FORM, f"{FORM}; charset=utf-16", f"{FORM}; charset=klingon", "multipart/form-data", "multipart/form-data; boundary=xXx",
    'multipart/form-data; boundary="x\\"', "multipart/mixed; boundary=xXx", "application/json", "application/json; charset=utf-7",
    "application/vnd.api+json", "text/plain", "text/xml", "image/svg+xml", "a/b;c;;=d", "\xff",
)  # fmt: skip
_HEADERS: dict[str, st.SearchStrategy[str]] = {
    "Accept": st.sampled_from(("application/json", "text/html;q=0", "*/*", "image/*;q=1e9", ",;,", "application/json;q=nan")),
    "Accept-Language": st.sampled_from(("wo", "en-GB;q=0.1,fr", "x" * 2_000, "fr-\xff", "*;q=-1", "zh-Hant-TW, ar;q=x")),
    "Accept-Encoding": st.sampled_from(("gzip", "br, zstd", "gzip;q=1e9", "identity;q=0, *;q=0")),
    "HX-Request": st.sampled_from(("true", "false", "")),
    "HX-Request-Type": st.sampled_from(("partial", "full", "x")),
    "HX-Boosted": st.sampled_from(("true", "maybe")),
    "HX-Target": st.just("div#results"),
    "HX-Source": st.just("form#x<>"),
    "HX-Current-URL": st.sampled_from(("http://localhost/pots?q=1", "javascript:bad()", "//[::1", "http://[", "\xff")),
    "X-Forwarded-For": st.sampled_from(("1.2.3.4", "::1, x", "999.999.999.999", "," * 500)),
    "X-Forwarded-Proto": st.sampled_from(("https", "javascript", "\xff")),
    "X-Forwarded-Host": st.just("evil.example"),
    "X-Real-IP": st.just("::ffff:127.0.0.1"),
    "Forwarded": st.just('for="[::1";host=evil.example'),
    "Range": st.sampled_from(("bytes=0-0", "bytes=-5", "bytes=5-1", "bytes=0-0,2-3,9-", "items=1", "bytes=9999999999999999999-")),
    "If-None-Match": st.sampled_from(("*", 'W/"x"', '"', "x,,\xff")),
    "If-Modified-Since": st.sampled_from(("Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 99 Foo 99999 99:99:99 GMT", "0")),
    "Host": st.sampled_from(("localhost", "evil.example", "localhost:99999", "[::1", "\xff", "a" * 300, "xn--\xff.example")),
    "Origin": st.sampled_from(("null", "https://evil.example", "http://[")),
    "Referer": st.sampled_from(("http://localhost/", "http://localhost/\xff?next=//x", "http://[", "x" * 3_000)),
    "User-Agent": st.sampled_from(("", "x" * 3_000, "\xff\x01", "Mozilla/5.0 (iPhone; CPU iPhone OS 99_9)", "%s{0}")),
    "Authorization": st.sampled_from(("Basic \xff", "Basic OjpAOg==", "Bearer " + "x" * 3_000, "Digest x=")),
    "Content-Encoding": st.sampled_from(("gzip", "x")),
    "Transfer-Encoding": st.sampled_from(("chunked", "x")),
    "Expect": st.just("100-continue"),
    "X-HTTP-Method-Override": st.just("DELETE"),
    "X-CSRFToken": st.sampled_from(("", "x", "\xff" * 50)),
    "Purpose": st.just("prefetch"),
    "DNT": st.just("1"),
}  # fmt: skip
_SIGNS_OF_A_HEADER = st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f")
_COOKIE_VALUES = st.one_of(
    st.just(TRUE), st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters=";\x7f"), max_size=40), st.sampled_from(("x" * 4_000, "eyJ4IjoxfQ.x.y", "\\000", '"', "01890000-0000-7000-8000-000000000000"))
)  # fmt: skip
_ONES = ("client", "stranger", "sponsor", "child", "staff", "manager", "owner", "other_owner", "careful", "beginning", "undecided", "admin", "support", "finance", "chief")  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What listening to a door's good request has told of it."""

    door: Door
    query: tuple[str, ...]
    body: tuple[str, ...]
    form: dict[str, Field]
    # The names of everything in the world.
    names: tuple[str, ...]

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """Short: Hypothesis prints it with every failure."""
        printer.text(f"what {self.door} reads")

    @property
    def texts(self) -> list[str]:
        """Names of the body that are no files."""
        return [name for name in self.body if not isinstance(self.form.get(name), FileField)]

    @property
    def files(self) -> list[str]:
        """Names of the body that are files."""
        return [name for name in self.body if isinstance(self.form.get(name), FileField)]


def listen_to(trial: Trial, door: Door) -> Known:
    """Send the good request and hear what is read of it."""
    heard = knock(trial, door).heard
    fields = {name: one for form in heard.forms for name, one in form._fields.items()}
    names = (heard.body | fields.keys() | set(door.form or {}) | set(door.files)) - {"csrf_token", "_method"}
    return Known(
        door,
        tuple(sorted(heard.query | set(door.query))),
        tuple(sorted(names)),
        fields,
        tuple(sorted(trial.world.names)),
    )


@st.composite
def requests(draw: st.DrawFn, known: Known) -> Sent:
    """The good request of the door, or one that is spoiled in up to three ways."""
    door = known.door
    made: dict[str, Any] = {
        "endpoint": door.endpoint,
        "method": door.method,
        "door_method": door.method,
        "by": door.by,
        "path": dict(door.path),
        "query": _pairs(door.query),
        "fields": _pairs(door.form or {}),
        "files": tuple((name, called, "a photo") for name, called in door.files.items()),
    }
    ways = [way for way, fits in _WAYS if fits(known)]
    for way in draw(st.lists(st.sampled_from(ways), max_size=3, unique=True)):
        made |= draw(way(known, made))
    return Sent(**made)


def _pairs(values: Any) -> Pairs:
    return tuple(
        (name, one)
        for name, value in values.items()
        for one in (value if isinstance(value, list) else [value])
    )


@st.composite
def _who(draw: st.DrawFn, _known: Known, _made: dict[str, Any]) -> dict[str, Any]:
    return {"by": draw(st.sampled_from((NOBODY, *_ONES)))}


@st.composite
def _path(draw: st.DrawFn, known: Known, made: dict[str, Any]) -> dict[str, Any]:
    part = draw(st.sampled_from(sorted(known.door.path)))
    value = draw(
        st.one_of(
            ids([*known.names]),
            ids([*known.names]),
            texts().filter(bool),
            st.sampled_from(hostile.IN_ADDRESS[1:]),
        )
    )
    return {"path": made["path"] | {part: value}}


@st.composite
def _query(draw: st.DrawFn, known: Known, made: dict[str, Any]) -> dict[str, Any]:
    names = st.one_of(
        st.sampled_from(known.query or hostile.NAMES),
        st.sampled_from((*hostile.NAMES, "format", "cursor", "next", "q")),
    )
    more = draw(st.lists(st.tuples(names, anything([*known.names])), min_size=1, max_size=4))
    return {"query": (*(made["query"] if draw(st.booleans()) else ()), *more)}


@st.composite
def _fields(draw: st.DrawFn, known: Known, made: dict[str, Any]) -> dict[str, Any]:
    """Some fields are left out, some get another value, some come twice; some names are of nobody."""
    kept: Pairs = made["fields"]
    for name in draw(st.lists(st.sampled_from(known.texts or ["x"]), max_size=4, unique=True)):
        values = draw(st.lists(values_for(known.form.get(name), [*known.names]), max_size=2))
        before = kept if draw(st.integers(0, 4)) == 4 else [pair for pair in kept if pair[0] != name]
        kept = (*before, *((name, value) for value in values))
    for name in draw(st.lists(st.one_of(st.sampled_from(hostile.NAMES), texts()), max_size=1)):
        kept = (*kept, (name, draw(anything([*known.names]))))
    return {"fields": kept}


@st.composite
def _files(draw: st.DrawFn, known: Known, _made: dict[str, Any]) -> dict[str, Any]:
    names = st.sampled_from([*(known.files * 4), *known.texts, "x"])
    called = st.one_of(
        st.sampled_from(
            ("photo.jpg", "contacts.vcf", "contacts.csv", "", "..", "a/../../b.png", "x" * 2_000)
        ),
        texts(),
    )
    sent = st.tuples(names, called, st.sampled_from(sorted(CONTENTS)))
    return {"files": tuple(draw(st.lists(sent, max_size=3)))}


@st.composite
def _body(draw: st.DrawFn, known: Known, _made: dict[str, Any]) -> dict[str, Any]:
    """Bytes instead of a form: JSON of any shape, depth and size of numbers, pieces of forms, anything."""
    body = draw(
        st.one_of(
            json_bodies(known.texts),
            st.binary(max_size=200),
            st.sampled_from((b"", b"--xXx\r\n\r\n\r\n--xXx--", b"&&=&%", b"\xff=\xfe")),
        )
    )
    return {"body": body, "content_type": draw(st.sampled_from(_CONTENT_TYPES))}


def json_bodies(names: list[str]) -> st.SearchStrategy[bytes]:
    """JSON, more or less."""
    leaf = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.integers(-(10**40), 10**40),
        st.floats(),
        st.text(max_size=20),
        texts(),
    )
    keys = st.one_of(st.sampled_from(names or ["x"]), st.sampled_from(hostile.NAMES))
    value = st.recursive(
        leaf,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
        max_leaves=8,
    )
    deep = st.builds(
        lambda sign, depth: sign * depth, st.sampled_from((b"[", b'{"a":', b"[{")), st.integers(1, 100_000)
    )
    return st.one_of(
        st.dictionaries(keys, leaf, max_size=6).map(as_json),
        value.map(as_json),
        deep,
        st.integers(10, 6_000).map(lambda digits: b"[" + b"9" * digits + b"]"),
        st.sampled_from(
            (b'{"a":1,"a":2}', b'{"a":1e999}', b"nul", b"\xef\xbb\xbf{}", b'"\\ud800"', "{}".encode("utf-16"))
        ),
    )


@st.composite
def _headers(draw: st.DrawFn, _known: Known, _made: dict[str, Any]) -> dict[str, Any]:
    chosen = draw(st.lists(st.sampled_from(sorted(_HEADERS)), min_size=1, max_size=4, unique=True))
    values = [draw(st.one_of(_HEADERS[name], st.text(_SIGNS_OF_A_HEADER, max_size=30))) for name in chosen]
    return {"headers": tuple(zip(chosen, values, strict=True))}


@st.composite
def _cookies(draw: st.DrawFn, _known: Known, _made: dict[str, Any]) -> dict[str, Any]:
    names = st.sampled_from(
        (cookie_name(), "form", "language", "partner", "venue", "invitation", "device", "x")
    )
    return {"cookies": tuple(draw(st.lists(st.tuples(names, _COOKIE_VALUES), min_size=1, max_size=3)))}


@st.composite
def _method(draw: st.DrawFn, _known: Known, _made: dict[str, Any]) -> dict[str, Any]:
    return {"method": draw(st.sampled_from(_METHODS))}


@st.composite
def _token(draw: st.DrawFn, _known: Known, _made: dict[str, Any]) -> dict[str, Any]:
    return {"with_token": draw(st.just(False))}


# Each way to spoil a request, and whether there is anything to spoil; what leads deepest comes most often.
_WAYS: tuple[tuple[Any, Any], ...] = (
    (_fields, lambda known: known.door.method == "POST"),
    (_fields, lambda known: known.texts),
    (_query, lambda known: True),
    (_query, lambda known: known.query),
    (_path, lambda known: known.door.path),
    (_who, lambda known: True),
    (_headers, lambda known: True),
    (_files, lambda known: known.files or known.door.form),
    (_body, lambda known: known.door.method == "POST"),
    (_cookies, lambda known: not known.door.session),
    (_method, lambda known: True),
    (_token, lambda known: known.door.method == "POST"),
)
