"""Who may do what at a hub, as one table: every route, every role, one's own object and others', every cell tried.

The routes are the app's own: one that is added without a row here fails the first test.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi.routing import APIRoute
from tests.hub.conftest import answering_from
from tests.hub.making import Device, import_quickly, write_rows

from assessor_desk.domain.coaching import CoachingNotes
from assessor_desk.domain.concern import Concern, ConcernKind
from assessor_desk.domain.custody import Attested, Destruction, Piece, Receipt
from assessor_desk.domain.handed_notes import NotesFacts, handed_notes
from assessor_desk.domain.review import CriterionWork, TextField
from assessor_desk.domain.roles import Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.app import create_app
from assessor_desk.hub.badge_papers import set_up_badges
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.limits import set_limits
from assessor_desk.hub.people import add_person, new_code, revoke
from assessor_desk.hub.publishing import newest_rubric, newest_stack, publish
from assessor_desk.keys.cms import sign_detached
from assessor_desk.keys.custody_key import CustodyKey
from assessor_desk.keys.signing import SigningKey
from assessor_desk.places import resources
from assessor_desk.protocol.concerns import concern_bytes
from assessor_desk.protocol.destructions import key_bytes, receipt_bytes, statement_bytes
from assessor_desk.protocol.notes import notes_bytes
from assessor_desk.rubric_files import policy_from_json, rubric_from_json

#: `ok` is any answer below 400, a number is the refusal's status, `-` is an answer that says nothing of that object.
#: Who asks: nobody (no token) · unknown (a token that nobody was given) · foreign (of another programme's hub) ·
#: revoked · assessor · coach · reviewer. Whose object: theirs by name; others' is another assessor's, coach's or
#: reviewer's of this hub.
TABLE = """
route                                            object                  nobody unknown foreign revoked assessor coach reviewer
GET  /verify                                     -                       ok     ok      ok      ok      ok       ok    ok
GET  /v1/openapi.json                            -                       ok     ok      ok      ok      ok       ok    ok
HEAD /v1/openapi.json                            -                       ok     ok      ok      ok      ok       ok    ok
GET  /v1/hello                                   -                       ok     ok      ok      ok      ok       ok    ok
GET  /v1/trust.pem                               -                       ok     ok      ok      ok      ok       ok    ok
GET  /v1/trust.zip                               -                       ok     ok      ok      ok      ok       ok    ok
GET  /v1/badges/issuer.json                      -                       ok     ok      ok      ok      ok       ok    ok
GET  /v1/badges/issuer.json.p7s                  -                       ok     ok      ok      ok      ok       ok    ok
GET  /v1/badges/status/{number}                  -                       ok     ok      ok      ok      ok       ok    ok
GET  /v1/badges/rubrics/{rubric_id}/{version}    -                       ok     ok      ok      ok      ok       ok    ok
GET  /v1/badges/stacks/{stack_id}/{version}      -                       ok     ok      ok      ok      ok       ok    ok

POST /v1/enrolments                              a fresh code            ok     ok      ok      ok      ok       ok    ok
POST /v1/enrolments                              a used code             403    403     403     403     403      403   403
POST /v1/enrolments                              no code                 403    403     403     403     403      403   403

POST /v1/certificates                            their own key           401    401     401     401     ok       ok    ok
POST /v1/certificates                            others' key             401    401     401     401     403      403   403

GET  /v1/changes                                 assessor's submission   401    401     401     401     ok       -     -
GET  /v1/changes                                 coach's submission      401    401     401     401     -        ok    -
GET  /v1/changes                                 reviewer's submission   401    401     401     401     -        -     ok
GET  /v1/changes                                 revoked's submission    401    401     401     401     -        -     -
GET  /v1/changes                                 others' submission      401    401     401     401     -        -     -
GET  /v1/changes                                 packet to decide on     401    401     401     401     -        -     ok
GET  /v1/changes                                 others' packet          401    401     401     401     -        -     -
GET  /v1/counts                                  their own               401    401     401     401     ok       ok    ok

GET  /v1/blobs/{digest}                          assessor's file         401    401     401     401     ok       404   404
GET  /v1/blobs/{digest}                          coach's file            401    401     401     401     404      ok    404
GET  /v1/blobs/{digest}                          reviewer's file         401    401     401     401     404      404   ok
GET  /v1/blobs/{digest}                          revoked's file          401    401     401     401     404      404   404
GET  /v1/blobs/{digest}                          others' file            401    401     401     401     404      404   404
GET  /v1/blobs/{digest}                          packet to decide on     401    401     401     401     404      404   ok
GET  /v1/blobs/{digest}                          others' packet          401    401     401     401     404      404   404
GET  /v1/blobs/{digest}                          no file                 401    401     401     401     404      404   404

GET  /v1/packets/{digest}                        assessor's packet       401    401     401     401     ok       404   404
GET  /v1/packets/{digest}                        reviewer's decision     401    401     401     401     404      404   ok
GET  /v1/packets/{digest}                        others' packet          401    401     401     401     404      404   404
GET  /v1/packets/{digest}                        no packet yet           401    401     401     401     404      404   404
HEAD /v1/packets/{digest}                        no packet yet           401    401     401     401     ok       ok    ok
HEAD /v1/packets/{digest}                        others' packet          401    401     401     401     -        -     -
POST /v1/deliveries                              others' packet          401    401     401     401     -        -     -
POST /v1/deliveries                              reviewer's decision     401    401     401     401     -        -     ok

PUT  /v1/packets/{digest}                        others' new packet      401    401     401     401     403      403   403
PUT  /v1/packets/{digest}                        assessor's new packet   401    401     401     401     ok       403   403
PUT  /v1/packets/{digest}                        others' new decision    401    401     401     401     403      403   403
PUT  /v1/packets/{digest}                        reviewer's new decision 401    401     401     401     403      403   ok

PUT  /v1/notes/{digest}                          others' notes           401    401     401     401     404      404   404
PUT  /v1/notes/{digest}                          coach's notes           401    401     401     401     404      ok    404

PUT  /v1/releases/{decision}                     others' decision        401    401     401     401     404      404   404
PUT  /v1/releases/{decision}                     reviewer's decision     401    401     401     401     404      404   ok

PUT  /v1/concerns/{digest}                       others' submission      401    401     401     401     404      404   404
PUT  /v1/concerns/{digest}                       assessor's submission   401    401     401     401     ok       404   404
PUT  /v1/concerns/{digest}                       coach's submission      401    401     401     401     404      ok    404
PUT  /v1/concerns/{digest}                       reviewer's submission   401    401     401     401     404      404   ok

PUT  /v1/destructions/{digest}                   assessor's signed       ok     ok      ok      ok      ok       ok    ok
PUT  /v1/destructions/{digest}                   others' submission      404    404     404     404     404      404   404
PUT  /v1/destructions/{digest}                   signed by nobody        422    422     422     422     422      422   422

GET  /v1/devices                                 their own computer      401    401     401     401     ok       ok    ok
GET  /v1/devices                                 others' computer        401    401     401     401     -        -     -
PUT  /v1/devices/this                            their own computer      401    401     401     401     ok       ok    ok
POST /v1/removals                                their own computer      401    401     401     401     404      404   404
POST /v1/removals                                others' computer        401    401     401     401     404      404   404
GET  /v1/joins                                   their own wish          401    401     401     401     ok       ok    ok
GET  /v1/joins                                   others' wish            401    401     401     401     -        -     -
POST /v1/joins                                   a fresh wish            401    401     401     401     ok       ok    ok
POST /v1/joins                                   others' wish            401    401     401     401     409      409   409
PUT  /v1/joins/{join}/{step}                     their own wish          401    401     401     401     403      403   403
PUT  /v1/joins/{join}/{step}                     their second's wish     401    401     401     401     ok       ok    ok
PUT  /v1/joins/{join}/{step}                     others' wish            401    401     401     401     404      404   404
DELETE /v1/joins/{join}                          others' wish            401    401     401     401     404      404   404
DELETE /v1/joins/{join}                          their second's wish     401    401     401     401     ok       ok    ok
POST /v1/entries                                 a first batch           401    401     401     401     ok       ok    ok
POST /v1/entries                                 a second batch          401    401     401     401     409      409   409
GET  /v1/entries                                 their own entries       401    401     401     401     ok       ok    ok
GET  /v1/entries                                 others' entries         401    401     401     401     -        -     -
PUT  /v1/person-key                              their own keys          401    401     401     401     ok       ok    ok
GET  /v1/person-key                              their own keys          401    401     401     401     ok       ok    ok
GET  /v1/person-key                              others' keys            401    401     401     401     -        -     -
"""  # noqa: E501 - a table is read in columns
WHO = ("nobody", "unknown", "foreign", "revoked", "assessor", "coach", "reviewer")
NO_DIGEST = "ab" * 32
DRAFTS, WORK = ("C-own", "C-other"), ("A-own", "A-other", "R-own", "R-other", "D-own", "D-other", "X-gone")


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    method: str
    path: str
    thing: str
    cells: dict[str, str]

    @property
    def route(self) -> tuple[str, str]:
        return self.method, self.path


def _rows() -> list[Row]:
    lines = [re.split(r"\s{2,}", line.strip()) for line in TABLE.strip().splitlines()[1:] if line.strip()]
    return [_row(" ".join(line).split(), line) for line in lines]


def _row(words: list[str], line: list[str]) -> Row:
    cells = words[-len(WHO) :]
    thing = " ".join(words[2 : -len(WHO)])
    return Row(words[0], words[1], thing, dict(zip(WHO, cells)))


ROWS = _rows()


def routes_of(routes: list[Any]) -> Iterator[tuple[str, str]]:
    """Method and path of every route, those of included routers among them."""
    for route in routes:
        if (inner := getattr(route, "original_router", None)) is not None:
            yield from routes_of(inner.routes)
        else:
            for method in route.methods:
                yield method, route.path


def test_every_route_has_its_row_and_every_row_its_route(hub: Hub) -> None:
    app = create_app(hub.folder, hub=hub)
    routes = set(routes_of(app.routes))
    described = {(method.upper(), path) for path, about in app.openapi()["paths"].items() for method in about}
    assert described <= routes
    assert {row.route for row in ROWS} == routes


def test_a_route_without_a_row_would_be_noticed(hub: Hub) -> None:
    app = create_app(hub.folder, hub=hub)
    app.add_api_route("/v1/new", lambda: None, methods=["DELETE"])
    assert ("DELETE", "/v1/new") in set(routes_of(app.routes)) - {row.route for row in ROWS}
    assert isinstance(app.routes[-1], APIRoute)


def test_every_row_has_a_cell_for_every_role() -> None:
    for row in ROWS:
        assert set(row.cells) == set(WHO)
        assert all(re.fullmatch(r"ok|-|4\d\d", cell) for cell in row.cells.values()), row
    assert len({(*row.route, row.thing) for row in ROWS}) == len(ROWS)


@dataclass
class Scene:
    """A hub with something of everybody's, and whoever asks."""

    hub: Hub
    url: str
    tokens: dict[str, str]
    devices: dict[str, Device]
    others: dict[str, Device]
    #: Digests, and whatever else names a thing of the table.
    names: dict[str, str]
    bodies: dict[str, bytes]
    client: httpx.Client
    used_code: str = ""
    tried: list[tuple[str, str, str]] = field(default_factory=list)


def _import(hub: Hub, folder: Path) -> None:
    folder.mkdir()
    keys = (*DRAFTS, *WORK)
    draft = {key: "yes" if key in DRAFTS else "no" for key in keys}
    rows = [f"{key},E-{key},Anna Berg,positive-relationships,1,{draft[key]},D,en,yes," for key in keys]
    write_rows(folder, rows, [f"{key},work,{key}.txt,," for key in keys])
    for key in keys:
        (folder / f"{key}.txt").write_text(f"The work of {key}.\n", encoding="utf-8")
    import_quickly(hub, folder)


def _notes(coach: Device) -> bytes:
    page = coach.changes()
    rubric = rubric_from_json(page.rubrics[0].canonical)
    work = CriterionWork(texts={TextField.PRESENT: "You greet by name."})
    notes = CoachingNotes("n-1", works={rubric.criteria[0].id: work}, overall="A good start.")
    facts = NotesFacts(
        notes,
        page.submissions[0],
        page.assignments[0],
        rubric,
        policy_from_json(page.policies[0].canonical),
        "Lakeside Regional Programme",
        datetime.now(UTC),
    )
    return notes_bytes(handed_notes(facts))


def _concern(device: Device, key: str, person: str) -> bytes:
    own = next(each for each in device.changes().submissions if each.key == key)
    at = datetime.now(UTC).replace(microsecond=0)
    return concern_bytes(Concern("c-1", own.id, ConcernKind.PRIVACY, "A pupil is named.", at, person, ""))


@pytest.fixture
def scene(hub: Hub, template: Path, tmp_path: Path) -> Iterator[Scene]:
    """Own and others' submissions, files, packets, decisions, drafts and notes."""
    set_limits(hub, wrong_codes=1000)
    set_up_badges(hub, "http://127.0.0.1:8391")
    publish(hub, resources() / "stacks" / "responsive-teaching.yaml")
    _import(hub, tmp_path / "scene")
    stranger_hub = Hub.create(tmp_path / "elsewhere", "Elsewhere", "Another programme")
    with ExitStack() as closing, answering_from(hub) as here, answering_from(stranger_hub) as elsewhere:
        own = {
            "assessor": here.enrol(Role.ASSESSOR, "A-own", "D-own"),
            "coach": here.enrol(Role.COACH, "C-own"),
            "reviewer": here.enrol(Role.REVIEWER, "R-own", "D-own"),
            "revoked": here.enrol(Role.ASSESSOR, "X-gone"),
        }
        others = {
            "assessor": here.enrol(Role.ASSESSOR, "A-other", "R-own", "R-other", "D-other"),
            "coach": here.enrol(Role.COACH, "C-other"),
            "reviewer": here.enrol(Role.REVIEWER, "R-other", "D-other"),
        }
        foreign = elsewhere.enrol(Role.ASSESSOR)
        client = closing.enter_context(httpx.Client(trust_env=False))
        scene = Scene(hub, here.url, {}, own, others, {}, {}, client)
        _fill(scene, tmp_path)
        tokens = {who: device.source._token for who, device in own.items()}
        scene.tokens = {**tokens, "foreign": foreign.source._token, "unknown": "x" * 43}
        revoke(hub, own["revoked"].person)
        yield scene
    stranger_hub.close()


def _fill(scene: Scene, folder: Path) -> None:
    own, others, names, bodies = scene.devices, scene.others, scene.names, scene.bodies
    for whose, device, key in (
        ("assessor's", own["assessor"], "A-own"),
        ("coach's", own["coach"], "C-own"),
        ("reviewer's", own["reviewer"], "R-own"),
        ("revoked's", own["revoked"], "X-gone"),
        ("others'", others["assessor"], "A-other"),
    ):
        page = device.changes()
        submission = next(each for each in page.submissions if each.key == key)
        names[f"{whose} submission"] = submission.id
        names[f"{whose} file"] = next(b.digest for b in page.blobs if b.submission_id == submission.id)
    for name, device, key in (
        ("assessor's new packet", own["assessor"], "A-own"),
        ("others' new packet", others["assessor"], "A-other"),
        ("settled", others["assessor"], "R-own"),
        ("others' packet", others["assessor"], "R-other"),
        ("mine", own["assessor"], "D-own"),
        ("theirs", others["assessor"], "D-other"),
    ):
        bodies[name], names[name] = device.seal(folder / "sealed", key)
    for name, device in (
        ("settled", others["assessor"]),
        ("others' packet", others["assessor"]),
        ("mine", own["assessor"]),
        ("theirs", others["assessor"]),
    ):
        device.deliver(bodies[name], names[name])
    for name, device, key in (
        ("reviewer's decision", own["reviewer"], "R-own"),
        ("others' decision", others["reviewer"], "R-other"),
        ("reviewer's new decision", own["reviewer"], "D-own"),
        ("others' new decision", others["reviewer"], "D-other"),
    ):
        bodies[name], names[name] = device.decide(key)
        if "new" not in name:
            device.deliver(bodies[name], names[name])
    told = {packet.digest: packet.blob for packet in own["reviewer"].changes().packets}
    names["packet to decide on"] = told[names["settled"]]
    elsewhere = {packet.digest: packet.blob for packet in others["reviewer"].changes().packets}
    names["others' packet file"] = elsewhere[names["others' packet"]]
    bodies["coach's notes"], bodies["others' notes"] = _notes(own["coach"]), _notes(others["coach"])
    scene.used_code = new_code(scene.hub, own["assessor"].person)


# -- how each thing is asked for -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """A request, and whether a good answer tells of the thing (None: any good answer does)."""

    path: str
    body: bytes | None = None
    json: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    tells: Callable[[httpx.Response], bool] | None = None


def _plain(scene: Scene, row: Row, who: str) -> Asked:
    values = {"number": "1", "rubric_id": "positive-relationships", "stack_id": "responsive-teaching"}
    with scene.hub.database.reading() as view:
        own = (
            newest_stack(view, values["stack_id"])
            if "stacks" in row.path
            else newest_rubric(view, values["rubric_id"])
        )
    return Asked(row.path.format(**values, version=own.version))


def _enrolment(scene: Scene, row: Row, who: str) -> Asked:
    person = add_person(scene.hub, "Somebody", [Role.ASSESSOR])
    csr = SigningKey.generate().csr(person).decode()
    code = "AAAA-AAAA-AAAA-AAAA"
    if row.thing == "a fresh code":
        code = new_code(scene.hub, person)
    elif row.thing == "a used code":
        code = scene.used_code
    return Asked(row.path, json={"code": code, "csr": csr, "device": "a computer"})


def _renewal(scene: Scene, row: Row, who: str) -> Asked:
    """The request is signed with the certificate of one's own computer, or of another's."""
    own = scene.devices.get(who, scene.devices["assessor"])
    device = own if row.thing == "their own key" else scene.others["assessor"]
    csr = SigningKey.generate().csr(own.person)
    proof = sign_detached(csr, device.signer.key, device.signer.certificate, datetime.now(UTC))
    return Asked(row.path, json={"csr": csr.decode(), "proof": base64.b64encode(proof).decode()})


def _changes(scene: Scene, row: Row, who: str) -> Asked:
    name = scene.names["others' packet file" if row.thing == "others' packet" else row.thing]
    return Asked(row.path, tells=lambda answer: name in answer.text)


def _file(scene: Scene, row: Row, who: str) -> Asked:
    name = "others' packet file" if row.thing == "others' packet" else row.thing
    return Asked(row.path.format(digest=scene.names.get(name, NO_DIGEST)))


def _own_packet(scene: Scene, row: Row, who: str) -> Asked:
    names = {**scene.names, "assessor's packet": scene.names["mine"]}
    return Asked(row.path.format(digest=names.get(row.thing, NO_DIGEST)))


def _offset(scene: Scene, row: Row, who: str) -> Asked:
    """Whoever asks learns of their own deliveries alone."""
    digest = scene.names.get(row.thing, NO_DIGEST)
    headers = {"Upload-Length": "10", "Repr-Digest": f"sha-256=:{base64.b64encode(bytes(32)).decode()}:"}
    whole = "?1" if row.thing == "others' packet" else "?0"
    return Asked(
        row.path.format(digest=digest),
        headers=headers,
        tells=lambda answer: answer.headers["upload-complete"] == whole,
    )


def _deliveries(scene: Scene, row: Row, who: str) -> Asked:
    digest = scene.names[row.thing]
    return Asked(row.path, json={"digests": [digest]}, tells=lambda answer: digest in answer.json()["held"])


def _delivery(scene: Scene, row: Row, who: str) -> Asked:
    body = scene.bodies[row.thing]
    digest = scene.names.get(row.thing) or hashlib.sha256(body).hexdigest()
    return Asked(row.path.format(digest=digest), body=body)


def _concerning(scene: Scene, row: Row, who: str) -> Asked:
    """Everybody raises it in their own name, so that nothing but whose submission it is stands in the way."""
    whose, key = {
        "others' submission": (scene.others["assessor"], "A-other"),
        "assessor's submission": (scene.devices["assessor"], "A-own"),
        "coach's submission": (scene.devices["coach"], "C-own"),
        "reviewer's submission": (scene.devices["reviewer"], "R-own"),
    }[row.thing]
    person = scene.devices[who].person if who in scene.devices else whose.person
    body = _concern(whose, key, person)
    return Asked(row.path.format(digest=hashlib.sha256(body).hexdigest()), body=body)


def _destroying(scene: Scene, row: Row, who: str) -> Asked:
    """Whoever brings it: the document says by its own signatures whose it is."""
    device = scene.devices["assessor"]
    whose, key = {
        "assessor's signed": (device, "A-own"),
        "others' submission": (scene.others["assessor"], "A-other"),
        "signed by nobody": (device, "A-own"),
    }[row.thing]
    own = next(each for each in whose.changes().submissions if each.key == key)
    at = datetime.now(UTC).replace(microsecond=0)
    made = Destruction(
        who, scene.hub.identity, own.id, "recusal", at, (Piece("a", "original", "ab" * 32),), gone_at=at
    )
    secret = CustodyKey.generate()
    told = key_bytes(secret.public, made.source, at)
    attested = Attested(
        secret.public, made.source, at, sign_detached(told, device.signer.key, device.signer.certificate, at)
    )
    signing = secret if row.thing != "signed by nobody" else CustodyKey.generate()
    body = receipt_bytes(Receipt(made, attested, signing.sign(statement_bytes(made))))
    return Asked(row.path.format(digest=hashlib.sha256(body).hexdigest()), body=body)


def _release(scene: Scene, row: Row, who: str) -> Asked:
    return Asked(row.path.format(decision=scene.names[row.thing]), body=b"", params={"how": "folder"})


def _own_devices(scene: Scene, row: Row, who: str) -> Asked:
    """Each has a computer here, and others have theirs: none of the one is the other's."""
    device = (scene.others if row.thing.startswith("others'") else scene.devices).get(who)
    device = device or scene.devices["assessor"]
    with scene.hub.database.reading() as view:
        own = (
            view.execute(sa.select(t.devices.c.id).where(t.devices.c.person == device.person)).scalars().all()
        )
    if row.method == "GET":
        return Asked(row.path, tells=lambda answer: any(one in answer.text for one in own))
    if row.method == "PUT":
        return Asked(row.path, json={"title": f"Desk of {who}"})
    return Asked(row.path, json={"device": own[0], "proof": "AAAA"})


def _wish(scene: Scene, row: Row, who: str) -> Asked:
    """A wish to join: of the computer that asks, of a second one of theirs, or of somebody else's."""
    other = row.thing.startswith("others'")
    device = (scene.others if other else scene.devices).get(who) or scene.devices["assessor"]
    own_id = f"{row.method}-{who}-{'others' if other else 'own'}"
    if row.thing != "a fresh wish":
        with scene.hub.database.writing() as work:
            here = t.devices.c.person == device.person
            asks = work.execute(sa.select(t.devices.c.id).where(here)).scalars().first()
            values = {"person": device.person, "asked_at": scene.hub.clock(), "commitment": "cd" * 32}
            values["device"] = "second" if row.thing == "their second's wish" else asks
            work.execute(sa.delete(t.joins).where(t.joins.c.id == own_id))
            work.execute(sa.insert(t.joins).values(id=own_id, **values))
    if row.method == "GET":
        return Asked(row.path, tells=lambda answer: own_id in answer.text)
    if row.method == "POST":
        return Asked(row.path, json={"id": own_id, "commitment": NO_DIGEST})
    body = {"word": "public"} if row.method == "PUT" else None
    return Asked(row.path.format(join=own_id, step="answer"), json=body)


def _entries(scene: Scene, row: Row, who: str) -> Asked:
    other = row.thing.startswith("others'")
    device = (scene.others if other else scene.devices).get(who) or scene.devices["assessor"]
    if row.method == "POST":
        number, chain = (1, f"first-{who}") if row.thing == "a first batch" else (2, f"second-{who}")
        batch = {"chain": chain, "number": number, "previous": "", "digest": NO_DIGEST, "key": "k"}
        return Asked(row.path, json={**batch, "sealed": "AAAA"})
    chain = f"{device.person}-{other}"
    with scene.hub.database.writing() as work:
        here = t.entry_batches.c.person == device.person
        last = work.execute(sa.select(sa.func.max(t.entry_batches.c.seq)).where(here)).scalar() or 0
        values = {
            "person": device.person,
            "seq": last + 1,
            "chain": chain,
            "number": last + 1,
            "previous": "",
        }
        values |= {"digest": NO_DIGEST, "key_name": "k", "sealed": b"s", "length": 1, "device": "d"}
        work.execute(sa.insert(t.entry_batches).values(**values, at=scene.hub.clock()))
    return Asked(row.path, tells=lambda answer: chain in answer.text)


def _keys(scene: Scene, row: Row, who: str) -> Asked:
    if row.method == "PUT":
        return Asked(row.path, json={"wrapped": f"wrapped by {who}"})
    other = row.thing.startswith("others'")
    device = (scene.others if other else scene.devices).get(who) or scene.devices["assessor"]
    words = f"wrapped {device.person}"
    with scene.hub.database.writing() as work:
        work.execute(sa.delete(t.key_copies).where(t.key_copies.c.person == device.person))
        values = {"person": device.person, "wrapped": words, "at": scene.hub.clock()}
        work.execute(sa.insert(t.key_copies).values(**values))
    return Asked(row.path, tells=lambda answer: words in answer.text)


HOW: dict[tuple[str, str], Callable[[Scene, Row, str], Asked]] = {
    ("GET", "/v1/devices"): _own_devices,
    ("PUT", "/v1/devices/this"): _own_devices,
    ("POST", "/v1/removals"): _own_devices,
    ("GET", "/v1/joins"): _wish,
    ("POST", "/v1/joins"): _wish,
    ("PUT", "/v1/joins/{join}/{step}"): _wish,
    ("DELETE", "/v1/joins/{join}"): _wish,
    ("POST", "/v1/entries"): _entries,
    ("GET", "/v1/entries"): _entries,
    ("PUT", "/v1/person-key"): _keys,
    ("GET", "/v1/person-key"): _keys,
    ("POST", "/v1/enrolments"): _enrolment,
    ("POST", "/v1/certificates"): _renewal,
    ("GET", "/v1/changes"): _changes,
    ("GET", "/v1/blobs/{digest}"): _file,
    ("GET", "/v1/packets/{digest}"): _own_packet,
    ("HEAD", "/v1/packets/{digest}"): _offset,
    ("POST", "/v1/deliveries"): _deliveries,
    ("PUT", "/v1/packets/{digest}"): _delivery,
    ("PUT", "/v1/notes/{digest}"): _delivery,
    ("PUT", "/v1/concerns/{digest}"): _concerning,
    ("PUT", "/v1/destructions/{digest}"): _destroying,
    ("PUT", "/v1/releases/{decision}"): _release,
}


def _cell(scene: Scene, row: Row, who: str) -> str:
    asked = HOW.get(row.route, _plain)(scene, row, who)
    headers = dict(asked.headers)
    if who in scene.tokens:
        headers["Authorization"] = f"Bearer {scene.tokens[who]}"
    answer = scene.client.request(
        row.method,
        scene.url + asked.path,
        headers=headers,
        params=asked.params,
        **({"json": asked.json} if asked.json is not None else {"content": asked.body}),
    )
    scene.tried.append((row.method, asked.path, who))
    if answer.status_code >= 400:
        return str(answer.status_code)
    return "ok" if asked.tells is None or asked.tells(answer) else "-"


def test_every_cell_of_the_table_is_as_it_says(scene: Scene) -> None:
    code = new_code(scene.hub, scene.devices["assessor"].person)
    used = scene.client.post(
        f"{scene.url}/v1/enrolments",
        json={"code": code, "csr": SigningKey.generate().csr("P-1").decode(), "device": ""},
    )
    assert used.status_code == 201
    scene.used_code = code
    wrong = []
    for row in ROWS:
        for who in WHO:
            found = _cell(scene, row, who)
            if found != row.cells[who]:
                wrong.append(f"{row.method} {row.path} ({row.thing}) by {who}: {found}, not {row.cells[who]}")
    assert wrong == []
    assert len(scene.tried) == len(ROWS) * len(WHO)
