"""Four ways of verifying, one verdict: the command, the window, the web page in a real browser, and the hub.

The corpus of attacks is walked by each: none may find one of them valid, and each must find the fact that fails.
What is sound must be taken by all four.
"""

from __future__ import annotations

import csv
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from tests.hub.making import StandingClock, copied, import_quickly, make_template, submissions_folder
from tests.packets.building import Laboratory
from tests.packets.test_case_files import Case, badge_on
from tests.verdict.altering import flipped
from tests.verdict.attacks import ATTACKS, Workshop
from tests.verdict.attacks.workshop import RECEIPT, SIGNATURE, TOKEN
from tests.verdict.chromium import Chromium
from tests.verdict.corpus import Collection, Corpus, Facts, collected, collection, standings
from tests.verdict.watching import Watch

from assessor_desk.cli.command_line import run_command
from assessor_desk.domain.changes import DeliveryKind
from assessor_desk.domain.errors import Refused
from assessor_desk.hub.bags import judge_bag
from assessor_desk.hub.people import Caller
from assessor_desk.hub.serve import Server
from assessor_desk.packets.receiving import with_receipt
from assessor_desk.places import resources
from assessor_desk.verdict import FactId, Standing, TrustList, Verdict, verify
from assessor_desk.verdict.table import as_table

PAGE = resources() / "verify.html"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[Corpus]:
    """A hub that answers, the attacks on its packets, and what is sound."""
    folder, clock = tmp_path_factory.mktemp("every-way"), StandingClock()
    hub = copied(make_template(folder / "template"), folder / "hub", clock)
    import_quickly(hub, submissions_folder(folder / "incoming"))
    with Server(hub.folder) as server:
        workshop = Workshop(hub, server.url, folder / "workshop")
        try:
            yield collected(workshop, folder, clock, root / "tests" / "golden")
        finally:
            for device in (workshop.device, workshop.other_device, workshop.reviewer):
                device.source.close()
            hub.close()


@pytest.fixture(scope="module")
def browser(tool: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """One Chromium for the module."""
    with Chromium(tool("chromium"), tmp_path_factory.mktemp("chromium")) as chromium:
        yield chromium


def test_there_are_more_than_enough_attacks_and_none_is_another_by_another_name(corpus: Corpus) -> None:
    contents = {path.read_bytes() for path in corpus.attacks.folder.glob("*.zip")}

    assert len(contents) == len(ATTACKS) >= 60


# -- what is not as it should be ---------------------------------------------------------------------------


def test_verify_finds_every_attack_by_the_fact_that_fails(corpus: Corpus) -> None:
    found = corpus.attacks.verdicts
    wrong = {
        attack.name: found[attack.name].headline
        for attack in ATTACKS
        if attack.fact not in {fact.id for fact in found[attack.name].bad}
        or not found[attack.name].exit_code()
    }

    assert wrong == {}


def test_the_command_finds_none_of_them_valid(corpus: Corpus, tmp_path: Path) -> None:
    table = tmp_path / "verdicts.csv"
    arguments = ["verify", str(corpus.attacks.folder), "--trust", str(corpus.attacks.trust)]

    assert run_command([*arguments, "--csv", str(table)]) == 4

    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(ATTACKS)
    assert {row["packet"] for row in rows if row["holds"] != "no"} == set()


def test_the_window_finds_none_of_them_valid(corpus: Corpus, qtbot: QtBot) -> None:
    said = window_on(corpus.attacks, qtbot)

    assert len(said) == len(ATTACKS)
    assert [line for line in said if "do not rely on it" not in line] == []


def test_the_page_comes_to_the_same_facts_on_each_of_them(corpus: Corpus, browser: Chromium) -> None:
    facts, held = on_the_page(browser, corpus.attacks)

    assert different(facts, corpus.attacks.facts()) == {}
    assert held == set()


def test_the_hub_refuses_each_of_them_and_names_a_fact_that_fails(corpus: Corpus) -> None:
    """By the hub's own trust list, which knows no other programme."""
    wrong, device = {}, corpus.workshop.device
    own = TrustList.parse(corpus.workshop.hub.authority.trust_list())
    for name, verdict in corpus.attacks.judged(own, datetime.now(UTC)).items():
        try:
            device.deliver(corpus.attacks.path(name).read_bytes(), verdict.digest or "0" * 64)
            wrong[name] = "taken"
        except Refused as refused:
            named = [f"The packet does not hold. {fact.title}: {fact.sentence}" for fact in verdict.bad]
            if not any(each.rstrip(".") in str(refused) for each in named):
                wrong[name] = str(refused)

    assert wrong == {}


# -- what is sound -----------------------------------------------------------------------------------------


def test_verify_takes_everything_that_is_sound(corpus: Corpus) -> None:
    for each in corpus.all_sound:
        assert {name: one.headline for name, one in each.verdicts.items() if one.exit_code()} == {}


def test_the_window_takes_everything_that_is_sound(corpus: Corpus, qtbot: QtBot) -> None:
    for each in corpus.all_sound:
        assert [line for line in window_on(each, qtbot) if "do not rely" in line or "cannot" in line] == []


def test_the_page_takes_everything_that_is_sound(corpus: Corpus, browser: Chromium) -> None:
    for each in corpus.all_sound:
        facts, held = on_the_page(browser, each, datetime.now(UTC) + timedelta(days=3))
        assert different(facts, each.facts()) == {}
        assert held == each.verdicts.keys()


def test_the_hub_takes_what_is_sound(corpus: Corpus, tmp_path: Path) -> None:
    """Each shape of a packet is judged apart: the hub answers a packet that it has by the receipt that it gave."""
    w = corpus.workshop
    caller = Caller(w.device.person, "", ())
    for name, verdict in corpus.sound.verdicts.items():
        if name != "of-another-submission":
            content = corpus.sound.path(name).read_bytes()
            assert judge_bag(w.hub, caller, verdict.digest, content).kind == "packet", name

    receipt = w.other_device.deliver(w.elsewhere.content, w.elsewhere.digest, DeliveryKind.PACKET)

    received = tmp_path / "received.zip"
    received.write_bytes(with_receipt(w.elsewhere.content, receipt.signed))
    verdict = verify(received, TrustList.load(corpus.sound.trust), datetime.now(UTC))
    assert (verdict.exit_code(), verdict.fact(FactId.TIME).standing) == (0, Standing.GOOD)


def test_without_a_trust_list_the_page_says_the_same_as_verify(corpus: Corpus, browser: Chromium) -> None:
    expected = standings(corpus.sound.judged(None, datetime.now(UTC)))

    facts, held = on_the_page(browser, corpus.sound, trusting=False)

    assert different(facts, expected) == {}
    assert held == set()


def test_the_page_says_of_everything_what_verify_says_word_for_word(
    corpus: Corpus, browser: Chromium
) -> None:
    now = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)
    for each in (*corpus.all_sound, corpus.newer):
        on_the_page(browser, each, now)
        verdicts = each.judged(TrustList.load(each.trust), now)
        assert apart(words_on_the_page(browser), verdicts) == []


def test_the_page_checks_a_badge_in_a_case_file_as_verify_does(browser: Chromium, tmp_path: Path) -> None:
    case = Case(lab := Laboratory(tmp_path / "lab"), lab.packet())
    badges = {
        "whole": badge_on(case.award.decision),
        "altered": badge_on(case.award.decision, name="Another"),
        "of-another-decision": badge_on("ab" * 32),
        "of-another-kind": b'{"type":["VerifiableCredential"]}',
        "not-canonical": badge_on(case.award.decision) + b"\n",
    }
    cases = collection(tmp_path / "cases", lab.trust(timedelta(days=2)).read_bytes())
    for name, badge in badges.items():
        cases.add(name, case.sealed(replace(case.facts(), badge=badge)))
    cases.judge(datetime.now(UTC) + timedelta(days=3))

    facts, held = on_the_page(browser, cases, datetime.now(UTC) + timedelta(days=3))

    assert different(facts, cases.facts()) == {}
    assert held == {"whole", "of-another-kind"}
    assert apart(words_on_the_page(browser), cases.verdicts) == []


# -- nothing happens besides -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def watch() -> Watch:
    """An audit hook, once set, stays until the process ends; so there is one."""
    return Watch()


def test_the_watch_sees_what_it_is_there_for(watch: Watch, tmp_path: Path) -> None:
    import socket

    with watch.on():
        (tmp_path / "written").write_text("x")
        socket.socket().close()
        subprocess.run([sys.executable, "-c", ""], check=True)
        exec(compile("1", "x", "exec"))

    for word in ("open", "socket.__new__", "subprocess.Popen", "exec", "compile"):
        assert any(event.startswith(word) for event in watch.seen), word


def test_no_packet_makes_the_program_run_fetch_or_write_anything(corpus: Corpus, watch: Watch) -> None:
    trust = TrustList.load(corpus.attacks.trust)
    first = next(iter(corpus.sound.verdicts))
    for name in (first, "stamped"):  # what verifying imports is imported by now, which compiles modules
        verify(corpus.sound.path(name), trust, datetime.now(UTC))
    paths = [one.path(name) for one in (corpus.attacks, corpus.sound) for name in one.verdicts]

    with watch.on():
        for path in paths:
            verify(path, trust, datetime.now(UTC))

    # asyncio's loop, which pyHanko's validator needs, has a pair of sockets that lead nowhere else.
    left = [event for event in watch.seen if not event.startswith(("socket.__new__", "socket.bind"))]
    assert left == []


def test_the_page_shows_what_is_of_a_newer_format_without_calling_it_good(
    corpus: Corpus, browser: Chromium
) -> None:
    facts, held = on_the_page(browser, corpus.newer, datetime.now(UTC) + timedelta(days=3))

    assert different(facts, corpus.newer.facts()) == {}
    assert held == set()
    assert browser.run("document.querySelector('.fact.unknown').textContent").startswith("?Format")
    assert browser.run("document.querySelector('details').open")


def test_each_byte_of_a_signature_a_receipt_and_a_token_counts_on_the_page_too(
    corpus: Corpus, browser: Chromium, tmp_path: Path
) -> None:
    w, dice = corpus.workshop, random.Random(19)
    flips = collection(tmp_path / "flips", corpus.sound.trust.read_bytes())
    stamped = {**w.files, TOKEN: w.office.stamp(w.files[SIGNATURE])}
    for name in (SIGNATURE, RECEIPT, TOKEN):
        for place in range(0, len(stamped[name]), 47):
            altered = {name: flipped(stamped[name], place, dice.randrange(8))}
            flips.add(f"{name.rpartition('/')[2]}-{place}", w.zipped({**stamped, **altered}))
    flips.judge(datetime.now(UTC))

    facts, held = on_the_page(browser, flips)

    assert {name for name, found in facts.items() if "bad" not in found.values()} == set()
    assert different(facts, flips.facts()) == {}
    assert held == set()


# -- the page in a person's hands --------------------------------------------------------------------------


def test_the_page_is_used_by_keys_alone_and_names_everything(corpus: Corpus, browser: Chromium) -> None:
    on_the_page(browser, corpus.sound)
    browser.run("document.querySelector('.packet').focus()")

    browser.press("ArrowDown")

    assert browser.run("document.activeElement.dataset.place") == "1"
    assert browser.run("document.querySelectorAll('[aria-current]').length") == 1
    second = sorted(corpus.sound.verdicts)[1]
    assert (
        browser.run("document.getElementById('said').textContent") == corpus.sound.verdicts[second].headline
    )
    names = {(one["role"], one["name"]) for one in browser.names()}
    assert ("button", "choose files…") in names
    assert ("image", "checked") in names
    assert ("image", "only stated") in names
    assert any(role == "heading" and name.startswith("Unaltered since") for role, name in names)


def test_beside_a_long_verdict_the_list_stays_in_sight_and_the_next_verdict_begins_at_its_top(
    corpus: Corpus, browser: Chromium
) -> None:
    on_the_page(browser, corpus.sound)
    browser.run("scrollTo(0, document.body.scrollHeight)")
    assert browser.run("scrollY > 0 && document.querySelector('nav').getBoundingClientRect().top > -1")

    browser.run("document.querySelectorAll('.packet')[1].click()")

    assert browser.run("document.getElementById('verdict').getBoundingClientRect().top > -1")


def test_the_page_on_paper_has_the_verdict_and_no_buttons(
    corpus: Corpus, browser: Chromium, tool: Callable[[str], str], tmp_path: Path
) -> None:
    on_the_page(browser, corpus.sound)
    (tmp_path / "page.pdf").write_bytes(browser.printed())

    read = [tool("pdftotext"), str(tmp_path / "page.pdf"), "-"]
    words = " ".join(subprocess.run(read, capture_output=True, text=True, check=True).stdout.split())

    first = corpus.sound.verdicts[min(corpus.sound.verdicts)]
    assert first.headline in words
    assert all(fact.title in words for fact in first.facts)
    assert "choose files" not in words
    assert "Print this verdict" not in words


def test_a_case_file_on_paper_has_the_facts_of_all_it_holds_and_when_it_was_checked(
    corpus: Corpus, browser: Chromium, tool: Callable[[str], str], tmp_path: Path
) -> None:
    case = Collection(corpus.others[0].folder, corpus.others[0].trust, {})
    case.verdicts = {"case": corpus.others[0].verdicts["case"]}
    now = datetime.now(UTC) + timedelta(days=3)
    on_the_page(browser, case, now)
    (tmp_path / "page.pdf").write_bytes(browser.printed())

    read = [tool("pdftotext"), str(tmp_path / "page.pdf"), "-"]
    words = " ".join(subprocess.run(read, capture_output=True, text=True, check=True).stdout.split())

    assert f"checked on {now:%Y-%m-%d %H:%M}" in words
    for inside in case.verdicts["case"].contained:
        assert all(fact.sentence in words for fact in inside.facts if len(fact.sentence) < 60)


def test_a_badge_by_itself_is_told_where_it_is_checked_and_not_called_unreliable(
    corpus: Corpus, browser: Chromium, root: Path
) -> None:
    golden = root / "tests" / "golden" / "badge-1.0"
    browser.open(PAGE.as_uri())

    browser.choose("#packet-files", [golden / f"badge.{kind}" for kind in ("json", "png", "svg")])

    browser.wait_for(
        "[...document.querySelectorAll('.pill')].every((one) => one.textContent !== 'checking…')"
    )
    said = browser.run("[...document.querySelectorAll('.packet')].map((one) => one.textContent)")
    assert len(said) == 3
    assert all("cannot be read" in one and "wallet for Open Badges" in one for one in said)


def test_what_replaces_what_is_told_the_same_when_packets_come_one_by_one(
    corpus: Corpus, browser: Chromium
) -> None:
    browser.open(PAGE.as_uri())
    browser.choose("#trust-file", [corpus.sound.trust])
    for count, name in enumerate(("sealed", "correction", "of-another-submission"), start=1):
        browser.choose("#packet-files", [corpus.sound.path(name)])
        browser.wait_for(
            f"document.querySelectorAll('.packet[data-holds]').length === {count}"
            " && !document.body.dataset.checking"
        )
    browser.run("document.querySelector('.packet').click()")

    told = browser.run("[...document.querySelectorAll('.fact')].map((one) => one.textContent).join()")

    assert "(correction.zip)Corrects no earlier packet" in told


def test_a_folder_dropped_brings_its_packets_and_no_trust_list(corpus: Corpus, browser: Chromium) -> None:
    browser.open(PAGE.as_uri())

    # On the disk: no page may read a folder below /dev, where tests may write into memory.
    with tempfile.TemporaryDirectory() as place:
        browser.drop([shutil.copytree(corpus.sound.folder, Path(place, "sound"))])

        count = len(corpus.sound.verdicts)
        browser.wait_for(f"document.querySelectorAll('.packet[data-holds]').length === {count}")
    assert browser.run("document.getElementById('trust-label').textContent").startswith("No trust list yet")


def test_files_dropped_may_have_the_trust_list_among_them(corpus: Corpus, browser: Chromium) -> None:
    browser.open(PAGE.as_uri())

    browser.drop([corpus.sound.path("sealed"), corpus.sound.trust])

    browser.wait_for("document.querySelector('.packet[data-holds=yes]')")


def test_on_a_narrow_screen_the_verdict_chosen_comes_into_view(
    corpus: Corpus, browser: Chromium, tmp_path: Path
) -> None:
    on_the_page(browser, corpus.sound)
    browser.picture(tmp_path / "narrow.png", 683, 384)

    browser.run("document.querySelector('.packet').click()")

    # A page scrolls by whole pixels, and how tall what is above is depends on the fonts.
    assert -1 < browser.run("document.getElementById('verdict').getBoundingClientRect().top") < 192
    browser.picture(tmp_path / "wide.png")


def test_words_of_a_packet_run_in_their_own_direction_and_are_never_markup(
    corpus: Corpus, browser: Chromium, tmp_path: Path
) -> None:
    hostile = collection(tmp_path / "hostile", corpus.sound.trust.read_bytes())
    submission = {**corpus.workshop.stated["submission"], "key": "<img src=x onerror=alert(1)> مدرسة النور"}
    hostile.add("مدرسة", corpus.workshop.restated(submission=submission))
    hostile.judge(datetime.now(UTC))

    on_the_page(browser, hostile)

    assert browser.run("document.querySelectorAll('article img').length") == 0
    assert "<img src=x" in browser.run("document.querySelector('article p').textContent")
    assert browser.run("document.querySelector('.packet b').dir") == "auto"


def test_the_table_that_the_page_saves_is_the_programs(
    corpus: Corpus, browser: Chromium, tmp_path: Path
) -> None:
    on_the_page(browser, corpus.sound)
    browser.save_into(tmp_path)

    browser.run("document.getElementById('save-table').click()")

    saved = wait_for_file(tmp_path / "verdicts.csv")
    assert saved.decode() == as_table(corpus.sound.verdicts.values())


def wait_for_file(path: Path) -> bytes:
    end = time.monotonic() + 20
    while not path.exists() and time.monotonic() < end:
        time.sleep(0.05)
    return path.read_bytes()


@pytest.mark.parametrize("years", [3, 10])
def test_in_years_to_come_the_page_says_what_verify_says(
    years: int, corpus: Corpus, browser: Chromium
) -> None:
    now = datetime.now(UTC) + timedelta(days=366 * years)
    for each in corpus.all_sound:
        verdicts = each.judged(TrustList.load(each.trust), now)
        facts, held = on_the_page(browser, each, now)
        assert different(facts, standings(verdicts)) == {}
        assert held == verdicts.keys()


def test_a_packet_is_no_trust_list_on_the_page_either(corpus: Corpus, browser: Chromium) -> None:
    browser.open(PAGE.as_uri())
    browser.choose("#trust-file", [corpus.sound.path("sealed")])

    browser.wait_for("document.getElementById('trust-label').textContent.includes('is no trust list')")


# -- the ways ----------------------------------------------------------------------------------------------


def window_on(some: Collection, qtbot: QtBot) -> list[str]:
    """What the window's list says of each packet."""
    from assessor_desk.gui.tasks import Tasks
    from assessor_desk.gui.verify_window import PacketLine, VerifyWindow

    verdicts, tasks = some.verdicts, Tasks()
    loaded = TrustList.load(some.trust)

    def check(path: Path, trust: tuple[Path, ...], content: bytes | None) -> Verdict:
        return verify(path, loaded, datetime.now(UTC) + timedelta(days=3))

    window = VerifyWindow(tasks, check, lambda trust: "Trust list")
    qtbot.addWidget(window)
    window.add_packets([some.path(name) for name in verdicts])
    lines = window.findChildren(PacketLine)
    qtbot.waitUntil(lambda: not any("checking" in line.accessibleName() for line in lines), timeout=60_000)
    said = [line.accessibleName() for line in lines]
    tasks.drain()
    window.close()
    return said


def on_the_page(
    browser: Chromium, some: Collection, now: datetime | None = None, trusting: bool = True
) -> tuple[dict[str, Facts], set[str]]:
    """How each fact of each packet stands on the page, and which packets it says hold; nothing may be fetched."""
    browser.open(PAGE.as_uri(), None if now is None else int(now.timestamp() * 1000))
    if trusting:
        browser.choose("#trust-file", [some.trust])
        browser.wait_for("document.getElementById('trust-label').textContent.startsWith('Trust list: ')")
    browser.choose("#packet-files", [some.path(name) for name in some.verdicts])
    browser.wait_for(
        f"document.querySelectorAll('.packet[data-holds]').length === {len(some.verdicts)}"
        " && !document.body.dataset.checking"
    )
    rows = browser.run(
        "[...document.querySelectorAll('.packet')].map((one) =>"
        " [one.querySelector('b').textContent, one.dataset.facts, one.dataset.holds])"
    )
    assert browser.requests == [PAGE.as_uri()]
    assert browser.said == []
    facts = {Path(name).stem: json.loads(told) for name, told, _ in rows}
    return facts, {Path(name).stem for name, _, holds in rows if holds == "yes"}


def words_on_the_page(browser: Chromium) -> dict[str, list[str]]:
    """Of each packet the headline, what it is about, and each fact's title, sentence and detail."""
    told: dict[str, list[str]] = browser.run(
        "Object.fromEntries([...document.querySelectorAll('.packet')].map((one) => {"
        " one.click(); const verdict = document.getElementById('verdict');"
        " const facts = verdict.querySelectorAll(':scope > .facts > .fact');"
        " const lines = [...facts].map((row) => `${row.querySelector('b').textContent}:"
        " ${row.querySelector('.sentence').firstChild.textContent}"
        " ${row.querySelector('.detail')?.textContent ?? ''}`.trim());"
        " return [one.querySelector('b').textContent,"
        "  [...[...verdict.children].slice(0, 2).map((each) => each.textContent), ...lines]]; }))"
    )
    return {Path(name).stem: lines for name, lines in told.items()}


def apart(told: Mapping[str, list[str]], verdicts: Mapping[str, Verdict]) -> list[tuple[str, str]]:
    """Lines of the page that `verify` does not say."""
    return [
        (name, line)
        for name, one in verdicts.items()
        for line in told[name]
        if line
        not in {
            one.headline,
            one.subject.sentence,
            *(f"{fact.title}: {fact.sentence} {fact.detail}".strip() for fact in one.facts),
        }
    ]


def different(
    facts: Mapping[str, Facts], expected: Mapping[str, Facts]
) -> dict[str, dict[str, tuple[str, str]]]:
    """Facts that stand otherwise than expected, by packet."""
    apart = {}
    for name in facts.keys() | expected.keys():
        here, there = facts.get(name, {}), expected.get(name, {})
        if here != there:
            ids = sorted(one for one in here.keys() | there.keys() if here.get(one) != there.get(one))
            apart[name] = {one: (here.get(one, ""), there.get(one, "")) for one in ids}
    return apart
