"""The hub on the network: addresses under `/v1`, each a few lines over the rooms that do the work (DESIGN §8)."""

from __future__ import annotations

import contextlib
import io
import zipfile
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, RedirectResponse

from assessor_desk import __version__
from assessor_desk.domain.changes import Receipt
from assessor_desk.hub.allowance import Allowance, Turnstile
from assessor_desk.hub.answers import answer_errors_in_a_sentence, problems
from assessor_desk.hub.arriving import arrived, drop, take_in
from assessor_desk.hub.asking import Asking, Served, ServedToAnyone
from assessor_desk.hub.auditing import note_fetch, note_keys
from assessor_desk.hub.badge_pages import badge_pages
from assessor_desk.hub.bags import judge_bag
from assessor_desk.hub.custody_pages import custody_pages
from assessor_desk.hub.deliveries import LARGEST_PACKET, Judge, expected, held, offset_of, receive
from assessor_desk.hub.device_pages import device_pages
from assessor_desk.hub.feed import blobs_with, changes_since, counts_for, nothing_since
from assessor_desk.hub.gate import AtOnce, Gate
from assessor_desk.hub.handed_in import judge_concern, judge_notes
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.own_devices import told_of_others
from assessor_desk.hub.people import Caller, enrol_device, is_enrolled
from assessor_desk.hub.releases import LARGEST_REPORTS, How, release
from assessor_desk.hub.renewing import renew
from assessor_desk.hub.stamper import Stamper
from assessor_desk.hub.streaming import digest_told, part_of, refuse_bad_range
from assessor_desk.hub.sweeper import Sweeper
from assessor_desk.hub.watching import WhileEnrolled
from assessor_desk.places import resources
from assessor_desk.protocol.documents import LARGEST_DOCUMENT
from assessor_desk.protocol.messages import (
    PAGE,
    PREFIX,
    ChangesAnswer,
    CountsAnswer,
    Digest,
    EnrolAnswer,
    EnrolRequest,
    Greeting,
    HeldAnswer,
    HeldRequest,
    Message,
    ReceiptAnswer,
    ReleaseAnswer,
    RenewAnswer,
    RenewRequest,
)

#: Where the hub serves the page that verifies packets, which is one file of the program's.
VERIFY_PAGE, VERIFY_FILE = "/verify", "verify.html"
#: The page's own policy lets it run its script and nothing else; these keep others from putting it into theirs.
_PAGE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
#: What is told to one person is no other's, whatever lies between.
_NOT_KEPT = {"Cache-Control": "private, no-store"}


def create_app(folder: Path, passphrase: str | None = None, hub: Hub | None = None) -> FastAPI:
    """The application over the hub in `folder`; `hub` where it is open already, and then is left open.

    Raises Refused where there is no hub, or for a wrong passphrase.
    """
    opened = hub or Hub.open(folder, passphrase)

    @contextlib.asynccontextmanager
    async def life(app: FastAPI) -> Any:
        app.state.stamper.start()
        app.state.sweeper.start()
        yield
        app.state.sweeper.stop()
        app.state.stamper.stop()
        if hub is None:
            opened.close()

    app = FastAPI(
        title="Assessor Desk hub",
        version=__version__,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=life,
        routes=_every_page().routes,
    )
    app.state.hub = opened
    app.state.stamper = Stamper(opened)
    app.state.allowance = Allowance(opened)
    app.state.sweeper = Sweeper(opened, app.state.allowance.quiet_for)
    app.add_middleware(Gate)
    app.add_middleware(Turnstile, allowance=app.state.allowance)
    app.add_middleware(AtOnce)
    answer_errors_in_a_sentence(app)
    return app


_router = APIRouter(prefix=PREFIX)


@cache
def _every_page() -> APIRouter:
    """All addresses, made once in a process: they hold nothing of one hub, and each page's models take their time."""
    pages = APIRouter(responses=problems(400, 403, 404, 405, 411, 413, 422, 429, 500, 503))
    pages.include_router(_router)
    pages.include_router(device_pages)
    pages.include_router(custody_pages)
    pages.add_api_route(VERIFY_PAGE, verify_page, include_in_schema=False)
    pages.include_router(badge_pages)
    return pages


def _taken(answer: type[Message]) -> dict[int | str, dict[str, Any]]:
    """What is answered to something handed in: 200 where it was here before, 201 where it is new, and the refusals."""
    new = {"model": answer, "description": "It is new; handed in again it is answered the same, with 200"}
    return {201: new, **problems(401, 408, 409, 422, 507)}


_UPLOAD_HEADERS = {
    "Upload-Offset": {"description": "Bytes that need not be sent again", "schema": {"type": "integer"}},
    "Upload-Complete": {"description": "?1 where the receipt can be had", "schema": {"type": "string"}},
}


def verify_page() -> FileResponse:
    """The page that checks packets in a browser, without sending a byte; for anyone."""
    return FileResponse(resources() / VERIFY_FILE, media_type="text/html", headers=_PAGE_HEADERS)


@_router.get("/hello", operation_id="hello")
def hello(hub: ServedToAnyone) -> Greeting:
    """Which hub this is."""
    return Greeting(
        title=hub.title,
        programme=hub.programme,
        identity=hub.identity,
        program=__version__,
        marks_refusals=True,
    )


@_router.get(
    "/trust.pem",
    operation_id="trust_list",
    response_class=Response,
)
def trust_list(hub: ServedToAnyone) -> Response:
    """The issuer's certificates and revocation lists, for anyone who checks packets."""
    hub.renew_old_trust()
    return Response(hub.trust()["trust.pem"], media_type="application/x-pem-file")


@_router.get("/trust.zip", operation_id="trust_list_with_signature", response_class=Response)
def trust_list_with_signature(hub: ServedToAnyone) -> Response:
    """The same with its signature in one answer, so that both are of one making: `trust.pem`, `trust.pem.p7s`."""
    hub.renew_old_trust()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as both:
        for name, content in hub.trust().items():
            both.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), content)
    return Response(buffer.getvalue(), media_type="application/zip")


@_router.post("/enrolments", status_code=201, operation_id="enrol")
def enrol(request: Request, hub: ServedToAnyone, wanted: EnrolRequest) -> EnrolAnswer:
    """Trade a one-time code and a certificate request for a token and a certificate."""
    address = request.client.host if request.client else ""
    enrolment = enrol_device(hub, wanted.code, wanted.csr, wanted.device, address)
    return EnrolAnswer.model_validate({name: getattr(enrolment, name) for name in EnrolAnswer.model_fields})


@_router.post("/certificates", status_code=201, operation_id="renew", responses=problems(401))
def renew_certificate(hub: Served, caller: Asking, wanted: RenewRequest) -> RenewAnswer:
    """Trade a request for the device's next key, signed with its present one, for a certificate. Again: the same."""
    certificate = renew(hub, caller, wanted.csr, wanted.proof)
    return RenewAnswer(certificate=certificate.decode(), chain=hub.authority.chain().decode())


@_router.get(
    "/changes",
    operation_id="changes",
    responses={**problems(401), 304: {"description": "Nothing is new since the cursor in If-None-Match"}},
    response_model=ChangesAnswer,
)
def changes(
    hub: Served,
    caller: Asking,
    cursor: str = "",
    counts: bool = False,
    most: Annotated[int, Query(ge=1)] = PAGE,
    if_none_match: Annotated[str, Header()] = "",
) -> Any:
    """What is new or different for the caller since `cursor`, in pages, the last one with `counts` if asked for.

    A page has `most` rows at most, and never more than 2,000; an assignment counts as its submission's artifacts,
    and what is long, as a badge, as a row for each 4 kB.
    With the same cursor in quotes as If-None-Match the answer is 304 where nothing is.
    """
    own = {**told_of_others(hub, caller), **_NOT_KEPT}
    if cursor and if_none_match == f'"{cursor}"' and nothing_since(hub, caller, cursor):
        return Response(status_code=304, headers={"ETag": if_none_match, **own})
    page = changes_since(hub, caller, cursor, counts, most)
    note_keys(hub, caller.person, caller.device, page)
    # It was validated as it was made: a page of thousands is not looked through a second time.
    return Response(page.model_dump_json(), media_type="application/json", headers=own)


@_router.get("/counts", operation_id="counts", responses=problems(401))
def counts(hub: Served, caller: Asking) -> CountsAnswer:
    """What the caller should have once everything is fetched."""
    return counts_for(hub, caller)


@_router.get(
    "/blobs/{digest}",
    operation_id="blob",
    response_class=FileResponse,
    responses={
        **problems(401, 410, 416),
        307: {"description": "They are to be had at Location, without the token"},
    },
)
def blob(request: Request, hub: Served, caller: Asking, digest: Digest) -> Response:
    """The sealed bytes of an artifact or a packet to decide on, whole or by Range; the key comes with the changes.

    A hub with an object store answers with an address there that holds for some minutes (307).
    """
    blobs, length = blobs_with(hub, caller, digest)
    refuse_bad_range(request, length)
    note_fetch(hub, caller.person, caller.device, digest)
    if address := blobs.address(digest):
        return RedirectResponse(address, headers=_NOT_KEPT)
    with blobs.at_hand(digest) as path:  # a folder's file is at hand for longer than that
        answer = FileResponse(path, media_type="application/octet-stream", headers={"ETag": f'"{digest}"'})
        return WhileEnrolled(answer, lambda: is_enrolled(hub, caller))


@_router.put("/packets/{digest}", operation_id="deliver", responses=_taken(ReceiptAnswer))
async def deliver(
    request: Request, response: Response, hub: Served, caller: Asking, digest: Digest
) -> ReceiptAnswer:
    """Take a packet or decision; `digest` is the SHA-256 of its tagmanifest. Again: the same receipt, with 200.

    With a Repr-Digest what came stays here when the connection breaks, and the rest may follow by Content-Range.
    """
    return await _receipt(request, response, hub, caller, digest, judge_bag, LARGEST_PACKET)


@_router.head(
    "/packets/{digest}",
    status_code=204,
    operation_id="upload_offset",
    response_class=Response,
    responses={**problems(401), 204: {"description": "What is here", "headers": _UPLOAD_HEADERS}},
)
def upload_offset(
    request: Request,
    hub: Served,
    caller: Asking,
    digest: Digest,
    upload_length: Annotated[int, Header(ge=0, le=LARGEST_PACKET)],
) -> Response:
    """Where to go on with a packet of `Upload-Length` bytes and this Repr-Digest whose delivery broke off.

    The rest is put with `Content-Range: bytes OFFSET-LAST/LENGTH`, or `bytes */LENGTH` and no body where all is here.
    """
    offset, whole = offset_of(hub, caller, "packets", digest, upload_length, digest_told(request))
    told = {"Upload-Offset": str(offset), "Upload-Complete": "?1" if whole else "?0"}
    return Response(status_code=204, headers={**told, **_NOT_KEPT})


@_router.post("/deliveries", operation_id="deliveries", responses=problems(401))
def deliveries(hub: Served, caller: Asking, wanted: HeldRequest) -> HeldAnswer:
    """Which of these the caller delivered to this hub: after it was restored a desk delivers the others again."""
    here, released = held(hub, caller, wanted.digests)
    return HeldAnswer(held=tuple(here), released=tuple(released))


@_router.put("/notes/{digest}", operation_id="hand_back_notes", responses=_taken(ReceiptAnswer))
async def notes(
    request: Request, response: Response, hub: Served, caller: Asking, digest: Digest
) -> ReceiptAnswer:
    """Take a coach's notes on a draft, canonical JSON that `digest` names. Again: the same receipt, with 200."""
    return await _receipt(request, response, hub, caller, digest, judge_notes, LARGEST_DOCUMENT)


@_router.put("/concerns/{digest}", operation_id="raise_concern", responses=_taken(ReceiptAnswer))
async def concern(
    request: Request, response: Response, hub: Served, caller: Asking, digest: Digest
) -> ReceiptAnswer:
    """Take a concern, canonical JSON that `digest` names: the submission is on hold from then on."""
    return await _receipt(request, response, hub, caller, digest, judge_concern, LARGEST_DOCUMENT)


@_router.put("/releases/{decision}", operation_id="release", responses=_taken(ReleaseAnswer))
async def release_report(
    request: Request, response: Response, hub: Served, caller: Asking, decision: Digest, how: How
) -> ReleaseAnswer:
    """Release the report on a decision; for `hub` the body is a ZIP of its documents, for `folder` it is empty."""
    async with arrived(request, hub, LARGEST_REPORTS) as body:
        answer, new = await run_in_threadpool(release, hub, caller, decision, how, body.length, body.pieces)
    response.status_code = 201 if new else 200
    return answer


async def _receipt(
    request: Request, response: Response, hub: Hub, caller: Caller, digest: str, judge: Judge, limit: int
) -> ReceiptAnswer:
    kind = request.url.path.removeprefix(f"{PREFIX}/").partition("/")[0]
    told = part_of(request, limit)
    place = await run_in_threadpool(expected, hub, caller, kind, digest, told)
    if isinstance(place, Receipt):
        await drop(request)
        receipt, new = place, False
    else:
        body = await take_in(request, told, place)
        receipt, new = await run_in_threadpool(receive, hub, caller, digest, body, judge, place)
    request.app.state.stamper.wake()
    response.status_code = 201 if new else 200
    return ReceiptAnswer.of(receipt)
