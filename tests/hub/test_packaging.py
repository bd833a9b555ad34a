"""What `packaging/hub` says of a hub in containers is so: the same commands, the shipped balancer, real servers."""

from __future__ import annotations

import contextlib
import re
import shlex
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import httpx
import pytest
from ruamel.yaml import YAML
from tests import homes
from tests.beyond import Beyond, free_port
from tests.hub.conftest import Answering
from tests.hub.processes import Process, empty_folder
from tests.hub.shipped_balancer import make_certificate, shipped_balancer

from assessor_desk.cli.command_line import parser
from assessor_desk.domain.roles import Role
from assessor_desk.hub.whereabouts import PREFIX, keep_whereabouts, whereabouts_of


@pytest.fixture
def packaging(root: Path) -> Path:
    """The folder that an operator is given."""
    return root / "packaging" / "hub"


def _services(packaging: Path) -> dict[str, dict[str, object]]:
    told = YAML(typ="safe").load((packaging / "compose.yaml").read_text(encoding="utf-8"))
    services: dict[str, dict[str, object]] = told["services"]
    return services


def test_every_service_is_named_with_its_start(packaging: Path) -> None:
    services = _services(packaging)
    assert set(services) == {"balancer", "hub", "database", "store"}
    assert all("image" in each for each in services.values())
    assert not [name for name, each in services.items() if name != "balancer" and "ports" in each]


def test_the_hub_starts_with_a_command_that_there_is(packaging: Path) -> None:
    text = (packaging / "Containerfile").read_text(encoding="utf-8")
    entry, start = (re.search(rf"^{word} \[(.*)\]$", text, re.M) for word in ("ENTRYPOINT", "CMD"))
    assert entry is not None
    assert start is not None
    _, *words = shlex.split(f"{entry[1]} {start[1]}".replace(",", " "))
    args = parser().parse_args(words)
    assert (args.host, args.behind) == ("0.0.0.0", "10.89.0.0/24")
    assert args.behind in (packaging / "compose.yaml").read_text(encoding="utf-8")


def test_every_variable_is_one_that_the_hub_reads(packaging: Path, root: Path) -> None:
    told = set(re.findall(rf"{PREFIX}(\w+):", (packaging / "compose.yaml").read_text(encoding="utf-8")))
    source = (root / "src" / "assessor_desk" / "hub" / "whereabouts.py").read_text(encoding="utf-8")
    known = {"DATABASE", "DATABASE_PASSWORD", "KEY", "BLOBS"}
    known |= {
        f"BLOBS_{each}" for each in ("ENDPOINT", "PUBLIC", "REGION", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY")
    }
    assert all(each.removeprefix("BLOBS_") in source for each in known)
    assert {name.removesuffix("_FILE") for name in told} <= known


def test_the_image_has_the_locked_libraries_and_no_window(packaging: Path, root: Path) -> None:
    pinned = re.compile(r"^([\w.-]+)==(\S+)", re.M)
    ours = dict(pinned.findall((packaging / "requirements.lock").read_text(encoding="utf-8")))
    whole = dict(pinned.findall((root / "requirements.lock").read_text(encoding="utf-8")))
    assert {name: version for name, version in ours.items() if whole.get(name) != version} == {}
    assert not [name for name in ours if "pyside" in name or "shiboken" in name]
    assert {"fastapi", "uvicorn", "psycopg-binary", "obstore", "sqlcipher3", "alembic"} <= set(ours)


def test_every_library_of_the_image_is_pinned_by_its_hash(packaging: Path) -> None:
    text = (packaging / "requirements.lock").read_text(encoding="utf-8")
    pins = [each for each in re.split(r"\n(?=\S)", text) if not each.startswith("#")]
    assert [each for each in pins if "==" not in each or "--hash=sha256:" not in each] == []


def test_the_images_client_is_of_the_servers_version(packaging: Path) -> None:
    """A newer pg_restore tells the server what it does not know, and an older pg_dump takes nothing from it."""
    text = (packaging / "Containerfile").read_text(encoding="utf-8")
    releases = re.findall(r"^FROM \S+-slim(\S*)", text, re.M)
    clients = re.findall(r"postgresql-client\S*", text)
    server = re.fullmatch(r"postgres:(\d+)(-\w+)?", str(_services(packaging)["database"]["image"]))
    assert server is not None
    assert (releases, clients) == (["-bookworm"] * 2, [f"postgresql-client-{server[1]}"])
    assert server[1] == "15", "what Debian bookworm has"


def test_what_the_image_is_made_of_is_in_the_source_tree(packaging: Path, root: Path) -> None:
    text = (packaging / "Containerfile").read_text(encoding="utf-8")
    copied = [line.split()[1:-1] for line in text.splitlines() if re.match(r"COPY (?!--from)", line)]
    assert [name for several in copied for name in several if not (root / name).exists()] == []


def test_compose_asks_nothing_that_one_engine_alone_understands(packaging: Path) -> None:
    """Podman takes no owner for a folder in memory, and an image of the standard format has no health check."""
    services = _services(packaging)
    mounts = [each for service in services.values() for each in cast("list[str]", service.get("tmpfs", []))]
    assert mounts
    assert [each for each in mounts if not re.fullmatch(r"/[\w/]+:mode=1777", each)] == []
    assert "healthcheck" in services["hub"]
    assert "HEALTHCHECK" not in (packaging / "Containerfile").read_text(encoding="utf-8")


def test_the_hub_runs_without_the_windows_libraries() -> None:
    """As in its image: nothing that `hub serve` needs may need them."""
    words = "import sys; sys.modules['PySide6'] = None; from assessor_desk.hub import app, serve; "
    words += "from assessor_desk.__main__ import main; sys.argv[1:] = ['hub', '--at', 'x', 'status']; sys.exit(main())"
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "no hub" in done.stderr.lower() or "holds no hub" in done.stderr.lower(), done.stderr


# -- the shipped balancer, in earnest ----------------------------------------------------------------------


@pytest.mark.both_homes
@pytest.mark.parametrize("home", [homes.BEYOND], indirect=True)
def test_desks_reach_hub_and_files_through_the_shipped_balancer(
    answering: Answering, beyond: Beyond, tmp_path: Path, tool: Callable[[str], str]
) -> None:
    haproxy, port = tool("haproxy"), free_port()
    device = answering.enrol(Role.ASSESSOR, "7F3A-21")
    told = whereabouts_of(answering.hub.folder)
    assert told.blobs is not None
    folders = [empty_folder(answering.hub.folder, tmp_path / name) for name in ("one", "two")]
    for folder in folders:
        keep_whereabouts(folder, replace(told, blobs=replace(told.blobs, public=f"https://127.0.0.1:{port}")))
    processes = [Process.start(folder) for folder in folders]
    trusted = ssl.create_default_context(cafile=str(make_certificate(tmp_path)))
    urls = [each.url for each in processes]
    with (
        shipped_balancer(haproxy, tmp_path, port, urls, beyond.servers.store),
        httpx.Client(base_url=f"https://localhost:{port}", verify=trusted, trust_env=False) as desk,
    ):
        _until_it_answers(desk)
        token = {"Authorization": f"Bearer {device.source._token}"}
        blobs = desk.get("/v1/changes", headers=token).json()["blobs"]
        for blob in blobs:
            whole = desk.get(f"/v1/blobs/{blob['digest']}", headers=token, follow_redirects=True)
            assert (whole.status_code, len(whole.content)) == (200, blob["length"])
            assert whole.url.host == "127.0.0.1"
        assert desk.put(f"https://127.0.0.1:{port}/hub/other", content=b"mine").status_code == 403
        assert desk.get("/v1/hello", headers={"Host": "elsewhere.example.org"}).status_code == 421
        processes[0].kill()
        assert [desk.get("/v1/counts", headers=token).status_code for _ in range(6)] == [200] * 6
    processes[1].stop()


def _until_it_answers(desk: httpx.Client) -> None:
    give_up = time.monotonic() + 20
    while time.monotonic() < give_up:
        with contextlib.suppress(httpx.TransportError):
            if desk.get("/v1/hello").status_code == 200:
                return
        time.sleep(0.1)
    raise AssertionError("nothing answered through the balancer")
