"""Promotions: the platform's own and those a company pays for."""
