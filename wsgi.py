"""What the web server loads."""

from __future__ import annotations

from portal import create_app

app = create_app()
