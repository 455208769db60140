"""Statutory returns on children in care, cleaned, counted, tested and turned into briefings for leaders."""

__version__ = "0.1.0"
