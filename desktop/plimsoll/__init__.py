"""Plimsoll, a desktop risk monitor for a trader's workstation."""

__version__ = "0.1.0"
