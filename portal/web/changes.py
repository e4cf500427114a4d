"""However much a form costs, nobody sends forms like a machine: what one person changes in a minute has a limit (ASVS 2.4.1).

Doors that cost more, or are open to everybody, have narrower limits of their own (`portal/config/rates.py` and the views).
"""

from __future__ import annotations

from flask import Flask, request

from portal.config.limit_values import CHANGES_PER_MINUTE
from portal.config.rates import rate
from portal.kernel.access import changes_something
from portal.kernel.limits import by_caller, limiter
from portal.kernel.visitor import visitor

# The till, where a queue of people waits and wrong codes are counted by themselves, and the way out.
WITHOUT = frozenset({"redemptions_partner.scan", "redemptions_partner.redeem", "identity.sign_out"})
SCOPE = "changes"


def register(app: Flask) -> None:
    """Look at every request."""
    app.before_request(_look)


def _look() -> None:
    # Asked only where it counts: the limit reads its number, which a page that only looks need not wait for.
    if changes_something() and request.endpoint not in WITHOUT and visitor() is not None:
        _count()


@limiter.shared_limit(rate(CHANGES_PER_MINUTE, "minute"), scope=SCOPE, key_func=by_caller)
def _count() -> None:
    """Nothing to do but to be counted."""
