"""What the supervisor says when it cannot go on."""

from __future__ import annotations


class SupervisorError(Exception):
    """Something keeps the portal from starting; the message is a sentence for the person at the terminal."""
