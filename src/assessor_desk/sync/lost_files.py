"""What waits to be delivered while its sealed file is lost: damaged on the disk, or taken away by another program."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from assessor_desk.artifacts.sealed_stream import open_sealed
from assessor_desk.domain.addresses import is_folder
from assessor_desk.domain.changes import DeliveryKind
from assessor_desk.domain.errors import Damaged, Refused
from assessor_desk.sync.source import NotEnrolled

if TYPE_CHECKING:
    from assessor_desk.domain.changes import Receipt
    from assessor_desk.store.lines import OutboxLine
    from assessor_desk.sync.source import Source

_PIECE = 1 << 20


def receipt_of_lost(source: Source, line: OutboxLine, damage: Damaged) -> Receipt:
    """The receipt of a source that has it all the same, as where its answer was lost; still to be checked.

    Raises Refused where it does not: it never will from here, and what is sealed anew replaces nothing there. Raises
    `damage` where the file is whole, and where nobody can tell: a letter on a stick may be on its way with it.
    """
    if is_folder(source.address) or not _is_lost(line):
        raise damage
    try:
        held = source.held([line.digest])
    except NotEnrolled:
        raise
    except Refused:  # a source of an earlier version cannot say
        raise damage from None
    if line.digest not in held.delivered:
        words = "The sealed file is damaged, or gone from this computer"
        raise Refused(f"{words}, and {source.title} does not have it") from damage
    return source.deliver(io.BytesIO(), 0, line.digest, DeliveryKind(line.kind))  # again: the same receipt


def _is_lost(line: OutboxLine) -> bool:
    """Whether the file is not there or not what was sealed; one that another program holds may be whole."""
    try:
        with line.path.open("rb"):
            pass
        with open_sealed(line.path, line.key, "the sealed packet") as packet:
            while packet.read(_PIECE):
                pass
    except (FileNotFoundError, Damaged):
        return True
    except OSError:
        pass
    return False
