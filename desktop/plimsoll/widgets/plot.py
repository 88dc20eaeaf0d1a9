"""What all plots share: no mouse games, no automatic ranges, quiet axes in the program's own figures."""

from collections.abc import Callable
from typing import Any

from plimsoll.widgets.colours import Colours
from plimsoll.widgets.typeface import face

AXIS_PIXELS = 11


def axis(side: str, write: Callable[[float], str], size: int) -> Any:
    """Return an axis that writes its ticks by `write`; `size` is its width or height, 0 for none."""
    import pyqtgraph as pg

    class WrittenAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph ships no types
        """An axis whose ticks are written by this program's own formats."""

        def tickStrings(self, values: list[float], _scale: float, _spacing: float) -> list[str]:
            return [write(value) for value in values]

    written = WrittenAxis(side)
    if size == 0:
        written.setStyle(showValues=False)
        written.setHeight(0)
    elif side == "left":
        written.setWidth(size)
    else:
        written.setHeight(size)
    return written


def plot_widget(*, left: Any, bottom: Any) -> Any:
    """Return a plot with the two axes."""
    import pyqtgraph as pg

    plot = pg.PlotWidget(axisItems={"left": left, "bottom": bottom})
    plot.setMenuEnabled(False)
    plot.setMouseEnabled(x=False, y=False)
    plot.hideButtons()
    plot.disableAutoRange()
    plot.setFrameShape(plot.Shape.NoFrame)
    plot.setMinimumHeight(40)
    return plot


def restyle(plots: tuple[Any, ...], colours: Colours) -> None:
    """Bring plots into the palette of the moment."""
    import pyqtgraph as pg

    for plot in plots:
        plot.setBackground(colours.panel)
        for side in ("left", "bottom"):
            item = plot.getAxis(side)
            item.setPen(pg.mkPen(colours.rule, width=1))
            item.setTextPen(pg.mkPen(colours.muted))
            item.setStyle(tickFont=face(AXIS_PIXELS), tickLength=-4, maxTickLevel=0)
