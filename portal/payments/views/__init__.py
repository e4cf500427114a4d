"""Doors of payments: one for Wave, the others for people who steer the portal."""
