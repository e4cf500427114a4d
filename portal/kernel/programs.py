"""What programs send: one object of named texts, as JSON or as a form, of which each door takes named fields."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from flask import request

from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _

LONGEST = 500
# Lines of a message; where one line is meant, they become blanks or are refused by what they are.
_BREAKS = "\r\n\t"


def given_fields(writable: Collection[str], read_only: Collection[str]) -> Mapping[str, str | None]:
    """The fields that this request gives, each a text or None. Raises `InvalidInput` for anything else."""
    body: Any = _json() if request.is_json else _form()
    if not isinstance(body, dict):
        raise InvalidInput(_("Please send one JSON object."))
    for name, value in body.items():
        if name in read_only:
            raise InvalidInput(_("%(name)s cannot be set: it can only be read.", name=name), field=name)
        if name not in writable:
            raise InvalidInput(_("There is no field %(name)s to set.", name=name[:50]))
        _check(name, value)
    return body


def moment(value: datetime | None) -> str | None:
    """An instant as programs read it: ISO 8601 in UTC."""
    return value.isoformat() if value else None


def _json() -> object:
    try:
        return request.get_json(silent=True)
    except RecursionError:
        # Nested deeper than anything that anybody means.
        return None


def _form() -> dict[str, str]:
    return {name: value for name, value in request.form.items() if name != "csrf_token"}


def _check(name: str, value: object) -> None:
    if value is None:
        return
    if not isinstance(value, str):
        raise InvalidInput(_("%(name)s has to be a text.", name=name), field=name)
    if any(not sign.isprintable() and sign not in _BREAKS for sign in value):
        raise InvalidInput(_("%(name)s holds signs that cannot be kept.", name=name), field=name)
    if len(value) > LONGEST:
        raise InvalidInput(_("Please use at most %(limit)s characters.", limit=LONGEST), field=name)
