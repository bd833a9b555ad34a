"""Badges of every version that was released verify for ever."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assessor_desk.verdict import FactId, Standing, TrustList, verify

GOLDEN = Path(__file__).parent.parent / "golden" / "badge-1.0"
SOON, LATER = datetime(2026, 11, 24, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("form", ["json", "png", "svg"])
def test_a_badge_of_the_first_version_verifies(form: str) -> None:
    trust = TrustList.load(GOLDEN / "trust.pem")
    verdict = verify(GOLDEN / f"badge.{form}", trust, SOON)
    assert verdict.exit_code(frozenset({"revocation"})) == 0


def test_years_later_it_still_says_who_issued_it() -> None:
    verdict = verify(GOLDEN / "badge.png", TrustList.load(GOLDEN / "trust.pem"), LATER)
    assert verdict.exit_code() == 0
    assert verdict.fact(FactId.SIGNER).standing is Standing.GOOD
    assert "out of date" in verdict.fact(FactId.REVOCATION).sentence
