"""The demo's hub can be unplugged, whatever the demo was started from."""

import io
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from assessor_desk.cli import demo
from assessor_desk.cli.sample_hub import HubProcess
from assessor_desk.domain.errors import Unavailable
from assessor_desk.hub.hub import Hub


class Terminal(io.StringIO):
    """Where somebody sits."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def plugged(tmp_path: Path) -> Iterator[HubProcess]:
    """A hub that answers in a process of its own."""
    Hub.create(tmp_path / "hub", "Sample", "Sample programme").close()
    with HubProcess(tmp_path / "hub") as hub:
        yield hub


def test_at_a_terminal_enter_unplugs(plugged: HubProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo.sys, "stdin", Terminal())
    assert demo._how_to_unplug(plugged).startswith("Press Enter here")


def test_without_a_terminal_it_is_told_how_else(
    plugged: HubProcess, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(demo.sys, "stdin", io.StringIO("\n"))
    told = demo._how_to_unplug(plugged)
    assert "A line written to this program's standard input unplugs the hub" in told
    assert f"Ending process {plugged.pid} unplugs it" in told
    demo._plug_and_unplug(plugged)
    assert not plugged.running
    assert capsys.readouterr().out.startswith("Unplugged.")


def test_a_hub_that_was_ended_from_outside_counts_as_unplugged_and_can_be_plugged_in(
    plugged: HubProcess, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    address = plugged.url
    os.kill(plugged.pid, signal.SIGTERM)
    deadline = time.monotonic() + 20
    while plugged.running and time.monotonic() < deadline:
        time.sleep(0.02)
    monkeypatch.setattr(demo.sys, "stdin", io.StringIO("\n"))
    demo._plug_and_unplug(plugged)
    assert plugged.running
    assert plugged.url == address
    assert capsys.readouterr().out == "Plugged in.\n"


def test_where_something_else_answers_at_its_address_the_demo_says_so(tmp_path: Path) -> None:
    Hub.create(tmp_path / "hub", "Sample", "Sample programme").close()
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(
            Unavailable, match=rf"did not start: The hub cannot listen on 127\.0\.0\.1, port {port}"
        ):
            HubProcess(tmp_path / "hub", port).start()
