"""What holds for every test: nothing is logged, printed to Qt, left running or left lying about unnoticed.

The guards fail the test during which something happened, and name it: a stray log record, a window still
alive, a thread or child process still running, a file in the current folder. That folder is an empty one and
not the repository, so that a path which only works from the source tree does not pass here.
"""

import contextlib
import gc
import itertools
import logging
import os
import re
import shutil
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
from tests.model.telling import CENSUS, lines_of
from tests.spreading import longest_first, scheduling

ROOT = Path(__file__).resolve().parent.parent
GRACE_SECONDS = 3.0

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_LOGGING_RULES", "qt.multimedia.*.info=false")
# Neither the person's keyring nor a proxy is any business of a test.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost,::1"
for _name in ("ASSESSOR_DESK_HOME", "ASSESSOR_DESK_PASSPHRASE"):
    os.environ.pop(_name, None)

ExpectedLog = Callable[..., AbstractContextManager[list[logging.LogRecord]]]

_PACKAGES = {"soffice": "libreoffice-writer", "chromium": "chromium"}


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Leave what collecting makes out of garbage collection: all of it stays to the end of the run.

    Half a million objects otherwise are gone through after each test with a window, for a quarter of a second.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.collect()
        gc.freeze()
        # The guard of windows collects all at its end; between, a search every seven hundred objects finds little.
        gc.set_threshold(20_000, 20, 20)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest; the order is random otherwise."""
    longest_first(items)


def pytest_collection_finish() -> None:
    """Let all tests share the statements that are compiled in their process."""
    if "sqlalchemy" in sys.modules:
        from tests.statements import compile_once

        compile_once()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Files that share a costly fixture go to the same process."""
    return scheduling(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what the scenarios of `tests/model` went through, however many processes shared them."""
    reports = [one for reports in terminalreporter.stats.values() for one in reports]
    told = [
        census for one in reports for name, census in getattr(one, "user_properties", ()) if name == CENSUS
    ]
    for line in lines_of(sum(map(Counter, told), Counter[str]())):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's folder."""
    return ROOT


@pytest.fixture(scope="session")
def tool() -> Callable[[str], str]:
    """`tool("qpdf")`: the path of a program that a test needs; where it is missing the test says so and is skipped.

    On CI a missing program is a failure: `dev.py test` installs them all, but for an office suite of some hundred
    megabytes, without which the tests that need it are skipped there too.
    """

    def find(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            package = _PACKAGES.get(name)
            how = f"sudo apt-get install {package}" if package else "python3 dev.py test"
            missing = f"{name} is not installed here. Run: {how}"
            installed_by_us = name != "soffice"
            (pytest.fail if os.environ.get("CI") and installed_by_us else pytest.skip)(missing)
        return path

    return find


# -- log records -------------------------------------------------------------------------------------------


@dataclass
class LogWatch:
    """Sees every record at WARNING and above as it is made, whatever its logger's handlers or propagation."""

    stray: list[logging.LogRecord] = field(default_factory=list)

    def record_factory(self, previous: Callable[..., logging.LogRecord]) -> Callable[..., logging.LogRecord]:
        def make(*args: object, **kwargs: object) -> logging.LogRecord:
            record = previous(*args, **kwargs)
            if record.levelno >= logging.WARNING:
                self.stray.append(record)
            return record

        return make

    @contextlib.contextmanager
    def expect(self, pattern: str, logger: str = "") -> Iterator[list[logging.LogRecord]]:
        """At least one record whose message matches `pattern` must come within the block; it is forgiven."""
        start, seen = len(self.stray), list[logging.LogRecord]()
        yield seen
        # A server's thread may answer first and log then.
        end = time.monotonic() + GRACE_SECONDS
        while not seen:
            for record in self.stray[start:]:
                if record.name.startswith(logger) and re.search(pattern, record.getMessage()):
                    seen.append(record)
                    self.stray.remove(record)
            if seen or time.monotonic() > end:
                break
            time.sleep(0.02)
        assert seen, f"No log record matching {pattern!r} came from {logger or 'any logger'}"


@pytest.fixture(scope="session")
def log_watch() -> Iterator[LogWatch]:
    """The one log watch of the run."""
    watch = LogWatch()
    previous = logging.getLogRecordFactory()
    logging.setLogRecordFactory(watch.record_factory(previous))
    yield watch
    logging.setLogRecordFactory(previous)


@pytest.fixture(autouse=True)
def _no_stray_log_record(log_watch: LogWatch) -> Iterator[None]:
    log_watch.stray.clear()
    yield
    stray, log_watch.stray = log_watch.stray, []
    lines = [f"{r.levelname} {r.name}: {r.getMessage()}" for r in stray]
    assert not lines, "Unexpected log records (see the expected_log fixture):\n  " + "\n  ".join(lines)


@pytest.fixture
def expected_log(log_watch: LogWatch) -> ExpectedLog:
    """`with expected_log("hub is down", logger="assessor_desk.sync"):` around what must warn."""
    return log_watch.expect


# -- what outlives a test ----------------------------------------------------------------------------------


def _still(find: Callable[[], set[object]], before: set[object]) -> set[object]:
    """What `find` sees beyond `before` once things that are just ending have had time to end."""
    left, end = find() - before, time.monotonic() + GRACE_SECONDS
    while left and time.monotonic() < end:
        time.sleep(0.02)
        left = find() - before
    return left


def _threads() -> set[object]:
    # A dummy stands for a thread that Qt or another library started and that called into Python once.
    return {t for t in threading.enumerate() if not isinstance(t, threading._DummyThread)}


@pytest.fixture(autouse=True)
def _no_thread_left() -> Iterator[None]:
    before = _threads()
    yield
    left = sorted(str(thread) for thread in _still(_threads, before))
    assert not left, "Threads still running: " + ", ".join(left)


def _child_processes() -> Iterator[psutil.Process]:
    """Linux lists a process's own children at once; to find them psutil reads every process of the machine."""
    try:
        lists = [task.joinpath("children").read_text("ascii") for task in Path("/proc/self/task").iterdir()]
    except OSError:  # another system, or a thread that is just ending
        yield from psutil.Process().children()
        return
    for pid in " ".join(lists).split():
        with contextlib.suppress(psutil.NoSuchProcess):
            yield psutil.Process(int(pid))


def _children() -> set[object]:
    found = set[object]()
    for child in _child_processes():
        with contextlib.suppress(psutil.NoSuchProcess):
            # Python's own tracker of shared memory lives as long as the interpreter.
            lasting = "multiprocessing.resource_tracker" in _words(child)
            if child.status() != psutil.STATUS_ZOMBIE and not lasting:
                found.add(child)
    return found


def _words(process: psutil.Process) -> str:
    return " ".join(process.cmdline())


@pytest.fixture(autouse=True)
def _no_child_process_left() -> Iterator[None]:
    before = _children()
    yield
    left = [child for child in _still(_children, before) if isinstance(child, psutil.Process)]
    names = []
    for child in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            names.append(f"{child.pid} {_words(child)[:120]}")
            child.kill()
    assert not names, "Child processes still alive (now ended): " + "; ".join(names)


def _windows() -> set[object]:
    """Parentless top-level widgets, without importing Qt for a test that does not use it."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return set()
    alive = (w for w in widgets.QApplication.topLevelWidgets() if w.parent() is None)
    return {w for w in alive if w.metaObject().className() != "QTipLabel"}


def _leave_out_what_is_there(*, anew: bool) -> None:
    """Only what a test makes is gone through for its garbage: what lay there before is half a million objects.

    Garbage that was among that, as when a fixture of a module ends, goes with the next time `anew`.
    """
    if anew:
        gc.unfreeze()
        gc.collect()
    gc.freeze()


def _let_deletions_happen() -> None:
    core = sys.modules["PySide6.QtCore"]
    core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete.value)
    gc.collect()


@pytest.fixture(scope="session")
def _tests_with_windows() -> Iterator[int]:
    return itertools.count()


@pytest.fixture(autouse=True)
def _no_window_left(request: pytest.FixtureRequest, _tests_with_windows: Iterator[int]) -> Iterator[None]:
    if "qapp" in request.fixturenames:
        _leave_out_what_is_there(anew=next(_tests_with_windows) % 50 == 0)
    before = _windows()
    yield
    if not _windows() - before:
        return
    _let_deletions_happen()
    left = [w for w in _windows() - before if hasattr(w, "metaObject")]
    names = [f"{w.metaObject().className()} {w.objectName() or w.windowTitle()}".strip() for w in left]
    for widget in left:
        widget.close()
        widget.deleteLater()
    if left:
        _let_deletions_happen()
    assert not names, "Windows still alive (now deleted): " + "; ".join(names)


@pytest.fixture(scope="session")
def _empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder, before = tmp_path_factory.mktemp("current-folder"), Path.cwd()
    os.chdir(folder)
    yield folder
    os.chdir(before)


@pytest.fixture(autouse=True)
def _no_stray_file(_empty_folder: Path) -> Iterator[None]:
    os.chdir(_empty_folder)
    yield
    os.chdir(_empty_folder)
    stray = sorted(_empty_folder.iterdir())
    for path in stray:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert not stray, "Left in the current folder: " + ", ".join(path.name for path in stray)
