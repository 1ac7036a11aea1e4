"""Ledgers, by what they list."""
