"""The windows: PySide6 and pyqtgraph, no arithmetic beyond pixels."""
