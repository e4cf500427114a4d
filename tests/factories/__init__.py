"""Rows that several rooms' tests need, made as the rooms themselves would make them."""
