"""Several programmes in one trust list, or in several given together: each is judged by its own root alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from tests.packets.building import NOW, Laboratory
from tests.packets.test_case_files import Case
from tests.packets.test_decisions import REVIEWER, basis_of, facts_of
from tests.verdict.chromium import Chromium
from tests.verdict.corpus import Collection, collection
from tests.verdict.stamping import StampingAuthority
from tests.verdict.test_every_way import PAGE, apart, different, on_the_page, words_on_the_page

from assessor_desk.cli.command_line import run_command
from assessor_desk.domain.errors import Refused
from assessor_desk.keys.certificates import issuing_certificate, pem
from assessor_desk.keys.signing import read_certificates
from assessor_desk.packets.decision import decision_bytes
from assessor_desk.packets.facts import BuiltPacket
from assessor_desk.packets.receiving import with_receipt
from assessor_desk.verdict import FactId, Standing, TrustList, verify_all
from assessor_desk.verdict.archive import parse_archive
from assessor_desk.verdict.trust import fingerprint_of

LATER = NOW + timedelta(days=3)


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """Another programme, whose assessor happens to have the same number."""
    return Laboratory(tmp_path_factory.mktemp("other"))


@pytest.fixture(scope="module")
def lists(lab: Laboratory, other: Laboratory, things: dict[str, bytes]) -> list[Path]:
    """As they stand two days later. Nothing is sealed by these programmes after that: `things` come first."""
    assert things
    return [one.trust(timedelta(days=2)) for one in (lab, other)]


@pytest.fixture(scope="module")
def things(lab: Laboratory, other: Laboratory, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Sound ones of both, and ones that mix them."""
    own, theirs = lab.packet(), other.packet()
    mixed = Case(lab, theirs)
    return {
        "own": with_receipt(own.path.read_bytes(), lab.receipt(own)),
        "theirs": with_receipt(theirs.path.read_bytes(), other.receipt(theirs)),
        "received-elsewhere": with_receipt(own.path.read_bytes(), other.receipt(own)),
        "case": Case(lab, own).sealed(),
        "case-with-theirs": mixed.sealed(),
        "case-nobody-asked-for": unasked(lab, own),
    }


def unasked(lab: Laboratory, packet: BuiltPacket) -> bytes:
    """A case file on a decision that an enrolled reviewer made without being assigned."""
    case = Case(lab, packet)
    facts = replace(facts_of(lab, basis_of(packet), at=case.award.decided_at), attested=None)
    decision, digest = decision_bytes(facts, lab.enrolled(REVIEWER, "reviewer"))
    at = case.award.decided_at + timedelta(minutes=5)
    received = with_receipt(decision, lab.receipt(BuiltPacket(Path(), digest), at, person=REVIEWER))
    return case.sealed(replace(case.facts(decision=digest), decisions=(received,)))


@pytest.fixture(scope="module")
def held(things: dict[str, bytes], lists: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Collection:
    folder = tmp_path_factory.mktemp("programmes")
    made = collection(folder / "things", b"".join(path.read_bytes() for path in lists))
    for name, content in things.items():
        made.add(name, content)
    made.judge(LATER)
    return made


def test_each_programmes_packet_is_good_by_its_own_root_and_says_which(
    held: Collection, lab: Laboratory, other: Laboratory
) -> None:
    found = {name: (held.verdicts[name].exit_code(), held.verdicts[name].root) for name in ("own", "theirs")}

    roots = [fingerprint_of(one.authority.root) for one in (lab, other)]
    assert found == {"own": (0, roots[0]), "theirs": (0, roots[1])}
    assert held.verdicts["case"].exit_code() == 0


def test_another_programmes_receipt_is_bad_and_named_so(held: Collection) -> None:
    time = held.verdicts["received-elsewhere"].fact(FactId.TIME)

    assert time.standing is Standing.BAD
    assert "by another programme than the signer's" in time.sentence


def test_a_case_file_holds_no_other_programmes_packet_and_no_decision_that_nobody_asked_for(
    held: Collection,
) -> None:
    theirs, unassigned = (
        held.verdicts[name].fact(FactId.CONTAINED) for name in ("case-with-theirs", "case-nobody-asked-for")
    )
    assert theirs.standing is Standing.BAD
    assert "another programme" in theirs.sentence + theirs.detail
    assert unassigned.standing is Standing.BAD
    assert "the issuer asked nobody for it" in unassigned.sentence


def test_lists_given_together_are_one_list_in_any_order(held: Collection, lists: list[Path]) -> None:
    for given in (lists, lists[::-1]):
        verdicts = held.judged(TrustList.load(*given), LATER)
        assert {name: one.facts for name, one in verdicts.items()} == {
            name: one.facts for name, one in held.verdicts.items()
        }


def test_the_command_takes_a_list_for_each_programme(
    held: Collection, lists: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    packets = [str(held.path(name)) for name in ("own", "theirs")]
    both = [word for path in lists for word in ("--trust", str(path))]

    assert run_command(["verify", *packets, *both]) == 0
    assert run_command(["verify", *packets, *both[:2]]) == 4
    assert "issued by nobody on the trust list" in capsys.readouterr().out


def test_whoever_has_the_same_number_elsewhere_corrects_nobodys_packet(
    lab: Laboratory, other: Laboratory, lists: list[Path], tmp_path: Path
) -> None:
    own = lab.packet()
    corrections = [one.packet(lambda facts: replace(facts, supersedes=own.digest)) for one in (other, lab)]
    trust = TrustList.load(*lists)

    by_them, by_themselves = (
        verify_all([own.path, one.path], trust, LATER)[0].fact(FactId.SUPERSEDES) for one in corrections
    )

    assert by_them.standing is Standing.ABSENT
    assert by_themselves.sentence.startswith("Replaced by packet")


def test_an_authority_under_two_roots_is_refused(
    lab: Laboratory, tmp_path: Path, lists: list[Path], browser: Chromium
) -> None:
    """Whoever runs a programme certifies another's issuing authority, to speak for its packets."""
    root_key, own = ec.generate_private_key(ec.SECP384R1()), lab.authority
    other = Laboratory(tmp_path / "rival")
    other.authority.export_root(tmp_path / "root.json", "words")
    from assessor_desk.keys.authority_keys import import_key

    root_key = import_key(tmp_path / "root.json", "words")
    crossed = issuing_certificate(own.title, own.issuing_key, other.authority.root, root_key, NOW)
    rival = tmp_path / "rival.pem"
    rival.write_bytes(other.authority.trust_list() + pem(crossed))

    assert len(TrustList.load(rival).issuing) == 2, "alone it is a list like any other"
    with pytest.raises(Refused, match="under the roots of two programmes"):
        TrustList.load(lists[0], rival)
    browser.open(PAGE.as_uri())
    browser.choose("#trust-file", [lists[0], rival])
    browser.wait_for(
        "document.getElementById('trust-label').textContent.includes('under the roots of two programmes')"
    )


def test_a_list_of_more_certificates_than_anybody_trusts_is_refused(lists: list[Path]) -> None:
    """Whose is whose takes a signature for each pair: a file of some thousand would take for ever."""
    certificate = lists[0].read_bytes().partition(b"-----END CERTIFICATE-----\n")
    one = certificate[0] + certificate[1]

    assert len(TrustList.parse(one * 256).programmes) == 1
    with pytest.raises(Refused, match="more than 256 certificates"):
        TrustList.parse(one * 257)


def test_a_time_stamps_certificate_counts_for_the_programme_whose_root_it_follows(
    lab: Laboratory, other: Laboratory, lists: list[Path]
) -> None:
    office = StampingAuthority(other.authority, NOW).certificate
    own, theirs = (path.read_bytes() for path in lists)

    trust = TrustList.parse(own + theirs + pem(office))

    assert [one.stamps(office, NOW) for one in trust.programmes] == [False, True]
    assert trust.programme_of(read_certificates(pem(lab.signer.certificate))[0]) is trust.programmes[0]


# -- on the page -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser(tool: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    with Chromium(tool("chromium"), tmp_path_factory.mktemp("chromium")) as chromium:
        yield chromium


def test_the_page_comes_to_the_same_facts_with_one_list_of_both(held: Collection, browser: Chromium) -> None:
    facts, holding = on_the_page(browser, held, LATER)

    assert different(facts, held.facts()) == {}
    assert holding == {"own", "theirs", "case"}


def test_the_page_takes_several_lists_at_once(held: Collection, lists: list[Path], browser: Chromium) -> None:
    browser.open(PAGE.as_uri(), int(LATER.timestamp() * 1000))
    named = [shutil.copy(path, path.with_name(f"{place}.pem")) for place, path in enumerate(lists)]
    browser.choose("#trust-file", named)
    browser.wait_for("document.getElementById('trust-label').textContent.startsWith('Trust list: ')")
    browser.choose("#packet-files", [held.path(name) for name in ("own", "theirs")])
    browser.wait_for("document.querySelectorAll('.packet[data-holds=yes]').length === 2")


@pytest.mark.parametrize("reason", ["superseded", "keyCompromise"])
def test_of_a_revoked_authority_command_and_page_say_the_same_of_receipts_and_time_stamps(
    tmp_path: Path, browser: Chromium, reason: str
) -> None:
    """An office that the authority itself certified is worth its receipts; one that the list names, more."""
    lab = Laboratory(tmp_path / "lab")
    packet = lab.packet()
    content = packet.path.read_bytes()
    signature = parse_archive(content).files["signatures/assessor-1.p7s"]
    inside = StampingAuthority(lab.authority, NOW)
    outside = StampingAuthority(Laboratory(tmp_path / "office").authority, NOW)
    lab.authority.trust_stamping(outside.certificate)
    lab.authority.export_root(tmp_path / "root.json", "words")
    receipt = lab.receipt(packet)
    made = {
        "claimed": content,
        "received": with_receipt(content, receipt),
        "stamped-inside": with_receipt(content, receipt, inside.stamp(signature)),
        "stamped-outside": with_receipt(content, receipt, outside.stamp(signature)),
    }
    lab.now = NOW + timedelta(hours=1)
    lab.authority.revoke_issuing(tmp_path / "root.json", "words", reason)
    held = collection(tmp_path / "things", lab.trust(timedelta(days=2)).read_bytes())
    for name, one in made.items():
        held.add(name, one)
    held.judge(LATER)

    good = {name for name, verdict in held.verdicts.items() if not verdict.exit_code()}
    assert good == ({"stamped-outside"} if reason == "keyCompromise" else made.keys() - {"claimed"})
    facts, holding = on_the_page(browser, held, LATER)
    assert different(facts, held.facts()) == {}
    assert holding == good
    assert apart(words_on_the_page(browser), held.verdicts) == []
