"""Templates are compiled once for all processes, into a folder that nobody else can write."""

from __future__ import annotations

import stat

from flask import Flask


def test_what_templates_are_compiled_to_is_kept_for_the_portal_alone(app: Flask) -> None:
    folder = app.config["SETTINGS"].data_dir / "templates"
    app.jinja_env.cache.clear()

    app.jinja_env.get_template("landing.html")

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list(folder.glob("*.cache"))
