"""The last net: what nobody caught is logged and told, on whichever thread it happened."""

import logging
import sys
import threading
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

log = logging.getLogger("plimsoll.unhandled")

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_NO_WINDOW_MANAGER = "This plugin does not support"
"""What Qt says without a screen of whatever only a window manager could do; no fault of anybody."""


class Unhandled(QObject):
    """Catches exceptions of slots and threads, and Qt's own messages.

    Signals
    -------
    fault_happened(str)
        What is wrong, for the banner.
    """

    fault_happened = Signal(str)

    def install(self) -> None:
        """Take over the hooks of the interpreter, of its threads, and of Qt."""
        sys.excepthook = self._caught
        threading.excepthook = self._caught_in_thread
        qInstallMessageHandler(_log_qt)

    def _caught(self, kind: type[BaseException], fault: BaseException, trace: TracebackType | None) -> None:
        log.critical("nobody caught this", exc_info=(kind, fault, trace))
        self.fault_happened.emit(
            f"A fault in the program: {kind.__name__}. Figures may be wrong; restart it."
        )

    def _caught_in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._caught(args.exc_type, args.exc_value, args.exc_traceback)


def _log_qt(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
    level = _LEVELS.get(kind, logging.WARNING)
    if message.startswith(_NO_WINDOW_MANAGER):
        level = logging.DEBUG
    logging.getLogger("plimsoll.qt").log(level, "%s (%s)", message, context.category)
