"""The hub as a source: what its address may be, and what happens when nobody is there."""

import socket
from dataclasses import replace
from datetime import timedelta

import pytest
import uvicorn
from tests.sync import faulty
from tests.sync.conftest import Bench

from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.keys.signing import SigningKey
from assessor_desk.sync import hub_source
from assessor_desk.sync.hub_source import HubSource, normalised
from assessor_desk.sync.source import UnknownCursor
from assessor_desk.sync.unreached import Unreached, Why


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" https://Hub.Example.org/ ", "https://hub.example.org"),
        ("https://hub.example.org:8443/assess/", "https://hub.example.org:8443/assess"),
        ("http://127.0.0.1:8765", "http://127.0.0.1:8765"),
        ("http://[::1]:8765/", "http://[::1]:8765"),
        ("http://localhost:1", "http://localhost:1"),
    ],
)
def test_an_address_is_kept_in_one_form(typed: str, kept: str) -> None:
    assert normalised(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "hub.example.org",
        "ftp://hub.example.org",
        "https://",
        "https://a:b@hub",
        "https://h/?x=1",
        "https://h:99999",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(Refused, match="is not the address of a hub"):
        normalised(typed)


def test_plain_http_is_for_this_computer_alone() -> None:
    with pytest.raises(Refused, match="is not encrypted"):
        HubSource("http://hub.example.org")


def test_a_hub_that_is_not_there_is_told_with_its_address() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    source = HubSource(f"http://127.0.0.1:{port}", title="Lakeside hub")
    with pytest.raises(Unavailable, match=rf"Lakeside hub \(http://127.0.0.1:{port}\) cannot be reached"):
        source.counts()
    source.close()


def test_a_hub_that_falls_silent_is_given_up(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_source, "IDLE_SECONDS", 0.2)
    impatient = HubSource(bench.network.url, bench.device.source._token, title="Lakeside hub")
    bench.network.first(1, lambda _path, answer: faulty.Answer(200, answer.headers, answer.body, pause=1.0))
    with pytest.raises(Unavailable, match="did not answer in time"):
        impatient.counts()
    impatient.close()


def test_a_slow_download_is_not_given_up_while_it_moves(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob = bench.device.changes().blobs[0]
    monkeypatch.setattr(hub_source, "IDLE_SECONDS", 1.5)
    patient = HubSource(bench.network.url, bench.device.source._token)
    # Ten pieces in 2.5 seconds: longer than the patience with silence, and never silent for so long.
    bench.network.fault = lambda _path, answer: faulty.Answer(
        answer.status, answer.headers, answer.body, pause=0.25, piece=-(-blob.length // 10)
    )
    assert len(b"".join(patient.fetch(blob, 0))) == blob.length
    patient.close()


def test_enrolling_uses_the_token_at_once(bench: Bench) -> None:
    from assessor_desk.hub.people import new_code

    source = HubSource(bench.network.url)
    code = new_code(bench.hub, bench.device.person)
    enrolment = source.enrol(f" {code} ", SigningKey.generate().csr("x").decode(), "a second computer")
    assert (enrolment.person, source.identity) == (bench.device.person, bench.hub.identity)
    assert source.counts().assignments == 2
    assert enrolment.token not in repr(enrolment)
    source.close()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 0.0),
    ],
)
def test_retry_after_is_a_number_or_a_date(bench: Bench, header: str, seconds: float) -> None:
    bench.network.fault = faulty.status(429, b'{"error": "Later"}', "application/json", retry_after=header)
    with pytest.raises(hub_source.Busy) as caught:
        bench.source.counts()
    assert caught.value.seconds == seconds


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize(
    "header",
    [
        "soon",
        "Sun, 06 Nov 1994 08:49:37 -0000",
        "Sun, 06 Nov 99999999999999999999 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 +99999999999999999999",
        None,
    ],
)
def test_a_busy_hub_that_does_not_say_when_to_come_back_is_out_of_reach(
    bench: Bench, header: str | None, code: int
) -> None:
    headers = {} if header is None else {"retry_after": header}
    bench.network.fault = faulty.status(code, b"<html>No server is available</html>", "text/html", **headers)
    with pytest.raises(Unreached) as caught:
        bench.source.counts()
    assert (type(caught.value), caught.value.why) == (Unreached, Why.BUSY)


def test_a_date_to_come_back_at_is_reckoned_from_the_time_that_the_same_answer_tells(bench: Bench) -> None:
    times = {"date": "Sun, 06 Nov 2044 08:49:00 GMT", "retry_after": "Sun, 06 Nov 2044 08:50:00 GMT"}
    bench.network.fault = faulty.status(503, b"{}", "application/json", **times)
    with pytest.raises(hub_source.Busy) as caught:
        bench.source.counts()
    assert caught.value.seconds == 60


@pytest.mark.parametrize("told", ["", "today", "Sun, 06 Nov 99999999999999999999 08:49:37 GMT"])
def test_an_answer_that_tells_no_time_is_taken_like_any_other(bench: Bench, told: str) -> None:
    bench.network.fault = lambda _path, answer: replace(answer, headers={**answer.headers, "date": told})
    result = bench.sync()
    assert (result.taken, result.clock_off, result.troubles) == (2, timedelta(), ())


def test_only_the_hubs_own_word_on_a_cursor_is_one(bench: Bench) -> None:
    """Whoever takes any other 400 for it asks for everything from the beginning."""
    cursor = bench.source.changes("").cursor
    bench.network.fault = faulty.status(400, b'{"error": "The title is too long"}', "application/json")
    with pytest.raises(Refused, match="The title is too long") as told:
        bench.source.changes(cursor)
    assert not isinstance(told.value, UnknownCursor)
    bench.network.fault = faulty.none
    with pytest.raises(UnknownCursor):
        bench.source.changes("no hub gave this out")


def test_a_redirect_of_bytes_leaves_the_token_behind(bench: Bench) -> None:
    """A presigned address may stand in for a blob; another host must not see the token."""
    with faulty.network_before(bench.network.hub) as elsewhere:

        def as_storage(path: str, _answer: faulty.Answer) -> faulty.Answer:
            return faulty.Answer(200, {"content-type": "application/octet-stream"}, whole)

        blob = bench.device.changes().blobs[0]
        whole = b"".join(bench.device.source.fetch(blob, 0))
        elsewhere.fault = as_storage
        target = elsewhere.url.replace("127.0.0.1", "localhost") + "/storage"
        bench.network.fault = faulty.status(307, b"", location=target)
        assert b"".join(bench.source.fetch(blob, 0)) == whole
        assert elsewhere.tokens == [""]


def test_an_idle_connection_is_given_up_before_the_hub_closes_it(bench: Bench) -> None:
    """A question sent at the moment at which the other side closes is lost."""
    pool = bench.source._client._transport._pool  # type: ignore[attr-defined]
    assert pool._keepalive_expiry + 1 < uvicorn.Config("hub").timeout_keep_alive
