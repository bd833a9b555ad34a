"""What every way of verifying is shown: attacks, what is sound, what is of a newer format, each with a trust list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.hub.making import StandingClock
from tests.packets.building import Laboratory
from tests.packets.test_case_files import Case, badge_on
from tests.verdict.altering import archived
from tests.verdict.attacks import ATTACKS, Workshop
from tests.verdict.attacks.documents import sign_again
from tests.verdict.attacks.workshop import LATER, LISTED, RECEIPT, RECORD, SIGNATURE, TOKEN
from tests.verdict.test_newer_formats import of_another_schema, of_next_version, sealed_anew, with_more_files

from assessor_desk.keys.cms import sign_detached
from assessor_desk.verdict import TrustList, Verdict, verify_all

Facts = Mapping[str, str]


@dataclass
class Collection:
    """Packets in a folder with the trust list that goes with them, and what `verify` says of each by its name."""

    folder: Path
    trust: Path
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    def add(self, name: str, content: bytes) -> None:
        self.path(name).write_bytes(content)

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.zip"

    def judge(self, now: datetime) -> None:
        self.verdicts = self.judged(TrustList.load(self.trust), now)

    def judged(self, trust: TrustList | None, now: datetime) -> dict[str, Verdict]:
        """What `verify` says of all of them together, by another trust list or none."""
        paths = sorted(self.folder.glob("*.zip"))
        return {
            path.stem: verdict for path, verdict in zip(paths, verify_all(paths, trust, now), strict=True)
        }

    def facts(self) -> dict[str, Facts]:
        """How each fact of each stands."""
        return standings(self.verdicts)


def standings(verdicts: Mapping[str, Verdict]) -> dict[str, Facts]:
    return {
        name: {fact.id.value: fact.standing.value for fact in verdict.facts}
        for name, verdict in verdicts.items()
    }


@dataclass
class Corpus:
    """Everything that is walked: attacks and sound packets of one hub, and sound things of other origin."""

    workshop: Workshop
    attacks: Collection
    sound: Collection
    others: list[Collection]
    newer: Collection

    @property
    def all_sound(self) -> list[Collection]:
        return [self.sound, *self.others]


def collection(folder: Path, trust: bytes) -> Collection:
    folder.mkdir()
    (folder / "trust.pem").write_bytes(trust)
    return Collection(folder, folder / "trust.pem")


def sound_packets(w: Workshop) -> dict[str, bytes]:
    """The same packet in every shape that is as good as the first."""
    token = w.office.stamp(w.files[SIGNATURE])
    second = sign_detached(w.files[LISTED], w.reviewer.signer.key, w.reviewer.signer.certificate, w.at)
    members = [(f"{w.top}/{name}", content) for name, content in w.files.items()]
    return {
        "sealed": w.sealed.content,
        "receipted": w.receipted.content,
        "stamped": w.with_files({TOKEN: token, RECEIPT: None}),
        "stamped-and-receipted": w.with_files({TOKEN: token}),
        "co-signed": w.with_files({LATER: second}),
        "archived-by-another-program": archived(members, compression=8),  # type: ignore[arg-type]
        "with-folders-of-their-own": archived([(f"{w.top}/", b""), *members]),  # type: ignore[list-item]
        "correction": w.correction.content,
        "moved-to-another-rubric": w.moved.content,
        "of-another-submission": w.elsewhere.content,
        "record-in-streams": w.resealed({RECORD: in_streams(w)}),
    }


def in_streams(w: Workshop) -> bytes:
    """The record with its objects packed into streams, as other programs save a PDF."""
    from pikepdf import ObjectStreamMode

    return sign_again(w, w.signer, object_stream_mode=ObjectStreamMode.generate)


def things_of_a_laboratory(folder: Path) -> tuple[Collection, Collection]:
    """A packet, a decision and a case file of another issuer, and the same of a format that nobody knows yet."""
    lab = Laboratory(folder / "lab")
    case = Case(lab, lab.packet())
    trust = lab.trust(timedelta(days=2)).read_bytes()
    made, newer = collection(folder / "laboratory", trust), collection(folder / "newer", trust)
    badged = case.sealed(replace(case.facts(), badge=badge_on(case.award.decision)))
    bags = {
        "packet": case.packet,
        "decision": case.decision,
        "case": case.sealed(),
        "case-with-badge": badged,
    }
    for name, content in bags.items():
        made.add(name, content)
    for change in (of_next_version, of_another_schema, with_more_files):
        newer.add(change.__name__, sealed_anew(case.packet, lab, change))
    return made, newer


def collected(w: Workshop, folder: Path, clock: StandingClock, golden: Path) -> Corpus:
    bad = {attack.name: attack.make(w) for attack in ATTACKS}
    good = sound_packets(w)
    clock.move(minutes=2)
    trust = w.trust
    attacks, sound = collection(folder / "attacks", trust), collection(folder / "sound", trust)
    for made, where in ((bad, attacks), (good, sound)):
        for name, content in made.items():
            where.add(name, content)
    today, newer = things_of_a_laboratory(folder)
    others = [today, *old_things(golden, folder)]
    for each in (attacks, sound, *others, newer):
        each.judge(datetime.now(UTC) + timedelta(days=0 if each in (attacks, sound) else 3))
    return Corpus(w, attacks, sound, others, newer)


def old_things(golden: Path, folder: Path) -> Iterator[Collection]:
    """What every version of the program so far has sealed."""
    for trust in sorted(golden.glob("*-[0-9]*/trust.pem")):
        old = collection(folder / trust.parent.name, trust.read_bytes())
        for path in trust.parent.glob("*.zip"):
            old.add(path.stem, path.read_bytes())
        yield old
