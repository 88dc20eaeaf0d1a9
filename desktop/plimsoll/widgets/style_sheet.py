"""The few rules Fusion and a palette cannot say: rounded panels, quiet headers, buttons that mean it."""

from plimsoll.widgets.colours import Colours, mixed

TEMPLATE = """
QMainWindow, QDialog {{ background: {background}; }}
QMainWindow::separator {{ background: {background}; width: 2px; height: 2px; }}
QMainWindow::separator:hover {{ background: {rule}; }}
QToolTip {{ background: {raised}; color: {text}; border: 1px solid {rule}; padding: 4px; }}
QFrame[surface="panel"] {{ background: {panel}; border: 1px solid {rule}; border-radius: 6px; }}
QFrame[surface="strip"] {{ background: {panel}; border: none; border-bottom: 1px solid {rule}; }}
QFrame[surface="header"] {{ background: {panel}; border: 1px solid {rule}; border-top-left-radius: 6px;
    border-top-right-radius: 6px; }}
QFrame[surface="body"] {{ background: {panel}; border: 1px solid {rule}; border-top: none;
    border-bottom-left-radius: 6px; border-bottom-right-radius: 6px; }}
QFrame[surface="card"] {{ background: {panel}; border: none; border-bottom: 1px solid {rule}; }}
QFrame[surface="evidence"] {{ background: {background}; border: none;
    border-right: 1px solid {rule}; }}
QFrame[surface="foot"] {{ background: {raised}; border: none; border-top: 1px solid {rule}; }}
QFrame[surface="demo"] {{ background: {demo}; border: none; }}
QFrame[surface="notice"] {{ background: {raised}; border: none; border-bottom: 1px solid {rule}; }}
QFrame[surface="alarm"] {{ background: {alarm}; border: none; border-left: 4px solid {over}; }}
QFrame[surface="alarm-critical"] {{ background: {alarm}; border: none; border-left: 6px solid {over}; }}
QFrame[surface="alarm-high"] {{ background: {alarm_high}; border: none; border-left: 6px solid {close}; }}
QFrame[surface="alarm-medium"] {{ background: {alarm_medium}; border: none; border-left: 6px solid {near}; }}
QLabel {{ background: transparent; }}
QLabel[tone="muted"] {{ color: {muted}; }}
QLabel[tone="gain"] {{ color: {gain}; }}
QLabel[tone="loss"] {{ color: {loss}; }}
QLabel[tone="over"] {{ color: {over_ink}; }}
QPushButton, QToolButton {{ background: {raised}; color: {text}; border: 1px solid {rule}; border-radius: 4px;
    padding: 4px 9px; min-height: 17px; }}
QPushButton:hover, QToolButton:hover {{ border-color: {muted}; }}
QPushButton:focus, QToolButton:focus {{ border-color: {accent}; }}
QPushButton:disabled, QToolButton:disabled {{ color: {faint}; }}
QPushButton[tone="primary"], QToolButton[tone="primary"] {{ background: {primary};
    border-color: {primary_rule}; }}
QPushButton[tone="grave"] {{ background: {grave}; border-color: {grave_rule}; }}
QPushButton[tone="primary"]:disabled, QPushButton[tone="grave"]:disabled {{ background: {panel};
    color: {muted}; border-color: {rule}; }}
QPushButton[armed="false"] {{ background: {panel}; color: {muted}; border-color: {rule}; }}
QToolButton[flat="true"] {{ background: transparent; border: 1px solid transparent; padding: 3px 5px;
    color: {muted}; }}
QToolButton[flat="true"]:hover {{ color: {text}; }}
QToolButton[flat="true"]:checked {{ color: {text}; border: none; border-bottom: 2px solid {accent};
    border-radius: 0; }}
QToolButton[flat="true"]:focus {{ border: 1px solid {accent}; border-radius: 4px; }}
QToolButton::menu-indicator {{ image: none; width: 0; }}
QPushButton::menu-indicator {{ image: none; width: 0; }}
QLineEdit {{ background: {background}; color: {text}; border: 1px solid {rule}; border-radius: 4px;
    padding: 4px 8px; selection-background-color: {selection}; selection-color: {text}; }}
QLineEdit:focus {{ border-color: {accent}; }}
QTableView {{ background: {panel}; border: none; selection-background-color: {selection};
    selection-color: {text}; outline: none; }}
QHeaderView {{ background: {panel}; border: none; }}
QHeaderView::section {{ background: {panel}; color: {muted}; border: none; border-bottom: 1px solid {rule};
    padding: 0 8px; }}
QHeaderView::section:hover {{ color: {text}; }}
QTableCornerButton::section {{ background: {panel}; border: none; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {rule}; border-radius: 4px; min-height: 28px; min-width: 28px;
    margin: 1px; }}
QScrollBar::handle:hover {{ background: {faint}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QMenu {{ background: {raised}; color: {text}; border: 1px solid {rule}; padding: 4px; }}
QMenu::item {{ padding: 5px 26px 5px 22px; border-radius: 4px; }}
QMenu::item:selected {{ background: {selection}; }}
QMenu::item:disabled {{ color: {faint}; }}
QMenu::separator {{ height: 1px; background: {rule}; margin: 4px 8px; }}
QStatusBar {{ background: {panel}; border-top: 1px solid {rule}; color: {muted}; }}
QStatusBar::item {{ border: none; }}
QListWidget {{ background: {panel}; border: none; outline: none; }}
QListWidget::item {{ padding: 6px 8px; border-radius: 4px; }}
QListWidget::item:selected {{ background: {selection}; color: {text}; }}
"""


def style_sheet(colours: Colours) -> str:
    """Return the style sheet of a palette."""
    return TEMPLATE.format(
        background=colours.background,
        panel=colours.panel,
        raised=colours.raised,
        rule=colours.rule,
        text=colours.text,
        muted=colours.muted,
        faint=colours.faint,
        gain=colours.gain,
        loss=colours.loss,
        over=colours.over,
        over_ink=colours.over,
        accent=colours.accent,
        selection=mixed(colours.accent, colours.panel, 0.22),
        primary=mixed(colours.accent, colours.panel, 0.30),
        primary_rule=mixed(colours.accent, colours.panel, 0.65),
        grave=mixed(colours.over, colours.panel, 0.14),
        grave_rule=mixed(colours.over, colours.panel, 0.60),
        demo=mixed(colours.near, colours.panel, 0.16),
        close=colours.close,
        near=colours.near,
        alarm=mixed(colours.over, colours.panel, 0.14),
        alarm_high=mixed(colours.close, colours.panel, 0.12),
        alarm_medium=mixed(colours.near, colours.panel, 0.10),
    )
