"""A published version never changes, and is signed by the issuer."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.hub.making import StandingClock

from assessor_desk.domain.errors import Refused
from assessor_desk.domain.phrases import Scope
from assessor_desk.hub import tables as t
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.publishing import newest_bank, newest_rubric, policy_for, publish, withdraw_phrases
from assessor_desk.keys.signing import roles
from assessor_desk.places import resources, rubrics
from assessor_desk.rubric_files import bank_from_json
from assessor_desk.verdict.detached import verify_detached
from assessor_desk.verdict.trust import TrustList

RUBRIC = "positive-relationships"


@pytest.fixture
def rubric_file(tmp_path: Path) -> Path:
    """A copy of a shipped rubric."""
    path = tmp_path / "rubric.yaml"
    path.write_text((rubrics() / f"{RUBRIC}.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    return path


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_issuer_signs_what_it_publishes(hub: Hub) -> None:
    trust = TrustList.load(hub.folder / "trust.pem")
    with hub.database.reading() as view:
        rows = view.execute(sa.select(t.documents)).all()
    assert len(rows) == 4
    for row in rows:
        signed = verify_detached(row.canonical, row.signature, trust, datetime.now(UTC))
        assert roles(signed.certificate) == ("issuer",)


def test_publishing_the_same_words_again_changes_nothing(hub: Hub, rubric_file: Path) -> None:
    _edit(rubric_file, "# Sample", "# A sample")  # a comment is not part of what is published
    assert not publish(hub, rubric_file).new


def test_other_words_under_a_published_version_are_refused(hub: Hub, rubric_file: Path) -> None:
    _edit(rubric_file, "title: Building Positive", "title: Building Better")
    with pytest.raises(Refused, match="give this one a new version"):
        publish(hub, rubric_file)


def test_a_new_version_stands_beside_the_old_and_is_the_newest(
    hub: Hub, rubric_file: Path, clock: StandingClock
) -> None:
    clock.move(days=1)
    _edit(rubric_file, 'version: "2026.1"', 'version: "2026.2"')
    published = publish(hub, rubric_file)
    assert published.new
    with hub.database.reading() as view:
        assert newest_rubric(view, RUBRIC).version == published.version
        count = sa.select(sa.func.count()).select_from(t.documents).where(t.documents.c.id == RUBRIC)
        assert view.execute(count).scalar_one() == 2


def test_a_rubric_with_a_duplicate_level_is_refused_with_its_line(hub: Hub, rubric_file: Path) -> None:
    _edit(rubric_file, "      - id: progressing", "      - id: demonstrated")
    with pytest.raises(
        Refused, match=r"rubric.yaml, line \d+, criterion “.+”: the level “demonstrated” is given twice"
    ):
        publish(hub, rubric_file)


def test_two_policies_that_fit_ask_for_a_choice(hub: Hub, tmp_path: Path) -> None:
    other = tmp_path / "two.yaml"
    text = (resources() / "policies" / "default.yaml").read_text(encoding="utf-8")
    other.write_text(text.replace("id: default", "id: stricter", 1), encoding="utf-8")
    publish(hub, other)
    with hub.database.reading() as view, pytest.raises(Refused, match=r"default, stricter.*--policy"):
        policy_for(view, draft=False)


BANK = """\
id: beginnings
version: "1"
title: Beginnings of sentences
phrases:
  - id: one
    text: On [page] you wrote [words].
    rubric: positive-relationships
    used: 7
    last_used: "2026-01-02T10:00:00Z"
"""


@pytest.fixture
def bank_file(tmp_path: Path) -> Path:
    """A bank of one phrase, which somebody used."""
    path = tmp_path / "bank.yaml"
    path.write_text(BANK, encoding="utf-8")
    return path


def _row_of(hub: Hub, bank_id: str = "beginnings") -> sa.Row[tuple[object, ...]] | None:
    with hub.database.reading() as view:
        return newest_bank(view, bank_id)


def test_a_phrase_bank_is_signed_by_the_issuer_and_says_nothing_of_anybodys_use(
    hub: Hub, bank_file: Path
) -> None:
    published = publish(hub, bank_file)
    assert (published.kind, published.id, published.new) == ("phrases", "beginnings", True)
    row = _row_of(hub)
    assert row is not None
    trust = TrustList.load(hub.folder / "trust.pem")
    signed = verify_detached(row.canonical, row.signature, trust, datetime.now(UTC))
    assert roles(signed.certificate) == ("issuer",)
    (phrase,) = bank_from_json(row.canonical).phrases
    assert (phrase.scope, phrase.used, phrase.last_used) == (Scope.PROGRAMME, 0, None)
    assert not publish(hub, bank_file).new


def test_other_phrases_need_a_new_version_of_their_bank(
    hub: Hub, bank_file: Path, clock: StandingClock
) -> None:
    publish(hub, bank_file)
    _edit(bank_file, "you wrote", "stands")
    with pytest.raises(Refused, match="give this one a new version"):
        publish(hub, bank_file)
    clock.move(minutes=1)
    _edit(bank_file, 'version: "1"', 'version: "2"')
    assert publish(hub, bank_file).new
    row = _row_of(hub)
    assert row is not None
    assert row.version == "2"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("id: beginnings\n", "", "needs id"),
        (
            "    rubric: positive",
            "    criterion: nonesuch\n    rubric: positive",
            "has no criterion “nonesuch”",
        ),
        ("[words]", "[words", "placeholder"),
    ],
)
def test_a_faulty_bank_is_not_published(hub: Hub, bank_file: Path, old: str, new: str, words: str) -> None:
    _edit(bank_file, old, new)
    with pytest.raises(Refused, match=words):
        publish(hub, bank_file)
    assert _row_of(hub) is None


def test_a_withdrawn_bank_stands_no_more_until_it_is_published_again(hub: Hub, bank_file: Path) -> None:
    publish(hub, bank_file)
    withdraw_phrases(hub, "beginnings")
    assert _row_of(hub) is None
    with pytest.raises(Refused, match="No phrase bank “beginnings” stands here"):
        withdraw_phrases(hub, "beginnings")
    assert publish(hub, bank_file).new
    assert _row_of(hub) is not None


def test_a_rubric_cannot_be_withdrawn_as_a_bank(hub: Hub) -> None:
    with pytest.raises(Refused, match="No phrase bank"):
        withdraw_phrases(hub, RUBRIC)
