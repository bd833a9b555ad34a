"""From the start of the process to a painted window and to a usable inbox, against a bare PySide6 window.

With `--quick` the inbox holds fewer submissions.
"""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from assigned import PASSPHRASE, make_desk
from harness import Measure, seconds_until

from assessor_desk.desk.folder import DeskFolder
from assessor_desk.keys.envelope import Envelope

HERE = Path(__file__).resolve().parent
SUBMISSIONS = 10 if "--quick" in sys.argv else 1000


@contextlib.contextmanager
def measures(folder: Path) -> Iterator[list[Measure]]:
    """The desk is unlocked with its data key, as from a keyring, so that Argon2id is not what is measured."""
    desk = folder / "desk"
    make_desk(desk, SUBMISSIONS).close()
    key = Envelope.load(DeskFolder(desk).keys).unlock(PASSPHRASE)

    def bare() -> float:
        return seconds_until("painted", HERE / "bare_window.py")

    def window() -> float:
        return seconds_until("painted", HERE / "our_window.py", "painted", desk)

    def inbox() -> float:
        return seconds_until(
            "inbox", HERE / "our_window.py", "inbox", desk, str(SUBMISSIONS), given=key.hex()
        )

    yield [
        Measure("start to painted window / bare window", bare, window, 1.3, 10),
        Measure(f"start to an inbox of {SUBMISSIONS:,} / bare window", bare, inbox, 2.5, 10),
    ]
