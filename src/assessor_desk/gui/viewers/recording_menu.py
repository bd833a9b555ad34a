"""The menu of what can be done with a recording beyond its buttons; in a narrow window it stands in for those too."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu

from assessor_desk.gui.actions import BY_ID
from assessor_desk.gui.viewers.own_window import OwnWindow

_GROUPS = (
    ("step_back", "step_forward", "go_to_time", "loop_start", "loop_end"),
    ("slower", "faster", "normal_speed", "mute"),
    ("still", "captions", "transcript", "find"),
    ("previous_mark", "next_mark", "play_mark", "hold_mark"),
    ("zoom_in", "zoom_out", "fit"),
    ("screen", "own_window"),
)
_TITLES = {
    "zoom_in": "Timeline: less time, larger",
    "zoom_out": "Timeline: more time, smaller",
    "fit": "Timeline: the whole recording",
    "find": "Find in the transcript",
}


def add_acts(
    menu: QMenu,
    acts: Mapping[str, Callable[[], object]],
    key_of: Callable[[str], str],
    possible: Callable[[str], bool],
) -> None:
    """Acts of the table by their ids, each with its key."""
    for group in _GROUPS:
        for act in group:
            entry = menu.addAction(f"{_TITLES.get(act, BY_ID[act].title)}\t{key_of(act)}")
            entry.triggered.connect(lambda _=False, do=acts[act]: do())
            entry.setEnabled(possible(act))
        menu.addSeparator()


def add_screens(menu: QMenu, window: OwnWindow) -> None:
    """The screens that a window of its own can go to."""
    screens = QGuiApplication.screens()
    for screen in screens if len(screens) > 1 else ():
        entry = menu.addAction(f"Move to screen {screen.name()}")
        entry.triggered.connect(lambda _=False, there=screen: window.move_to(there))
        entry.setEnabled(screen is not window.screen())
