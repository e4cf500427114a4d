"""Request limits whose numbers are operators' settings (G-31)."""

from __future__ import annotations

from collections.abc import Callable

from portal.config.limit_values import PICTURES_PER_HOUR
from portal.config.values import API_PER_MINUTE, Setting, value_of
from portal.kernel.db import DATABASE_AWAY
from portal.kernel.limits import by_caller, limiter


def rate(setting: Setting[int], period: str) -> Callable[[], str]:
    """An operator's number as a request limit (G-31); our own while PostgreSQL does not tell it.

    Flask-Limiter takes every error for its storage's and goes on without a limit: what is wrong with the database is
    told by the next question to it.
    """

    def number() -> int:
        try:
            return value_of(setting)
        except DATABASE_AWAY:
            return setting.default

    return lambda: f"{number()}/{period}"


# All doors for programs count together, by the person who uses them (SEC-13).
api_limit = limiter.shared_limit(rate(API_PER_MINUTE, "minute"), scope="api", key_func=by_caller)
# Each picture costs a second of the machine and stays on its disk: enough for a person, too little for a program.
picture_limit = limiter.shared_limit(
    rate(PICTURES_PER_HOUR, "hour"), scope="pictures", methods=["POST"], key_func=by_caller
)
