"""What an operator value is, where those of the portal are listed, and which is in force."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from sqlalchemy import select

from portal.config.models import DataType, SystemConfig
from portal.kernel.db import db
from portal.kernel.decimals import read_decimal, written_decimal
from portal.kernel.errors import InvalidInput
from portal.kernel.i18n import _
from portal.kernel.sealing import unseal_json

Value = TypeVar("Value", int, str, bool, Decimal)

# What stands for a value that is nobody's to read.
HIDDEN = "••••••••"
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(?:\.(?P<fraction>[0-9]{1,18}))?")


@dataclass(frozen=True, slots=True)
class Setting(Generic[Value]):
    """One operator value: its key, its default, and the bounds it must stay in."""

    key: str
    default: Value
    label: str
    source: str
    low: Value | None = None
    high: Value | None = None
    choices: tuple[str, ...] = ()
    # How a text is written that is not one of a few.
    pattern: str = ""
    # Kept encrypted, and neither shown on a page nor written into the trail (ADM-09).
    is_sensitive: bool = False

    @property
    def data_type(self) -> DataType:
        """The JSON type it is stored as (a decimal is stored as text, so that no digit is lost)."""
        if isinstance(self.default, bool):
            return DataType.BOOLEAN
        return DataType.NUMBER if isinstance(self.default, int) else DataType.STRING

    def read(self, stored: Any) -> Value:
        """The stored JSON value, checked. Raises `InvalidInput` naming the bounds."""
        value = self._understood(stored)
        is_on_offer = not self.choices or value in self.choices
        if value is None or not is_on_offer or (self.pattern and not re.fullmatch(self.pattern, str(value))):
            raise InvalidInput(self._what_is_wanted(), field=self.key)
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            low, high = self.written(self.low), self.written(self.high)
            raise InvalidInput(
                _("This value must lie between %(low)s and %(high)s.", low=low, high=high), field=self.key
            )
        return value

    def told(self, value: Any) -> Any:
        """The value as a page or the trail may tell it."""
        return HIDDEN if self.is_sensitive else value

    def written(self, value: Value | None) -> str:
        """The value as the reader types it."""
        return written_decimal(value) if isinstance(value, Decimal) else str(value)

    def _understood(self, stored: Any) -> Value | None:
        """The value as the setting's own kind; None when it is not written as one, or finer than the default."""
        kind = type(self.default)
        if kind is bool or kind is str:
            return stored if type(stored) is kind else None
        found = _NUMBER.fullmatch(read_decimal(str(stored)))
        if found is None or len(found["fraction"] or "") > self._places:
            return None
        return kind(found[0])

    def _what_is_wanted(self) -> str:
        if isinstance(self.default, Decimal):
            return _(
                "Please enter a number with at most %(places)s digits after the mark.", places=self._places
            )
        if isinstance(self.default, int):
            return _("Please enter a whole number, in digits.")
        return _("This value cannot be used here.")

    @property
    def _places(self) -> int:
        """How many digits of the value stand after the mark."""
        if not isinstance(self.default, Decimal):
            return 0
        return len(str(self.default).partition(".")[2])


REGISTRY: dict[str, Setting[Any]] = {}


def setting(
    key: str, default: Value, label: str, source: str, low: Value | None = None, high: Value | None = None
) -> Setting[Value]:
    """One more operator value."""
    made = Setting(key, default, label, source, low, high)
    REGISTRY[key] = made
    return made


def value_of(setting: Setting[Value]) -> Value:
    """The value in force: the operator's row, else the default. One statement a session at most."""
    stored = _stored()
    if setting.key not in stored:
        return setting.default
    return setting.read(stored[setting.key])


def forget_cached_values() -> None:
    """After a change in this transaction."""
    db.session().info.pop("system_config", None)


def _stored() -> dict[str, Any]:
    cache = db.session().info
    if "system_config" not in cache:
        rows = db.session.execute(
            select(
                SystemConfig.config_key, SystemConfig.config_value, SystemConfig.is_sensitive, SystemConfig.id
            )
        )
        cache["system_config"] = {
            key: unseal_json(SystemConfig.config_value, row_id, value) if is_sensitive else value
            for key, value, is_sensitive, row_id in rows
        }
    stored: dict[str, Any] = cache["system_config"]
    return stored
