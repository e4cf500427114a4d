"""What one application has read of the catalogs is no other application's."""

from __future__ import annotations

from flask import Flask

import portal
from portal.kernel.i18n import _, speaking
from portal.kernel.settings import Settings

SENTENCE, IN_FRENCH = "Your page", "Votre page"


def said_by(app: Flask) -> str:
    """The sentence as this application speaks it to a French reader."""
    with app.app_context(), speaking("fr"):
        return _(SENTENCE)


def test_two_applications_in_one_process_speak_each_from_its_own_catalogs(
    app: Flask, test_settings: Settings
) -> None:
    """The tests' own application has no catalogs: it would answer in French, had it those of another."""
    another = portal.create_app(test_settings)
    assert said_by(another) == IN_FRENCH

    assert said_by(app) == SENTENCE
    assert said_by(another) == IN_FRENCH
