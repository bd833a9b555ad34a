"""Which hub is asked, and who asks: what the pages of the hub depend on."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from assessor_desk.hub.errors import Declined
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import Caller, caller_of

_bearer = HTTPBearer(auto_error=False, description="The device's token, given once at enrolment")


async def _hub(request: Request) -> Hub:
    """Nothing that waits, and so no thread: each costs as much as a question to the database."""
    hub: Hub = request.app.state.hub
    return hub


def _with_its_papers(request: Request) -> Hub:
    hub: Hub = request.app.state.hub
    hub.papers.glance()  # what another process issued or revoked counts here from the next request on
    return hub


#: For pages that are told who asks, which brings the papers up to date.
Served = Annotated[Hub, Depends(_hub)]
#: For all others.
ServedToAnyone = Annotated[Hub, Depends(_with_its_papers)]


def _caller(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Caller:
    if credentials is None:
        raise Declined(401, "Say who is asking: this address needs a device's token")
    hub = _with_its_papers(request)
    caller = caller_of(hub, credentials.credentials)
    request.app.state.allowance.refuse_device(caller.device)
    return caller


Asking = Annotated[Caller, Depends(_caller)]
