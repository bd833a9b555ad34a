"""The hub's own description of itself, tried out: whatever is sent, every answer is one that it announces."""

import logging
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error, response_schema_conformance, status_code_conformance
from tests.hub.conftest import Answering

from assessor_desk.domain.roles import Role
from assessor_desk.hub.limits import set_limits
from assessor_desk.hub.people import revoke

OPERATIONS = {
    "hello",
    "trust_list",
    "trust_list_with_signature",
    "enrol",
    "renew",
    "changes",
    "counts",
    "blob",
    "deliver",
    "upload_offset",
    "deliveries",
    "hand_back_notes",
    "raise_concern",
    "report_destruction",
    "release",
    "devices",
    "call_device",
    "remove_device",
    "joins",
    "ask_to_join",
    "say_to_device",
    "end_join",
    "send_entries",
    "entries",
    "own_packet",
    "kept_keys",
    "keep_keys",
    "badge_issuer",
    "badge_issuer_signature",
    "badge_status",
    "badge_rubric",
    "badge_stack",
}


def test_every_address_is_described_with_its_refusals(answering: Answering) -> None:
    schema = schemathesis.openapi.from_url(f"{answering.url}/v1/openapi.json")
    raw = schema.raw_schema
    found = {each["operationId"]: each for path in raw["paths"].values() for each in path.values()}
    assert set(found) == OPERATIONS
    for operation in found.values():
        refusals = [status for status in operation["responses"] if status >= "400"]
        assert {"404", "405", "422", "429", "500", "503"} <= set(refusals)
        for status in refusals:
            content = operation["responses"][status]["content"]["application/json"]["schema"]
            assert content == {"$ref": "#/components/schemas/Problem"}


ROLES = ("nobody", "assessor", "coach", "reviewer", "revoked")
CHECKS = (not_a_server_error, status_code_conformance, response_schema_conformance)


def test_whatever_is_handed_in_is_described_as_new_and_as_here_before(answering: Answering) -> None:
    raw = schemathesis.openapi.from_url(f"{answering.url}/v1/openapi.json").raw_schema
    handed_in = [
        operation
        for path in raw["paths"].values()
        for verb, operation in path.items()
        if verb == "put" and "204" not in operation["responses"]
    ]
    assert len(handed_in) == 5
    assert all({"200", "201", "507"} <= set(operation["responses"]) for operation in handed_in)


@dataclass
class Cast:
    """A hub with real things in it, and the tokens of everybody who may ask."""

    answering: Answering
    tokens: dict[str, str]
    digests: list[str]


@pytest.fixture
def everybody(answering: Answering, tmp_path: Path) -> Cast:
    """One of each role, with something of theirs, and digests that mean something to one of them."""
    hub = answering.hub
    set_limits(hub, requests_per_device=10**6, wrong_codes=10**6)
    devices = {
        "assessor": answering.enrol(Role.ASSESSOR, "7F3A-21"),
        "coach": answering.enrol(Role.COACH, "E5D2-11"),
        "reviewer": answering.enrol(Role.REVIEWER, "7F3A-21"),
        "revoked": answering.enrol(Role.ASSESSOR, "91BB-02"),
    }
    packet, digest = devices["assessor"].seal(tmp_path / "sealed")
    devices["assessor"].deliver(packet, digest)
    decision = devices["reviewer"].decide()
    devices["reviewer"].deliver(*decision)
    pages = [device.changes() for device in devices.values()]
    digests = [blob.digest for page in pages for blob in page.blobs]
    digests += [told.blob for page in pages for told in page.packets]
    revoke(hub, devices["revoked"].person)
    tokens = {who: device.source._token for who, device in devices.items()}
    return Cast(answering, tokens, [*digests, digest, decision[1]])


def _fuzz(cast: Cast, who: str, examples: int) -> Counter[int]:
    """Everything that the description allows and much that it does not, half of it about real things."""
    logging.getLogger("schemathesis").setLevel(logging.ERROR)
    schema = schemathesis.openapi.from_url(f"{cast.answering.url}/v1/openapi.json")
    headers = {"Authorization": f"Bearer {cast.tokens[who]}"} if who in cast.tokens else {}
    found: Counter[int] = Counter()
    for result in schema.get_all_operations():
        operation = result.ok()
        either = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @hypothesis.given(case=either, real=st.sampled_from([*cast.digests, ""]))
        def no_answer_is_a_fault(case: Case, real: str) -> None:
            for name in ("digest", "decision"):
                if real and name in (case.path_parameters or {}):
                    case.path_parameters = {**case.path_parameters, name: real}
            response = case.call(headers=headers)
            found[response.status_code] += 1
            case.validate_response(response, checks=CHECKS)

        no_answer_is_a_fault()
    return found


@pytest.mark.parametrize("who", ROLES)
def test_fuzzed_as_each_role_no_answer_is_a_fault_of_the_hub(everybody: Cast, who: str) -> None:
    found = _fuzz(everybody, who, 5)
    assert max(found) < 500
    assert sum(found.values()) >= len(OPERATIONS)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("who", ROLES)
def test_fuzzed_for_long_as_each_role_no_answer_is_a_fault_of_the_hub(everybody: Cast, who: str) -> None:
    assert max(_fuzz(everybody, who, 300)) < 500
