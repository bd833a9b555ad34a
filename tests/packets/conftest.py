"""One laboratory and one packet for a whole module: sealing takes a quarter of a second."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.packets.building import Laboratory

from assessor_desk.packets.facts import BuiltPacket


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """An authority with an enrolled assessor."""
    return Laboratory(tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def packet(lab: Laboratory) -> BuiltPacket:
    """A sealed packet; tests do not change its file."""
    return lab.packet()


@pytest.fixture(scope="module")
def trust(lab: Laboratory) -> Path:
    """The trust list, an hour newer than the packet."""
    return lab.trust()
