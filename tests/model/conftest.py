"""One town for all scenarios of a run."""

from collections.abc import Iterator

import pytest
from tests.desk.conftest import cheap_passphrases
from tests.model.scenario import census, kept_town
from tests.model.town import Kept, keep_a_town


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A hub and four desks, closed, to be copied."""
    with cheap_passphrases():
        return keep_a_town(tmp_path_factory.mktemp("town"))


@pytest.fixture(autouse=True)
def _town(town: Kept) -> Iterator[None]:
    kept_town[:] = [town]
    census.clear()
    with cheap_passphrases():
        yield
    kept_town.clear()
