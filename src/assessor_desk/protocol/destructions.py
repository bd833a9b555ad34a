"""A receipt of destruction as the document that goes to a source: `assessor-desk/destruction/1`, RFC 8785 JSON.

Its statement is signed by the desk's custody key (Ed25519), which the person's certificate attested in advance
(`assessor-desk/custody-key/1`, detached CMS): destroying needs no passphrase, and its receipt none either.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from datetime import datetime
from typing import Any

from assessor_desk.domain.custody import Attested, Destruction, Piece, Receipt
from assessor_desk.domain.errors import Damaged, Refused

from .documents import canonical, instant

DESTRUCTION_FORMAT, KEY_FORMAT = "assessor-desk/destruction/1", "assessor-desk/custody-key/1"
_MOST_PIECES = 5000


def key_bytes(key: bytes, source: str, at: datetime) -> bytes:
    """What the person's certificate signs: that this key speaks for their desk on custody, towards that source."""
    return canonical(
        {"format": KEY_FORMAT, "key": b64encode(key).decode(), "source": source, "at": instant(at)}
    )


def statement_bytes(made: Destruction) -> bytes:
    """What the custody key signs."""
    return canonical(_statement(made))


def receipt_bytes(receipt: Receipt) -> bytes:
    """The document; its SHA-256 is the name by which it is delivered."""
    attested = receipt.attested
    return canonical(
        {
            "format": DESTRUCTION_FORMAT,
            "statement": _statement(receipt.destruction),
            "key": b64encode(attested.key).decode(),
            "attested_at": instant(attested.at),
            "attested": b64encode(attested.signature).decode(),
            "signature": b64encode(receipt.signature).decode(),
        }
    )


def read_receipt(document: bytes) -> Receipt:
    """Read what `receipt_bytes` wrote; `verdict.destruction` says whether it holds. Raises Damaged for another."""
    try:
        data = json.loads(document)
        made = _read_statement(data["statement"])
        key, signed, signature = (_binary(data[name]) for name in ("key", "attested", "signature"))
        attested = Attested(key, made.source, datetime.fromisoformat(data["attested_at"]), signed)
        receipt = Receipt(made, attested, signature)
        whole = len(made.pieces) <= _MOST_PIECES and receipt_bytes(receipt) == document
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, Refused) as error:
        raise Damaged("The receipt of destruction cannot be read") from error
    if not whole:
        raise Damaged("The receipt of destruction cannot be read as it was written")
    return receipt


def _statement(made: Destruction) -> dict[str, Any]:
    return {
        "id": made.id,
        "source": made.source,
        "submission": made.submission_id,
        "why": made.why,
        "keys_destroyed_at": instant(made.destroyed_at),
        "nothing_left_at": None if made.gone_at is None else instant(made.gone_at),
        "pieces": [
            {"artifact": one.artifact_id, "what": one.what, "sha256": one.digest} for one in made.pieces
        ],
        "exports": made.exports,
    }


def _read_statement(data: dict[str, Any]) -> Destruction:
    pieces = tuple(
        Piece(str(one["artifact"]), str(one["what"]), str(one["sha256"])) for one in data["pieces"]
    )
    return Destruction(
        str(data["id"]),
        str(data["source"]),
        str(data["submission"]),
        str(data["why"]),
        datetime.fromisoformat(data["keys_destroyed_at"]),
        pieces,
        int(data["exports"]),
        datetime.fromisoformat(data["nothing_left_at"]),
    )


def _binary(text: str) -> bytes:
    return b64decode(text, validate=True)
