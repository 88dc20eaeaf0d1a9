"""Emits 5,000 signals and paints 5,000 lines; prints by how much the references to None and True moved."""

import sys

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QImage, QPainter, QPen

N = 5_000


class Speaker(QObject):
    told = Signal(object, bool)
    silent = Signal()


class Hearer(QObject):
    @Slot(object, bool)
    def hear(self, what: object, is_so: bool) -> None:
        pass

    @Slot()
    def hear_nothing(self) -> None:
        pass


def counts() -> tuple[int, int]:
    return sys.getrefcount(None), sys.getrefcount(True)


def emit(speaker: Speaker) -> None:
    for _ in range(N):
        speaker.told.emit(None, True)
        speaker.silent.emit()


def paint(image: QImage) -> None:
    painter = QPainter(image)
    painter.setPen(QPen(Qt.GlobalColor.white))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    for row in range(N):
        painter.drawLine(0, row % 100, 99, row % 100)
    painter.end()


def main() -> None:
    application = QGuiApplication([])
    speaker, hearer = Speaker(), Hearer()
    speaker.told.connect(hearer.hear)
    speaker.silent.connect(hearer.hear_nothing)
    image = QImage(100, 100, QImage.Format.Format_ARGB32)
    emit(speaker)
    paint(image)  # caches are filled before anything is counted
    before = counts()
    emit(speaker)
    between = counts()
    paint(image)
    after = counts()
    moved = [b - a for a, b in zip(before + between, between + after, strict=True)]
    print(*moved)
    application.quit()


if __name__ == "__main__":
    main()
