"""What the portal does without, so that nobody has to guard it: `docs/security.md` says so of each, and here it is held.

The run and the played outside world stand beside the house and are no part of production.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from portal.kernel.ids import random_token
from portal.kernel.settings import PROJECT_ROOT

_BESIDE = {"supervisor", "sandbox", "demo"}
HOUSE = [
    path
    for path in sorted((PROJECT_ROOT / "portal").rglob("*.py"))
    if path.relative_to(PROJECT_ROOT).parts[1] not in _BESIDE
]
SCRIPTS = sorted((PROJECT_ROOT / "static" / "js").glob("*.js"))
VENDORED = sorted((PROJECT_ROOT / "static" / "vendor").glob("*.js"))
TEMPLATES = sorted((PROJECT_ROOT / "templates").rglob("*.html"))

# Readers of XML (ASVS 1.5.1), of objects (1.5.2), of archives (5.2.3); LDAP (1.2.6), GraphQL (4.3), sockets (4.4, 17).
_NEVER = {
    "xml", "lxml", "pickle", "marshal", "shelve", "dill", "yaml", "tarfile", "rarfile", "py7zr", "bz2", "lzma",
    "ldap", "ldap3", "graphene", "graphql", "strawberry", "ariadne", "websockets", "flask_sock", "flask_socketio",
    "aiortc", "flask_cors", "memcache", "pymemcache",
}  # fmt: skip
# Each speaks to others (13.2.4), runs programs (1.2.5) or draws lots that can be guessed (11.5.1).
_ONLY_IN = {
    "requests": {"portal/gateways"},
    "authlib": {"portal/gateways"},
    "smtplib": {"portal/gateways"},
    "httpx": set(),
    "aiohttp": set(),
    "http.client": set(),
    "urllib.request": set(),
    "subprocess": {"portal/kernel/scans.py"},
    # Copies are packed, and archives of our own read again.
    "zipfile": {"portal/privacy/copying.py"},
    "gzip": {"portal/web/assets.py", "portal/audit/archives.py"},
    # Patterns of pictures, and how long to wait before a statement is tried again.
    "random": {"portal/kernel/art.py", "portal/kernel/motifs.py", "portal/kernel/scenes.py", "portal/kernel/db.py"},
}  # fmt: skip
# Everything somebody sent, by the names they gave it.
_AS_SENT = re.compile(r"(?:request\.(?:form|args|values)|(?:\w+\.)?form\.data)(?:\.\w+\(.*\))?")
# States, rules of doors, and the columns that a class of ours names.
_BY_FIELDS = {
    "portal/campaigns/companies.py",
    "portal/kernel/access.py",
    "portal/kernel/states.py",
    "portal/notifications/inbox.py",
    "portal/packs/services.py",
    "portal/partners/services.py",
    "portal/partners/venues.py",
    "portal/referrals/answering.py",
    "portal/teams/inviting.py",
}
_HASHES = {"sha256": None, "sha1": "portal/gateways/sms.py"}
# What makes a page or code of a text (1.3.2, 3.2.2), keeps something in the browser (14.3.1, 14.3.3), listens to
# other windows (3.5.5), fills objects by names from outside (15.3.6), or keeps people from pasting (6.2.7).
_NOT_IN_SCRIPTS = re.compile(
    r"(?:inner|outer)HTML|insertAdjacentHTML|document\.write|\beval\b|\bFunction\(|setTimeout\(\s*[\"'`]|"
    r"localStorage|sessionStorage|indexedDB|\bcaches\b|serviceWorker|document\.cookie|"
    r"(?:window|self|document|^)\.?addEventListener\([\"']message|onmessage|WebSocket|RTCPeer|"
    r"Object\.assign|__proto__|[\"']paste[\"']",
    re.MULTILINE,
)
_STORES = re.compile(r"localStorage|sessionStorage|indexedDB|document\.cookie|serviceWorker")


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield node.module or ""
            yield from (f"{node.module}.{name.name}" for name in node.names)


def named(path: Path) -> str:
    return str(path.relative_to(PROJECT_ROOT))


def test_nothing_reads_what_the_portal_does_not_take() -> None:
    found = {(named(path), one) for path in HOUSE for one in imports(path) if one.split(".")[0] in _NEVER}

    assert found == set()


def test_few_places_speak_to_others_run_programs_or_draw_lots() -> None:
    for library, places in _ONLY_IN.items():
        users = {
            named(path)
            for path in HOUSE
            if any(one == library or one.startswith(f"{library}.") for one in imports(path))
        }
        elsewhere = {user for user in users if not any(user.startswith(place) for place in places)}
        assert elsewhere == set(), library
        assert users or not places, f"{library} is used nowhere: leave it out of the list"


def test_no_call_to_another_host_follows_a_redirect() -> None:
    """An answer cannot send the portal to where no setting sends it (ASVS 15.3.2)."""
    calls = [
        node
        for path in HOUSE
        if named(path).startswith("portal/gateways")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and "timeout" in {word.arg for word in node.keywords}
        and node.func.attr in ("get", "post", "request", "send", "fetch_token")
    ]

    assert len(calls) == 4
    for call in calls:
        given = {word.arg: ast.unparse(word.value) for word in call.keywords}
        assert given.get("allow_redirects") == "False", ast.unparse(call)
        assert "verify" not in given


def test_no_row_is_filled_by_names_from_outside() -> None:
    """Columns are written by their names, or by the fields of a class of ours (ASVS 15.3.3)."""
    calls = [
        (named(path), node)
        for path in HOUSE
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    ]

    assert [where for where, call in calls if ast.unparse(call.func).endswith(".populate_obj")] == []
    spread = [
        (where, ast.unparse(word.value))
        for where, call in calls
        for word in call.keywords
        if word.arg is None and _AS_SENT.fullmatch(ast.unparse(word.value))
    ]
    assert spread == []
    assert {where for where, call in calls if ast.unparse(call.func) == "setattr"} == _BY_FIELDS


def test_a_value_is_read_from_where_it_belongs() -> None:
    """The way back and an invitation alone may stand in either address or form (ASVS 15.3.7)."""
    either = {
        match
        for path in HOUSE
        for match in re.findall(r"request\.values\b(\S*)", path.read_text(encoding="utf-8"))
    }

    assert {re.sub(r"[),]*$", "", one) for one in either} == {'.get("next"', '.get("invitation_code"'}


def test_no_token_is_short_enough_to_be_guessed() -> None:
    """Whatever opens something by being known has 128 bits or more (ASVS 11.5.1)."""
    sizes = set()
    for path in HOUSE:
        text = path.read_text(encoding="utf-8")
        for size in re.findall(r"\brandom_token\((\w+)\)", text):
            told = size if size.isdigit() else re.findall(rf"^{size} = (\d+)$", text, re.MULTILINE)[0]
            sizes.add(int(told))

    assert len(sizes) > 1
    assert min(sizes) >= 16
    assert inspect.signature(random_token).parameters["size"].default == 32


def test_cookies_are_given_in_one_place() -> None:
    """Which binds them to the host and keeps scripts from them (ASVS 3.3)."""
    giving = re.compile(r"\.(?:set|delete)_cookie\(")
    assert {named(path) for path in HOUSE if giving.search(path.read_text(encoding="utf-8"))} == {
        "portal/kernel/cookies.py"
    }


def test_hashes_are_those_that_are_approved() -> None:
    for path in HOUSE:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "hashlib":
                assert node.attr in _HASHES, named(path)
                assert _HASHES[node.attr] in (None, named(path)), "HMAC-SHA-1 is Twilio's contract alone"


def test_scripts_write_text_only_and_keep_nothing() -> None:
    assert SCRIPTS
    for path in SCRIPTS:
        assert _NOT_IN_SCRIPTS.findall(path.read_text(encoding="utf-8")) == [], named(path)
    assert VENDORED
    for path in VENDORED:
        assert _STORES.findall(path.read_text(encoding="utf-8")) == [], named(path)


def test_templates_escape_but_for_the_cleaned_body_of_mails() -> None:
    """And hold no plug-in, no frame and no automatic way elsewhere (ASVS 1.2.1, 3.7.1, 3.7.2)."""
    unsafe = {
        named(path) for path in TEMPLATES if re.search(r"\|\s*safe\b|autoescape", path.read_text("utf-8"))
    }
    assert unsafe == {"templates/emails/message.html"}
    foreign = re.compile(r"<(?:object|embed|applet|iframe|frame)\b|http-equiv|javascript:", re.IGNORECASE)
    # Where Wave is waited for, the same page is looked at again.
    again = re.compile(r'<meta http-equiv="refresh" content="\d+(?:; url=\{\{ here \}\})?">')
    assert {
        named(path) for path in TEMPLATES if foreign.search(again.sub("", path.read_text("utf-8")))
    } == set()
