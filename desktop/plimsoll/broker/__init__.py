"""The door out: the order port and who stands behind it."""
