"""Verbs on the programme year, plans and visits, one module each."""
