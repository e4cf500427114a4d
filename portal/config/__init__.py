"""Values that operators may change while the portal runs (every number of reconciliation §5)."""
