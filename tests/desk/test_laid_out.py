"""What LibreOffice made of a document is kept with the document's bytes, and goes with them."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from assessor_desk.artifacts import laying_out
from assessor_desk.artifacts.documents import DocumentsClient, PdfHandle
from assessor_desk.artifacts.laying_out import LaidOut
from assessor_desk.artifacts.vault import Vault
from assessor_desk.desk import Desk, laid_out
from assessor_desk.desk.evidence import Evidence
from assessor_desk.desk.laid_out import LaidOutKept
from assessor_desk.domain.changes import Blob, SourceChanges
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.submission import Artifact, Part
from assessor_desk.store.store import Store

PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""


@dataclass
class Shelf:
    """A desk's vault and store with one document in them, and how often LibreOffice was asked."""

    vault: Vault
    store: Store
    own_id: str
    opened: set[str]
    asked: list[str]
    client: DocumentsClient

    def evidence(self, words: bytes = b"{\\rtf1 one}") -> Evidence:
        sealed = self.vault.write(io.BytesIO(words), len(words))
        blob = Blob(self.own_id, "plan", sealed.digest, sealed.length, sealed.key)
        self.store.accept(SourceChanges("c3", blobs=(blob,)))
        self.store.artifact_arrived(self.own_id, "plan")
        kept = LaidOutKept(self.store, self.vault, self.opened, (self.own_id, "plan", sealed.digest))
        readers = cast("Any", SimpleNamespace(documents=self.client))
        artifact = Artifact("plan", Part.WORK, "plan.rtf", size=len(words), sha256="ab" * 32)
        return Evidence(artifact, self.vault.path(sealed.digest), sealed.key, readers, laid_out_kept=kept)


@pytest.fixture(scope="module")
def client() -> Iterator[DocumentsClient]:
    with DocumentsClient() as opened:
        opened.start()  # before any test looks for processes that it left behind
        yield opened


@pytest.fixture
def shelf(desk: Desk, own_id: str, client: DocumentsClient, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    asked: list[str] = []

    def made(_path: Path, key: bytes, name: str, *_: object) -> LaidOut:
        asked.append(name)
        return LaidOut(PDF, lacks_equations=len(asked) > 1)

    monkeypatch.setattr(laying_out, "lay_out", made)
    return Shelf(desk.vault, desk.store, own_id, set(), asked, client)


def lay_out(evidence: Evidence) -> PdfHandle:
    handle = evidence.lay_out(threading.Event())
    handle.close()
    return handle


def test_a_document_is_laid_out_once_and_opened_from_the_vault_then(shelf: Shelf) -> None:
    evidence = shelf.evidence()
    assert not evidence.is_laid_out()
    assert lay_out(evidence).page_count == 1
    assert evidence.is_laid_out()
    assert lay_out(evidence).page_count == 1
    assert shelf.asked == ["plan.rtf"]
    assert shelf.store.keys.made_digests() <= shelf.opened


def test_what_was_made_is_sealed(shelf: Shelf) -> None:
    lay_out(shelf.evidence())
    (digest,) = shelf.store.keys.made_digests()
    assert b"MediaBox" not in shelf.vault.path(digest).read_bytes()


def test_other_bytes_of_the_same_artifact_are_laid_out_anew(shelf: Shelf) -> None:
    lay_out(shelf.evidence())
    assert not shelf.evidence(b"{\\rtf1 two}").is_laid_out()


def test_the_key_of_what_was_made_is_destroyed_with_the_artifacts(shelf: Shelf) -> None:
    evidence = shelf.evidence()
    lay_out(evidence)
    shelf.store.keys.destroy(shelf.own_id, "plan")
    assert not evidence.is_laid_out()
    assert shelf.store.keys.made_digests() == set()


def test_what_was_made_of_bytes_that_the_ledger_does_not_name_any_more_is_forgotten(shelf: Shelf) -> None:
    evidence = shelf.evidence()
    lay_out(evidence)
    kept = evidence.laid_out_kept
    assert kept is not None
    shelf.store.keys.forget_all_but({kept.source})
    assert evidence.is_laid_out()
    shelf.store.keys.forget_all_but(set())
    assert not evidence.is_laid_out()


def test_what_is_recalled_while_it_is_laid_out_leaves_nothing(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    evidence, before = shelf.evidence(), shelf.vault.digests()

    def recalled(*_: object) -> LaidOut:
        shelf.store.take_away_evidence(shelf.own_id, "recusal")
        return LaidOut(PDF, lacks_equations=False)

    monkeypatch.setattr(laying_out, "lay_out", recalled)
    with pytest.raises(Refused, match="removed or replaced while it was laid out"):
        lay_out(evidence)
    assert shelf.store.keys.made_digests() == set()
    assert shelf.vault.digests() == before
    assert not shelf.opened


def test_what_is_gone_from_the_vault_is_made_again(shelf: Shelf) -> None:
    evidence = shelf.evidence()
    lay_out(evidence)
    (digest,) = shelf.store.keys.made_digests()
    shelf.vault.remove(digest)
    assert evidence.notes_on_laid_out() == ()
    assert lay_out(evidence).page_count == 1
    assert len(shelf.asked) == 2


def test_equations_that_were_left_out_are_told_for_as_long_as_that_is_shown(shelf: Shelf) -> None:
    lay_out(shelf.evidence())
    second = shelf.evidence(b"{\\rtf1 two}")
    lay_out(second)
    assert "Equations are left out" in second.notes_on_laid_out()[0]
    assert second.is_laid_out()


def test_one_that_waits_for_another_can_be_stopped(shelf: Shelf) -> None:
    stop = threading.Event()
    stop.set()
    with laid_out._ONE_AT_A_TIME, pytest.raises(Refused, match="was stopped"):
        shelf.evidence().lay_out(stop)
    assert shelf.asked == []
