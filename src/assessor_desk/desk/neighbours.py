"""What stands around each submission for the checks, read when it is opened and kept while it is worked on.

A check remembers what it compared with by the identity of these surroundings (`domain.checking.Surroundings`). So they
stay the same object until the submission is opened anew after something else was written: a key press compares one
text, not all of them.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from assessor_desk.desk.evidence_words import CHARACTERS_OF_ONE, Words
from assessor_desk.desk.surroundings import surroundings
from assessor_desk.domain.checking import EarlierText, Surroundings
from assessor_desk.domain.errors import Damaged
from assessor_desk.domain.review import Entry, EntryKind, TextField, in_order, undone_steps
from assessor_desk.domain.roles import Purpose

if TYPE_CHECKING:
    from assessor_desk.domain.submission import Artifact, Submission
    from assessor_desk.store.reading import Reading
    from assessor_desk.store.store import Store

#: Whose texts are compared with: so many reviews, the last begun.
REVIEWS_COMPARED = 100
#: How many other submissions say which words are common to most.
SUBMISSIONS_COMPARED = 8
_KEPT = 16

_WHERE = {Purpose.COACH: "your notes on", Purpose.DECIDE: "your decision on"}
#: Not said again: the private notes, and the evidence that would show it, which is the rubric's.
_OWN_KIND = (TextField.NOTES, TextField.WOULD_SHOW)
_TEXTS = (".txt", ".md", ".csv", ".vtt", ".srt")
_DOCUMENTS = (".pdf", ".docx", ".odt", ".rtf", ".htm", ".html")


class Neighbours:
    """The surroundings of the submissions that were opened last. Thread-safe."""

    def __init__(self, store: Store, vault: Path) -> None:
        self._store = store
        self._vault = vault
        self._lock = threading.RLock()
        self._kept: OrderedDict[str, tuple[tuple[int, int], Surroundings]] = OrderedDict()
        self._words: dict[str, Words] = {}
        self._written: dict[str, int] = {}
        self._count = 0
        self._last = ""

    def of(self, submission: Submission) -> Surroundings:
        """The surroundings of a submission; the same object until `opened` lets it go."""
        with self._lock:
            if submission.id not in self._kept:
                stamp = self._stamp(submission.id)
                with self._store.reading() as view:
                    self._kept[submission.id] = stamp, self._read(view, submission)
                if len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
            return self._kept[submission.id][1]

    def wrote(self, submission_id: str) -> None:
        """A text about a submission was written or taken back."""
        with self._lock:
            self._count += 1
            self._written[submission_id] = self._count

    def opened(self, submission_id: str) -> bool:
        """A submission is looked at. Whether its surroundings are out of date and were let go."""
        with self._lock:
            if submission_id == self._last:
                return False
            self._last = submission_id
            known = self._kept.get(submission_id)
            if known is None or known[0] == self._stamp(submission_id):
                return False
            del self._kept[submission_id]
            return True

    def _stamp(self, submission_id: str) -> tuple[int, int]:
        elsewhere = (count for one, count in self._written.items() if one != submission_id)
        return self._store.generation, max(elsewhere, default=0)

    def _read(self, view: Reading, submission: Submission) -> Surroundings:
        from assessor_desk.desk.phrase_bank import bank

        evidence = self._words_of(view, submission)
        others = [_together(self._words_of(view, one)) for one in self._others(view, submission)]
        return surroundings(earlier_texts(view, submission.id), bank(view), evidence, others)

    def _others(self, view: Reading, submission: Submission) -> list[Submission]:
        return view.submissions_beside(submission.id, submission.rubric_id, SUBMISSIONS_COMPARED)

    def _words_of(self, view: Reading, submission: Submission) -> list[Words]:
        """The words of each piece of a submission's evidence: of texts now, of documents once they were read."""
        here = {line.artifact_id: line for line in view.artifacts(submission.id) if line.here}
        found = []
        for artifact in _spoken(submission):
            line = here.get(artifact.id) if artifact is not None else None
            if artifact is None or line is None:
                found.append(Words())
                continue
            if line.blob_digest not in self._words and _is_text(artifact):
                key = view.artifact_key(line)
                text = self._read_text(line.blob_digest, key, artifact.name) if key is not None else None
                self._words[line.blob_digest] = Words() if text is None else Words.of_text(text)
            found.append(self._words.get(line.blob_digest, Words()))
        return found

    def _read_text(self, digest: str, key: bytes, name: str) -> str | None:
        from assessor_desk.artifacts.sealed_stream import open_sealed
        from assessor_desk.artifacts.vault import Vault

        try:
            with open_sealed(Vault(self._vault).path(digest), key, name) as reader:
                return reader.read(CHARACTERS_OF_ONE + 1).decode("utf-8", errors="ignore")
        except Damaged:
            return None

    # -- documents ---------------------------------------------------------------------------------------------

    def unread(self, submission: Submission) -> list[tuple[Submission, Artifact, str]]:
        """Documents whose words were not read yet, of this submission before those beside it; each with its digest."""
        with self._lock, self._store.reading() as view:
            wanted = [submission, *self._others(view, submission)]
            return [
                (one, artifact, line.blob_digest)
                for one in wanted
                for line in view.artifacts(one.id)
                for artifact in one.shown
                if line.here and line.artifact_id == artifact.id and line.blob_digest not in self._words
                if PurePath(artifact.name).suffix.casefold() in _DOCUMENTS
            ]

    def learn(self, digest: str, words: Words) -> None:
        """The words of a document were read."""
        with self._lock:
            self._words[digest] = words

    def compare_anew(self, submission_id: str) -> None:
        """Let go of what a submission is compared with: it is put together again when a check next asks."""
        with self._lock:
            self._kept.pop(submission_id, None)


def earlier_texts(view: Reading, submission_id: str) -> Iterator[EarlierText]:
    """This person's texts about other submissions as they stand, of the newest revision of each."""
    for line, key, entries in view.texts_elsewhere(submission_id, REVIEWS_COMPARED):
        where = f"{_WHERE.get(line.purpose, 'your review of')} {key}"
        yield from (EarlierText(text, where) for text in _standing(entries))


def _standing(entries: list[Entry]) -> list[str]:
    ordered = in_order(entries)
    undone = undone_steps(ordered)
    texts: dict[tuple[str, str], str] = {}
    for entry in ordered:
        if entry.kind is EntryKind.TEXT_WRITTEN and entry.step not in undone:
            texts[entry.data["field"], entry.data["criterion"]] = entry.data["text"]
    return [text for (field, _), text in texts.items() if text.strip() and TextField(field) not in _OWN_KIND]


def _spoken(submission: Submission) -> Iterator[Artifact | None]:
    """What says something in words: of a recording its captions, None where it has none."""
    for artifact in submission.shown:
        played = artifact.plays
        yield submission.artifact(artifact.captions) if played else artifact


def _is_text(artifact: Artifact) -> bool:
    return PurePath(artifact.name).suffix.casefold() in _TEXTS


def _together(words: list[Words]) -> Words:
    roots = frozenset[str]().union(*(one.roots for one in words))
    return Words(roots, all(one.whole for one in words))
