"""`hub badge` and `hub stack` as an issuer types them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.badges.conftest import KEY, Issued
from tests.cli.conftest import Said, say

from assessor_desk.hub.hub import Hub

Say = Callable[..., Said]
__all__ = ["say"]


@pytest.fixture
def at(hub: Hub) -> tuple[str, str, Path]:
    """A hub with one badge."""
    return ("hub", "--at", hub.folder)


def test_badges_are_set_up_issued_and_shown(decided: Hub, say: Say, tmp_path: Path) -> None:
    at = ("hub", "--at", decided.folder)
    refused = say(*at, "badge", "issue", KEY)
    assert (refused.code, refused.out) == (1, "")
    assert "hub badge setup" in refused.err

    assert say(*at, "badge", "setup", "--address", "https://x.example.org").code == 0
    issued = say(*at, "badge", "issue", "--all", "--json").document["badges"]
    assert [one["key"] for one in issued] == [KEY]
    assert say(*at, "badge", "issue", "--all").out == "No badge was waiting.\n"

    shown = say(*at, "badge", "show", KEY, "--out", tmp_path / "out", "--json").document
    names = sorted(Path(name).name for name in shown["files"])
    stem = f"badge-{issued[0]['id'].removeprefix('urn:uuid:')}"
    papers = ["badge-issuer.json", "badge-issuer.json.p7s", "badge-status-1.json"]
    assert names == sorted([f"{stem}.json", f"{stem}.png", f"{stem}.svg", *papers])


def test_a_badge_is_shown_as_it_was_signed(at: Any, say: Say, issued: Issued) -> None:
    told = say(*at, "badge", "show", KEY).out
    assert issued.credential["id"] in told
    assert "Plans checks for understanding: Demonstrated" in told
    assert f"Decision urn:sha256:{issued.decision}" in told
    assert say(*at, "badge", "show", issued.credential["id"], "--json").document == issued.credential
    assert "There is no badge “nothing” here" in say(*at, "badge", "show", "nothing").err


def test_one_form_is_enough(at: Any, say: Say, tmp_path: Path) -> None:
    say(*at, "badge", "show", KEY, "--out", tmp_path / "out", "--format", "png")
    assert [path.suffix for path in (tmp_path / "out").glob("badge-????????-*")] == [".png"]


def test_a_revoked_badge_is_listed_with_its_reason_and_fails(
    at: Any, say: Say, issued: Issued, tmp_path: Path
) -> None:
    assert say(*at, "badge", "revoke", KEY).code == 2
    assert say(*at, "badge", "revoke", KEY, "--reason", "Decided anew").code == 0
    assert "Decided anew)" in say(*at, "badge", "list").out

    say(*at, "badge", "papers", "--out", tmp_path / "papers")
    badge = tmp_path / "badge.png"
    badge.write_bytes(issued.png)
    said = say("verify", badge, "--trust", tmp_path / "papers" / "trust.pem")
    assert said.code == 4
    assert "The issuer revoked this badge" in said.out


def test_naming_nothing_to_issue_is_refused(at: Any, say: Say) -> None:
    assert "or --all" in say(*at, "badge", "issue").err


def test_a_stack_is_checked_and_refused_until_it_is_earned(at: Any, say: Say) -> None:
    checked = say(*at, "stack", "check", "responsive-teaching")
    assert checked.out == (
        "E-2  “Responsive Teaching” is not earned yet: 1 of 2 parts. Open: positive-relationships.\n"
    )
    (one,) = say(*at, "stack", "check", "responsive-teaching", "--json").document["educators"]
    assert (one["educator"], one["complete"], list(one["fulfilled"])) == (
        "E-2",
        False,
        ["formative-assessment-math"],
    )
    refused = say(*at, "stack", "issue", "responsive-teaching", "--educator", "E-2")
    assert (refused.code, "Open: positive-relationships" in refused.err) == (1, True)
    assert "not published here" in say(*at, "stack", "check", "juggling").err


def test_the_wrong_files_are_no_badges(say: Say, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps({"cases": []}), encoding="utf-8")
    said = say("verify", path)
    assert (said.code, "it is no Open Badges 3.0 credential" in said.out) == (4, True)
