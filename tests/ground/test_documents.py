"""What README and THIRD-PARTY.md say is so."""

import importlib.metadata
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from assessor_desk.cli.command_line import parser


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _carried(names: list[str]) -> set[str]:
    """These distributions and all they need, as installed here."""
    found, waiting = set[str](), list(names)
    while waiting:
        name = _normal(re.split(r"[^\w.-]", waiting.pop(), maxsplit=1)[0])
        try:
            needs = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        if name not in found:
            found.add(name)
            waiting += [need for need in needs if "extra ==" not in need]
    return found


def test_every_library_the_program_runs_with_has_its_terms_listed(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    listed = re.findall(
        r"^\| ([\w.-]+) \| \S", (root / "THIRD-PARTY.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    carried = _carried(project["dependencies"])
    assert len(carried) > 40
    assert carried - {_normal(name) for name in listed} == set()


def test_the_lock_has_a_hash_for_everything_and_names_no_address(root: Path) -> None:
    text = (root / "requirements.lock").read_text(encoding="utf-8")
    requirements = re.split(r"\n(?=\w)", text.strip())
    assert len(requirements) > 80
    assert [entry.splitlines()[0] for entry in requirements if "--hash=sha256:" not in entry] == []
    assert not re.search(r"://|^-|^\s+--(?!hash=)", text, re.MULTILINE)


def test_the_lock_has_every_dependency_of_the_project(root: Path) -> None:
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*settings["project"]["dependencies"], *settings["dependency-groups"]["dev"]]
    locked = re.findall(
        r"^([\w.-]+)==", (root / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE
    )
    names = {_normal(re.split(r"[^\w.-]", entry, maxsplit=1)[0]) for entry in wanted}
    assert names - {_normal(name) for name in locked} == set()


def test_decisions_are_numbered_short_and_have_their_four_headings(root: Path) -> None:
    records = sorted((root / "docs" / "decisions").glob("*.md"))
    numbers = [record.name[:4] for record in records]
    assert numbers == sorted(set(numbers)), "Two records share a number"
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 20, record.name
        assert re.findall(r"\*\*(Decision|Why|Instead of|Revisit when)\b", text) == [
            "Decision",
            "Why",
            "Instead of",
            "Revisit when",
        ], record.name


def test_ci_runs_the_command_of_the_readme(root: Path) -> None:
    command = "python3 dev.py test"
    lines = (root / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "dev.py" in line or "pytest" in line] == [f"exec {command}"]
    assert command in (root / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("document", ["README.md", "THIRD-PARTY.md", "CHANGELOG.md"])
def test_links_and_folders_named_in_a_document_exist(root: Path, document: str) -> None:
    text = (root / document).read_text(encoding="utf-8")
    folders = re.findall(r"`((?:[\w.-]+/)+)`", text)
    assert [name for name in [*_links(text), *folders] if not (root / name).exists()] == []


def test_pages_lead_to_pages_that_exist_and_each_is_led_to_from_the_readme(root: Path) -> None:
    pages = sorted((root / "docs").glob("*.md"))
    for page in pages:
        astray = [
            link for link in _links(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()
        ]
        assert astray == [], page.name
    front = _links((root / "README.md").read_text(encoding="utf-8"))
    assert [page.name for page in pages if f"docs/{page.name}" not in front] == []


def _links(text: str) -> list[str]:
    return [link.partition("#")[0] for link in re.findall(r"(?<!!)\]\(([^)]+)\)", text) if "://" not in link]


@pytest.mark.parametrize("document", ["README.md", "docs/*.md"])
def test_every_command_in_the_documents_is_one_that_the_program_knows(root: Path, document: str) -> None:
    text = "\n".join(page.read_text(encoding="utf-8") for page in sorted(root.glob(document)))
    commands = re.findall(r"^ *assessor-desk (.+)$", text.replace("\\\n", ""), re.MULTILINE)
    assert len(commands) >= 9
    for command in commands:
        arguments = parser().parse_args(shlex.split(command, comments=True))
        assert callable(arguments.run), command


def test_every_subcommand_of_dev_py_is_one_that_it_lists(root: Path) -> None:
    listed = re.findall(
        r"^    python3 dev\.py (\w+)", (root / "dev.py").read_text(encoding="utf-8"), re.MULTILINE
    )
    named = re.findall(r"python3 dev\.py (\w+)", (root / "README.md").read_text(encoding="utf-8"))
    assert len(set(named)) >= 3
    assert set(named) <= set(listed)
