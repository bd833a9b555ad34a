"""One laboratory, one packet with a receipt and one without, for a whole module."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from tests.packets.building import NOW, Laboratory
from tests.verdict.altering import Sealed

from assessor_desk.packets.receiving import with_receipt
from assessor_desk.verdict import TrustList


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """An authority with an enrolled assessor."""
    return Laboratory(tmp_path_factory.mktemp("lab"))


@pytest.fixture(scope="module")
def trust(lab: Laboratory) -> TrustList:
    """The trust list, an hour newer than the signatures."""
    return TrustList.load(lab.trust())


@pytest.fixture(scope="module")
def sealed(lab: Laboratory) -> Sealed:
    """A packet as it was sealed."""
    packet = lab.packet()
    return Sealed(packet.path.read_bytes(), packet.digest)


@pytest.fixture(scope="module")
def receipted(lab: Laboratory, sealed: Sealed) -> Sealed:
    """The same packet with the hub's receipt."""
    return Sealed(with_receipt(sealed.content, lab.receipt(sealed)), sealed.digest)


@pytest.fixture
def tomorrow() -> datetime:
    """When the packet is looked at."""
    return NOW + timedelta(days=1)
