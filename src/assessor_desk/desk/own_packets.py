"""Packets that another computer of this person's sealed: fetched from the source that has them, kept sealed here."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from assessor_desk.artifacts.vault import Vault
from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.packets.receiving import digest_in

if TYPE_CHECKING:
    from pathlib import Path

    from assessor_desk.store.store import Store
    from assessor_desk.sync.hub_devices import HubDevices

#: Packets that a source would not hand back, by its identity: they are not asked for with every round.
_NOT_THERE = "packets not handed back by"


def fetch_own_packets(store: Store, source: HubDevices, identity: str, outbox: Path) -> int:
    """Fetch those that are not here; how many came. What a source does not hand back is asked for once.

    Raises Unavailable where the source is lost; what came until then stays.
    """
    with store.reading() as view:
        gone = set(view.fact(f"{_NOT_THERE} {identity}", []))
        wanted = [one for one in view.travelling.elsewhere(identity) if one[1] not in gone]
    came = 0
    for line, digest in wanted:
        try:
            content = _fetched(source, digest)
        except (Refused, Damaged):
            gone.add(digest)
            store.set_fact(f"{_NOT_THERE} {identity}", sorted(gone))
            continue
        _keep(store, Vault(outbox), line, content)
        came += 1
    return came


def _fetched(source: HubDevices, digest: str) -> bytes:
    """The packet. Raises Damaged for another than the seal names."""
    content = source.own_packet(digest)
    if digest_in(content) != digest:
        raise Damaged(f"{source!r} handed back another packet than {digest[:8]}")
    return content


def _keep(store: Store, boxes: Vault, line: str, content: bytes) -> None:
    sealed = boxes.write(io.BytesIO(content), len(content))
    file = boxes.path(sealed.digest).relative_to(boxes.folder).as_posix()
    with store.transaction() as work:
        work.travelling.file_came(line, file, len(content), sealed.key)
        work.commit()
