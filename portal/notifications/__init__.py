"""Reaching people: one notification a person and event, one delivery a channel attempt."""
