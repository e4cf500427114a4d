"""Organisations that serve gifts: contract, people, places."""
