"""What of a page of changes is left out before anything is written: whatever is not what its issuer signed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from assessor_desk.domain.changes import Published, SourceChanges, TimeStamp, Vouching
from assessor_desk.domain.errors import Damaged, DeskError, sentence
from assessor_desk.sync.ownership import (
    otherwise_worded,
    own_page,
    rules_of,
    without_assignments,
    without_evidence,
)

if TYPE_CHECKING:
    from assessor_desk.store.store import Store
    from assessor_desk.sync.source import Source

CheckTrust = Callable[[Mapping[str, bytes]], None]
CheckStamp = Callable[[TimeStamp], None]
#: Given a rubric, policy or phrase bank and which of these it is.
Vouch = Callable[[Published, str], Published]


def without_vouching(thing: Published, _: str) -> Published:
    """For a source that signs nothing: what it publishes is taken as it is, and told as unsigned."""
    return thing


@dataclass
class Vetting:
    """Looks through the pages of one round; `tell` hears a sentence on each thing left out.

    `left_out`: something was, which may hold the next time it is asked for.
    """

    store: Store
    source: Source
    check_trust: CheckTrust
    vouch: Vouch
    check_stamp: CheckStamp
    tell: Callable[[str], None]
    left_out: bool = False

    def vetted(self, page: SourceChanges) -> SourceChanges:
        """The page without a trust list that does not hold: kept even for a moment, it would vouch for the next one.

        And without rubrics, policies and phrase banks that are not what their issuer signed, nor assignments that
        would need them, nor keys that only these would need.
        """
        page = self._own(page)
        if page.trust:
            try:
                self.check_trust(page.trust)
            except Damaged as error:
                self.tell(sentence(error))
                page = replace(page, trust={})
        page = replace(page, phrase_banks=self._vouched(page.phrase_banks, "phrase bank"))
        page = replace(page, time_stamps=tuple(one for one in page.time_stamps if self._stamps(one)))
        rubrics, policies = self._vouched(page.rubrics, "rubric"), self._vouched(page.policies, "policy")
        lacking = len(rubrics) + len(policies) != len(page.rubrics) + len(page.policies)
        page = self._set_apart(replace(page, rubrics=rubrics, policies=policies))
        kept = self._by_the_words_here(page)
        return self._without_idle_keys(self._without_assignments_lacking(kept) if lacking else kept, page)

    def _set_apart(self, page: SourceChanges) -> SourceChanges:
        """The page, with what is here in another programme's words under the same id and version set apart.

        Whose the words here are is told by whose signature they carry: a programme never changes its own.
        """
        with self.store.reading() as view:
            own = tuple(
                (kind, one)
                for kind, one in rules_of(page)
                if one.vouching is Vouching.SIGNED
                and (here := view.published(kind, one.id, one.version)) is not None
                and here.canonical != one.canonical
                and self._is_anothers(here, kind)
            )
        if not own:
            return page
        return replace(
            page,
            rubrics=tuple(one for one in page.rubrics if ("rubric", one) not in own),
            policies=tuple(one for one in page.policies if ("policy", one) not in own),
            worded_apart=own,
        )

    def _is_anothers(self, here: Published, kind: str) -> bool:
        """Whether an issuer signed what is here, and none of this source's programme; a copy edited here is none's."""
        if here.vouching is not Vouching.SIGNED:
            return False
        try:
            return self.vouch(replace(here, vouched=""), kind).vouching is not Vouching.SIGNED
        except Damaged:
            return True

    def _by_the_words_here(self, page: SourceChanges) -> SourceChanges:
        """The page without assignments by a rubric or policy that its own programme published in other words."""
        with self.store.reading() as view:
            strange = otherwise_worded(page, self.source.identity, view)
        if strange:
            self.left_out = True
            self.tell(
                f"{self.source.title} assigned work by a rubric or policy that came in other words before. It was not "
                "taken. Tell the issuer: another version of it would do"
            )
        return without_assignments(page, strange)

    def _own(self, page: SourceChanges) -> SourceChanges:
        """The page without what belongs to another source of this desk."""
        with self.store.reading() as view:
            own, strange = own_page(page, self.source.identity, view)
        if strange:
            self.tell(
                f"{self.source.title} sent something about another source's work. It was not taken. Tell the issuer"
            )
        return own

    def _stamps(self, stamp: TimeStamp) -> bool:
        """Whether a time-stamp holds; kept with a packet, one that does not would spoil it."""
        try:
            self.check_stamp(stamp)
        except DeskError as error:
            self.tell(sentence(error))
            return False
        return True

    def _vouched(self, things: Iterable[Published], kind: str) -> tuple[Published, ...]:
        """Those that hold."""
        holding = []
        for thing in things:
            try:
                holding.append(self.vouch(thing, kind))
            except Damaged as error:
                self.left_out = True
                self.tell(f"{sentence(error)} It was not taken. Tell the issuer.")
        return tuple(holding)

    def _without_assignments_lacking(self, page: SourceChanges) -> SourceChanges:
        """The page without assignments whose rubric or policy neither it nor the store holds."""
        brought = [*rules_of(page), *page.worded_apart]
        rubrics = {(one.id, one.version) for kind, one in brought if kind == "rubric"}
        policies = {(one.id, one.version) for kind, one in brought if kind == "policy"}
        with self.store.reading() as view:
            rubrics |= {(one.id, one.version) for one in view.published_of("rubric")}
            policies |= {(one.id, one.version) for one in view.published_of("policy")}
        kept = tuple(
            one
            for one in page.assignments
            if (one.rubric_id, one.rubric_version) in rubrics
            and (one.policy_id, one.policy_version) in policies
        )
        ids = {one.id for one in kept}
        attested = tuple(one for one in page.attested if one.assignment_id in ids)
        return replace(page, assignments=kept, attested=attested)

    def _without_idle_keys(self, kept: SourceChanges, page: SourceChanges) -> SourceChanges:
        """What is kept of a page without keys to evidence whose assignment was left out of it.

        Nobody could work with them, and no policy would say until when. They come with the assignment: while something
        was left out everything is asked for anew.
        """
        kept_for = {one.submission_id for one in kept.assignments}
        idle = {one.submission_id for one in page.assignments} - kept_for
        if not idle:
            return kept
        with self.store.reading() as view:
            idle = {one for one in idle if all(aside for _, aside in view.assignments(one))}
        return without_evidence(kept, idle)
