"""Passwords: what may be one, and how one is kept and compared (Argon2id, ID-06).

`common_passwords.txt` holds, in small letters, the passwords of eight signs and more among the 30,000 most common
of leaked lists (the facts of zxcvbn's frequency list, MIT licence), and those that come to mind in Senegal.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _

SHORTEST = 8
LONGEST = 128
# Words of this house and this place, which are no password whatever digits or signs stand before or after (ASVS 6.1.2).
HOUSE_WORDS = frozenset(
    [
        "teranga",
        "terangateranga",
        "portal",
        "portail",
        "admin",
        "administrator",
        "administrateur",
        "superadmin",
        "sponsor",
        "parrain",
        "partner",
        "partenaire",
        "client",
        "cagnotte",
        "cadeau",
        "birthday",
        "anniversaire",
        "wave",
        "orangemoney",
        "senegal",
        "sénégal",
        "sunugaal",
        "dakar",
        "lionsdelateranga",
    ]
)
# What people add to a word because a form asks for it.
_ADDED = "0123456789!?.,*@#$%&+-_"
_GROUPING = str.maketrans("", "", "+-./()")
_COMMON = Path(__file__).with_name("common_passwords.txt")


def check_password(password: str, *, owner: tuple[str | None, ...] = ()) -> None:
    """Raise `InvalidInput` for a password that is too short, too long or the first that a stranger would try.

    `owner` holds what everybody knows of the person: name, address, number.
    """
    if len(password) < SHORTEST:
        message = _("Please use at least %(shortest)s characters.", shortest=SHORTEST)
    elif len(password) > LONGEST:
        message = _("Please use at most %(longest)s characters.", longest=LONGEST)
    elif _is_easy(_plain(password), owner):
        message = _("This password is among the first that strangers try. Please choose another one.")
    else:
        return
    raise InvalidInput(message, field="password")


def hash_password(password: str) -> str:
    """What is kept of a password."""
    return _hasher().hash(_normal(password))


def matches(password: str, kept: str | None) -> bool:
    """Whether the password is the one kept; takes as long for an account that has none or does not exist."""
    try:
        return _hasher().verify(kept or _nobodys_hash(_cost()), _normal(password)) and kept is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """Whether the kept hash was made at another cost than today's."""
    return _hasher().check_needs_rehash(kept)


def _is_easy(plain: str, owner: tuple[str | None, ...]) -> bool:
    common = _common_passwords()
    if plain in common or plain.rstrip(_ADDED) in common or len(set(plain)) <= 2:
        return True
    known = _words_about(owner)
    if plain in known or plain.strip(_ADDED) in HOUSE_WORDS | known:
        return True
    # A number, with or without what is dialled from abroad, however it is grouped.
    number = plain.translate(_GROUPING).lstrip("0")
    return number.isdigit() and any(word.endswith(number) for word in known)


def _words_about(owner: tuple[str | None, ...]) -> set[str]:
    """A person's names, each and together, their number, their address and what stands before its @."""
    texts = [text for text in owner if text]
    words = {_plain(text) for text in texts} | {_plain(word) for text in texts for word in text.split()}
    return words | {address.split("@")[0] for address in words if "@" in address}


def _plain(text: str) -> str:
    """How people vary a password without making it better: case and blanks."""
    return "".join(_normal(text).casefold().split())


def _normal(password: str) -> str:
    """The same bytes for the same letters, whichever keyboard typed them."""
    return unicodedata.normalize("NFKC", password)


@cache
def _common_passwords() -> frozenset[str]:
    return frozenset(_COMMON.read_text(encoding="utf-8").split())


def _cost() -> bool:
    cheap: bool = current_app.config["SETTINGS"].testing_hash_cost
    return cheap


def _hasher() -> PasswordHasher:
    return _hasher_at(_cost())


@cache
def _hasher_at(cheap: bool) -> PasswordHasher:
    if cheap:
        return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _nobodys_hash(cheap: bool) -> str:
    return _hasher_at(cheap).hash("nobody has this password")
