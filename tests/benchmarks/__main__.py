"""Run the measures and print their ratios: `python3 dev.py bench [--quick] [NAMES]`; a name is that of a file here.

With `--quick` each measure has one turn: that tells whether it still runs, and nothing about speed.
"""

import importlib
import os
import platform
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from harness import HEADINGS, line, rows, run

BENCHES = (
    "start_up",
    "key_press",
    "packet",
    "verify",
    "first_page",
    "reports",
    "cohort",
    "search",
    "pdf",
    "pdf_peers",
    "memory",
    "video",
    "rounds",
    "arriving",
    "inbox",
)


def main(names: list[str]) -> int:
    """Measure what is named, or everything; 2 for an unknown name."""
    quick = "--quick" in names
    names = [name for name in names if name != "--quick"]
    unknown = set(names) - set(BENCHES)
    if unknown:
        print(
            f"There is no measure {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}.",
            file=sys.stderr,
        )
        return 2
    print(
        f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores. Medians, in turns."
    )
    print(line(HEADINGS))
    for name in names or BENCHES:
        with (
            tempfile.TemporaryDirectory() as folder,
            importlib.import_module(name).measures(Path(folder)) as found,
        ):
            for measure in found:
                print(
                    line(rows(run(replace(measure, rounds=min(measure.rounds, 2)) if quick else measure))),
                    flush=True,
                )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
