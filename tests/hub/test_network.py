"""The hub on the network: everybody gets what is theirs, and every refusal is one sentence of JSON."""

import hashlib
import threading
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import anyio
import httpx
import pytest
from tests.hub.conftest import Answering
from tests.hub.making import Device, import_quickly, write_rows

from assessor_desk.domain.changes import SourceChanges
from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.domain.roles import Role
from assessor_desk.hub.assigning import assign, withdraw
from assessor_desk.hub.gate import LARGEST_MESSAGE, Gate
from assessor_desk.hub.hub import note_change
from assessor_desk.hub.people import revoke
from assessor_desk.hub.serve import Server, Tls
from assessor_desk.keys.cms import is_over
from assessor_desk.keys.signing import SigningKey
from assessor_desk.protocol.messages import PAGE
from assessor_desk.sync.hub_source import HubSource

DIGEST = "ab" * 32


def _ask(
    answering: Answering, method: str, path: str, device: Device | None = None, **more: object
) -> httpx.Response:
    headers = {} if device is None else {"Authorization": f"Bearer {device.source._token}"}
    headers |= more.pop("headers", {})  # type: ignore[arg-type]
    return httpx.request(method, f"{answering.url}/v1{path}", headers=headers, follow_redirects=True, **more)  # type: ignore[arg-type]


def _sentence(response: httpx.Response) -> str:
    """The one sentence of an error."""
    assert response.headers["content-type"] == "application/json"
    assert set(response.json()) - {"reason"} == {"error"}
    words: str = response.json()["error"]
    assert words[0].isupper() or not words[0].isalpha()
    assert words[-1] in ".”"
    assert "Traceback" not in words
    return words


# -- what each person is sent ------------------------------------------------------------------------------


@pytest.mark.both_homes
def test_an_assessor_is_sent_their_own_submissions_and_nobody_elses(answering: Answering) -> None:
    lan, minh = answering.enrol(Role.ASSESSOR, "7F3A-21"), answering.enrol(Role.ASSESSOR, "91BB-02")
    coach, reviewer = answering.enrol(Role.COACH, "E5D2-11"), answering.enrol(Role.REVIEWER)
    keys = {id(each): [s.key for s in each.changes().submissions] for each in (lan, minh, coach, reviewer)}
    assert list(keys.values()) == [["7F3A-21"], ["91BB-02"], ["E5D2-11"], []]
    for device in (lan, minh, coach, reviewer):
        page = device.changes()
        own = {submission.id for submission in page.submissions}
        assert {blob.submission_id for blob in page.blobs} <= own
        assert {assignment.person for assignment in page.assignments} <= {device.person}


def test_a_blind_assessor_is_told_no_name_and_a_coach_is(answering: Answering) -> None:
    assessor, coach = answering.enrol(Role.ASSESSOR, "7F3A-21"), answering.enrol(Role.COACH, "E5D2-11")
    answer = _ask(answering, "GET", "/changes", assessor).text
    for word in ("Nhung", "nhung", 'Lakeside"', "plan of hong", "nhung.n"):
        assert word not in answer.replace("Lakeside hub", "").replace("Lakeside Regional", "")
    assert coach.changes().submissions[0].educator == "Tobias Lindqvist"


def test_two_assessors_of_one_submission_do_not_hear_of_each_other(
    answering: Answering,
) -> None:
    lan, minh = answering.enrol(Role.ASSESSOR, "7F3A-21"), answering.enrol(Role.ASSESSOR, "7F3A-21")
    for one, other in ((lan, minh), (minh, lan)):
        assert other.person not in _ask(answering, "GET", "/changes", one).text


def test_bytes_of_others_are_not_there_in_the_same_words_as_bytes_that_do_not_exist(
    answering: Answering,
) -> None:
    lan = answering.enrol(Role.ASSESSOR, "7F3A-21")
    others = [
        answering.enrol(Role.ASSESSOR, "91BB-02"),
        answering.enrol(Role.COACH, "E5D2-11"),
        answering.enrol(Role.REVIEWER),
    ]
    missing = _ask(answering, "GET", f"/blobs/{DIGEST}", lan)
    assert missing.status_code == 404
    for blob in lan.changes().blobs:
        assert _ask(answering, "GET", f"/blobs/{blob.digest}", lan).status_code == 200
        for other in others:
            answer = _ask(answering, "GET", f"/blobs/{blob.digest}", other)
            assert (answer.status_code, answer.content) == (404, missing.content)


@pytest.mark.both_homes
def test_withdrawn_work_is_named_once_and_its_bytes_are_gone(answering: Answering) -> None:
    lan = answering.enrol(Role.ASSESSOR, "7F3A-21")
    before = lan.changes()
    withdraw(answering.hub, "7F3A-21", lan.person)
    after = lan.source.changes(before.cursor)
    assert after.withdrawn == (before.assignments[0].id,)
    assert (after.submissions, after.blobs, after.assignments) == ((), (), ())
    assert _ask(answering, "GET", f"/blobs/{before.blobs[0].digest}", lan).status_code == 404
    assert lan.source.counts().assignments == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/changes"), ("GET", "/counts"), ("GET", f"/blobs/{DIGEST}"), ("PUT", f"/packets/{DIGEST}")],
)
def test_every_address_of_a_person_needs_a_token_that_holds(
    answering: Answering, method: str, path: str
) -> None:
    lan = answering.enrol(Role.ASSESSOR, "7F3A-21")
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic bGFuOmxhbg=="}):
        answer = _ask(answering, method, path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
        _sentence(answer)
        assert "reason" not in answer.json()
    revoke(answering.hub, lan.person)
    revoked = _ask(answering, method, path, lan)
    assert "revoked" in _sentence(revoked)
    assert revoked.json()["reason"] == "enrolment_revoked"


# -- pages -------------------------------------------------------------------------------------------------


def _take_all(device: Device) -> list[SourceChanges]:
    pages = [device.source.changes("")]
    while pages[-1].more:
        pages.append(device.source.changes(pages[-1].cursor))
    return pages


def test_many_changes_come_in_pages_that_together_hold_everything_once(
    answering: Answering, tmp_path: Path
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    keys = [f"M-{number:03}" for number in range(12)]
    rows = [f"{key},E-{key},Anna Berg,positive-relationships,1,no,D,en,yes," for key in keys]
    artifacts = [f"{key},work,https://example.org/{key}/{n},," for key in keys for n in range(45)]
    write_rows(folder, rows, artifacts)
    import_quickly(answering.hub, folder)
    lan = answering.enrol(Role.ASSESSOR, *keys)
    pages = _take_all(lan)
    assert len(pages) > 1
    assert sorted(s.key for page in pages for s in page.submissions) == keys
    sizes = [sum(len(s.artifacts) for s in page.submissions) for page in pages]
    assert all(size <= PAGE * 4**number for number, size in enumerate(sizes))
    last = lan.source.changes(pages[-1].cursor)
    assert (last.empty, last.cursor, last.more) == (True, pages[-1].cursor, False)


def test_an_assignment_of_somebody_else_is_told_to_nobody_whatever_the_log_names(
    answering: Answering,
) -> None:
    lan, eve = answering.enrol(Role.ASSESSOR, "7F3A-21"), answering.enrol(Role.ASSESSOR, "91BB-02")
    before, (theirs,) = lan.changes(), eve.changes().assignments
    with answering.hub.database.writing() as work:
        note_change(work, "assignment", theirs.id, lan.person)
    page = lan.source.changes(before.cursor)
    assert (page.assignments, page.submissions, page.withdrawn, page.blobs) == ((), (), (), ())


def test_a_desk_is_given_no_more_at_once_than_it_asked_for_nor_than_any_gets(answering: Answering) -> None:
    lan = answering.enrol(Role.ASSESSOR, "7F3A-21", "91BB-02")
    ask = {"headers": {"Authorization": f"Bearer {lan.source._token}"}, "timeout": 30}
    at = f"{answering.url}/v1/changes"
    sizes = {most: len(httpx.get(f"{at}?most={most}", **ask).json()["assignments"]) for most in (1, 10**30)}
    assert sizes == {1: 0, 10**30: 2}  # the first row tells of what was published
    assert httpx.get(f"{at}?most=0", **ask).status_code == 422


def test_one_submission_larger_than_a_page_still_comes(answering: Answering, tmp_path: Path) -> None:
    folder = tmp_path / "large"
    folder.mkdir()
    row = "L-1,E-L,Anna Berg,positive-relationships,1,no,D,en,yes,"
    write_rows(folder, [row], [f"L-1,work,https://example.org/{n},," for n in range(PAGE + 50)])
    import_quickly(answering.hub, folder)
    lan = answering.enrol(Role.ASSESSOR, "L-1", "91BB-02")
    pages = [lan.source.changes("")]
    while pages[-1].more:
        lan.source._most = PAGE  # as where pages come late
        pages.append(lan.source.changes(pages[-1].cursor))
    assert [s.key for page in pages for s in page.submissions] == ["L-1", "91BB-02"]


def test_a_cursor_from_before_a_restored_back_up_begins_again(answering: Answering) -> None:
    lan = answering.enrol(Role.ASSESSOR, "7F3A-21")
    first, again = lan.changes(), lan.source.changes("123456")
    assert (first.anew, again.anew) == (False, True)
    assert (again.assignments, again.submissions) == (first.assignments, first.submissions)


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "9" * 30, "١٢"])
def test_a_cursor_that_no_hub_gave_out_is_refused(answering: Answering, cursor: str) -> None:
    lan = answering.enrol(Role.ASSESSOR)
    answer = _ask(answering, "GET", "/changes", lan, params={"cursor": cursor})
    assert answer.status_code == 400
    assert "is not a cursor of this hub" in _sentence(answer)


def test_a_reimported_submission_is_sent_again_with_its_new_bytes(
    answering: Answering, incoming: Path
) -> None:
    lan = answering.enrol(Role.ASSESSOR, "91BB-02")
    before = lan.changes()
    (incoming / "board.md").write_text("# board\n\nOnce more.\n", encoding="utf-8")
    import_quickly(answering.hub, incoming)
    after = lan.source.changes(before.cursor)
    assert after.submissions[0].version != before.submissions[0].version
    assert after.blobs[0].digest != before.blobs[0].digest
    assert _ask(answering, "GET", f"/blobs/{before.blobs[0].digest}", lan).status_code == 404


# -- bytes -------------------------------------------------------------------------------------------------


def test_bytes_come_whole_and_by_range(answering: Answering) -> None:
    lan = answering.enrol(Role.ASSESSOR, "7F3A-21")
    for blob in lan.changes().blobs:
        whole = b"".join(lan.source.fetch(blob, 0))
        assert (len(whole), hashlib.sha256(whole).hexdigest()) == (blob.length, blob.digest)
        for offset in (1, blob.length // 2, blob.length - 1):
            assert b"".join(lan.source.fetch(blob, offset)) == whole[offset:]


def test_a_range_that_is_no_part_of_the_file_is_416_in_a_sentence(answering: Answering) -> None:
    lan = answering.enrol(Role.ASSESSOR, "7F3A-21")
    blob = lan.changes().blobs[0]
    for asked in (f"bytes={blob.length}-", "bytes=5-4", "bytes=-5", "bytes=0-1,3-4", "bites=0-", "bytes=x-"):
        answer = _ask(answering, "GET", f"/blobs/{blob.digest}", lan, headers={"Range": asked})
        assert answer.status_code == 416
        _sentence(answer)


def test_two_devices_of_one_person_fetch_at_the_same_time(answering: Answering) -> None:
    lan = answering.enrol(Role.ASSESSOR, "7F3A-21", "91BB-02")
    other = answering.another_device(lan.person)
    blobs = lan.changes().blobs

    def fetch_all(device: Device) -> list[str]:
        return [hashlib.sha256(b"".join(device.source.fetch(blob, 0))).hexdigest() for blob in blobs]

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(fetch_all, (lan, other))
    assert first == second == [blob.digest for blob in blobs]


# -- errors and limits -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing/here", 404),
        ("DELETE", "/hello", 405),
        ("POST", "/changes", 405),
        ("GET", "/blobs/short", 401),
        ("POST", "/enrolments", 422),
    ],
)
def test_errors_are_one_sentence_with_their_status(
    answering: Answering, method: str, path: str, status: int
) -> None:
    answer = _ask(answering, method, path)
    assert answer.status_code == status
    _sentence(answer)


def test_a_malformed_digest_is_refused_before_it_touches_a_path(answering: Answering) -> None:
    lan = answering.enrol(Role.ASSESSOR)
    for digest in ("short", "AB" * 32, "..%2f..%2fhub.key"):
        answer = _ask(answering, "GET", f"/blobs/{digest}", lan)
        assert answer.status_code in (404, 422)
        _sentence(answer)


def test_a_refused_enrolment_repeats_neither_code_nor_request(answering: Answering) -> None:
    answer = _ask(answering, "POST", "/enrolments", json={"code": "SECRET-CODE", "csr": 7})
    assert answer.status_code == 422
    assert "SECRET" not in _sentence(answer)


def test_guessing_over_the_network_is_told_when_to_come_back(answering: Answering) -> None:
    wanted = {"code": "AAAA-AAAA-AAAA-AAAA", "csr": SigningKey.generate().csr("x").decode()}
    statuses = [_ask(answering, "POST", "/enrolments", json=wanted) for _ in range(11)]
    assert [answer.status_code for answer in statuses] == [403] * 10 + [429]
    assert int(statuses[-1].headers["retry-after"]) > 0


def test_a_message_beyond_the_limit_is_turned_away_unread(answering: Answering) -> None:
    answer = _ask(answering, "POST", "/enrolments", content=b"x" * (LARGEST_MESSAGE + 1))
    assert answer.status_code == 413
    _sentence(answer)


@pytest.mark.parametrize("where", ["packets", "releases", "notes", "concerns", "destructions"])
def test_what_is_delivered_may_be_longer_than_a_message(answering: Answering, where: str) -> None:
    content = b"x" * (LARGEST_MESSAGE + 1)
    own = f"/{where}/{hashlib.sha256(content).hexdigest()}"
    assert _ask(answering, "PUT", own, content=content).status_code not in (404, 405, 413)


def test_a_body_of_unknown_length_is_turned_away(answering: Answering) -> None:
    answer = _ask(answering, "POST", "/enrolments", content=iter([b"{}"]))
    assert answer.status_code == 411
    _sentence(answer)


def test_a_fault_of_the_hub_is_told_without_its_details(
    answering: Answering, monkeypatch: pytest.MonkeyPatch, expected_log: Callable[..., object]
) -> None:
    import assessor_desk.hub.app as app

    def broken(*_: object) -> None:
        raise ZeroDivisionError("the secret inside")

    lan = answering.enrol(Role.ASSESSOR)
    monkeypatch.setattr(app, "counts_for", broken)
    with expected_log("Exception in ASGI application", logger="uvicorn"):  # type: ignore[attr-defined]
        answer = _ask(answering, "GET", "/counts", lan)
    assert answer.status_code == 500
    assert "secret" not in _sentence(answer)


def test_anyone_may_ask_which_hub_this_is_and_for_its_trust_list(answering: Answering) -> None:
    greeting = _ask(answering, "GET", "/hello").json()
    assert (greeting["title"], greeting["identity"]) == ("Lakeside hub", answering.hub.identity)
    assert _ask(answering, "GET", "/trust.pem").content == answering.hub.trust()["trust.pem"]


def test_the_trust_list_comes_with_its_signature_in_one_answer(answering: Answering) -> None:
    with zipfile.ZipFile(BytesIO(_ask(answering, "GET", "/trust.zip").content)) as both:
        assert both.namelist() == ["trust.pem", "trust.pem.p7s"]
        assert is_over(both.read("trust.pem.p7s"), both.read("trust.pem"))


@pytest.mark.parametrize(
    ("scheme", "client", "status"),
    [
        ("http", "127.0.0.1", 200),
        ("http", "::1", 200),
        ("https", "203.0.113.9", 200),
        ("http", "203.0.113.9", 403),
    ],
)
def test_plain_http_from_another_computer_is_turned_away(scheme: str, client: str, status: int) -> None:
    seen: list[int] = []

    async def inner(_scope: object, _receive: object, send: Callable[..., object]) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})  # type: ignore[misc]
        await send({"type": "http.response.body", "body": b""})  # type: ignore[misc]

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            seen.append(message["status"])  # type: ignore[arg-type]

    scope = {
        "type": "http",
        "scheme": scheme,
        "path": "/v1/hello",
        "headers": [],
        "client": (client, 1),
        "method": "GET",
    }
    anyio.run(Gate(inner), scope, None, send)  # type: ignore[arg-type]
    assert seen == [status]


def test_serving_beyond_this_computer_needs_https(answering: Answering) -> None:
    with pytest.raises(Refused, match="plain http on this computer alone"):
        Server(answering.hub.folder, host="0.0.0.0")


def test_a_port_that_is_taken_is_told(answering: Answering) -> None:
    with pytest.raises(Refused, match=r"cannot listen on 127\.0\.0\.1"):
        Server(answering.hub.folder, port=int(answering.url.rpartition(":")[2]))


def test_a_person_who_is_assigned_something_while_others_sync_disturbs_nobody(answering: Answering) -> None:
    lan = answering.enrol(Role.ASSESSOR, "7F3A-21")
    done = threading.Event()

    def keep_asking() -> int:
        asked = 0
        while not done.is_set():
            lan.changes()
            asked += 1
        return asked

    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(keep_asking)
        for _ in range(5):
            assign(answering.hub, "91BB-02", lan.person)
            withdraw(answering.hub, "91BB-02", lan.person)
        done.set()
        assert asking.result(30) > 0
    assert [s.key for s in lan.changes().submissions] == ["7F3A-21"]


def test_https_with_its_own_certificate(answering: Answering, tmp_path: Path) -> None:
    """Beyond loopback a hub shows its certificate; here on loopback, so that no other network is needed."""
    certificate, key = _tls(tmp_path)
    with Server(answering.hub.folder, tls=Tls(certificate, key)) as server:
        assert server.url.startswith("https://")
        import ssl

        context = ssl.create_default_context(cafile=str(certificate))
        assert httpx.get(f"{server.url}/v1/hello", verify=context).status_code == 200
        stranger = HubSource(server.url, title="Lakeside hub")
        with pytest.raises(Unavailable, match="shows a certificate that this computer does not trust"):
            stranger.counts()
        stranger.close()


def _tls(folder: Path) -> tuple[Path, Path]:
    import ipaddress
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hub")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "tls.pem", folder / "tls.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pkcs8 = serialization.PrivateFormat.PKCS8
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, pkcs8, serialization.NoEncryption()))
    return paths
