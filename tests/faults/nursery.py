"""Starts clerks quickly: everything is imported once, and each clerk is a child of this process.

    python nursery.py DESK KEY_FILE MARKS

The desk is one to warm up on. Each line on the input is a JSON document: desk, key file, marks, seed. The answer is the
child's process id, and `gone` once it is. A clerk works until it is killed; the nursery ends with its input.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import clerk

from assessor_desk.domain.errors import DeskError, sentence

#: More than any clerk lives to do.
_WITHOUT_END = 10**9
_WARM = 22
#: Seconds of a life, on a slow machine too.
_LONGEST = 120


def main() -> None:
    desk, key_file, marks = map(Path, sys.argv[1:])
    # Nothing is sealed yet: the typesetter keeps threads, and a child would wait for those of its parent.
    kinds = clerk.KINDS
    clerk.KINDS = [kind for kind in kinds if kind != "seal"]
    clerk.main(desk, key_file.read_bytes(), clerk.Marks(marks), 1, _WARM)
    clerk.KINDS = kinds
    print("warm", flush=True)
    for line in sys.stdin:
        told = json.loads(line)
        child = os.fork()
        if child == 0:
            os.setpgid(0, 0)
            faulthandler.dump_traceback_later(_LONGEST, exit=True)  # one that hangs says where
            try:
                work(told)
            except DeskError as error:  # what a full disk is told as; anything else is a defect, and shown
                print("told", sentence(error), file=sys.stderr, flush=True)
            except BaseException:  # noqa: BLE001 (it is shown, and the test fails by it)
                traceback.print_exc()
            os._exit(0)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("gone", flush=True)


def work(told: dict[str, str]) -> None:
    marks = clerk.Marks(Path(told["marks"]))
    marks.write("will", "begin", True)
    if "limit" in told:  # heeded by the recorder, where that is loaded
        Path(told["desk"]).with_name("the.limit").write_text(told["limit"], encoding="ascii")
    key = Path(told["key_file"]).read_bytes()
    clerk.main(Path(told["desk"]), key, marks, int(told["seed"]), _WITHOUT_END)


if __name__ == "__main__":
    main()
