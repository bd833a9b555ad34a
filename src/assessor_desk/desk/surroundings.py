"""What the checks are given from outside a sheet: likeness of texts, earlier texts, phrases, words of evidence.

Worked out where it is read once, and handed to `domain.feedback.findings` again and again as the same object, so that
a key press compares one text and not all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assessor_desk.desk.evidence_words import Words
from assessor_desk.domain.checking import EarlierText, Surroundings
from assessor_desk.domain.phrases import Phrase
from assessor_desk.domain.wording import common_roots


def word_likeness(one: Sequence[str], other: Sequence[str], at_least: float) -> float:
    """How many of two texts' words stand in both in the same order, 0 to 1 (normalised indel similarity)."""
    from rapidfuzz.distance import Indel  # where texts are first compared: the window opens sooner without it

    return float(Indel.normalized_similarity(one, other, score_cutoff=at_least))


#: Where nothing is known but how to compare.
BARE = Surroundings(likeness=word_likeness)


def surroundings(
    earlier: Iterable[EarlierText] = (),
    phrases: Iterable[Phrase] = (),
    evidence: Iterable[Words] = (),
    others: Iterable[Words] = (),
) -> Surroundings:
    """The surroundings of one sheet.

    `earlier` are this person's texts about other submissions, `evidence` the words of each piece of this submission's
    evidence, and `others` those of each other submission to the same rubric.
    """
    own = tuple(evidence)
    return Surroundings(
        earlier=tuple(earlier),
        phrases=tuple(phrase.text for phrase in phrases),
        submission_roots=frozenset[str]().union(*(one.roots for one in own)),
        common_roots=common_roots(one.roots for one in others if one.roots),
        evidence_read=bool(own) and all(one.whole for one in own),
        likeness=word_likeness,
    )
