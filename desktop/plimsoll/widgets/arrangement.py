"""Where the panels of the window first stand, and how they share its room."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

from plimsoll.widgets.panel import Panel

NARROW, LOW = 1500, 900  # pixels of window below which a small screen is laid out for

Panels = tuple[Panel, Panel, Panel, Panel, Panel, Panel]
"""Equity, exposure, risk contribution, breaches, limits by use, quick stress."""


def arrange(window: QMainWindow, gauges: QDockWidget, panels: Panels) -> None:
    """Put every panel where it first stands: gauges above, charts below, breaches at the right."""
    equity, exposure, risk, breaches, nearest, stress = panels
    bottom, right = Qt.DockWidgetArea.BottomDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
    window.setDockOptions(
        QMainWindow.DockOption.AllowNestedDocks
        | QMainWindow.DockOption.AllowTabbedDocks
        | QMainWindow.DockOption.GroupedDragging
    )
    window.setCorner(Qt.Corner.TopRightCorner, right)
    window.setCorner(Qt.Corner.BottomRightCorner, right)
    window.addDockWidget(Qt.DockWidgetArea.TopDockWidgetArea, gauges)
    for panel in (equity, exposure, risk):
        window.addDockWidget(bottom, panel)
    window.splitDockWidget(equity, exposure, Qt.Orientation.Horizontal)
    window.splitDockWidget(exposure, risk, Qt.Orientation.Horizontal)
    window.addDockWidget(right, breaches)
    window.addDockWidget(right, nearest)
    window.addDockWidget(right, stress)
    window.splitDockWidget(breaches, stress, Qt.Orientation.Vertical)
    window.splitDockWidget(stress, nearest, Qt.Orientation.Vertical)
    share_out(window, panels)


def share_out(window: QMainWindow, panels: Panels) -> None:
    """Give every panel its share of the window as large as it is now."""
    equity, exposure, risk, breaches, nearest, stress = panels
    is_narrow, is_low = window.width() < NARROW, window.height() < LOW
    width = 316 if is_narrow else 372
    window.resizeDocks([breaches, stress, nearest], [width] * 3, Qt.Orientation.Horizontal)
    window.resizeDocks([equity, exposure, risk], [500, 410, 390], Qt.Orientation.Horizontal)
    height = 224 if is_low else 310
    window.resizeDocks([equity, exposure, risk], [height] * 3, Qt.Orientation.Vertical)
    # On a low screen what has happened and what comes first share the room; stress is a scroll away.
    parts = [0.8, 0.6, 1.2] if is_low else [1.1, 0.9, 1.0]
    rooms = [int(part * height) for part in parts]
    window.resizeDocks([breaches, stress, nearest], rooms, Qt.Orientation.Vertical)
