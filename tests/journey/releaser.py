"""A process that releases everything decided on a desk into a folder, to be killed: `releaser.py DESK OUT`.

It says `ready` when it begins and `done N` after each report.
"""

import sys
from pathlib import Path

from assessor_desk.desk import Desk


def main(folder: Path, out: Path) -> None:
    with Desk.open(folder, "demo") as desk:
        own_ids = [row.submission_id for row in desk.inbox()]
        print("ready", flush=True)
        desk.release(own_ids, "demo", out, lambda told: print(f"done {told.done}", flush=True))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
