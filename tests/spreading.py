"""How the run is shared out between processes: file by file, the longest first, and together what shares much.

A fixture of a whole session is made once in each process that needs it. Files that share a costly one are therefore
run by the same process, one after the other, as if they were one file.
"""

from __future__ import annotations

from typing import Any

import pytest

#: Files that take longest, in that order: one begun late keeps the whole run waiting.
_FIRST = (
    "model/test_nothing_lost",
    "model/test_nothing_lost_on_two_computers",
    "model/test_nothing_lost_by_stick",
    "journey/test_bad_input",
    "sync/test_rounds",
    "verdict/test_every_way",
    "faults/test_kills",
    "hub/test_authorisation",
    "sync/test_storm",
    "journey/test_kill_at_any_moment",
    "desk/test_nothing_leaks",
    "journey/test_unattended",
    "desk/test_releasing",
    "gui/assessing/test_evidence_pane",
    "artifacts/test_media_playing",
    "gui/assessing/test_seal_dialog",
    "hub/test_back_up",
    "desk/test_deciding",
    "hub/test_beyond_one_machine",
    "gui/deciding/test_deciding_pane",
    "gui/assessing/test_rubric_pane",
    "journey/test_nothing_in_plain",
    "ground/test_benchmarks",
    "gui/viewers/test_viewers_recordings",
    "gui/test_mutated_files",
    "architecture/test_import_contracts",
    "journey/test_release_killed_at_any_moment",
)

#: What is made once for them, and who needs it.
_TOGETHER = {
    "many decisions on a hub (desk: place)": (
        "desk/test_nothing_leaks",
        "desk/test_looked_through",
        "desk/test_cohort",
    ),
    "a trip with a stick (desk: kept_trip)": ("desk/test_by_stick", "desk/test_stick_pulled_out"),
    "an issuer's hub made by commands (journey: made_hub)": (
        "journey/test_bad_input",
        "journey/test_a_programme_of_its_own",
        "journey/test_two_trips",
        "journey/test_big_submissions",
    ),
    "a badge that was issued (badges: issued)": (
        "badges/test_badge_commands",
        "badges/test_badge_in_the_window",
        "badges/test_issuing_badges",
        "badges/test_published_papers",
        "badges/test_replacing_the_key",
        "badges/test_verifying_badges",
        "badges/test_with_other_software",
    ),
}
_COMMON = {file: shared for shared, files in _TOGETHER.items() for file in files}


def longest_first(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, and with what goes with them; the order is random otherwise."""
    places = {_COMMON.get(file, file): place for place, file in reversed(list(enumerate(_FIRST)))}
    items.sort(key=lambda item: places.get(turn_of(item.nodeid), len(_FIRST)))


def turn_of(test: str) -> str:
    """What the file of a test shares with others, or else the file: such tests are run by one process."""
    file = test.partition("::")[0].removeprefix("tests/").removesuffix(".py")
    return _COMMON.get(file, file)


def scheduling(config: pytest.Config, log: Any) -> Any:
    """The scheduler for `--dist=loadfile`; None for any other."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return turn_of(nodeid)

    return Scheduling(config, log) if config.getvalue("dist") == "loadfile" else None
