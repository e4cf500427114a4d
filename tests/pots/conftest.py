"""The fixtures of payments, for gifts that are paid at the real sandbox."""

from __future__ import annotations

from tests.payments.conftest import sandbox, shared_sandbox, world  # noqa: F401
