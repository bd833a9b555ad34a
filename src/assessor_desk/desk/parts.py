"""Parts of the desk's use cases beside assessing and deciding, each a class of its own that `Desk` takes on.

Like the desk itself: every mutating call returns `Changes`, and raises a `DeskError` with nothing changed.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.desk.room import Room
from assessor_desk.domain.errors import DeskError

if TYPE_CHECKING:
    from assessor_desk.desk.notes_files import NotesFiles
    from assessor_desk.desk.shown import Shown
    from assessor_desk.domain.anchor import Selector
    from assessor_desk.domain.coaching import Uptake
    from assessor_desk.domain.phrases import Phrase, Place, Scope
    from assessor_desk.domain.review import TextField
    from assessor_desk.domain.rubric import Rubric


class Coaching(Room):
    """What a coach does beyond writing on a draft."""

    def note(
        self,
        submission_id: str,
        texts: Mapping[TextField, str],
        criterion: str = "",
        anchors: Sequence[tuple[str, Selector]] = (),
    ) -> Changes:
        """All that is said of one criterion, or of the whole draft, at once, with its places. All or nothing.

        Raises Refused also for an anchor beyond an artifact's end, Unavailable where its bytes are not here to tell.
        """
        from assessor_desk.desk import acts
        from assessor_desk.desk.evidence import require_places

        with self.store.reading() as view:
            submission = self._pen.look(view, submission_id).submission
        require_places(submission, partial(self.evidence, submission_id), anchors)
        chosen = [acts.text(field, words, criterion) for field, words in texts.items()]
        chosen += [
            acts.place_anchor(acts.new_anchor_id(), artifact, place, "", criterion)
            for artifact, place in anchors
        ]
        return self._pen.act(submission_id, *chosen, replaces=[(field, criterion) for field in texts])

    def mark_uptake(self, submission_id: str, note: str, uptake: Uptake | None) -> Changes:
        """Say what the educator made of a note on the draft before, by its `note_key`; None takes that back."""
        from assessor_desk.desk import acts

        return self._pen.act(submission_id, acts.mark_uptake(note, uptake))

    def hand_back_notes(self, submission_id: str, shown: Shown | None = None) -> Changes:
        """Hand the notes on a draft back: they wait, encrypted, to be sent. May be done again after changes.

        Raises Refused, with nothing changed, where there are none or a check stands in the way, naming it, and
        ChangedElsewhere where others would go than were `shown`.
        """
        from assessor_desk.desk.coaching import hand_back

        with self._upkeep.seals:
            return hand_back(self._pen, submission_id, self._place.outbox, shown)

    def export_notes(self, submission_id: str, out: Path, formats: Sequence[str] | None = None) -> NotesFiles:
        """Write the notes that went back as files into `out`: all of `NotesFormat`, or these. It is recorded.

        An educator's file that takes no notes is told in the answer. Raises Refused before the notes went back,
        Unavailable where `out` cannot be written. Blocks; call it on a side lane.
        """
        from assessor_desk.desk.notes_files import export_notes
        from assessor_desk.domain.exports import NotesFormat

        evidence = partial(self.evidence, submission_id)
        return export_notes(self._pen, evidence, submission_id, out, formats or tuple(NotesFormat))


class Comparing(Room):
    """What the checks compare with beyond what is read with a case."""

    def read_words(self, submission_id: str, stop: threading.Event | None = None) -> Changes:
        """Read the words of PDF and Word documents for F7, this submission's first, then those of others beside it.

        They are kept in memory. Blocks, for seconds where much is new; call it on a side lane. `stop` ends it soon. A
        document that cannot be read says nothing. Raises Refused for an unknown submission.
        """
        from assessor_desk.desk.evidence import evidence_of
        from assessor_desk.desk.evidence_words import words_of

        with self.store.reading() as view:
            submission = self._pen.look(view, submission_id).submission
        neighbours, learnt = self._pen.shelf.neighbours, False
        for other, artifact, digest in neighbours.unread(submission) if neighbours else ():
            if stop is not None and stop.is_set():
                break
            with suppress(DeskError):
                # Nobody looks at it, so nothing keeps it from being tidied away meanwhile.
                found = evidence_of(self.store, self.vault, self._readers, set(), other.id, artifact.id)
                assert neighbours is not None
                neighbours.learn(digest, words_of(found))
                learnt = True
        if not learnt:
            return Changes()
        self._pen.compare_anew(submission_id)
        return Changes.of(Kind.REVIEW, submission=submission_id)


class PhraseBank(Room):
    """Beginnings of sentences, the person's own and the programme's."""

    def phrases(self, place: Place | None = None, query: str = "") -> list[Phrase]:
        """The phrases that answer a query where one is wanted, best first; see `domain.phrases.search`."""
        from assessor_desk.desk import phrase_bank
        from assessor_desk.domain.phrases import Place, search

        with self.store.reading() as view:
            return list(search(phrase_bank.bank(view), query, place or Place()))

    def save_phrase(self, phrase: Phrase) -> Changes:
        """Keep a phrase of one's own, new (without an id) or changed.

        Raises Refused for what is no phrase, and for one of the programme's.
        """
        from assessor_desk.desk import phrase_bank

        phrase_bank.save(self.store, phrase)
        return Changes.of(Kind.PHRASES)

    def remove_phrase(self, phrase_id: str) -> Changes:
        """Remove a phrase that is kept here. Raises Refused for any other."""
        from assessor_desk.desk import phrase_bank

        phrase_bank.remove(self.store, phrase_id)
        return Changes.of(Kind.PHRASES)

    def use_phrase(self, phrase_id: str) -> Changes:
        """Count that a phrase was put into a text. Raises Refused for an unknown one."""
        from assessor_desk.desk import phrase_bank

        phrase_bank.use(self.store, phrase_id, self._clock())
        return Changes.of(Kind.PHRASES)

    def import_phrases(self, path: Path) -> int:
        """Keep every phrase of a YAML or CSV file; how many.

        Raises FaultyFile with every fault found, and Refused for another kind of file; nothing is kept then.
        """
        from assessor_desk.desk import phrase_bank

        return phrase_bank.take_in(self.store, path, self.rubrics())

    def export_phrases(self, path: Path, scope: Scope | None = None) -> int:
        """Write phrases into a `.yaml` or `.csv` file, all or those of one scope; how many.

        Raises Refused for another kind of file, or where it cannot be written.
        """
        from assessor_desk.desk import phrase_bank

        return phrase_bank.write_out(self.store, path, scope)

    def rubrics(self) -> list[Rubric]:
        """The rubrics that came from the source, each version of its own."""
        from assessor_desk.rubric_files import rubric_from_json

        with self.store.reading() as view:
            return [rubric_from_json(one.canonical) for one in view.published_of("rubric")]


class Concerns(Room):
    """Safety, integrity, privacy: one act away for everyone."""

    def raise_concern(self, submission_id: str, kind: str, words: str, artifact_id: str = "") -> Changes:
        """Raise a concern about a submission, or about one file of it, which is then closed until that is lifted.

        Works without network, on sealed work and on what was set aside. `kind` is a `ConcernKind`. Raises Refused for
        an unknown one, an unknown artifact, and without words.
        """
        from assessor_desk.desk.concerns import raise_concern

        with self._upkeep.seals:
            return raise_concern(
                self._pen, self.vault, self._place.outbox, submission_id, kind, words, artifact_id
            )

    def concern_contact(self, submission_id: str) -> str:
        """Whom the programme wants to hear of a concern at once, word for word; empty where it names nobody."""
        from assessor_desk.desk.concerns import contact

        return contact(self._pen, submission_id)
