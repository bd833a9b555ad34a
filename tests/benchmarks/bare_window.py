"""The floor of every start: a PySide6 window with one label, which says when it has been painted."""

import sys

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow


class Window(QMainWindow):
    """Ends the program once it is on screen."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        QTimer.singleShot(0, self.announce)

    def announce(self) -> None:
        print("painted", flush=True)
        QApplication.quit()


app = QApplication(sys.argv)
window = Window()
window.setCentralWidget(QLabel("A window"))
window.resize(1366, 768)
window.show()
sys.exit(app.exec())
