"""Imported first: PySide6 then keeps no module's source, as __main__ has it."""

from plimsoll.bridge.pyside_start import spare_sources

spare_sources()
