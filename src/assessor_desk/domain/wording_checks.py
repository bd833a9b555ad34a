"""The checks of DOMAIN.md on how something is said: F6, F7, F8, F9, F13 and F14.

Each names the words it stumbled over and what to do. They warn by default, and their lists and measures are those of
`word_lists` and `wording`; a language without a list is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby

from .checking import Finding, Look, Passage, Surroundings, found
from .review import COACHING_FIELDS, FEEDBACK_FIELDS, TITLES, CriterionWork, TextField
from .rubric import Criterion, PerformanceLevel
from .word_lists import WORD_LISTS, WordList
from .wording import (
    are_alike,
    begins,
    content_roots,
    names_a_place,
    plain_words,
    quotes,
    read_words,
    school_years,
    sentences,
    unquoted,
    written_in,
)

#: Fewer words than these say the same by chance (F6), or are too few to be generic (F7) or hard to read (F14).
WORDS_TO_REPEAT = 8
WORDS_TO_BE_GENERIC = 8
WORDS_TO_MEASURE = 20
#: Words that say something, beside praise, for a text to be more than praise (F8).
WORDS_BESIDE_PRAISE = 4
#: New words of the next level's descriptor for it to be worth asking after them (F13).
WORDS_OF_NEXT_LEVEL = 3
#: Words shared with that descriptor, old or new, that are enough (F13).
WORDS_SHARED = 2
#: More exclamation marks than these in one text shout (F14).
EXCLAMATIONS = 2


def said_before(look: Look) -> Iterator[Finding]:
    """F6: nearly the same text as in the phrase bank or in this person's earlier work.

    The evidence that would show it is left out: it is the rubric's, and the same for everybody.
    """
    for passage in look.passages:
        if passage.field is TextField.WOULD_SHOW:
            continue
        if where := _source_of(passage.text, look.around):
            words = f"{passage.title.capitalize()} is nearly the same as in {where}"
            sentence = f"{words}; say what only this submission shows"
            yield found("F6", sentence, passage.subject, passage.field)


@lru_cache(256)
def _source_of(text: str, around: Surroundings) -> str:
    """Where nearly the same text stands, or empty. Remembered, since only one text changes at a time."""
    words = plain_words(text)
    if len(words) < WORDS_TO_REPEAT:
        return ""
    for where, other in around.known_words:
        if len(other) >= WORDS_TO_REPEAT and are_alike(words, other, around.likeness):
            return where
    spoken = f" {' '.join(words)} "
    for phrase in around.whole_phrases:
        long_enough = len(phrase) >= WORDS_TO_REPEAT and len(words) <= 2 * len(phrase)
        if long_enough and f" {' '.join(phrase)} " in spoken:
            return "the phrase bank"
    return ""


def fits_any_submission(look: Look) -> Iterator[Finding]:
    """F7: no anchor, no quotation, no word of this submission that is absent from the rubric and most others."""
    for criterion in look.rubric.criteria:
        work = look.sheet.work(criterion.id)
        if not work.anchors and not work.no_evidence and _generic(look.feedback(criterion.id), look):
            yield found("F7", _point_at(look, "this"), criterion.id, _first_written(work))
    if _generic(look.sheet.overall, look):
        yield found("F7", _point_at(look, "the overall feedback"), "", TextField.OVERALL)


def _generic(text: str, look: Look) -> bool:
    """Whether a text would fit any submission.

    A word of the evidence always ties it to the submission. Where not all of the evidence can be read (a photograph, a
    recording without captions), a figure counts as pointing at it too: better one warning too few than one that
    cannot be explained.
    """
    if len(plain_words(text)) < WORDS_TO_BE_GENERIC or quotes(text) or names_a_place(text):
        return False
    if not look.around.evidence_read and re.search(r"\d", text):
        return False
    return not (content_roots(text) & look.own_roots)


def _point_at(look: Look, what: str) -> str:
    known = "a moment, a page, or words of the evidence"
    if look.around.evidence_read:
        return f"As it stands, {what} would fit any submission; name {known} that are found in this one alone"
    return f"Name {known} in {what}; without them it would fit any submission"


def _first_written(work: CriterionWork) -> TextField | None:
    fields = (*FEEDBACK_FIELDS, *COACHING_FIELDS)
    return next((one for one in fields if work.text(one).strip()), None)


def about_the_person(look: Look) -> Iterator[Finding]:
    """F8: addressed to the person, or praise alone. One finding a text; what is quoted is somebody else's word."""
    for passage in look.passages:
        for words in look.word_lists:
            if said := _of_the_person(passage.text, words.language):
                sentence = (
                    f"“{said}” in {passage.title} is about the person; say what the evidence shows instead"
                )
            elif passage.for_educator and _praise_alone(passage.text, words.language):
                title = passage.title.capitalize()
                sentence = f"{title} praises and does not say what for; name what is seen in the evidence"
            else:
                continue
            yield found("F8", sentence, passage.subject, passage.field)
            break


@lru_cache(512)
def _of_the_person(text: str, language: str) -> str:
    said = _person_pattern(language).search(unquoted(text))
    return said.group() if said else ""


@lru_cache(8)
def _person_pattern(language: str) -> re.Pattern[str]:
    return re.compile("|".join(WORD_LISTS[language].person), re.IGNORECASE)


@lru_cache(512)
def _praise_alone(text: str, language: str) -> bool:
    """Whether hardly a word is left of a text that praises, without praise and words that fit any lesson."""
    words = WORD_LISTS[language]
    if quotes(text) or names_a_place(text):
        return False
    spoken = " ".join(plain_words(text))
    bare = _without_phrases(spoken, words)
    rest = bare.split()
    praises = bare != spoken or any(word in words.praise for word in rest)
    known = words.praise | words.function | words.whatever
    return praises and len({word for word in rest if word not in known}) < WORDS_BESIDE_PRAISE


def _without_phrases(spoken: str, words: WordList) -> str:
    padded = f" {spoken} "
    for phrase in words.praise_phrases:
        padded = padded.replace(f" {phrase} ", " ")
    return padded.strip()


def contradicts_the_level(look: Look) -> Iterator[Finding]:
    """F9: the text says another level than the one chosen: by its name, or in a lower one's own words.

    Or a passing level stands beside “no evidence found”.
    """
    for criterion, chosen in look.scored():
        work, level = look.sheet.work(criterion.id), criterion.level(chosen)
        if other := _named_instead(work.text(TextField.RATIONALE), criterion, level):
            sentence = (
                f"The rationale says “{other.title}”, the level chosen is “{level.title}”; change one of them"
            )
            yield found("F9", sentence, criterion.id, TextField.RATIONALE)
        elif lower := _lower_words(work, criterion, level):
            which, other = lower
            sentence = (
                f"{TITLES[which]} uses the words of “{other.title}”, and the level chosen is “{level.title}”; "
                "change one of them"
            )
            yield found("F9", sentence, criterion.id, which)
        elif work.no_evidence and criterion.passes(chosen):
            sentence = f"No evidence was found, and the level chosen is “{level.title}”; change one of them"
            yield found("F9", sentence, criterion.id)


def _named_instead(text: str, criterion: Criterion, chosen: PerformanceLevel) -> PerformanceLevel | None:
    if not text or _mentions(chosen.title, text):
        return None
    return next((one for one in criterion.levels if one is not chosen and _states(one.title, text)), None)


def _states(title: str, text: str) -> bool:
    """Whether a text says that this is the level: “scored Progressing”, “is at the level Not met”.

    Only with a capital: “the lesson is progressing” speaks of the lesson.
    """
    if title not in text:
        return False
    return bool(re.search(rf"{_STATED}[“\"'‘]?{re.escape(title)}(?!\w)", text))


_STATED = (
    r"\b(?:[Ii]s|[Ww]as|[Aa]s|[Ss]cored?|[Rr]ated?|[Ll]evel|[Cc]hosen?|[Gg]iven?|[Tt]herefore|[Ss]o|[Hh]ence)"
    r"(?:\s+(?:at|is|as|of|the|a|level|only|clearly|still))*[:,]?\s+"
)


def _mentions(title: str, text: str) -> bool:
    return bool(re.search(rf"\b{re.escape(title)}\b", text, re.IGNORECASE))


def _lower_words(
    work: CriterionWork, criterion: Criterion, chosen: PerformanceLevel
) -> tuple[TextField, PerformanceLevel] | None:
    """Which text holds a whole sentence of a lower level's descriptor that the chosen one does not have."""
    own = " ".join(plain_words(chosen.descriptor))
    for which in (TextField.RATIONALE, TextField.STRENGTH):
        said = " ".join(plain_words(work.text(which)))
        for lower in criterion.levels[: criterion.rank(chosen.id)] if said else ():
            for sentence in sentences(lower.descriptor):
                words = " ".join(plain_words(sentence))
                if len(words.split()) >= WORDS_TO_REPEAT and words in said and words not in own:
                    return which, lower
    return None


def away_from_next_level(look: Look) -> Iterator[Finding]:
    """F13: below passing, a next step that does not speak of the next level's descriptor.

    It does with one word that is new there, or with two words of it: levels describe the same features.
    """
    for criterion in look.below_passing():
        work = look.sheet.work(criterion.id)
        step = work.text(TextField.NEXT_STEP)
        level = work.level or ""
        above = criterion.next_level(level)
        if above is None or not step.strip():
            continue
        described = content_roots(above.descriptor)
        new = described - content_roots(criterion.level(level).descriptor)
        said = described & content_roots(f"{step} {work.text(TextField.WOULD_SHOW)}")
        if len(new) >= WORDS_OF_NEXT_LEVEL and not new & said and len(said) < WORDS_SHARED:
            sentence = f"Say the next step in the words of “{above.title}”: {begins(above.descriptor, 12)}"
            yield found("F13", sentence, criterion.id, TextField.NEXT_STEP)


def hard_to_read(look: Look) -> Iterator[Finding]:
    """F14: shouting, a very long sentence, or more years of school than the programme asks of a reader.

    One finding a text, for what the educator reads.
    """
    for passage in look.passages:
        if passage.for_educator and (sentence := _trouble(passage, look)):
            yield found("F14", sentence, passage.subject, passage.field)


def _trouble(passage: Passage, look: Look) -> str:
    own = unquoted(passage.text)
    floors = look.policy.floors
    if loud := _shouted(own, look.policy.languages):
        return f"{loud} in {passage.title} may read as shouting; say it in small letters and with a full stop"
    for one in sentences(own):
        count = len(read_words(one))
        if count > floors.words_per_sentence:
            return f"A sentence of {count} words in {passage.title}; make two of it: “{begins(one)}”"
    return _too_many_years(passage, own, look)


def _too_many_years(passage: Passage, own: str, look: Look) -> str:
    most = look.policy.floors.school_years
    # The formula is English; its figures mean nothing in another language, or of a few words.
    if len(plain_words(own)) < WORDS_TO_MEASURE or not any(written_in(own, one) for one in look.word_lists):
        return ""
    years = round(school_years(own))
    if years <= most:
        return ""
    hardest = max(sentences(own), key=school_years)
    return (
        f"Reading {passage.title} takes about {years} years of school, the programme asks for {most} at most; "
        f"use shorter words or sentences, as in “{begins(hardest)}”"
    )


@lru_cache(512)
def _shouted(text: str, languages: tuple[str, ...]) -> str:
    """What shouts: words in capitals or exclamation marks. One abbreviation (STEM) at a time does not."""
    if marks := _MARKS.search(text):
        return f"“{marks.group()}”"
    emphasis = frozenset[str]().union(*(WORD_LISTS[one].emphasis for one in languages if one in WORD_LISTS))
    for loud, run in groupby(read_words(text), key=lambda word: len(word) > 1 and word.isupper()):
        words = list(run) if loud else []
        if any(word.casefold() in emphasis for word in words) or sum(len(word) > 3 for word in words) > 1:
            return f"“{' '.join(words)}”"
    count = text.count("!")
    return f"{count} exclamation marks" if count > EXCLAMATIONS else ""


_MARKS = re.compile(r"[!?]{2,}")
