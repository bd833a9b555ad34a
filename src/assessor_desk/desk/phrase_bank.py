"""The phrase bank: the programme's phrases, and what a person keeps beside them.

The programme's come from the sources that publish banks, and as samples with the program; a bank that a source
publishes, or withdrew, stands in for the sample with its id. They are offered and counted, never changed: whoever wants
another wording keeps one of their own. Reading the samples' files takes longer than opening a case, so the desk keeps
what was read until the files change.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from assessor_desk.domain.errors import Refused
from assessor_desk.domain.phrases import Bank, Phrase, Scope, fault_of, phrase_id
from assessor_desk.places import resources

if TYPE_CHECKING:
    from assessor_desk.domain.rubric import Rubric
    from assessor_desk.store.reading import Reading
    from assessor_desk.store.store import Store

_READ = "sample phrase banks"
#: Once read, the banks that come with the program; empty before.
_IN_MEMORY: list[tuple[Bank, ...]] = []


def bank(view: Reading) -> list[Phrase]:
    """Every phrase there is for this person, each with its use; one kept here counts before the programme's."""
    own = view.phrases.all()
    ids = {one.id for one in own}
    return [*own, *view.phrases.with_use(one for one in programme_phrases(view) if one.id not in ids)]


def programme_phrases(view: Reading) -> tuple[Phrase, ...]:
    """The phrases that sources publish, and the samples of banks that no source ever published; each id once."""
    known = view.phrases.bank_ids()
    published = [one for bank in view.phrases.banks() for one in _published(bank.canonical)]
    samples = [one for bank in _samples(view) if bank.id not in known for one in bank.phrases]
    return tuple({one.id: one for one in (*samples, *published)}.values())


def remember_samples(store: Store) -> None:
    """Keep what the samples' files say, where they changed since that was done last."""
    from assessor_desk.rubric_files import bank_to_json

    with store.reading() as view:
        read = view.fact(_READ)
        banks = _samples(view)
    if read is None or read["digest"] != _digest():
        store.set_fact(_READ, {"digest": _digest(), "banks": [bank_to_json(one).decode() for one in banks]})


def save(store: Store, phrase: Phrase) -> None:
    """Keep a phrase of the person's own. Raises Refused for one that is none, and for one of the programme's."""
    if fault := fault_of(phrase.text):
        raise Refused(f"This cannot be a phrase: {fault}")
    if (phrase.criterion and not phrase.rubric) or (phrase.level and not phrase.criterion):
        raise Refused("A phrase for a level needs its criterion, and one for a criterion needs its rubric")
    own_id = phrase.id or phrase_id(phrase.text, phrase.rubric, phrase.criterion, phrase.level)
    with store.transaction() as work:
        known = next((one for one in bank(work) if one.id == own_id), None)
        if Scope.PROGRAMME in (phrase.scope, known.scope if known else Scope.PERSONAL):
            raise Refused(
                "A phrase of the programme stays as it is. Save yours as a phrase of your own, with another id"
            )
        work.phrases.keep([replace(phrase, id=own_id)])
        work.commit()


def remove(store: Store, phrase_id: str) -> None:
    """Remove a phrase that is kept here. Raises Refused for an unknown one, and for one of the programme's."""
    with store.transaction() as work:
        if phrase_id not in {one.id for one in work.phrases.all()}:
            _known(work, phrase_id)
            raise Refused("This phrase is the programme's and cannot be removed")
        work.phrases.remove(phrase_id)
        work.commit()


def use(store: Store, phrase_id: str, at: datetime) -> None:
    """Count one more use of a phrase. Raises Refused for an unknown one."""
    with store.transaction() as work:
        _known(work, phrase_id)
        work.phrases.use(phrase_id, at)
        work.commit()


def take_in(store: Store, path: Path, rubrics: Iterable[Rubric]) -> int:
    """Keep every phrase of a YAML or CSV file; how many. Raises FaultyFile, with nothing kept, for a faulty one."""
    from assessor_desk.rubric_files import load_phrases

    phrases = load_phrases(path, rubrics)
    with store.transaction() as work:
        work.phrases.keep(phrases)
        work.commit()
    return len(phrases)


def write_out(store: Store, path: Path, scope: Scope | None) -> int:
    """Write the phrases of one scope, or all, as the file's name says; how many."""
    from assessor_desk.rubric_files import save_phrases

    with store.reading() as view:
        phrases = [one for one in bank(view) if scope in (None, one.scope)]
    save_phrases(path, phrases)
    return len(phrases)


def _known(view: Reading, phrase_id: str) -> None:
    if phrase_id not in {one.id for one in bank(view)}:
        raise Refused(f"There is no phrase “{phrase_id}” on this desk")


def _samples(view: Reading) -> tuple[Bank, ...]:
    """The banks that come with the program."""
    if not _IN_MEMORY:
        read = view.fact(_READ)
        known = read is not None and read["digest"] == _digest()
        _IN_MEMORY.append(tuple(map(_bank_of, read["banks"]) if known else map(_bank_in, _files())))
    return _IN_MEMORY[0]


@lru_cache(maxsize=32)
def _published(canonical: bytes) -> tuple[Phrase, ...]:
    from assessor_desk.rubric_files import bank_from_json

    return bank_from_json(canonical).phrases


def _files() -> list[Path]:
    return sorted((resources() / "phrases").glob("*.yaml"))


@cache
def _digest() -> str:
    """SHA-256 over the samples' files. They do not change while the program runs."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in _files())).hexdigest()


def _bank_in(path: Path) -> Bank:
    from assessor_desk.rubric_files import load_bank

    return load_bank(path)


def _bank_of(canonical: str) -> Bank:
    from assessor_desk.rubric_files import bank_from_json

    return bank_from_json(canonical.encode())
