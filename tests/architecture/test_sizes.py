"""Functions and files stay of a size that one can read at a sitting."""

import ast
from collections.abc import Iterator
from pathlib import Path

LONGEST_FUNCTION = 70
LONGEST_FILE = 600
FUNCTIONS_UNDER_40_LINES = 0.95


def _functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.name}:{node.lineno} {node.name}", (node.end_lineno or 0) - node.lineno + 1


def _files(root: Path) -> list[Path]:
    found = [*(root / "src").rglob("*.py"), root / "dev.py"]
    assert len(found) > 30
    return found


def test_no_function_is_longer_than_a_screen(root: Path) -> None:
    sizes = dict(pair for path in _files(root) for pair in _functions(path))
    assert [name for name, size in sizes.items() if size > LONGEST_FUNCTION] == []


def test_almost_all_functions_are_short(root: Path) -> None:
    sizes = [size for path in _files(root) for _name, size in _functions(path)]
    assert sum(size < 40 for size in sizes) / len(sizes) >= FUNCTIONS_UNDER_40_LINES


def test_no_file_is_longer_than_a_sitting(root: Path) -> None:
    sizes = {
        path.relative_to(root).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for path in _files(root)
    }
    assert {name: size for name, size in sizes.items() if size > LONGEST_FILE} == {}
