"""What anyone may read about badges, without a token: whose key signs them, which were revoked, what they stand for.

No badge is served: each is its educator's to show.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Request, Response

from assessor_desk.hub.badge_papers import ISSUER_FILE, SIGNATURE_FILE, papers, status_file
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.publishing import published_rubric, published_stack
from assessor_desk.protocol.messages import PREFIX

badge_pages = APIRouter(prefix=f"{PREFIX}/badges")
#: The media types of W3C Verifiable Credentials 2.0 and Controlled Identifiers 1.0.
_CREDENTIAL, _IDENTIFIER = "application/vc", "application/cid"

#: Wallets and verifiers in a browser ask from pages of their own; there is nothing here that is anybody's.
_FOR_WALLETS = {"Access-Control-Allow-Origin": "*"}


def _hub(request: Request) -> Hub:
    hub: Hub = request.app.state.hub
    return hub


Served = Annotated[Hub, Depends(_hub)]


@badge_pages.get("/issuer.json", operation_id="badge_issuer", response_class=Response)
def issuer(hub: Served) -> Response:
    """The issuer's key, as a controlled identifier document."""
    return _paper(hub, ISSUER_FILE, _IDENTIFIER)


@badge_pages.get("/issuer.json.p7s", operation_id="badge_issuer_signature", response_class=Response)
def issuer_signature(hub: Served) -> Response:
    """The authority's signature over `issuer.json`: detached CMS, DER."""
    return _paper(hub, SIGNATURE_FILE, "application/pkcs7-signature")


@badge_pages.get("/status/{number}", operation_id="badge_status", response_class=Response)
def status(hub: Served, number: int) -> Response:
    """A status list: which badges were revoked."""
    name = status_file(number)
    if name not in papers(hub):
        raise Declined(404, f"There is no status list {number} here")
    return _paper(hub, name, _CREDENTIAL)


@badge_pages.get("/rubrics/{rubric_id}/{version}", operation_id="badge_rubric", response_class=Response)
def rubric(hub: Served, rubric_id: str, version: str) -> Response:
    """A micro-credential as it was published, which a badge is aligned to."""
    return _published(hub, published_rubric, rubric_id, version)


@badge_pages.get("/stacks/{stack_id}/{version}", operation_id="badge_stack", response_class=Response)
def stack(hub: Served, stack_id: str, version: str) -> Response:
    """A stack as it was published."""
    return _published(hub, published_stack, stack_id, version)


def _paper(hub: Hub, name: str, media_type: str) -> Response:
    found = papers(hub)
    if name not in found:
        raise Declined(404, "This hub issues no badges")
    return Response(found[name], media_type=media_type, headers=_FOR_WALLETS)


def _published(
    hub: Hub, find: Callable[[sa.Connection, str, str], bytes | None], own_id: str, version: str
) -> Response:
    """Rubrics are for everybody to read: an educator sees the one that assessors use."""
    with hub.database.reading() as view:
        found = find(view, own_id, version)
    if found is None:
        raise Declined(404, f"Nothing is published here as {own_id}, version {version}")
    return Response(found, media_type="application/json", headers=_FOR_WALLETS)
