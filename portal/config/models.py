"""Operator values, switches and the results of health checks."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import Text

from portal.kernel import clock
from portal.kernel.columns import Count, Json, Key, No, Stamped, Str100, Str255, one_of
from portal.kernel.db import Base
from portal.kernel.sealing import sealed_when


class DataType(StrEnum):
    """The JSON type of a value."""

    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "boolean"
    OBJECT = "object"
    ARRAY = "array"


class DeploymentStage(StrEnum):
    """For which running environment a row counts (R-76)."""

    DEVELOPMENT = "development"
    STAGING = "staging"
    PRODUCTION = "production"


class SystemConfig(Stamped, Base):
    """One operator value; absent means the default declared in code."""

    __tablename__ = "system_config"

    id: Mapped[Key]
    config_key: Mapped[Str100] = mapped_column(unique=True)
    config_value: Mapped[Any] = mapped_column(JSONB, info=sealed_when("is_sensitive"))
    description: Mapped[str | None]
    data_type: Mapped[DataType] = mapped_column(one_of(DataType, "data_type"))
    is_sensitive: Mapped[No]
    validation_rules: Mapped[Json]
    environment: Mapped[DeploymentStage] = mapped_column(
        one_of(DeploymentStage, "environment"),
        default=DeploymentStage.PRODUCTION,
        server_default="production",
    )
    last_modified_by: Mapped[UUID | None]


class FlagType(StrEnum):
    """The type of a flag's value."""

    BOOLEAN = "boolean"
    STRING = "string"
    NUMBER = "number"
    JSON = "json"


class FeatureFlag(Stamped, Base):
    """A switch with a gradual rollout."""

    __tablename__ = "feature_flags"
    __table_args__ = (CheckConstraint("rollout_percentage BETWEEN 0 AND 100", name="rollout_range"),)

    id: Mapped[Key]
    flag_key: Mapped[Str100] = mapped_column(unique=True)
    name: Mapped[Str255]
    description: Mapped[str | None]
    is_enabled: Mapped[No]
    flag_type: Mapped[FlagType] = mapped_column(
        one_of(FlagType, "flag_type"), default=FlagType.BOOLEAN, server_default="boolean"
    )
    flag_value: Mapped[Any | None] = mapped_column(JSONB)
    rollout_percentage: Mapped[Count]
    target_user_groups: Mapped[list[str]] = mapped_column(
        ARRAY(Text), default=list, server_default=text("'{}'")
    )
    target_regions: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list, server_default=text("'{}'"))
    environment: Mapped[DeploymentStage] = mapped_column(
        one_of(DeploymentStage, "environment"),
        default=DeploymentStage.PRODUCTION,
        server_default="production",
    )
    last_modified_by: Mapped[UUID | None]


class HealthStatus(StrEnum):
    """How a check came out."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    UNHEALTHY = "unhealthy"


class SystemHealthCheck(Stamped, Base):
    """One result of one check."""

    __tablename__ = "system_health_checks"
    __table_args__ = (Index(None, "service_name", "check_name", "checked_at"), Index(None, "checked_at"))

    id: Mapped[Key]
    service_name: Mapped[Str100]
    check_name: Mapped[Str100]
    status: Mapped[HealthStatus] = mapped_column(one_of(HealthStatus, "status"))
    response_time_ms: Mapped[int | None]
    check_data: Mapped[Json]
    error_message: Mapped[str | None]
    checked_at: Mapped[datetime] = mapped_column(default=clock.now)


class SettingType(StrEnum):
    """Whose matter a setting is (CFG-02)."""

    USER = "user"
    SYSTEM = "system"
    APP = "app"
    FEATURE = "feature"


class AppSetting(Stamped, Base):
    """A value under a key that no typed table owns: of one person, or for all (CFG-01 to CFG-06, R-14)."""

    __tablename__ = "app_settings"
    __table_args__ = (
        UniqueConstraint("user_id", "setting_key", postgresql_nulls_not_distinct=True),
        Index(None, "user_id"),
        Index(None, "setting_key"),
        Index(None, "setting_type"),
    )

    id: Mapped[Key]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    setting_key: Mapped[Str100]
    setting_value: Mapped[Any] = mapped_column(JSONB, info=sealed_when("is_encrypted"))
    setting_type: Mapped[SettingType] = mapped_column(
        one_of(SettingType, "setting_type"), default=SettingType.USER, server_default="user"
    )
    description: Mapped[str | None]
    # The value is stored sealed, for this row alone.
    is_encrypted: Mapped[No]
    # A person cannot change it.
    is_system: Mapped[No]
