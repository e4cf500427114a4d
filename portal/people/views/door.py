"""The blueprint of a person's own pages."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("people", __name__)
