"""What is too easy to guess for a secret of production."""

from __future__ import annotations

# A key made at random shows more different signs than this, but for one in many millions.
_FEWEST_SIGNS = 8
_WORDS = ("admin", "changeme", "default", "example", "password", "placeholder", "secret", "teranga", "your-")
_ROWS = ("0123456789abcdef", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "azertyuiop")
_USUAL_PASSWORDS = frozenset(
    {"admin", "changeme", "password", "portal", "postgres", "root", "secret", "teranga"}
)


def is_guessable(secret: str) -> bool:
    """Whether somebody typed it instead of letting a machine make it: few signs, a repetition, a row, a word."""
    plain = secret.lower()
    return (
        len(set(plain)) < _FEWEST_SIGNS
        or plain in (plain + plain)[1:-1]
        or any(row in plain or row[::-1] in plain for row in _ROWS)
        or any(word in plain for word in _WORDS)
    )


def is_well_known(password: str, user: str | None) -> bool:
    """Whether it is one of the passwords that everybody tries first at a database."""
    return password.lower() in _USUAL_PASSWORDS or password == user
