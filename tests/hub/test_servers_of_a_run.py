"""The servers that tests start for themselves end with the run, however it ends (`tests.beyond`)."""

import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from tests import beyond
from tests.beyond import missing

_KEEPS = """
import signal, sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from tests.beyond import _folder, _running
signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
with _folder("pg") as folder, _running([Path(sys.executable), "-c", "import time; time.sleep(600)"], folder, 15) as one:
    print(one.pid, folder, flush=True)
    time.sleep(600)
"""
_STARTS = """
import sys, time
sys.path.insert(0, sys.argv[1])
from tests.beyond import Beyond
servers = Beyond()
servers.servers
print(servers._kept.pid, flush=True)
time.sleep(600)
"""

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="what ends a process with its parent is Linux's"
)
Starting = Callable[[str], tuple[subprocess.Popen[str], list[str]]]


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where such folders are made here: PostgreSQL's other user may not enter a test's own."""
    with tempfile.TemporaryDirectory(prefix="servers-") as folder:
        Path(folder).chmod(0o755)
        monkeypatch.setattr("tempfile.tempdir", folder)
        monkeypatch.setenv("TMPDIR", folder)
        yield Path(folder)


@pytest.fixture
def starting(root: Path, place: Path) -> Iterator[Starting]:
    """Starts a script with the repository's path, and reads the line that it writes."""
    begun: list[subprocess.Popen[str]] = []

    def start(script: str) -> tuple[subprocess.Popen[str], list[str]]:
        command = [sys.executable, "-c", script, str(root)]
        begun.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        assert begun[-1].stdout is not None
        return begun[-1], begun[-1].stdout.readline().split()

    yield start
    for one in begun:
        one.kill()
        one.wait()
        assert one.stdout is not None
        one.stdout.close()


def _gone(pid: int, patience: float = 20) -> bool:
    give_up = time.monotonic() + patience
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > give_up:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_ends_with_whoever_keeps_it_and_its_folder_is_removed(
    starting: Starting, end: signal.Signals
) -> None:
    keeper, (pid, folder) = starting(_KEEPS)
    beyond._remove_abandoned()
    assert Path(folder).is_dir(), "what is in use stays"
    keeper.send_signal(end)
    keeper.wait(20)
    assert _gone(int(pid))
    beyond._remove_abandoned()
    assert not Path(folder).exists()


@pytest.mark.long
@pytest.mark.skipif(bool(missing()), reason=missing())
@pytest.mark.parametrize("killed", ["the run", "what keeps the servers"])
def test_killing_a_run_or_what_keeps_its_servers_ends_them(
    starting: Starting, place: Path, killed: str
) -> None:
    run, (pid,) = starting(_STARTS)
    keeper = psutil.Process(int(pid))
    started = keeper.children(recursive=True)
    assert {"postgres", "weed"} <= {one.name() for one in started}
    assert len(list(place.glob("hub-*"))) == 2
    (run if killed == "the run" else keeper).kill()
    assert all(_gone(one.pid) for one in (*started, keeper))
    beyond._remove_abandoned()
    assert not list(place.glob("hub-*"))
