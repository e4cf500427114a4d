"""Proof of staff and sensitive actions, append-only."""
