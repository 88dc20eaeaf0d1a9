"""The memory: journal, price history, ticks, settings and credentials."""
