"""What the checks are given from outside a sheet: likeness of texts, earlier texts, phrases, words of evidence.

Worked out where it is read once, and handed to `domain.feedback.findings` again and again as the same object, so that
a key press compares one text and not all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from assessor_desk.domain.checking import EarlierText, Surroundings
from assessor_desk.domain.phrases import Phrase
from assessor_desk.domain.wording import common_roots, content_roots


def word_likeness(one: Sequence[str], other: Sequence[str], at_least: float) -> float:
    """How many of two texts' words stand in both in the same order, 0 to 1 (normalised indel similarity)."""
    from rapidfuzz.distance import Indel  # where texts are first compared: the window opens sooner without it

    return float(Indel.normalized_similarity(one, other, score_cutoff=at_least))


#: Where nothing is known but how to compare.
BARE = Surroundings(likeness=word_likeness)


def surroundings(
    earlier: Iterable[EarlierText] = (),
    phrases: Iterable[Phrase] = (),
    evidence: Iterable[str] = (),
    others: Iterable[str] = (),
) -> Surroundings:
    """The surroundings of one sheet.

    `earlier` are this person's texts about other submissions, `evidence` the texts of this submission's documents as
    far as they are here, and `others` one text for each other submission to the same rubric.
    """
    return Surroundings(
        earlier=tuple(earlier),
        phrases=tuple(phrase.text for phrase in phrases),
        submission_roots=frozenset[str]().union(*(content_roots(text) for text in evidence)),
        common_roots=common_roots(others),
        likeness=word_likeness,
    )
