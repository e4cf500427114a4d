"""The words of every notification, from every room, on one page."""

from __future__ import annotations
