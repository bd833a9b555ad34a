"""What a hub publishes about badges is for everybody to read; badges are not."""

from collections.abc import Iterator

import httpx
import pytest
from tests.badges.conftest import KEY, Issued

from assessor_desk.hub.badges import badges, revoke_badge
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.serve import Server
from assessor_desk.verdict import BadgePapers, FactId, Standing
from assessor_desk.verdict.badge import verify_badge


@pytest.fixture
def asked(hub: Hub) -> Iterator[httpx.Client]:
    """Anybody, without a token."""
    with Server(hub.folder) as server, httpx.Client(base_url=server.url, trust_env=False) as client:
        yield client


def path_of(url: str) -> str:
    """Where a badge's address leads at the hub."""
    return httpx.URL(url).path


def test_a_badge_is_verified_with_what_the_hub_answers(issued: Issued, hub: Hub, asked: httpx.Client) -> None:
    revoke_badge(hub, KEY, "Issued by mistake")
    status = asked.get(path_of(issued.credential["credentialStatus"]["statusListCredential"]))
    issuer = [asked.get(f"/v1/badges/issuer.json{end}").content for end in ("", ".p7s")]

    papers = BadgePapers(((issuer[0], issuer[1]),), (status.content,))
    verdict = verify_badge(issued.png, "badge.png", issued.trust, papers, hub.clock())

    assert verdict.fact(FactId.CHAIN).standing is Standing.GOOD
    assert verdict.fact(FactId.REVOCATION).standing is Standing.BAD
    assert status.headers["access-control-allow-origin"] == "*"
    assert status.headers["content-type"] == "application/vc"


def test_a_badge_leads_to_the_rubric_it_is_about(issued: Issued, asked: httpx.Client) -> None:
    achievement = issued.credential["credentialSubject"]["achievement"]
    for url in (achievement["criteria"]["id"], achievement["alignment"][0]["targetUrl"]):
        answer = asked.get(path_of(url))
        assert answer.status_code == 200
        assert answer.json()["title"] == issued.credential["name"]


def test_a_stack_is_there_to_be_read(asked: httpx.Client) -> None:
    answer = asked.get("/v1/badges/stacks/responsive-teaching/2026.1")
    assert [part["id"] for part in answer.json()["parts"]] == [
        "formative-assessment-math",
        "positive-relationships",
    ]


@pytest.mark.parametrize("path", ["status/2", "rubrics/none/1", "stacks/none/1"])
def test_what_is_not_there_is_said_in_a_sentence(asked: httpx.Client, path: str) -> None:
    answer = asked.get(f"/v1/badges/{path}")
    assert answer.status_code == 404
    assert answer.json()["error"].endswith(".")


def test_no_badge_can_be_fetched(hub: Hub, asked: httpx.Client) -> None:
    (badge,) = badges(hub)
    for name in (badge.id, badge.id.removeprefix("urn:uuid:"), KEY):
        assert asked.get(f"/v1/badges/{name}").status_code == 404


def test_a_hub_without_badges_says_so(decided: Hub) -> None:
    with Server(decided.folder) as server:
        answer = httpx.get(f"{server.url}/v1/badges/issuer.json", trust_env=False)
    assert (answer.status_code, answer.json()["error"]) == (404, "This hub issues no badges.")
