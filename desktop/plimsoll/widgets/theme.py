"""The look in force: night or day, which colour is up, told to every widget that paints itself."""

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from plimsoll.widgets.colours import DAY, DIRECTIONS, NIGHT, Colours, mixed
from plimsoll.widgets.style_sheet import style_sheet
from plimsoll.widgets.typeface import face

CHOICES = ("system", "night", "day")
FIRST_DIRECTION = next(iter(DIRECTIONS))


class Theme(QObject):
    """The palette of the moment.

    Signals
    -------
    changed()
        The colours are others now; whoever paints must paint again.
    """

    changed = Signal()

    def __init__(self, choice: str = "system", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._choice = choice if choice in CHOICES else "system"
        self._direction = FIRST_DIRECTION
        self._colours = NIGHT
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._follow_system)
        self._apply()

    @property
    def choice(self) -> str:
        """What was chosen: "system", "night" or "day"."""
        return self._choice

    @property
    def direction(self) -> str:
        """Which colours mean up and down: a key of DIRECTIONS."""
        return self._direction

    @property
    def colours(self) -> Colours:
        """The palette in force."""
        return self._colours

    @property
    def is_night(self) -> bool:
        """Whether the dark palette is in force."""
        if self._choice == "system":
            # Plain X11 tells no scheme at all; a desk that nobody has told is a night desk.
            return QGuiApplication.styleHints().colorScheme() != Qt.ColorScheme.Light
        return self._choice == "night"

    def choose(self, choice: str) -> None:
        """Follow the system, or stay night or day."""
        if choice in CHOICES and choice != self._choice:
            self._choice = choice
            self._apply()

    def choose_direction(self, direction: str) -> None:
        """Choose which colours mean up and down."""
        if direction in DIRECTIONS and direction != self._direction:
            self._direction = direction
            self._apply()

    @Slot()
    def _follow_system(self) -> None:
        if self._choice == "system":
            self._apply()

    def _apply(self) -> None:
        name, base = ("night", NIGHT) if self.is_night else ("day", DAY)
        self._colours = base.with_direction(*DIRECTIONS[self._direction][name])
        application = QApplication.instance()
        if isinstance(application, QApplication):
            if application.style().name() != "fusion":
                application.setStyle(QStyleFactory.create("Fusion"))
            application.setPalette(qt_palette(self._colours))
            application.setFont(face())
            application.setStyleSheet(style_sheet(self._colours))
        self.changed.emit()


def qt_palette(colours: Colours) -> QPalette:
    """Return the palette for what Fusion draws by itself."""
    role = QPalette.ColorRole
    palette = QPalette()
    for target, colour in (
        (role.Window, colours.background),
        (role.WindowText, colours.text),
        (role.Base, colours.panel),
        (role.AlternateBase, colours.raised),
        (role.Text, colours.text),
        (role.Button, colours.raised),
        (role.ButtonText, colours.text),
        (role.ToolTipBase, colours.raised),
        (role.ToolTipText, colours.text),
        (role.PlaceholderText, colours.muted),
        (role.Highlight, mixed(colours.accent, colours.panel, 0.35)),
        (role.HighlightedText, colours.text),
        (role.Link, colours.accent),
        (role.Accent, colours.accent),
        (role.Light, colours.raised),
        (role.Midlight, colours.rule),
        (role.Mid, colours.rule),
        (role.Dark, colours.background),
        (role.Shadow, colours.background),
    ):
        palette.setColor(target, QColor(colour))
    for disabled in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, disabled, QColor(colours.faint))
    return palette
