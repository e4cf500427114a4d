"""Passwords that strangers try first are refused, without asking anybody outside."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.identity.passwords import LONGEST, _hasher_at, check_password, hash_password, matches
from portal.kernel.errors import InvalidInput
from portal.kernel.settings import PROJECT_ROOT

LIST = PROJECT_ROOT / "portal" / "identity" / "common_passwords.txt"


@pytest.mark.parametrize(
    "password",
    [
        "baseball",
        "TrustNo1",
        "1qaz2wsx",
        "Football2026!",
        "p a s s w o r d",
        "SUPERMAN99",
        "orangemoney1",
        "Teranga 2031!",
        "2031dakar&",
    ],
)
def test_a_common_password_is_refused_also_with_something_added(password: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_password(password)

    assert refused.value.field == "password"


@pytest.mark.parametrize(
    "password",
    [
        "Awa Ndiaye",
        "ndiaye2031!",
        "2031 Awa Ndiaye",
        "awa.ndiaye@exemple.sn",
        "awa.ndiaye99",
        "77 123 45 67",
        "+221771234567",
        "00221-77-123-45-67",
    ],
)
def test_what_everybody_knows_of_a_person_is_no_password_of_theirs(password: str) -> None:
    owner = ("awa.ndiaye@exemple.sn", "+221771234567", "Awa Ndiaye")
    with pytest.raises(InvalidInput):
        check_password(password, owner=owner)

    check_password("Awa aime 77 baobabs au soleil", owner=owner)


@pytest.mark.parametrize(
    "password", ["quatre baobabs au soleil", "huit pirogues bleues", "yow-ak-man-2026-Ndar"]
)
def test_words_one_after_another_are_welcome(password: str) -> None:
    check_password(password)


def test_the_list_is_long_and_every_line_of_it_can_be_typed() -> None:
    lines = LIST.read_text(encoding="utf-8").splitlines()

    assert len(lines) > 10_000
    assert lines == sorted(set(lines))
    for line in lines:
        with pytest.raises(InvalidInput):
            check_password(line)


def test_a_password_counts_as_it_was_typed_to_its_last_sign(app: Flask) -> None:
    """Neither cut, nor trimmed, nor folded; only which keyboard made a letter makes no difference (ASVS 6.2.8, 6.2.9)."""
    longest = " é" + "quatre baobabs au soleil " * 5 + "!"
    assert len(longest) == LONGEST
    with app.app_context():
        kept = hash_password(longest)

        assert matches(longest, kept)
        assert matches(longest.replace("é", "e\u0301"), kept)
        for other in (longest[:-1], longest[:-1] + "?", longest.strip(), longest.upper(), longest + " "):
            assert not matches(other, kept), other


def test_what_is_kept_of_a_password_costs_what_is_advised() -> None:
    """Argon2id with 19 MiB and two passes, and a salt of its own each time (ASVS 11.4.2)."""
    kept, again = (_hasher_at(False).hash("quatre baobabs au soleil") for _time in range(2))

    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert kept != again
