"""All doors of the portal, by room and audience."""

from __future__ import annotations

from flask import Flask

from portal.web import views


def register(app: Flask) -> None:
    """Mount every room's pages."""
    app.register_blueprint(views.blueprint)
