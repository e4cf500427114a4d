"""The operator's values, switches and checks say nothing of people (PRV-05)."""

from __future__ import annotations

from portal.config.models import FeatureFlag, SystemConfig, SystemHealthCheck
from portal.kernel.personal import nothing_personal

nothing_personal(SystemConfig, "values of the portal as a whole")
nothing_personal(FeatureFlag, "switches for groups and regions, never for one person")
nothing_personal(SystemHealthCheck, "results of the portal's checks of itself")
