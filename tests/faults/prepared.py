"""A desk for a clerk: two submissions, a certificate, and its data key beside it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from tests.desk.conftest import StandingClock, fill_vault, page_of
from tests.faults import clerk

from assessor_desk.desk import Desk
from assessor_desk.domain.changes import Published
from assessor_desk.keys.authority import Authority
from assessor_desk.keys.envelope import Envelope
from assessor_desk.keys.signing import SigningKey, save_identity
from assessor_desk.rubric_files import load_policy, load_rubric, policy_to_json, rubric_to_json


@dataclass(frozen=True)
class Prepared:
    """A desk to be copied, and its key in a file."""

    folder: Path
    key_file: Path

    @property
    def key(self) -> bytes:
        return self.key_file.read_bytes()

    def copy(self, to: Path) -> Path:
        shutil.copytree(self.folder, to)
        return to


def prepare(folder: Path, root: Path) -> Prepared:
    """Made with cheap passphrases: the caller sees to it that they end."""
    clock = StandingClock(clerk.BEGINNING)
    desk, _ = Desk.create(folder / "desk", clerk.PASSPHRASE, clock)
    rubric = load_rubric(root / "rubrics" / "formative-assessment-math.yaml")
    policy = load_policy(root / "resources" / "policies" / "default.yaml")
    published = (
        Published(rubric.id, rubric.version, rubric_to_json(rubric)),
        Published(policy.id, policy.version, policy_to_json(policy)),
    )
    with desk:
        page = page_of(2, published, clock())
        desk.store.accept(page)
        for submission in page.submissions:
            fill_vault(desk, submission)
    authority = Authority.create(folder / "authority", "Lakeside", clock=clock)
    key = SigningKey.generate()
    key.save(folder / "desk" / "identity", clerk.PASSPHRASE)
    certificate = authority.issue(key.csr("p-17"), "p-17", "assessor")
    save_identity(folder / "desk" / "identity", certificate, authority.chain())
    key_file = folder / "key"
    key_file.write_bytes(Envelope.load(folder / "desk" / "keys.json").unlock(clerk.PASSPHRASE))
    return Prepared(folder / "desk", key_file)
