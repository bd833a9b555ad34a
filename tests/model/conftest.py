"""One town for all scenarios of a run, and word of what happened in them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import pytest
from filelock import FileLock
from tests.desk.conftest import cheap_passphrases
from tests.model.scenario import census, kept_town
from tests.model.telling import CENSUS
from tests.model.town import Kept, keep_a_town


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Kept:
    """A hub and its desks, closed, to be copied. Processes of one run share it: making it takes seconds."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "town"
    with FileLock(f"{folder}.lock"):
        kept = folder / "kept.json"
        if not kept.exists():
            folder.mkdir()
            with cheap_passphrases():
                _write(kept, keep_a_town(folder))
        return _read(kept)


def _write(path: Path, town: Kept) -> None:
    told = {**asdict(town), "folder": str(town.folder)}
    told["keys"] = {name: key.hex() for name, key in town.keys.items()}
    path.write_text(json.dumps(told), encoding="utf-8")


def _read(path: Path) -> Kept:
    told = json.loads(path.read_text(encoding="utf-8"))
    keys = {name: bytes.fromhex(key) for name, key in told["keys"].items()}
    return Kept(Path(told["folder"]), told["numbers"], keys)


@pytest.fixture(autouse=True)
def _town(town: Kept, record_property: Callable[[str, object], None]) -> Iterator[None]:
    kept_town[:] = [town]
    census.clear()
    with cheap_passphrases():
        yield
    kept_town.clear()
    if census["scenario"]:
        record_property(CENSUS, dict(census))
