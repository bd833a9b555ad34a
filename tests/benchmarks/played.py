"""A window that plays a recording for some seconds, several times, and says how much memory that took.

Given: file, width, height, seconds, rate, passes; its key in hexadecimal on standard input. Prints megabytes: the
window before; then for each pass over the same stretch the most of window and worker together while playing.
Memory that two processes share counts once.
"""

import sys
import time
from pathlib import Path

import psutil
from PySide6.QtWidgets import QApplication

from assessor_desk.artifacts.media import MediaClient
from assessor_desk.gui.viewers.picture_view import PictureView
from assessor_desk.gui.viewers.playback import Playback


def megabytes() -> float:
    """Of this process and those that it started."""
    here = psutil.Process()
    total = 0
    for process in [here, *here.children(recursive=True)]:
        try:
            told = process.memory_full_info()
        except psutil.Error:
            continue
        total += getattr(told, "pss", told.rss)
    return total / 1e6


def played(application: QApplication, playback: Playback, seconds: float) -> float:
    """Play from the beginning; the most memory meanwhile."""
    playback.seek(0)
    playback.play()
    most, end = 0.0, time.monotonic() + seconds
    looked = 0.0
    while time.monotonic() < end:
        application.processEvents()
        time.sleep(0.002)
        if time.monotonic() - looked > 0.5:
            most, looked = max(most, megabytes()), time.monotonic()
    playback.pause()
    return most


def main() -> None:
    """Measure and print."""
    path, width, height, seconds, rate, passes = sys.argv[1:7]
    key = bytes.fromhex(sys.stdin.read())
    application = QApplication([])
    view = PictureView()
    view.resize(int(width), int(height))
    view.show()
    application.processEvents()
    before = megabytes()
    client = MediaClient()
    handle = client.open(Path(path), key, "lesson.mp4")
    playback = Playback(lambda *_: None)
    playback.pictured.connect(view.show_picture)
    playback.open(handle)
    playback.fit(int(width), int(height))
    playback.set_rate(float(rate))
    print(before, *(played(application, playback, float(seconds)) for _ in range(int(passes))))
    playback.close()
    client.close()


if __name__ == "__main__":
    main()
