"""Where desks report what they destroyed; without a token, since an enrolment that ended is a reason for destroying."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from assessor_desk.hub.answers import problems
from assessor_desk.hub.arriving import arrived
from assessor_desk.hub.asking import ServedToAnyone
from assessor_desk.hub.destructions import LARGEST_RECEIPT, take_destruction
from assessor_desk.protocol.messages import PREFIX, Digest, ReceiptAnswer

custody_pages = APIRouter(prefix=PREFIX)
_NEW: dict[int | str, dict[str, Any]] = {
    201: {
        "model": ReceiptAnswer,
        "description": "It is new; handed in again it is answered the same, with 200",
    },
    **problems(408, 422, 507),
}


@custody_pages.put("/destructions/{digest}", operation_id="report_destruction", responses=_NEW)
async def report_destruction(
    request: Request, response: Response, hub: ServedToAnyone, digest: Digest
) -> ReceiptAnswer:
    """Take a receipt of destruction, canonical JSON that `digest` names. Again: the same receipt, with 200.

    No token is asked for: the document is signed with a key that a certificate of this hub's attested.
    """
    async with arrived(request, hub, LARGEST_RECEIPT) as body:
        document = await run_in_threadpool(b"".join, body.pieces)
    receipt, new = await run_in_threadpool(take_destruction, hub, digest, document)
    response.status_code = 201 if new else 200
    return ReceiptAnswer.of(receipt)
