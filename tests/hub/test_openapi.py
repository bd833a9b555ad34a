"""The hub's own description of itself, tried out: whatever is sent, every answer is one that it announces."""

import logging

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error, response_schema_conformance, status_code_conformance
from tests.hub.conftest import Answering

from assessor_desk.domain.roles import Role

BOUNDED = settings(
    max_examples=15,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
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
    "release",
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
        assert {"404", "405", "422", "500"} <= set(refusals)
        for status in refusals:
            content = operation["responses"][status]["content"]["application/json"]["schema"]
            assert content == {"$ref": "#/components/schemas/Problem"}


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_whatever_is_sent_is_answered_as_announced(answering: Answering, operation: str) -> None:
    logging.getLogger("schemathesis").setLevel(logging.ERROR)
    device = answering.enrol(Role.ASSESSOR, "7F3A-21")
    schema = schemathesis.openapi.from_url(f"{answering.url}/v1/openapi.json")
    chosen = schema.include(operation_id=operation)
    headers = {"Authorization": f"Bearer {device.source._token}"}
    tried = 0

    for result in chosen.get_all_operations():
        strategy = result.ok().as_strategy()

        @settings(
            max_examples=15,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @hypothesis.given(case=strategy)
        def answer_is_announced(case: Case) -> None:
            nonlocal tried
            tried += 1
            response = case.call(headers=headers)
            checks = (not_a_server_error, status_code_conformance, response_schema_conformance)
            case.validate_response(response, checks=checks)

        answer_is_announced()
    assert tried > 0
