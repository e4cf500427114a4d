"""Money that leaves the portal."""
