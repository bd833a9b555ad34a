"""Words that the checks on wording know, language by language. Data: a language joins by a line in `WORD_LISTS`.

Function words follow the Snowball project's English stop word list (https://snowballstem.org/algorithms/english/stop.txt,
BSD licence), with forms of address left out. Praise and words about a person are ours, after the kinds of praise told
apart by Brophy, J. (1981), Teacher praise: A functional analysis, Review of Educational Research 51(1), 5–32, and
after feedback "about the self as a person" in Hattie, J., & Timperley, H. (2007), The power of feedback, Review of
Educational Research 77(1), 81–112.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WordList:
    """One language's words, in lower case.

    `praise` says that something is good and not what; `praise_phrases` are whole turns of speech. `whatever` are words
    that fit any lesson. `person` are regular expressions for what is said about the person instead of the evidence.
    `first` are turns that mark one step as the one to begin with. `emphasis` are words that some write in capitals.
    """

    language: str
    function: frozenset[str]
    praise: frozenset[str]
    praise_phrases: tuple[str, ...]
    whatever: frozenset[str]
    person: tuple[str, ...]
    first: tuple[str, ...]
    emphasis: frozenset[str]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ENGLISH_FUNCTION = _words("""
    i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it
    its itself they them their theirs themselves what which who whom this that these those am is are was were be been
    being have has had having do does did doing would should could ought a an the and but if or because as until while
    of at by for with about against between into through during before after above below to from up down in out on off
    over under again further then once here there when where why how all any both each few more most other some such no
    nor not only own same so than too very can will just don t s ll re ve d m also
""")

_ENGLISH_PRAISE = _words("""
    admirable amazing awesome beautiful best brilliant bravo congratulations excellent exceptional exemplary fabulous
    fantastic fine good gorgeous great impressed impressive incredible kudos lovely magnificent marvellous marvelous
    nice nicely outstanding perfect perfectly phenomenal remarkable splendid strong stunning super superb terrific
    thrilled top well wonderful wonderfully wow
""")

_ENGLISH_WHATEVER = _words("""
    absolutely activity effort efforts everything going happy job keep kept lesson lessons like liked love loved lot
    much nothing overall part piece plan planning practice really class classroom see seen seeing show shows stuff
    submission teacher teachers teaching thank thanks thing things time truly way work working evidence job
    educator done enjoy enjoyed enjoyable pleasure read reading watch watching
""")

_PERSON_ADJECTIVES = (
    "amazing|awesome|bad|brilliant|careless|caring|charismatic|clever|compassionate|confused|dedicated|disorgani[sz]ed|"
    "excellent|exceptional|fantastic|gifted|good|great|hard-?working|hopeless|incompetent|incredible|inspirational|"
    "inspiring|intelligent|lazy|lovely|magnificent|natural|negligent|outstanding|passionate|perfect|phenomenal|poor|"
    "remarkable|smart|special|star|superb|talented|terrible|terrific|unprepared|weak|wonderful"
)
_GIFTS = "talents?|gifts?|personality|charisma|intelligence|passion|dedication|enthusiasm|professionalism"
_BEFORE_ADJECTIVE = (
    "(?:(?:an?|the|one|of|most|such|so|very|really|truly|clearly|obviously|simply|just|quite|indeed|always|also|"
    "both|extremely|incredibly|highly)\\s+)*"
)

ENGLISH = WordList(
    "en",
    _ENGLISH_FUNCTION,
    _ENGLISH_PRAISE,
    (
        "good job", "great job", "nice job", "good work", "great work", "nice work", "hard work", "well done",
        "way to go", "keep it up", "keep up", "keep going", "two thumbs up", "thumbs up", "job well done",
        "a joy to read", "a pleasure to read", "a joy to watch", "a pleasure to watch", "loved it", "hats off",
    ),
    _ENGLISH_WHATEVER,
    (
        rf"\byou(?:\s+are|['’]re|\s+were|\s+have\s+been)\s+{_BEFORE_ADJECTIVE}(?:{_PERSON_ADJECTIVES})\b",
        rf"\b(?:she|he|(?:this|the)\s+(?:teacher|educator))\s+(?:is|was)\s+{_BEFORE_ADJECTIVE}(?:{_PERSON_ADJECTIVES})\b",
        rf"\byour\s+(?:(?:natural|obvious|clear|great|evident|wonderful|amazing|lack\s+of)\s+)?(?:{_GIFTS})\b",
        r"\bproud\s+of\s+you\b",
        r"\bI\s+(?:love|adore|admire)\s+you\b",
        r"\b(?:gifted|talented|born|natural|natural-born)\s+(?:teacher|educator)\b",
    ),
    (
        "first", "firstly", "start with", "start by", "begin with", "begin by", "most important", "above all",
        "before the others",
    ),
    _words("all always any don't each every important just must need never no not only please should very"),
)  # fmt: skip

#: The languages whose words are known; others are left alone rather than judged by English.
WORD_LISTS: Mapping[str, WordList] = {one.language: one for one in (ENGLISH,)}
