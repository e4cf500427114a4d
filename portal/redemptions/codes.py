"""The short code that a person can type when the camera fails: twelve signs, in three groups."""

from __future__ import annotations

import re

from sqlalchemy import select

from portal.kernel.db import db
from portal.kernel.ids import UNAMBIGUOUS, random_code
from portal.redemptions.models import QrCode

CODE_LENGTH = 12
_GROUP = 4
_TRIES = 5
_CODE = re.compile(rf"\b[{UNAMBIGUOUS}]{{4}}-[{UNAMBIGUOUS}]{{4}}-[{UNAMBIGUOUS}]{{4}}\b")


def normal_code(typed: str) -> str | None:
    """The code in what was typed, however it was spaced; None when it cannot be one."""
    text = "".join(sign for sign in typed.upper() if sign not in " -·.\t")
    if len(text) != CODE_LENGTH or any(sign not in UNAMBIGUOUS for sign in text):
        return None
    return text


def grouped(code: str) -> str:
    """The code as it is shown and read aloud: `ABCD-EFGH-JKMN`."""
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def masked(code: str) -> str:
    """The end of a code, by which its holder knows it again and nobody can use it: `••••-••••-JKMN`."""
    hidden = "•" * (len(code) - _GROUP)
    return grouped(hidden + code[-_GROUP:])


def masked_in(text: str) -> str:
    """The text with every code in it masked."""
    return _CODE.sub(lambda found: masked(found.group().replace("-", "")), text)


def unused_code() -> str:
    """A new code that nobody can guess (QR-02); the unique constraint has the last word."""
    for _attempt in range(_TRIES):
        code = random_code(CODE_LENGTH, UNAMBIGUOUS)
        if db.session.execute(select(QrCode.id).where(QrCode.code == code)).scalar() is None:
            return code
    raise RuntimeError("no free redemption code")
