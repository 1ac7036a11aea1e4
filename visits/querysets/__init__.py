"""Reads of the programme year, of plans and of visits."""
