"""The import contracts of pyproject.toml hold, and each is seen to fail on an import that breaks it."""

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Planted:
    """Modules of the package, by path, with what is added to each: together they break one contract."""

    contract: str
    files: dict[str, str]


FLOORS = "A room imports only from the floors below"
QT = "Qt stays in the window"
SQL = "SQLAlchemy stays in the store and the hub"
THROUGH_DESK = "Window and commands go through the desk"
HUB = "The hub reaches neither desk nor store"
STORELESS = "Packets and reports do without the store"
PANES = "Panes know nothing of each other"

PLANTED = {
    "domain looks up": Planted(FLOORS, {"domain/planted.py": "import assessor_desk.keys"}),
    "neighbours meet": Planted(FLOORS, {"keys/planted.py": "from assessor_desk import settings"}),
    "a lazy import looks up": Planted(
        FLOORS,
        {
            "store/planted.py": "def late():\n    from assessor_desk.desk import planted",
            "desk/planted.py": "",
        },
    ),
    "a room nobody placed": Planted(FLOORS, {"cellar/__init__.py": ""}),
    "PySide6 in the desk": Planted(QT, {"desk/planted.py": "from PySide6.QtCore import QObject"}),
    "PySide6 in a command": Planted(QT, {"cli/planted.py": "def late():\n    import PySide6.QtWidgets"}),
    "shiboken6 in artifacts": Planted(QT, {"artifacts/planted.py": "import shiboken6"}),
    "pyqtgraph in reports": Planted(QT, {"reports/planted.py": "import pyqtgraph"}),
    "SQLAlchemy in the desk": Planted(SQL, {"desk/planted.py": "from sqlalchemy import select"}),
    "alembic in sync": Planted(SQL, {"sync/planted.py": "import alembic.command"}),
    "the window reads the store": Planted(
        THROUGH_DESK, {"gui/planted.py": "from assessor_desk import store"}
    ),
    "the window asks for the worker": Planted(
        THROUGH_DESK, {"gui/planted.py": "import assessor_desk.artifacts.planted", "artifacts/planted.py": ""}
    ),
    "a command takes a key": Planted(THROUGH_DESK, {"cli/planted.py": "import assessor_desk.keys"}),
    "a command seals by itself": Planted(THROUGH_DESK, {"cli/planted.py": "import assessor_desk.packets"}),
    "the hub is a desk": Planted(HUB, {"hub/planted.py": "import assessor_desk.desk"}),
    "the hub reaches the store by a detour": Planted(
        HUB,
        {
            "hub/planted.py": "import assessor_desk.sync.planted",
            "sync/planted.py": "import assessor_desk.store",
        },
    ),
    "packets fetch facts": Planted(STORELESS, {"packets/planted.py": "import assessor_desk.store"}),
    "reports fetch facts": Planted(STORELESS, {"reports/planted.py": "import assessor_desk.store"}),
    "a pane knows another": Planted(
        PANES,
        {
            "gui/panes/planted_left.py": "import assessor_desk.gui.panes.planted_right",
            "gui/panes/planted_right.py": "",
        },
    ),
}


#: One process for all that is checked here: starting one takes longer than to check. It never imports the package.
_LINTER = """
import contextlib, importlib, io, json, os, sys
from importlinter.cli import lint_imports_command
for line in sys.stdin:
    folder, sys.path[0] = json.loads(line)
    os.chdir(folder)
    importlib.invalidate_caches()
    said, code = io.StringIO(), None
    with contextlib.redirect_stdout(said):
        try:
            lint_imports_command(["--no-cache"])
        except SystemExit as ended:
            code = ended.code
    print(json.dumps([code, said.getvalue()]), flush=True)
"""


@dataclass(frozen=True)
class Checked:
    """What import-linter's command said, and how it ended."""

    returncode: int
    stdout: str


Lint = Callable[[Path, Path], Checked]


@pytest.fixture(scope="module")
def lint() -> Iterator[Lint]:
    """`lint(folder, source)` checks the contracts of `folder`'s pyproject.toml on the package in `source`."""
    environment = os.environ | {"PYTHONIOENCODING": "utf-8", "COLUMNS": "200"}
    with subprocess.Popen(
        [sys.executable, "-c", _LINTER],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as linter:
        asked, told = linter.stdin, linter.stdout
        assert asked is not None
        assert told is not None

        def check(folder: Path, source: Path) -> Checked:
            asked.write(json.dumps([str(folder), str(source)]) + "\n")
            asked.flush()
            return Checked(*json.loads(told.readline()))

        yield check
        asked.close()


def broken(output: str) -> set[str]:
    """The names of the contracts that import-linter calls broken."""
    return {line.removesuffix(" BROKEN") for line in output.splitlines() if line.endswith(" BROKEN")}


def test_every_contract_is_kept(root: Path, lint: Lint) -> None:
    done = lint(root, root / "src")
    assert done.returncode == 0, done.stdout
    assert "0 broken" in done.stdout


def test_every_contract_has_an_import_that_breaks_it(root: Path) -> None:
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    names = {contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]}
    assert names == {planted.contract for planted in PLANTED.values()}


@pytest.fixture(scope="module")
def skeleton(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our rooms and contracts, the rooms empty, so that only what is planted can break anything."""
    root, folder = Path(__file__).resolve().parents[2], tmp_path_factory.mktemp("skeleton")
    shutil.copy(root / "pyproject.toml", folder)
    package = root / "src" / "assessor_desk"
    for room in [package, *(path for path in package.iterdir() if (path / "__init__.py").exists())]:
        empty = folder / "assessor_desk" / room.relative_to(package) / "__init__.py"
        empty.parent.mkdir(exist_ok=True)
        empty.touch()
    (folder / "assessor_desk" / "__main__.py").touch()
    (folder / "assessor_desk" / "gui" / "panes").mkdir()
    (folder / "assessor_desk" / "gui" / "panes" / "__init__.py").touch()
    return folder


def test_empty_rooms_keep_every_contract(skeleton: Path, lint: Lint) -> None:
    assert lint(skeleton, skeleton).returncode == 0


@pytest.mark.parametrize("violation", PLANTED)
def test_a_planted_violation_is_found_and_its_contract_named(
    violation: str, skeleton: Path, tmp_path: Path, lint: Lint
) -> None:
    shutil.copytree(skeleton, tmp_path, dirs_exist_ok=True)
    for name, content in PLANTED[violation].files.items():
        path = tmp_path / "assessor_desk" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content + "\n", encoding="utf-8")
    done = lint(tmp_path, tmp_path)
    assert done.returncode == 1, done.stdout
    assert PLANTED[violation].contract in broken(done.stdout), done.stdout


@pytest.mark.parametrize("allowed", ["preflight", "preview"])
def test_commands_may_preflight_and_preview(allowed: str, skeleton: Path, tmp_path: Path, lint: Lint) -> None:
    shutil.copytree(skeleton, tmp_path, dirs_exist_ok=True)
    (tmp_path / "assessor_desk" / "artifacts" / f"{allowed}.py").touch()
    command = tmp_path / "assessor_desk" / "cli" / "planted.py"
    command.write_text(f"from assessor_desk.artifacts import {allowed}\n", encoding="utf-8")
    done = lint(tmp_path, tmp_path)
    assert done.returncode == 0, done.stdout


def modules(root: Path, *rooms: str) -> list[str]:
    """The dotted names of all modules in these rooms, Alembic's scripts excepted: only Alembic runs those."""
    source = root / "src"
    paths = (path for room in rooms for path in (source / "assessor_desk" / room).rglob("*.py"))
    inside = (path.relative_to(source).with_suffix("") for path in paths if "migrations" not in path.parts)
    return sorted(".".join(path.parts).removesuffix(".__init__") for path in inside)


def loaded_after_importing(names: list[str], *unwanted: str) -> list[str]:
    """Import modules in a fresh interpreter; which modules it then has of the packages in `unwanted`."""
    script = (
        "import importlib, sys\n"
        f"for name in {names!r}: importlib.import_module(name)\n"
        f"found = [m for m in sys.modules if any(m == u or m.startswith(u + '.') for u in {unwanted!r})]\n"
        "print(*sorted(found))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_no_other_room_loads_qt_when_it_runs(root: Path) -> None:
    package = root / "src" / "assessor_desk"
    rooms = [path.parent.name for path in package.glob("*/__init__.py") if path.parent.name != "gui"]
    assert len(rooms) > 10
    assert loaded_after_importing(modules(root, *rooms), "PySide6", "shiboken6", "pyqtgraph") == []


def test_the_hub_loads_neither_desk_nor_store_when_it_runs(root: Path) -> None:
    assert loaded_after_importing(modules(root, "hub"), "assessor_desk.desk", "assessor_desk.store") == []


def test_the_inbox_is_shown_without_what_only_a_review_needs() -> None:
    start = [
        "assessor_desk.cli.command_line",
        "assessor_desk.gui.app",
        "assessor_desk.desk",
        "assessor_desk.gui.workbench",
    ]
    rules = [
        f"assessor_desk.domain.{name}"
        for name in ("changes", "decision", "feedback", "phrases", "policy", "review", "rubric", "submission")
    ]
    rooms = [
        f"assessor_desk.{name}"
        for name in ("artifacts", "packets", "reports", "rubric_files", "sync", "verdict")
    ]
    later = [
        "assessor_desk.desk.answers",
        "assessor_desk.desk.identity",
        "assessor_desk.keys.envelope",
        "assessor_desk.gui.originals",
        "assessor_desk.gui.panes",
        "assessor_desk.gui.viewers",
    ]
    heavy = [
        "sqlalchemy",
        "httpx",
        "asyncio",
        "yaml",
        "jsonschema",
        "pydantic",
        "cryptography.hazmat.primitives.ciphers",
        "hashlib",
        "platform",
        "sqlite3",
        "uuid",
    ]
    assert loaded_after_importing(start, *rules, *rooms, *later, *heavy) == []


def test_what_is_loaded_is_noticed() -> None:
    assert "assessor_desk.store" in loaded_after_importing(["assessor_desk.store"], "assessor_desk.store")
