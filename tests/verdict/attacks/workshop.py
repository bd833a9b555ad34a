"""What attacks are made with: a real hub, people enrolled with it, their packets, and the keys of a would-be forger."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import rfc8785
from tests.hub.making import Device, enrol
from tests.verdict.altering import Sealed
from tests.verdict.stamping import StampingAuthority

from assessor_desk.domain.roles import Role
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.publishing import publish
from assessor_desk.keys.authority import Authority
from assessor_desk.keys.cms import sign_detached, sign_with_content
from assessor_desk.keys.signing import Signer, SigningKey, read_certificates
from assessor_desk.packets.archive import zip_bytes
from assessor_desk.packets.receiving import with_receipt
from assessor_desk.places import rubrics
from assessor_desk.protocol.documents import receipt_bytes
from assessor_desk.rubric_files import load_rubric
from assessor_desk.rubric_files.writing import write_rubric
from assessor_desk.verdict import FactId

LISTED = "tagmanifest-sha256.txt"
REVIEW, FEEDBACK, RECORD = "data/review.json", "data/feedback.json", "data/record.pdf"
SIGNATURE = "signatures/assessor-1.p7s"
RECEIPT, TOKEN = "signatures/assessor-1.receipt.p7s", "signatures/assessor-1.p7s.tst"
LATER = "signatures/reviewer-1.p7s"


@dataclass(frozen=True)
class Attack:
    """One manipulation, and the fact that must not stand after it."""

    name: str
    fact: FactId
    make: Callable[[Workshop], bytes]


ATTACKS: list[Attack] = []


def must_fail(fact: FactId) -> Callable[[Callable[[Workshop], bytes]], Callable[[Workshop], bytes]]:
    """Take a function into the corpus; after it this fact of the packet must be bad (a chain: at best unknown)."""

    def taken(make: Callable[[Workshop], bytes]) -> Callable[[Workshop], bytes]:
        ATTACKS.append(Attack(make.__name__, fact, make))
        return make

    return taken


@dataclass
class Workshop:
    """A hub that answers at `url`, and what an attacker may have."""

    hub: Hub
    url: str
    folder: Path

    # What is sound

    @cached_property
    def device(self) -> Device:
        """The assessor whose packet it is."""
        return enrol(self.hub, self.url, Role.ASSESSOR, "7F3A-21")

    @cached_property
    def other_device(self) -> Device:
        """Another assessor, with another submission."""
        return enrol(self.hub, self.url, Role.ASSESSOR, "91BB-02")

    @cached_property
    def reviewer(self) -> Device:
        """Somebody who may sign beside the assessor."""
        return enrol(self.hub, self.url, Role.REVIEWER)

    @cached_property
    def sealed(self) -> Sealed:
        """The packet as it was sealed."""
        return Sealed(*self.device.seal(self.folder / "sealed"))

    @cached_property
    def correction(self) -> Sealed:
        """A second packet of the same person, which corrects the first."""
        again = self.device.seal(
            self.folder / "again", supersedes=self.sealed.digest, overall="Both are here. " * 20
        )
        return Sealed(*again)

    @cached_property
    def moved(self) -> Sealed:
        """The same, moved to its rubric as published since."""
        rubric = load_rubric(rubrics() / "formative-assessment-math.yaml")
        path = self.folder / "anew.yaml"
        path.parent.mkdir(exist_ok=True, parents=True)
        write_rubric(replace(rubric, version="2031.1", short_title="Another"), path)
        later = datetime.now(UTC) + timedelta(
            minutes=1
        )  # the versions before are of the day on which this runs
        publish(replace(self.hub, clock=lambda: later), path)
        return Sealed(*self.device.seal(self.folder / "moved", version="2031.1"))

    @cached_property
    def elsewhere(self) -> Sealed:
        """Another assessor's packet on another submission."""
        return Sealed(*self.other_device.seal(self.folder / "elsewhere", "91BB-02"))

    @cached_property
    def receipted(self) -> Sealed:
        """The packet with the hub's receipt."""
        return Sealed(with_receipt(self.sealed.content, self.receipt()), self.sealed.digest)

    @cached_property
    def top(self) -> str:
        """The packet's folder."""
        return self.sealed.top

    @cached_property
    def files(self) -> dict[str, bytes]:
        """The receipted packet's files; attacks work on copies."""
        return self.receipted.files

    @cached_property
    def stated(self) -> dict[str, Any]:
        """The packet's review.json."""
        found: dict[str, Any] = json.loads(self.files[REVIEW])
        return found

    @cached_property
    def at(self) -> datetime:
        """When the packet was signed."""
        return datetime.fromisoformat(self.stated["sealed_at"])

    @property
    def signer(self) -> Signer:
        """Key and certificate of whose packet it is."""
        return self.device.signer

    @property
    def trust(self) -> bytes:
        """What a recogniser has: the lists of the hub's programme, of two others, and of one that was robbed."""
        every = (self.hub.authority, self.neighbour, self.namesake, self._renewed)
        return b"".join(each.trust_list() for each in every)

    # What is made of it

    def unzipped(self, content: bytes) -> dict[str, bytes]:
        """The files of a packet."""
        return Sealed(content, "").files

    def zipped(self, files: Mapping[str, bytes | None]) -> bytes:
        """An archive as this program writes it; None leaves a file out."""
        return zip_bytes(self.top, {name: content for name, content in files.items() if content is not None})

    def with_files(self, changes: Mapping[str, bytes | None]) -> bytes:
        """The packet with files replaced, added or removed."""
        return self.zipped({**self.files, **changes})

    def resealed(
        self, changes: Mapping[str, bytes | None], signer: Signer | None = None, at: datetime | None = None
    ) -> bytes:
        """The packet altered, its lists made to fit, and signed: what only somebody with a key can do."""
        left_out = [RECEIPT, *(name for name, found in changes.items() if found is None)]
        base = Sealed(self.with_files(dict.fromkeys(left_out)), "")
        changed = {name: found for name, found in changes.items() if found is not None}
        files = Sealed(base.with_manifests_written_again(changed), "").files
        by = signer or self.signer
        signature = sign_detached(files[LISTED], by.key, by.certificate, at or self.at)
        return self.zipped({**files, SIGNATURE: signature})

    def restated(
        self,
        signer: Signer | None = None,
        at: datetime | None = None,
        also: Mapping[str, bytes] | None = None,
        **changes: Any,
    ) -> bytes:
        """The packet with other words in review.json, `also` with other files, resealed."""
        return self.resealed({REVIEW: rfc8785.dumps({**self.stated, **changes}), **(also or {})}, signer, at)

    def signed_by(self, signer: Signer, at: datetime | None = None) -> bytes:
        """The packet as it is with somebody's signature in place of the assessor's."""
        signature = sign_detached(self.files[LISTED], signer.key, signer.certificate, at or self.at)
        return self.with_files({SIGNATURE: signature, RECEIPT: None})

    def with_signature(self, signature: bytes) -> bytes:
        """The packet with another signature file, and no receipt for it."""
        return self.with_files({SIGNATURE: signature, RECEIPT: None})

    def receipt(self, authority: Authority | None = None, **changes: Any) -> bytes:
        """The hub's receipt; keyword arguments replace what it says."""
        by = (authority or self.hub.authority).hub_signer()
        return self.receipt_by(by, **changes)

    def receipt_by(self, by: Signer, **changes: Any) -> bytes:
        """A receipt that anybody signed."""
        said: dict[str, Any] = {
            "packet": self.sealed.digest,
            "person": self.device.person,
            "hub": self.hub.identity,
            "at": datetime.now(UTC).replace(microsecond=0),
            "certificate_status": "good",
        }
        said.update(changes)
        return sign_with_content(receipt_bytes(**said), by.key, by.certificate, said["at"])

    def enrolled(self, number: str, role: str = "assessor") -> Signer:
        """Somebody whom the issuer gave a certificate."""
        key, authority = SigningKey.generate(), self.hub.authority
        certificate = read_certificates(authority.issue(key.csr(number), number, role))[0]
        return Signer(key, certificate, (authority.issuing, authority.root))

    @cached_property
    def office(self) -> StampingAuthority:
        """Who gives time-stamps, certified by the hub."""
        return StampingAuthority(self.hub.authority, self.at)

    @cached_property
    def forger(self) -> Authority:
        """An authority that calls itself what the hub's does, down to every name."""
        started = datetime.now(UTC) - timedelta(days=1)
        title = self.hub.authority.title
        return Authority.create(self.folder / "forger", title, clock=lambda: started)

    # Who else is trusted

    @cached_property
    def neighbour(self) -> Authority:
        """Another programme's authority, which names an office for time-stamps that nobody else does."""
        authority = self._authority("neighbour", "Harbour Programme")
        authority.trust_stamping(self.office_of_the_neighbour.certificate)
        return authority

    @cached_property
    def office_of_the_neighbour(self) -> StampingAuthority:
        """Certified by somebody whom no list names: it counts where it is named itself."""
        return StampingAuthority(self._authority("office", "Stamping Office"), self.at)

    @cached_property
    def namesake(self) -> Authority:
        """A programme that has chosen the name of the hub's."""
        return self._authority("namesake", self.hub.authority.title)

    @cached_property
    def stolen(self) -> Authority:
        """An issuing authority whose key somebody else has, as that person has it; it was revoked this morning."""
        authority = self._authority("stolen", "Valley Programme")
        authority.hub_signer()
        shutil.copytree(authority.folder, self.folder / "copied")
        return Authority.open(self.folder / "copied", clock=authority.clock)

    @cached_property
    def _renewed(self) -> Authority:
        """The programme after it was told: with another issuing authority, and a list that says why."""
        assert self.stolen  # the thief comes first
        authority = Authority.open(self.folder / "stolen", clock=lambda: self.at - timedelta(days=1))
        key = self.folder / "stick" / "root.json"
        key.parent.mkdir()
        authority.export_root(key, "valley")
        authority.revoke_issuing(key, "valley", "keyCompromise")
        return Authority.open(self.folder / "stolen")

    @cached_property
    def of_the_revoked(self) -> Signer:
        """Whoever has the assessor's number in that programme."""
        key = SigningKey.generate()
        certificate = read_certificates(self.stolen.issue(key.csr("x"), self.device.person, "assessor"))[0]
        return Signer(key, certificate, (self.stolen.issuing, self.stolen.root))

    def _authority(self, name: str, title: str) -> Authority:
        started = self.at - timedelta(days=10)
        Authority.create(self.folder / name, title, clock=lambda: started)
        return Authority.open(self.folder / name, clock=lambda: self.at - timedelta(days=5))
