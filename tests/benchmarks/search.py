"""Search in the feedback of 100,000 reviews: first results through the desk, against the bare FTS5 query on that file.

The file is a desk's own, with texts that nobody wrote: for each review the overall feedback and a strength, a next step
and a rationale, in words drawn as natural language draws them (Zipf, 30,000 words), so that some are in nearly every
text and most in few. Each turn asks for the first fifty texts of six queries, from a word that is in a handful to one
in a third of them, among them a beginning, as is typed. The floor is one connection of the same driver to the same
encrypted file that runs the query and takes the rows; what is measured is what the desk adds to it. A rare word alone
is the second measure: there the query itself takes a third of a millisecond.
"""

import contextlib
import random
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

from harness import Measure, seconds

from assessor_desk.desk import Desk
from assessor_desk.keys.derivation import derive
from assessor_desk.keys.envelope import Envelope
from assessor_desk.store.connection import connect

REVIEWS, AT_ONCE, WORDS, RESULTS = 100_000, 5_000, 30_000, 50
LENGTHS = {"overall": 40, "strength": 20, "next_step": 20, "rationale": 25}
PASSPHRASE = "a bench's own"
SQL = """
SELECT digest, submission_id, field, criterion, snippet(review_texts, 4, char(2), char(3), '…', 16)
FROM review_texts WHERE review_texts MATCH ? ORDER BY rank LIMIT ?
"""
#: Places in the order of frequency; the last of several is a beginning.
QUERIES = ((20_000,), (2_000,), (200,), (15,), (40, 300), (3, 5_000))


@contextlib.contextmanager
def measures(folder: Path) -> Iterator[list[Measure]]:
    """Fill a desk, make sure that both find the same, measure."""
    desk, _ = Desk.create(folder / "desk", PASSPHRASE)
    with desk:
        write(desk)
        key = Envelope.load(desk.folder / "keys.json").unlock(PASSPHRASE)
        bare = connect(desk.store.path, derive(key, "desk file"))
        with contextlib.closing(bare):
            for places in QUERIES:
                found = [(one.digest, one.field, one.excerpt) for one in desk.search_reviews(asked(places))]
                rows = bare.execute(SQL, (matching(places), RESULTS)).fetchall()
                assert found == [(row[0], row[2], row[4]) for row in rows], places
                assert found, places

            def measure(name: str, queries: tuple[tuple[int, ...], ...], rounds: int) -> Measure:
                def floor() -> None:
                    for places in queries:
                        bare.execute(SQL, (matching(places), RESULTS)).fetchall()

                def ours() -> None:
                    for places in queries:
                        desk.search_reviews(asked(places))

                return Measure(name, lambda: seconds(floor), lambda: seconds(ours), 1.5, rounds)

            name = "search in 100,000 reviews / FTS5"
            yield [
                measure(f"{name}, six queries", QUERIES, 8),
                measure(f"{name}, a rare word", QUERIES[:1], 200),
            ]


def write(desk: Desk) -> None:
    """The texts, as a round that takes packets in would index them."""
    chance = random.Random(11)
    words = [word(place) for place in range(WORDS)]
    weights = list(accumulate(1 / (place + 3) for place in range(WORDS)))
    for first in range(0, REVIEWS, AT_ONCE):
        rows = [
            (f"{number:064x}", f"s-{number}", field, "" if field == "overall" else f"criterion-{number % 5}",
             " ".join(chance.choices(words, cum_weights=weights, k=length)))
            for number in range(first, first + AT_ONCE)
            for field, length in LENGTHS.items()
        ]  # fmt: skip
        with desk.store.transaction() as work:
            work._connection.exec_driver_sql("INSERT INTO review_texts VALUES (?, ?, ?, ?, ?)", rows)
            work.commit()


def word(place: int) -> str:
    """A word that sounds like one, another for each place."""
    syllables = ("ka", "lo", "mi", "re", "su", "ta", "vo", "ne", "pi", "du")
    return "".join(syllables[int(digit)] for digit in f"{place:04}")


def asked(places: tuple[int, ...]) -> str:
    """What a person types."""
    return " ".join(map(word, places))


def matching(places: tuple[int, ...]) -> str:
    """The same as FTS5 is asked."""
    return " ".join(f'"{word(place)}"' for place in places) + "*"
