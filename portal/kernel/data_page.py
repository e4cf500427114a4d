"""The page that says what is held of people and why, written from what the rooms declare (PRV-05)."""

from __future__ import annotations

from collections.abc import Iterator

from portal.kernel.personal import REGISTRY, Blank, Holding, Remove, Share

_HEAD = """# What the portal holds of people, and why

Written by `flask --app wsgi portal data-page` from the `personal.py` of each room; a test keeps it true.
Numbers, times, states and ids are not listed one by one: an id leads to a stub once a person is erased.
"""


def written() -> str:
    """The whole page."""
    holdings = [REGISTRY[name] for name in sorted(REGISTRY)]
    told = [part for held in holdings if not held.nothing_because for part in _section(held)]
    silent = [f"| {held.table.name} | {held.nothing_because} |" for held in holdings if held.nothing_because]
    nobody = ["## Tables of nobody", "", "| table | because |", "| --- | --- |", *silent]
    return "\n".join([_HEAD, *told, *nobody, ""])


def _section(held: Holding) -> Iterator[str]:
    yield f"## {held.table.name}"
    yield ""
    if held.purposes:
        yield from ("| field | what for |", "| --- | --- |")
        yield from (f"| {name} | {why} |" for name, why in held.purposes.items())
        yield ""
    for share in held.shares:
        handed = "handed out" if share.tells else "not handed out"
        yield f"- `{share.title}`: {handed}; on erasure {_ends(share)}."
    if held.shares:
        yield ""


def _ends(share: Share) -> str:
    match share.erasure:
        case Remove():
            return "removed"
        case Blank(values):
            return "kept without " + ", ".join(sorted(values))
        case kept:
            return f"kept: {kept.because}"
