"""The key for badges is replaced: what it signed stays good, what it signs afterwards does not count."""

import json
from pathlib import Path

import pytest
from tests.badges.conftest import KEY
from tests.hub.making import StandingClock

from assessor_desk.cli.command_line import run_command
from assessor_desk.hub import badge_papers, badges
from assessor_desk.hub.badge_papers import papers, replace_badge_key
from assessor_desk.hub.badges import badge_files, issue_badge, revoke_badge
from assessor_desk.hub.hub import Hub
from assessor_desk.verdict import BadgePapers, FactId, Standing, TrustList
from assessor_desk.verdict.badge import verify_badge


def test_badges_from_before_their_key_was_replaced_stay_good_and_new_ones_are_by_the_new_key(
    hub: Hub, clock: StandingClock, tmp_path: Path
) -> None:
    first = badge_files(hub, issue_badge(hub, KEY))
    clock.move(days=1)
    before, did = papers(hub), replace_badge_key(hub)
    clock.move(minutes=1)
    own_id = revoke_badge(hub, KEY, "its key was given up")
    second = badge_files(hub, issue_badge(hub, KEY))
    trust = TrustList.parse(hub.authority.trust_list())

    assert json.loads(second.json)["issuer"]["id"] == did != json.loads(first.json)["issuer"]["id"]
    assert own_id == first.id
    for held in (BadgePapers.of(papers(hub)), BadgePapers.of(before).and_also(BadgePapers.of(papers(hub)))):
        old, new = (verify_badge(one.json, "x", trust, held, clock()) for one in (first, second))
        assert old.fact(FactId.CHAIN).standing is Standing.GOOD
        assert "until" in old.fact(FactId.CHAIN).sentence
        assert old.fact(FactId.REVOCATION).standing is Standing.BAD, "its own list goes on"
        assert (new.exit_code(), new.fact(FactId.REVOCATION).standing) == (0, Standing.GOOD)
    written = tmp_path / "papers"
    written.mkdir()
    for name, content in papers(hub).items():
        (written / name).write_bytes(content)
    assert (
        verify_badge(first.json, "x", trust, BadgePapers.beside(written), clock()).fact(FactId.CHAIN).standing
        is Standing.GOOD
    )


def test_what_a_key_signs_after_it_was_given_up_does_not_count(
    hub: Hub, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = papers(hub)
    old = badge_papers.badge_key(hub)
    revoke_badge(hub, KEY, "to be issued again")
    replace_badge_key(hub)
    clock.move(minutes=1)
    monkeypatch.setattr(badges, "badge_key", lambda _: old)
    forged = badge_files(hub, issue_badge(hub, KEY))

    held = BadgePapers.of(before).and_also(BadgePapers.of(papers(hub)))
    judged = verify_badge(forged.json, "x", TrustList.parse(hub.authority.trust_list()), held, clock())

    assert judged.fact(FactId.CHAIN).standing is Standing.BAD
    assert "gave this key up" in judged.headline


def test_it_is_replaced_by_command(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["hub", "--at", str(hub.folder), "badge", "replace-key", "--json"]) == 0
    did = json.loads(capsys.readouterr().out)["issuer"]
    assert badge_papers.badge_key(hub).did == did
    assert sorted(papers(hub)) == [
        "badge-issuer-1.json", "badge-issuer-1.json.p7s", "badge-issuer.json", "badge-issuer.json.p7s",
        "badge-status-1.json", "badge-status-2.json",
    ]  # fmt: skip
