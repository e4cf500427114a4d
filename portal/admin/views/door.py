"""The blueprint that every page of the room hangs on, and the words its templates use."""

from __future__ import annotations

from flask import Blueprint

from portal.admin.words import PAGE_WORDS

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
blueprint.context_processor(lambda: PAGE_WORDS)
