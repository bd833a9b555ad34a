"""Packets that another computer of this person's sealed: fetched from the source that has them, kept sealed here."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from assessor_desk.artifacts.vault import Vault
from assessor_desk.domain.errors import Damaged, Refused, sentence
from assessor_desk.packets.receiving import digest_in
from assessor_desk.sync.source import NotEnrolled

if TYPE_CHECKING:
    from pathlib import Path

    from assessor_desk.store.store import Store
    from assessor_desk.sync.hub_devices import HubDevices

#: Packets that a source would not hand back, by its identity, and when: they are not asked for with every round.
_NOT_THERE = "packets not handed back by"
#: A source that was put back has it again once its own computer was there; what arrived changed may come whole.
_ASKED_AGAIN = timedelta(days=1)


def fetch_own_packets(
    store: Store,
    source: HubDevices,
    identity: str,
    outbox: Path,
    now: datetime,
    tell: Callable[[str], None] = lambda _: None,
) -> int:
    """Fetch those that are not here; how many came. What a source does not hand back is asked for once a day.

    A time-stamp that came before its packet is checked now; `tell` hears of one that does not hold, and is let go.
    Raises Unavailable where the source is lost, NotEnrolled where it does not know this device any more; what came
    until then stays.
    """
    name = f"{_NOT_THERE} {identity}"
    with store.reading() as view:
        gone = _asked_lately(view.fact(name, {}), now)
        wanted = [one for one in view.travelling.elsewhere(identity) if one[1] not in gone]
    came = 0
    for line, digest in wanted:
        try:
            content = _fetched(source, digest)
        except NotEnrolled:
            raise  # which says nothing of the packet
        except (Refused, Damaged):
            gone[digest] = now.isoformat()
            store.set_fact(name, gone)
            continue
        _keep(store, Vault(outbox), line, content, _strange_stamp(store, identity, line, content, tell))
        came += 1
    return came


def _asked_lately(kept: Mapping[str, str] | list[str], now: datetime) -> dict[str, str]:
    """Those that were not handed back a short while ago. What was kept without saying when is asked for once more."""
    known = kept.items() if isinstance(kept, Mapping) else ()
    return {digest: at for digest, at in known if abs(now - datetime.fromisoformat(at)) < _ASKED_AGAIN}


def _fetched(source: HubDevices, digest: str) -> bytes:
    """The packet. Raises Damaged for another than the seal names."""
    content = source.own_packet(digest)
    if digest_in(content) != digest:
        raise Damaged(f"{source!r} handed back another packet than {digest[:8]}")
    return content


def _strange_stamp(
    store: Store, identity: str, line: str, content: bytes, tell: Callable[[str], None]
) -> bool:
    """Whether a time-stamp lies with the line that is not over this packet."""
    from assessor_desk.desk.programmes import trust_list
    from assessor_desk.desk.stamped import check_over

    with store.reading() as view:
        token = view.travelling.stamp_over(line)
    if not token:
        return False
    try:
        check_over(content, token, trust_list(store, identity))
    except Damaged as error:
        tell(sentence(error))
        return True
    return False


def _keep(store: Store, boxes: Vault, line: str, content: bytes, unstamped: bool) -> None:
    sealed = boxes.write(io.BytesIO(content), len(content))
    file = boxes.path(sealed.digest).relative_to(boxes.folder).as_posix()
    with store.transaction() as work:
        work.travelling.file_came(line, file, len(content), sealed.key)
        if unstamped:
            work.travelling.drop_stamp(line)
        work.commit()
