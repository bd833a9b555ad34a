"""Where folders are, from the source tree, from a wheel and from a bundle."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from assessor_desk import places


def test_the_environment_names_the_desk_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ASSESSOR_DESK_HOME", str(tmp_path / "mine"))
    assert places.default_desk() == tmp_path / "mine"


def test_without_a_name_the_desk_lies_where_the_system_keeps_user_data(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("ASSESSOR_DESK_HOME", raising=False)
    assert places.default_desk().is_absolute()
    assert places.default_desk().parts[-2:] == ("assessor-desk", "desk")


def test_the_source_tree_has_the_data_at_its_root(root: Path) -> None:
    assert places.resources() == root / "resources"
    assert places.rubrics() == root / "rubrics"
    assert places.schemas() == root / "docs" / "schemas"


def test_a_package_that_carries_its_data_finds_them_there(tmp_path: Path, root: Path) -> None:
    package = tmp_path / "assessor_desk"
    shutil.copytree(root / "src" / "assessor_desk" / "places", package / "places")
    shutil.copy(root / "src" / "assessor_desk" / "__init__.py", package)
    (package / "data").mkdir()
    show = "from assessor_desk import places as p; print(p.resources(), p.rubrics(), p.schemas(), sep='\\n')"
    asked = subprocess.run(
        [sys.executable, "-c", show], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=30
    )
    expected = [package / "data" / name for name in ("resources", "rubrics", "schemas")]
    assert [Path(line) for line in asked.stdout.splitlines()] == expected


def test_a_wheel_carries_every_data_file(tmp_path: Path, root: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=root, check=True, capture_output=True, timeout=100)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder, carried in (("resources", "resources"), ("rubrics", "rubrics"), ("docs/schemas", "schemas")):
        files = [path.relative_to(root / folder) for path in (root / folder).rglob("*") if path.is_file()]
        files = [path for path in files if not any(part.startswith((".", "__py")) for part in path.parts)]
        assert files, f"{folder} is empty"
        missing = [path for path in files if f"assessor_desk/data/{carried}/{path.as_posix()}" not in names]
        assert not missing
    assert "assessor_desk/__main__.py" in names
