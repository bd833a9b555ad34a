"""Whatever goes wrong is answered in JSON with one sentence, `{"error": "…"}`, and the status that says whose
fault it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from assessor_desk.domain.errors import Damaged, DeskError, Refused, Unavailable, sentence
from assessor_desk.hub.errors import Declined
from assessor_desk.protocol.messages import Problem

_STATUS: dict[type[DeskError], int] = {Refused: 400, Unavailable: 503, Damaged: 500}
_WORDS = {
    404: "There is nothing at {path}",
    405: "{path} cannot be asked to {method}",
    500: "The hub could not do this because of a fault of its own. Its log says more",
}


def answer_errors_in_a_sentence(app: FastAPI) -> None:
    """Let `app` answer every error, its own faults included, as a `Problem`."""
    app.add_exception_handler(DeskError, _told)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _plain)
    app.add_exception_handler(Exception, _fault)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These statuses for OpenAPI, each answered by a `Problem`."""
    return {status: {"model": Problem} for status in statuses}


def problem(status: int, words: str, headers: dict[str, str] | None = None, reason: str = "") -> JSONResponse:
    """One sentence with its status, and where there is one the reason."""
    told = {"error": words, "reason": reason} if reason else {"error": words}
    return JSONResponse(told, status_code=status, headers=headers)


def _told(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DeskError)
    if not isinstance(error, Declined):
        status = next(status for kind, status in _STATUS.items() if isinstance(error, kind))
        return problem(status, sentence(error))
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    if error.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return problem(error.status, sentence(error), headers, error.reason)


def _invalid(_: Request, error: Exception) -> JSONResponse:
    """What is wrong with a request's shape; the values are left out, since they may be secret."""
    assert isinstance(error, RequestValidationError)
    return problem(422, f"The request is not understood: {'; '.join(_places(error))}.")


def _places(error: RequestValidationError) -> Iterator[str]:
    for each in error.errors()[:3]:
        place = ".".join(str(step) for step in each["loc"] if step != "body")
        yield f"{place or 'the body'}: {each['msg'].lower()}"


def _plain(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    words = _WORDS.get(error.status_code, error.detail)
    told = words.format(path=request.url.path, method=request.method)
    return problem(error.status_code, sentence(Refused(told)), dict(error.headers or {}))


def _fault(request: Request, _: Exception) -> JSONResponse:
    """The server logs the fault itself; a stranger learns nothing of it."""
    return problem(500, f"{_WORDS[500]}.")
