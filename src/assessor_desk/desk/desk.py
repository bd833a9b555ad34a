"""The one object that window, commands and tests talk to.

Every mutating call returns `Changes`. Whatever cannot be done raises a `DeskError` with a sentence, and has
changed nothing.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Self

from assessor_desk.desk.artifact_acts import AboutArtifacts
from assessor_desk.desk.certified import Certified
from assessor_desk.desk.changes import Changes, Kind
from assessor_desk.desk.devices import Devices
from assessor_desk.desk.disputes import Disputes
from assessor_desk.desk.folder import DeskFolder, refuse_a_synced_folder
from assessor_desk.desk.gathering import FromMany
from assessor_desk.desk.keeping import Keeping
from assessor_desk.desk.later import Later
from assessor_desk.desk.listing import Listing
from assessor_desk.desk.parts import Coaching, Comparing, Concerns, PhraseBank
from assessor_desk.desk.recovering import finish_recovery, give_another_passphrase
from assessor_desk.desk.resting import rest_of
from assessor_desk.desk.reviewing import Deciding
from assessor_desk.desk.room import Clock
from assessor_desk.desk.rounds import Rounds
from assessor_desk.desk.tries import counted, slowed
from assessor_desk.desk.whereabouts import copied_words, place_of
from assessor_desk.desk.work_before import WorkBefore
from assessor_desk.domain.addresses import is_folder
from assessor_desk.domain.errors import Damaged, DeskError, Refused
from assessor_desk.domain.roles import Role
from assessor_desk.keys import keyring_copy
from assessor_desk.store.store import Store

if TYPE_CHECKING:
    from assessor_desk.desk import acts, answers
    from assessor_desk.desk.answers import Case, Ledger, Profile, SealedPacket
    from assessor_desk.desk.restoring import ClosedDesk, Restorer
    from assessor_desk.desk.shown import Shown
    from assessor_desk.domain.anchor import Selector
    from assessor_desk.domain.earlier import Addressed
    from assessor_desk.domain.review import TextField
    from assessor_desk.keys.envelope import Envelope
    from assessor_desk.verdict import TrustList, Verdict
else:
    acts = Later("assessor_desk.desk.acts")
    answers = Later("assessor_desk.desk.answers")
    Envelope = Later("assessor_desk.keys.envelope", "Envelope")


_BROUGHT_BACK = (
    "This computer stopped before everything was in its place. What was saved last was put back from the journal: "
    "nothing is lost."
)


def utc_now() -> datetime:
    """The time, aware and in UTC."""
    return datetime.now(UTC)


class Desk(
    Listing,
    Devices,
    Disputes,
    Rounds,
    Certified,
    AboutArtifacts,
    Deciding,
    Coaching,
    Comparing,
    PhraseBank,
    Concerns,
    FromMany,
    Keeping,
    WorkBefore,
):
    """One person's desk, open in this process. Made by `create` or `open`; `close` it.

    `settings` are its preferences.
    """

    # -- opening and closing -----------------------------------------------------------------------------------

    @staticmethod
    def exists(folder: Path) -> bool:
        """Whether a desk is in `folder`."""
        return DeskFolder(folder).exists

    @classmethod
    def create(cls, folder: Path, passphrase: str, clock: Clock = utc_now) -> tuple[Self, str]:
        """A new desk, and its recovery key to be shown once.

        Raises Refused for an empty passphrase, a folder in use or one that a cloud service copies.
        """
        place = DeskFolder(folder)
        place.refuse_unless_free()
        # Before anything is made: a passphrase that is refused leaves no folder behind.
        envelope, data_key, recovery_key = Envelope.create(passphrase)
        with place.making() as lock:
            store = Store.open(place.database, data_key, clock)
            try:
                # Last, so that a folder counts as a desk only once all of it is there.
                envelope.save(place.keys)
            except BaseException:
                store.close()
                raise
        return cls(place, lock, store, clock), recovery_key

    @classmethod
    def open(cls, folder: Path, passphrase: str, clock: Clock = utc_now) -> Self:
        """Open a desk. Raises Refused for a wrong passphrase, a desk open elsewhere, or one of a newer program."""

        def unlock(place: DeskFolder) -> bytes:
            with counted(place, clock):
                return Envelope.load(place.keys).unlock(passphrase)

        return cls._open(folder, unlock, clock)

    @slowed
    def check_passphrase(self, passphrase: str) -> None:
        """Whether this passphrase would open the desk. Raises Refused for a wrong one."""
        Envelope.load(self._place.keys).unlock(passphrase)

    @classmethod
    def open_with_recovery_key(
        cls, folder: Path, recovery_key: str, new_passphrase: str, clock: Clock = utc_now
    ) -> Self:
        """Open a desk whose passphrase is lost, and give it another.

        The signing key stays closed: it is wrapped by the old passphrase alone, so the person connects again.
        """

        def unlock(place: DeskFolder) -> bytes:
            envelope = Envelope.load(place.keys)
            with counted(place, clock):
                data_key = envelope.unlock_with_recovery_key(recovery_key)
            give_another_passphrase(place, envelope, data_key, new_passphrase)
            return data_key

        return cls._open(folder, unlock, clock)

    @classmethod
    def open_with_key(cls, folder: Path, data_key: bytes, clock: Clock = utc_now) -> Self:
        """Open a desk with its data key. Raises Damaged where it is another desk's."""
        return cls._open(folder, lambda _: data_key, clock)

    @classmethod
    def open_from_keyring(cls, folder: Path, clock: Clock = utc_now) -> Self | None:
        """Open a desk with the copy of its key in the system's keyring; None where there is no copy that opens it."""
        place = DeskFolder(folder)
        data_key = keyring_copy.recall(Envelope.load(place.keys).id) if place.exists else None
        try:
            return None if data_key is None else cls.open_with_key(folder, data_key, clock)
        except Damaged:
            # An old copy: the desk was made anew in the same place. The passphrase tells which of the two is wrong.
            return None

    @classmethod
    def _open(cls, folder: Path, unlock: Callable[[DeskFolder], bytes], clock: Clock) -> Self:
        place = DeskFolder(folder)
        if not place.exists:
            raise Refused(
                f"There is no desk in {folder}. Check the folder, or connect to a source to make one"
            )
        refuse_a_synced_folder(folder)
        lock = place.hold()
        try:
            finish_recovery(place)
            data_key = unlock(place)
            place.require_database()
            desk = cls(place, lock, Store.open(place.database, data_key, clock), clock)
        except BaseException:
            lock.release()
            raise
        desk._look_round()
        return desk

    def _look_round(self) -> None:
        """What there is to say of how the desk was found."""
        here = place_of(self.folder, self._place.lock)
        before = self.store.settle_in(here)
        if before is not None:
            self.told_at_opening += tuple(filter(None, (copied_words(before, here),)))
        if self.store.brought_back:
            self.told_at_opening += (_BROUGHT_BACK,)

    def close(self) -> None:
        """Let go of everything. Texts still being typed stay as drafts; a snapshot that is due is taken."""
        with contextlib.ExitStack() as last:
            last.callback(self._lock.release)
            last.callback(self.store.close)
            self._readers.close()
            with contextlib.suppress(DeskError):  # nothing of this desk is lost with it
                self.keep_snapshot()

    @staticmethod
    def closed(folder: Path, passphrase: str, clock: Clock = utc_now) -> ClosedDesk:
        """The snapshots of a desk that is not open, as when it cannot be. Close it again.

        Raises Refused for a wrong passphrase, and where a window has the desk open.
        """
        from assessor_desk.desk.restoring import ClosedDesk

        return ClosedDesk.open(folder, passphrase, clock)

    def snapshots(self) -> Restorer:
        """The snapshots of this desk, to look at and to restore from. Nothing may be typed while it restores."""
        from assessor_desk.desk.restoring import OpenDesk

        return OpenDesk(self.store, self._clock)

    @slowed
    def change_passphrase(self, passphrase: str, new_passphrase: str) -> Changes:
        """Wrap the data key and the signing key with another passphrase; the recovery key stays as it was.

        Raises Refused for a wrong or an empty one, with nothing changed. All is on the disk before any of it counts.
        """
        from assessor_desk.desk.identity import rewrapped_signing_keys
        from assessor_desk.desk.programmes import identity_folders
        from assessor_desk.keys.private_files import write_privately_together

        envelope = Envelope.load(self._place.keys)
        fresh = envelope.with_passphrase(envelope.unlock(passphrase), new_passphrase)
        contents: dict[Path, bytes] = {}
        for folder in identity_folders(self._place.identity):
            contents |= rewrapped_signing_keys(folder, passphrase, new_passphrase)
        write_privately_together(contents | fresh.files(self._place.keys))
        return Changes.of(Kind.SETTINGS)

    @slowed
    def remember_in_keyring(self, passphrase: str, remember: bool = True) -> bool:
        """Keep a copy of the data key in the system's keyring, or with False forget it; whether that was done.

        Never in a keyring that keeps plaintext. Sealing asks for the passphrase all the same.
        """
        envelope = Envelope.load(self._place.keys)
        data_key = envelope.unlock(passphrase)
        if remember:
            return keyring_copy.keep(envelope.id, data_key)
        self.forget_in_keyring()
        return True

    def forget_in_keyring(self) -> None:
        """Remove the copy of the data key from the system's keyring; none there is no fault."""
        keyring_copy.forget(Envelope.load(self._place.keys).id)

    @staticmethod
    def keyring_here() -> bool:
        """Whether this computer has a keyring that encrypts what it keeps. Asking it may take a while."""
        return keyring_copy.available()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- looking -----------------------------------------------------------------------------------------------

    @property
    def folder(self) -> Path:
        """Where the desk is."""
        return self._place.path

    @property
    def profile(self) -> Profile | None:
        """Whose desk it is; None before it was connected to a source."""
        kept = self.store.fact("profile")
        if kept is None:
            return None
        until = kept["certificate_until"]
        return answers.Profile(
            kept["person"], kept["programme"], tuple(Role(role) for role in kept["roles"]), kept["source_title"],
            kept["source_address"], None if until is None else datetime.fromisoformat(until),
        )  # fmt: skip

    def case(self, submission_id: str) -> Case:
        """Everything about one submission. Raises Refused for an unknown id."""
        self._pen.opened(submission_id)
        standing = self._pen.known(submission_id)
        if standing is None:
            with self.store.reading() as view:
                standing = self._pen.look(view, submission_id)
        away = [line.blob_digest for line in standing.artifacts if not line.here]
        return standing.case({digest: self.vault.partial_length(digest) for digest in away})

    def ledger(self) -> Ledger:
        """How much of what was assigned is on this computer, and how much waits to be sent."""
        with self.store.reading() as view:
            t, last = view.ledger(), view.fact("last_round_at")
            sources = view.fact("sources", [])
            rests = [rest for one in sources if (rest := rest_of(view, one["identity"])) is not None]
        rests.sort(key=lambda rest: not rest.is_away)
        by_stick = bool(sources) and all(is_folder(one["address"]) for one in sources)
        at = None if last is None else datetime.fromisoformat(last)
        return answers.Ledger(
            t.ready,
            t.total,
            t.bytes_to_go,
            t.bytes_total,
            t.waiting_to_send,
            at,
            rests[0].words if rests else "",
            t.later_bytes,
            by_stick,
            t.parked,
            t.parked_bytes,
            self.evidence_closing(),
            rests[0].is_away if rests else False,
        )

    # -- acts --------------------------------------------------------------------------------------------------

    def record_completeness(
        self, submission_id: str, reasons: Sequence[str] = (), missing_parts: Sequence[str] = ()
    ) -> Changes:
        """Record the completeness check.

        Without a reason the submission is complete. `reasons` are DOMAIN.md's codes; `missing_parts` says which
        parts `missing_part` is about (`domain.submission.Part`).
        """
        return self._pen.act(submission_id, acts.completeness(reasons, missing_parts))

    def record_score(self, submission_id: str, criterion: str, level: str | None) -> Changes:
        """Choose a level for a criterion; None takes the choice back."""
        return self._pen.act(submission_id, acts.score(criterion, level))

    def assess(
        self,
        submission_id: str,
        criterion: str,
        level: str,
        rationale: str | None = None,
        anchors: Sequence[tuple[str, Selector]] = (),
        no_evidence: bool = False,
        seen: Sequence[str] = (),
    ) -> Changes:
        """All for one criterion at once: its level, and where given its rationale and its evidence. All or nothing.

        `seen` has what is seen at each of the anchors, in their order, as far as it goes. Raises Refused also for an
        anchor beyond an artifact's end, Unavailable where its bytes are not here to tell.
        """
        from assessor_desk.desk.evidence import require_places

        with self.store.reading() as view:
            submission = self._pen.look(view, submission_id).submission
        require_places(submission, partial(self.evidence, submission_id), anchors)
        chosen = [acts.score(criterion, level)]
        if rationale is not None:
            chosen.append(acts.rationale(rationale, criterion))
        chosen += [
            acts.place_anchor(acts.new_anchor_id(), artifact, place, line, criterion)
            for (artifact, place), line in zip(anchors, chain(seen, repeat("")))
        ]
        if no_evidence:
            chosen.append(acts.declare_no_evidence(criterion, absent=True))
        replaced = [acts.place_of_rationale(criterion)] if rationale is not None else []
        return self._pen.act(submission_id, *chosen, replaces=replaced)

    def write_text(
        self, submission_id: str, field: TextField, text: str, criterion: str = "", over: str | None = None
    ) -> Changes:
        """Record a text as it stands; it replaces the draft of its field, and what stood there.

        `over` are the words that were on the screen when it was begun: what came from another computer since was not
        seen, and stands beside it.
        """
        act = acts.text(field, text, criterion)
        return self._pen.act(submission_id, act, replaces=[(field, criterion)], over=over)

    def write_texts(self, submission_id: str, texts: Mapping[TextField, str], criterion: str = "") -> Changes:
        """Record several texts of one criterion, or of the whole review, at once. All or nothing."""
        written = [acts.text(field, words, criterion) for field, words in texts.items()]
        return self._pen.act(submission_id, *written, replaces=[(field, criterion) for field in texts])

    def draft_text(
        self, submission_id: str, field: TextField, text: str, criterion: str = "", over: str | None = None
    ) -> Changes:
        """Keep a text while it is being typed: durable at once, an entry with the next act. `over` as `write_text`."""
        return self._pen.draft(submission_id, field, text, criterion, over)

    def settle_drafts(self, submission_id: str) -> Changes:
        """Make entries of the texts still being typed, as when a submission is left."""
        return self._pen.settle(submission_id)

    def place_anchor(
        self, submission_id: str, artifact_id: str, selector: Selector, note: str = "", criterion: str = ""
    ) -> tuple[Changes, str]:
        """Place an anchor in an artifact, and give it to a criterion where one is named. Gives the anchor's id too."""
        anchor_id = acts.new_anchor_id()
        act = acts.place_anchor(anchor_id, artifact_id, selector, note, criterion)
        return self._pen.act(submission_id, act), anchor_id

    def name_anchor(self, submission_id: str, anchor_id: str, note: str, over: str | None = None) -> Changes:
        """Say in one line what is seen at an anchor. `over` as `write_text`."""
        return self._pen.act(submission_id, acts.name_anchor(anchor_id, note), over=over)

    def move_anchor(self, submission_id: str, anchor_id: str, selector: Selector) -> Changes:
        """Move an anchor within its artifact, or make it longer or shorter. A moment becomes no box, a box no moment.

        Raises Refused as placing one does: for a place that the artifact cannot have, and once the review is sealed.
        """
        return self._pen.act(submission_id, acts.move_anchor(anchor_id, selector))

    def remove_anchor(self, submission_id: str, anchor_id: str) -> Changes:
        """Take an anchor away, from every criterion that cites it too."""
        return self._pen.act(submission_id, acts.remove_anchor(anchor_id))

    def give_anchor(self, submission_id: str, anchor_id: str, criterion: str) -> Changes:
        """Let a criterion's score cite an anchor."""
        return self._pen.act(submission_id, acts.give_anchor(anchor_id, criterion))

    def take_anchor(self, submission_id: str, anchor_id: str, criterion: str) -> Changes:
        """Let a criterion's score cite an anchor no longer."""
        return self._pen.act(submission_id, acts.take_anchor(anchor_id, criterion))

    def declare_no_evidence(self, submission_id: str, criterion: str, absent: bool = True) -> Changes:
        """Say that no evidence was found for a criterion, or take that back."""
        return self._pen.act(submission_id, acts.declare_no_evidence(criterion, absent))

    def mark_earlier_step(self, submission_id: str, criterion: str, addressed: Addressed | None) -> Changes:
        """Say what became of a next step given on the attempt before; None takes that back."""
        return self._pen.act(submission_id, acts.mark_earlier_step(criterion, addressed))

    def keep_finding(self, submission_id: str, check: str, subject: str, reason: str) -> Changes:
        """Let a finding stand, with the reason that goes into the packet; an empty reason takes that back."""
        return self._pen.act(submission_id, acts.keep_finding(check, subject, reason))

    def undo(self, submission_id: str, shown: str | None = None) -> Changes:
        """Take back the latest step of this submission's review. Raises Refused where there is none.

        `shown` is the step that the person saw as the latest (`Case.undoable`): ChangedElsewhere is raised where
        another computer of theirs did something after it, or undid it.
        """
        return self._pen.act(submission_id, acts.undo(shown, self.store.device))

    def redo(self, submission_id: str, shown: str | None = None) -> Changes:
        """Bring back the step last undone. Raises Refused where there is none.

        `shown` is the step that the person saw as that (`Case.redoable`): ChangedElsewhere is raised where another
        computer of theirs undid one after it, or brought it back.
        """
        return self._pen.act(submission_id, acts.redo(shown, self.store.device))

    def confirm_second_look(self, submission_id: str, version: str = "") -> Changes:
        """Say that evidence replaced since the review began was looked at.

        `version` is the submission's that the person was shown. Raises Refused where another came meanwhile.
        """
        return self._pen.act(submission_id, acts.confirm_second_look(version))

    def move_rubric(self, submission_id: str, version: str = "") -> Changes:
        """Move an open review to the version of its rubric that was published last; `Case.offer` says what that does.

        `version` is the one that the person was shown. One step, which undo takes back. Raises Refused where none was
        published since, the programme does not let it, or another one was published meanwhile.
        """
        return self._pen.act(submission_id, acts.move_rubric(version))

    def keep_text(
        self, submission_id: str, field: TextField, text: str, criterion: str = "", over: str | None = None
    ) -> Changes:
        """As `write_text`, for words that were being typed while the source took the submission back: they stay with
        what was written, and are there again should it come back.
        """
        try:
            return self.write_text(submission_id, field, text, criterion, over)
        except Refused:
            if not self.case(submission_id).set_aside:
                raise
        return self.draft_text(submission_id, field, text, criterion, over)

    def begin_correction(self, submission_id: str) -> Changes:
        """Open the next revision of a sealed review; its packet will supersede the sealed one.

        Where the source refused that one it supersedes nothing. Raises Refused for what is not sealed or was set aside,
        and where a refused packet may be on its way once more, in a round.
        """
        from assessor_desk.desk.correcting import begin_correction

        return begin_correction(self._pen, self._upkeep.rounds, submission_id)

    # -- sealing and leaving -----------------------------------------------------------------------------------

    @slowed
    def seal_packet(
        self,
        submission_id: str,
        passphrase: str,
        attestations: Sequence[str],
        progress: Callable[[int, int], None] = lambda _done, _of: None,
        stop: threading.Event | None = None,
        unheard: bool = False,
        shown: Shown | None = None,
    ) -> SealedPacket:
        """Seal the review of a submission: its packet waits, encrypted, to be sent.

        The person's other computers are heard first, so that none of them has sealed it; with `unheard` they are not,
        which is for whoever was told that they cannot be (`OthersUnheard`). `shown` is what the person looked at: where
        something else would be signed, `ChangedElsewhere` is raised.

        `attestations` are the ids of the policy's. Where the policy lets the evidence leave the desk, a booklet of the
        places cited is made first: `progress` is told how many of how many, and `stop` ends it. Raises Refused, with
        nothing changed, for all that is missing, for a wrong passphrase, and for a certificate that is not this
        person's.
        """
        from assessor_desk.desk.booklet import Making
        from assessor_desk.desk.sealing import Sealing, seal_packet

        if not unheard:
            self._hear_others(submission_id)
        evidence = partial(self.evidence, submission_id)
        sealing = Sealing(self._place.identity, self._place.outbox, evidence, Making(progress, stop))
        with self._upkeep.seals:
            return seal_packet(self._pen, submission_id, passphrase, attestations, sealing, shown)

    # -- leaving -----------------------------------------------------------------------------------------------

    def export(self, submission_id: str, out: Path, format: str = "packet") -> list[Path]:  # noqa: A002
        """Write a copy into the folder `out`: the `packet` (with its receipt), or `pdf`, `docx`, `csv`. It is recorded.

        Raises Refused for another format and for a packet that is not sealed, Unavailable where `out` cannot be
        written.
        """
        from assessor_desk.desk.exporting import export

        return export(self._pen, self.vault, submission_id, out, format)

    def export_copy(self, submission_id: str, artifact_id: str, out: Path) -> tuple[Changes, Path]:
        """Write an unprotected copy of an artifact into the folder `out`, and say where; the review records it.

        Only for somebody who read `domain.exports.COPY_WARNING`. Raises Refused for an unknown or sealed review's
        artifact, Unavailable where its bytes are not here or `out` cannot be written. Blocks; call it on a side lane.
        """
        from assessor_desk.desk.copying import export_copy

        evidence = self.evidence(submission_id, artifact_id)
        return export_copy(self._pen, self.vault, submission_id, evidence, out)

    def preview_record(self, submission_id: str) -> bytes:
        """The record of the review as it stands, as a PDF without a signature.

        Raises Refused while a level is missing.
        """
        from assessor_desk.desk.exporting import preview_record

        return preview_record(self._pen, submission_id)

    # -- sources -----------------------------------------------------------------------------------------------

    @slowed
    def connect(self, address: str, code: str, passphrase: str) -> Changes:
        """Enrol this desk with a hub: a signing key under the passphrase, a certificate, a token kept encrypted.

        With `folder:PATH` by a stick, in two trips: the first leaves a request there (`asked_by_stick`), the second
        takes the answer, where `code` is the programme's fingerprint as it told it. Raises Refused for a wrong
        passphrase, address or code, Unavailable where hub or stick cannot be reached.
        """
        from assessor_desk.desk.connecting import connect

        Envelope.load(self._place.keys).unlock(passphrase)
        connect(self._surroundings, address, code, passphrase)
        return Changes.of(Kind.SETTINGS, Kind.INBOX, Kind.LEDGER)

    def trust_list(self) -> TrustList | None:
        """Whose certificates count, as the sources published it; None before the desk was connected."""
        from assessor_desk.desk.programmes import trust_list

        return trust_list(self.store)

    def verify(self, paths: Sequence[Path], trust: TrustList | None = None) -> list[Verdict]:
        """Verdicts on packets, with the desk's own trust list unless another is handed in.

        Where one of several replaces another, the other's verdict says so.
        """
        from assessor_desk.verdict import verify_all

        return verify_all(paths, trust or self.trust_list(), self._clock(), self.badge_papers())
