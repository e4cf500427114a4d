"""Settings under free keys: what a person or the house keeps that no typed table owns (CFG-01 to CFG-06, R-14).

The person's own row counts first, then the row for all, then the default declared here. A key that a typed table or the
operator values own is refused, as the columns and the registry say: a value with two homes always drifts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from portal.config.models import AppSetting, SettingType, SystemConfig
from portal.config.registry import REGISTRY
from portal.kernel.actor import Actor
from portal.kernel.db import Base, db
from portal.kernel.errors import Forbidden, NotFound
from portal.kernel.i18n import _
from portal.kernel.ids import new_id
from portal.kernel.sealing import seal_json, unseal_json


@dataclass(frozen=True, slots=True)
class FreeKey:
    """A key, what it says when nobody has chosen, and how its rows are made."""

    key: str
    default: Any
    description: str
    type: SettingType = SettingType.USER
    is_encrypted: bool = False
    #: A person cannot choose it; it is said for all.
    is_system: bool = False


#: The tables that own settings of their own, a column each (R-14).
TYPED_TABLES = ("user_preferences", "user_privacy", "notification_preferences")
FREE_KEYS: dict[str, FreeKey] = {}


def free_key(declared: FreeKey) -> FreeKey:
    """Register a key. Raises `ValueError` for one that has a home already."""
    home = home_of(declared.key)
    if home is not None:
        raise ValueError(f"{declared.key} lives in {home}")
    FREE_KEYS[declared.key] = declared
    return declared


def home_of(key: str) -> str | None:
    """The one table in which this setting is kept; None for a key that nobody knows (R-14)."""
    if key in FREE_KEYS:
        return AppSetting.__tablename__
    if key in REGISTRY:
        return SystemConfig.__tablename__
    typed = (Base.metadata.tables[name] for name in TYPED_TABLES if name in Base.metadata.tables)
    return next((table.name for table in typed if key in table.columns), None)


def read_setting(key: str, user_id: UUID | None = None) -> Any:
    """The value in force for a person, or for all. Raises `NotFound` for a key that nobody declared."""
    declared = _declared(key)
    mine = AppSetting.user_id == user_id if user_id is not None else AppSetting.user_id.is_(None)
    rows = db.session.scalars(
        select(AppSetting)
        .where(AppSetting.setting_key == key, or_(mine, AppSetting.user_id.is_(None)))
        .order_by(AppSetting.user_id.nulls_last())
    ).all()
    if not rows:
        return declared.default
    row = rows[0]
    if not row.is_encrypted:
        return row.setting_value
    return unseal_json(AppSetting.setting_value, row.id, row.setting_value)


def write_setting(key: str, value: Any, *, user_id: UUID | None, by: Actor) -> None:
    """Keep a value for one person, or for all without a `user_id`.

    Raises `NotFound` for a key that nobody declared, `Forbidden` for a person's row of a system key (CFG-05).
    """
    declared = _declared(key)
    if declared.is_system and user_id is not None:
        raise Forbidden(_("This setting is the same for everybody."))
    owner = AppSetting.user_id == user_id if user_id is not None else AppSetting.user_id.is_(None)
    row = db.session.scalars(
        select(AppSetting).where(AppSetting.setting_key == key, owner).with_for_update()
    ).one_or_none()
    if row is None:
        row = AppSetting(id=new_id(), user_id=user_id, setting_key=key, created_by=by.user_id)
        db.session.add(row)
    row.setting_type, row.description = declared.type, declared.description
    row.is_encrypted, row.is_system = declared.is_encrypted, declared.is_system
    row.setting_value = seal_json(AppSetting.setting_value, row.id, value) if row.is_encrypted else value
    db.session.flush()


def _declared(key: str) -> FreeKey:
    if key not in FREE_KEYS:
        raise NotFound
    return FREE_KEYS[key]
