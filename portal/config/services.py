"""Changing operator values while the portal runs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from portal.config.models import DeploymentStage, SystemConfig
from portal.config.values import REGISTRY, Setting, forget_cached_values
from portal.kernel.actor import Actor
from portal.kernel.db import db
from portal.kernel.errors import NotFound
from portal.kernel.ids import new_id
from portal.kernel.sealing import seal_json, unseal_json


def set_value(key: str, typed: Any, *, by: Actor) -> tuple[Any, Any]:
    """Put a value in force from this transaction on; the value before and the new one, as JSON (ADM-07).

    A sensitive one is kept encrypted (ADM-09). Setting the default removes the row. Raises `InvalidInput` naming the bounds, `NotFound` for an unknown key.
    """
    setting = REGISTRY.get(key)
    if setting is None:
        raise NotFound
    value = setting.read(typed)
    row = db.session.scalars(
        select(SystemConfig).where(SystemConfig.config_key == key).with_for_update()
    ).one_or_none()
    before = _held(row) if row else _stored(setting, setting.default)
    after = _stored(setting, value)
    if value == setting.default:
        if row is not None:
            db.session.delete(row)
    else:
        if row is None:
            row = _new_row(setting)
            db.session.add(row)
        _hold(row, setting, after)
        row.last_modified_by = by.user_id
    db.session.flush()
    forget_cached_values()
    return before, after


def _stored(setting: Setting[Any], value: Any) -> Any:
    """The JSON form: whole numbers, booleans and texts as they are, decimals as text."""
    return value if isinstance(value, bool | int | str) else str(value)


def _held(row: SystemConfig) -> Any:
    """The JSON value of a row, clear."""
    if row.is_sensitive:
        return unseal_json(SystemConfig.config_value, row.id, row.config_value)
    return row.config_value


def _hold(row: SystemConfig, setting: Setting[Any], value: Any) -> None:
    row.is_sensitive = setting.is_sensitive
    row.config_value = seal_json(SystemConfig.config_value, row.id, value) if setting.is_sensitive else value


def _new_row(setting: Setting[Any]) -> SystemConfig:
    bounds = {"low": setting.low, "high": setting.high, "choices": list(setting.choices) or None}
    return SystemConfig(
        id=new_id(),
        config_key=setting.key,
        description=str(setting.label),
        data_type=setting.data_type,
        validation_rules={
            name: _stored(setting, bound) if not isinstance(bound, list) else bound
            for name, bound in bounds.items()
            if bound is not None
        },
        environment=DeploymentStage.PRODUCTION,
    )
