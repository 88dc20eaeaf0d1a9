"""The threshold between threads: workers, models, QtCore only."""
