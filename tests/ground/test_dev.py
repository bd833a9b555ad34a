"""dev.py on machines that lack this or that. What it would install is watched, never installed."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def dev(root: Path) -> ModuleType:
    """dev.py as a fresh module."""
    spec = importlib.util.spec_from_file_location("dev_under_test", root / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def ran(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """The commands that dev.py would have run."""
    commands: list[list[str]] = []

    def watch(command: list[str]) -> int:
        commands.append(command)
        return 0

    monkeypatch.setattr(dev, "run_quietly", watch)
    return commands


def _has(monkeypatch: pytest.MonkeyPatch, dev: ModuleType, *tools: str) -> None:
    monkeypatch.setattr(dev.shutil, "which", lambda tool: f"bin/{tool}" if tool in tools else None)


def test_a_missing_library_is_told_by_the_package_that_has_it(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev.sys, "platform", "linux")
    monkeypatch.setattr(dev, "loads", lambda library: library != "libEGL.so.1")
    _has(
        monkeypatch, dev, "openssl", "Xvfb", "certutil", "chromium", "node", "npm", "haproxy", "cc", "initdb"
    )
    assert dev.needed_packages() == ["libegl1"]
    assert dev.tool_packages() == ["poppler-utils", "qpdf"]


def test_a_library_is_looked_for_with_the_loader(dev: ModuleType) -> None:
    assert not dev.loads("libnobody-has-this.so.99")


def test_root_installs_without_asking(
    dev: ModuleType, ran: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    _has(monkeypatch, dev, "apt-get")
    monkeypatch.setattr(dev, "privilege", list)
    assert dev.install_packages(["libegl1"])
    assert ran[0][-1] == "update"
    assert ran[1][-4:] == ["install", "--yes", "--no-install-recommends", "libegl1"]
    assert "sudo" not in ran[1]


def test_where_nothing_may_be_installed_the_exact_command_is_printed(
    dev: ModuleType,
    ran: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _has(monkeypatch, dev, "apt-get")
    monkeypatch.setattr(dev, "privilege", lambda: None)
    assert not dev.install_packages(["libegl1", "libgl1"])
    assert ran == []
    command = "sudo apt-get install --yes --no-install-recommends libegl1 libgl1"
    assert command in capsys.readouterr().err.splitlines()[-1]


def test_elsewhere_than_on_debian_the_packages_are_named(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _has(monkeypatch, dev)
    assert not dev.install_packages(["libegl1"])
    assert "libegl1" in capsys.readouterr().err


def test_without_qts_libraries_nothing_is_started(
    dev: ModuleType, ran: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev.sys, "platform", "linux")
    monkeypatch.setattr(dev, "loads", lambda library: library != "libEGL.so.1")
    _has(monkeypatch, dev)
    with pytest.raises(dev.Stop, match="nothing can start: libegl1"):
        dev.prepare()
    assert ran == []


def test_a_missing_test_tool_alone_stops_nobody(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    prepared: list[bool] = []
    monkeypatch.setattr(dev, "needed_packages", list)
    monkeypatch.setattr(dev, "prepare_venv", lambda: prepared.append(True))
    _has(monkeypatch, dev)
    dev.prepare(tests=True)
    assert "qpdf" in capsys.readouterr().err
    assert prepared == [True]


def test_a_python_that_makes_no_virtual_environment_gets_its_package_with_the_others(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev.sys, "platform", "linux")
    monkeypatch.setattr(dev.importlib.util, "find_spec", lambda _name: None)
    monkeypatch.setattr(dev, "loads", lambda library: library != "libEGL.so.1")
    monkeypatch.setattr(dev, "venv_works", lambda: False)
    assert dev.needed_packages() == [
        f"python{sys.version_info.major}.{sys.version_info.minor}-venv",
        "libegl1",
    ]
    monkeypatch.setattr(dev, "venv_works", lambda: True)
    assert dev.needed_packages() == ["libegl1"]


def test_what_the_lock_already_gave_is_not_installed_again(
    dev: ModuleType, ran: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(dev, "STAMP", tmp_path / "stamp")
    monkeypatch.setattr(dev, "install_package", lambda: None)
    monkeypatch.setattr(dev, "venv_works", lambda: True)
    monkeypatch.setattr(dev, "PYTHON", Path(sys.executable))
    dev.prepare_venv()
    assert "--require-hashes" in ran[0]
    dev.prepare_venv()
    assert len(ran) == 1
    monkeypatch.setattr(dev, "LOCK", tmp_path / "requirements.lock")
    dev.LOCK.write_text("changed==1", encoding="utf-8")
    dev.prepare_venv()
    assert len(ran) == 2


@pytest.mark.parametrize(
    ("variables", "display"),
    [({}, False), ({"DISPLAY": ":1"}, True), ({"WAYLAND_DISPLAY": "w"}, True), ({"DISPLAY": ""}, False)],
)
def test_a_display_is_known_by_the_environment(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], display: bool
) -> None:
    monkeypatch.setattr(dev.sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert dev.has_display() is display


def test_the_demo_without_a_display_says_what_to_do(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dev, "has_display", lambda: False)
    assert dev.main(["demo"]) == 1
    said = capsys.readouterr().err
    assert "There is no display to open a window on; `python3 dev.py demo --unattended DIR`" in said


@pytest.mark.parametrize("words", [["--unattended", "out"], ["--unattended=out"], ["--help"], ["-h"]])
def test_what_opens_no_window_needs_no_display(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr(dev, "has_display", lambda: False)
    monkeypatch.setattr(dev, "prepare", lambda **_: None)
    monkeypatch.setattr(dev, "call", lambda *command: calls.append(command) or 0)
    assert dev.main(["demo", *words]) == 0
    assert calls == [("-m", "assessor_desk", "demo", *words)]


def test_tests_run_to_the_end_of_the_list_and_the_worst_code_counts(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls: list[tuple[str, ...]] = []
    monkeypatch.setattr(dev, "prepare", lambda **_: None)

    def call(*command: str) -> int:
        calls.append(command)
        return 1 if command[1:3] == ("ruff", "check") else 0

    monkeypatch.setattr(dev, "call", call)
    assert dev.main(["test"]) == 1
    assert [command[1] for command in calls] == ["ruff", "ruff", "mypy", "pytest"]
    assert "not bench and not long" in calls[-1]
    assert "Failed: style" in capsys.readouterr().err


@pytest.mark.parametrize(
    "line", ["--index-url https://example.org/simple", "thing @ file:///somewhere", "../thing"]
)
def test_a_lock_that_names_an_address_is_refused(
    dev: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str
) -> None:
    target = tmp_path / "requirements.lock"
    target.write_text(f"fine==1 \\\n    --hash=sha256:00\n{line}\n", encoding="utf-8")
    monkeypatch.setattr(dev, "call", lambda *_: 0)
    with pytest.raises(dev.Stop, match="The lock names an address"):
        dev.resolve(target)


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["dance"], 2), (["--help"], 0)])
def test_without_a_subcommand_the_list_is_shown(root: Path, arguments: list[str], code: int) -> None:
    done = subprocess.run(
        [sys.executable, root / "dev.py", *arguments], check=False, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == code
    assert all(f"python3 dev.py {name}" in done.stdout for name in ("demo", "test", "bench", "lock"))


def test_a_machine_without_npm_goes_without_its_libraries(
    dev: ModuleType, ran: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    _has(monkeypatch, dev)
    dev.prepare_npm()
    assert ran == []


def test_what_npm_installs_is_what_the_lock_names_and_runs_nothing(
    dev: ModuleType, ran: list[list[str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _has(monkeypatch, dev, "npm")
    monkeypatch.setattr(dev, "NPM", tmp_path / "npm")
    dev.prepare_npm()
    dev.prepare_npm()
    (command,) = ran
    assert command[1] == "ci"
    assert "--ignore-scripts" in command


def test_npms_lock_names_no_registry(root: Path) -> None:
    lock = (root / "tests" / "badges" / "npm" / "package-lock.json").read_text(encoding="utf-8")
    assert '"integrity"' in lock
    assert '"resolved"' not in lock
    assert "registry" not in lock
