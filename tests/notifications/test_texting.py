"""No sign stands alone on a line, and a text message fits one part wherever it can."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import portal.messages
from portal.kernel.i18n import LANGUAGES
from portal.notifications.catalog import REGISTRY, SMS, fill, spoken
from portal.notifications.texting import for_phones, typeset

DAKAR = ZoneInfo("Africa/Dakar")
# What people and houses are called in Dakar; a kind of variable that is not named here has a value of its own.
USUAL: dict[str, Any] = {
    "code": "7KQ2-M4XD-9RTA",
    "destination": "Wave +22177•••12",
    # The longest: an invitation's own code, and the key by which its reader says never again.
    "link": "https://teranga.sn/r/AB12CD34EF56?k=7KQ2M4XD9RTA",
    "pack": "Dîner anniversaire",
    "partner": "Le Ndar Café",
    "pot_title": "Les 30 ans d'Aïssatou",
}
BY_KIND: dict[str, Any] = {
    "string": "Aïssatou Diop",
    "person": "Aïssatou Diop",
    "number": 10,
    "money": 125_000,
    "date": date(2026, 9, 30),
    "datetime": datetime(2026, 9, 30, 15, 45, tzinfo=UTC),
    "deadline": datetime(2026, 10, 1, tzinfo=UTC),
}
assert portal.messages, "every room's messages are registered by its import"
TEXTED = [
    (key, language) for key, known in REGISTRY.items() if SMS in known.channels for language in LANGUAGES
]


@pytest.mark.parametrize(
    ("written", "language", "shown"),
    [
        ("Merci ! C'est prêt : venez.", "fr", "Merci\u202f! C'est prêt\u00a0: venez."),
        (
            "« Les 30 ans » est là ; vous venez ?",
            "fr",
            "«\u00a0Les 30 ans\u00a0» est là\u202f; vous venez\u202f?",
        ),
        ("Voir https://teranga.sn/r/AB12", "fr", "Voir https://teranga.sn/r/AB12"),
        ("« Awa » jeex na !", "wo", "«\u00a0Awa\u00a0» jeex na !"),
        ("Thank you : come !", "en", "Thank you : come !"),
    ],
)
def test_no_sign_stands_alone_on_a_line(written: str, language: str, shown: str) -> None:
    assert typeset(written, language) == shown


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("« Awa » a 15\u202f000\u00a0F\u00a0CFA", '"Awa" a 15 000 F CFA'),
        ("“Awa” isn’t here – yet…", '"Awa" isn\'t here - yet...'),
        ("Aïssatou fête son noël", "Aïssatou fête son noël"),
        ("Aïssatou fête ses 30 ans chez sa sœur, " + "et vous êtes reçu. " * 3, None),
    ],
)
def test_phones_are_sent_plain_signs_and_long_texts_plain_letters(written: str, sent: str | None) -> None:
    expected = sent or "Aissatou fete ses 30 ans chez sa soeur, " + "et vous etes recu. " * 3

    assert for_phones(written) == expected


@pytest.mark.parametrize(("key", "language"), TEXTED)
def test_a_usual_text_message_is_one_part(key: str, language: str) -> None:
    message = REGISTRY[key]
    data = {name: USUAL.get(name, BY_KIND[kind]) for name, kind in message.variables.items()}
    words = message.text(language)

    text = for_phones(fill(words.sms or words.body, spoken(message.variables, data, language, DAKAR)))

    assert len(text) <= (70 if _has_rare_letters(text) else 160), text


def _has_rare_letters(text: str) -> bool:
    usual = "@£$¥èéùìòÇ\nØøÅåÆæßÉÄÖÑÜ§¿äöñüà¡"
    return any(not letter.isascii() and letter not in usual for letter in text)
