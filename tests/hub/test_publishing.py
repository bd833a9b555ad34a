"""A published version never changes, and is signed by the issuer."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.hub.making import StandingClock

from assessor_desk.domain.errors import Refused
from assessor_desk.hub import tables as t
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.publishing import newest_rubric, policy_for, publish
from assessor_desk.keys.signing import roles
from assessor_desk.places import resources, rubrics
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
