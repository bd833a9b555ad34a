"""Bytes on their way into the vault, verified and on the disk, for curl that writes the same files and sha256sum.

The hub is a process of its own on this machine. Ours is a whole first round of a new desk: asking what is assigned,
fetching, comparing with the announced SHA-256, flushing each file to the disk, which the floor leaves to the system.
Sealed bytes lie in the vault as they came; they are encrypted at the hub and opened only to be shown. The aim, 0.7 of
the floor's throughput, is 1 / 0.7 of its time.
"""

import io
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from harness import Measure, seconds
from rounds import Bench, connected, source_of_desk

from assessor_desk.cli.sample_hub import HubProcess
from assessor_desk.hub import tables as t
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import new_code

MEGABYTE = 10**6
AIM = round(1 / 0.7, 2)


@dataclass(frozen=True)
class Load:
    """So many artifacts of one submission, of so many bytes each."""

    count: int
    size: int

    def __str__(self) -> str:
        return f"{self.count * self.size / 1000 / MEGABYTE:.0f} GB in {self.count}"


LOADS = (Load(500, 4 * MEGABYTE), Load(1, 1000 * MEGABYTE))


class Place:
    """A hub with one submission of that load, and what fetches it."""

    def __init__(self, folder: Path, load: Load) -> None:
        self.folder = folder
        self._bench = Bench(folder / "hub", 1)
        self._bench.make()
        hub = Hub.open(folder / "hub")
        with hub.database.writing() as work:
            assigned = t.assignments.c
            self._submission, self._person = work.execute(
                sa.select(assigned.submission_id, assigned.person)
            ).one()
            rows = [self._artifact(hub, number, load.size) for number in range(load.count)]
            for table, several in zip((t.blobs, t.artifacts, t.looks), zip(*rows, strict=True), strict=True):
                work.execute(sa.insert(table), list(several))
        self._digests = [row[0]["digest"] for row in rows]
        hub.close()

    def _artifact(self, hub: Hub, number: int, size: int) -> tuple[dict[str, Any], ...]:
        content = os.urandom(size)
        sealed, digest = hub.blobs.write(io.BytesIO(content), size), sha256(content).hexdigest()
        blob = {"digest": sealed.digest, "length": sealed.length, "key": sealed.key}
        own = {"submission_id": self._submission, "sha256": digest}
        artifact = {
            **own, "id": f"file-{number}", "position": number, "origin": f"{number}.bin", "part": "work",
            "name": f"work {number}.bin", "label": "The work", "media_type": "application/octet-stream",
            "size": size, "link": "", "captions": "", "blob": sealed.digest, "removed": False,
        }  # fmt: skip
        return blob, artifact, {**own, "artifact_id": f"file-{number}", "likeness": "", "found": {}}

    def ours(self, url: str) -> float:
        """A new desk's first round."""
        folder = self.folder / f"desk-{secrets.token_hex(4)}"
        desk = connected(folder, url, self._code())
        try:
            taken = seconds(desk.sync)
            here = desk.ledger()
            if here.bytes_to_go or not here.bytes_total:
                raise RuntimeError(f"not everything arrived: {here}")
            return taken
        finally:
            desk.close()
            shutil.rmtree(folder)

    def floor(self, url: str, token: str) -> float:
        """curl with one connection, and sha256sum."""
        folder = self.folder / f"curl-{secrets.token_hex(4)}"
        folder.mkdir()
        asked = "".join(
            f'url = "{url}/v1/blobs/{digest}"\noutput = "{folder / digest}"\n' for digest in self._digests
        )
        told = f'header = "Authorization: Bearer {token}"\nsilent\nfail\n{asked}'

        def fetch() -> None:
            subprocess.run(["curl", "--config", "-"], input=told, text=True, check=True)
            sums = subprocess.run(
                ["sha256sum", *self._digests], cwd=folder, check=True, capture_output=True, text=True
            )
            if [line.split()[0] for line in sums.stdout.splitlines()] != self._digests:
                raise RuntimeError("curl fetched other bytes")

        try:
            return seconds(fetch)
        finally:
            shutil.rmtree(folder)

    def token(self, url: str) -> str:
        """What the hub lets somebody in by who fetches with curl."""
        desk = connected(self.folder / "token", url, self._code())
        try:
            with source_of_desk(desk) as source:
                return str(source._token)
        finally:
            desk.close()

    def _code(self) -> str:
        hub = Hub.open(self.folder / "hub")
        try:
            return new_code(hub, self._person)
        finally:
            hub.close()


@contextmanager
def measures(folder: Path) -> Iterator[list[Measure]]:
    """One hub for each load."""
    with ExitStack() as leaving:
        found = []
        for load in LOADS:
            place = Place(folder / str(load.count), load)
            url = leaving.enter_context(HubProcess(place.folder / "hub")).url
            token = place.token(url)
            found.append(
                Measure(
                    f"{load} into the vault for curl and sha256sum",
                    lambda place=place, url=url, token=token: place.floor(url, token),
                    lambda place=place, url=url: place.ours(url),
                    AIM,
                    5,
                )
            )
        yield found
