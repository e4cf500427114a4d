"""What settings hold of people; the operator's values, switches and checks hold nothing (PRV-05)."""

from __future__ import annotations

from portal.config.models import AppSetting, FeatureFlag, SystemConfig, SystemHealthCheck
from portal.kernel.personal import Remove, Share, holds, nothing_personal, own

nothing_personal(SystemConfig, "values of the portal as a whole")
nothing_personal(FeatureFlag, "switches for groups and regions, never for one person")
nothing_personal(SystemHealthCheck, "results of the portal's checks of itself")
holds(
    AppSetting,
    {"setting_value": "what the person chose under this key"},
    Share(
        "own_settings",
        own(AppSetting.user_id),
        Remove(),
        tells=("setting_key", "setting_value", "setting_type", "updated_at"),
    ),
    plain=("setting_key", "description"),
)
