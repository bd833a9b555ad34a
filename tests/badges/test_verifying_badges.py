"""A badge is verified from files alone, and every change to it, or to what vouches for it, is found."""

import io
import json
import subprocess
import sys
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.badges.conftest import KEY, Issued

from assessor_desk.domain.errors import Refused
from assessor_desk.hub.badge_papers import papers
from assessor_desk.hub.badges import revoke_badge
from assessor_desk.hub.hub import Hub
from assessor_desk.keys.authority import Authority
from assessor_desk.keys.badge_key import BadgeKey, from_multibase, multibase
from assessor_desk.keys.cms import sign_detached
from assessor_desk.keys.data_integrity import with_proof
from assessor_desk.packets.badge import status_list_credential
from assessor_desk.protocol.baked import NAMESPACE, baked_png, baked_svg, credential_in
from assessor_desk.protocol.documents import canonical
from assessor_desk.protocol.status_list import encoded, is_set
from assessor_desk.verdict import BadgePapers, FactId, Standing, TrustList, Verdict, verify
from assessor_desk.verdict.badge import verify_badge

Credential = dict[str, Any]


def now() -> datetime:
    return datetime.now(UTC)


def judged(issued: Issued, data: bytes, papers: BadgePapers | None = None, **other: Any) -> Verdict:
    return verify_badge(
        data, "badge", other.get("trust", issued.trust), papers or issued.papers, other.get("at") or now()
    )


def standing(verdict: Verdict, fact: FactId) -> Standing:
    return verdict.fact(fact).standing


@pytest.mark.parametrize("form", ["json", "png", "svg"])
def test_a_badge_holds_in_each_form(issued: Issued, form: str) -> None:
    verdict = verify(issued.folder / f"badge.{form}", issued.trust, now())
    assert verdict.exit_code(frozenset({"revocation"})) == 0
    assert verdict.headline == "Unaltered since issuer Lakeside hub signed it."
    assert verdict.subject.kind == "badge"


def test_without_a_trust_list_nobody_vouches_for_the_key(issued: Issued) -> None:
    verdict = judged(issued, issued.json, trust=None)
    assert standing(verdict, FactId.SIGNATURE) is Standing.GOOD
    assert standing(verdict, FactId.CHAIN) is Standing.UNKNOWN
    assert standing(verdict, FactId.SIGNER) is Standing.STATED
    assert standing(verdict, FactId.REVOCATION) is Standing.UNKNOWN
    assert verdict.exit_code() == 4
    assert "whose key" in verdict.headline


def test_without_the_issuers_papers_the_key_is_anybodys(issued: Issued) -> None:
    verdict = judged(issued, issued.json, BadgePapers())
    if not verdict.bad:
        assert verdict.fact(FactId.CHAIN).sentence.startswith("Not checked: no badge-issuer.json")
    assert verdict.exit_code() == 4


def _level(badge: Credential) -> None:
    subject = badge["credentialSubject"]
    levels = subject["achievement"]["resultDescription"][0]["rubricCriterionLevel"]
    subject["result"][0]["achievedLevel"] = levels[0]["id"]


def _title(badge: Credential) -> None:
    badge["name"] = "Another micro-credential"


def _evidence(badge: Credential) -> None:
    badge["evidence"][0]["id"] = f"urn:sha256:{'0' * 64}"


def _place(badge: Credential) -> None:
    badge["credentialStatus"]["statusListIndex"] = "1"


def _longer(badge: Credential) -> None:
    badge["validUntil"] = "2099-01-01T00:00:00Z"


def _no_end(badge: Credential) -> None:
    del badge["validUntil"]


def _picture(badge: Credential) -> None:
    badge["credentialSubject"]["achievement"]["image"]["id"] = "data:image/png;base64,AAAA"


def _whose(badge: Credential) -> None:
    badge["credentialSubject"]["identifier"][0]["salt"] = "another"


def _when(badge: Credential) -> None:
    badge["proof"][0]["created"] = "2020-01-01T00:00:00Z"


def _value(badge: Credential) -> None:
    value = from_multibase(badge["proof"][0]["proofValue"])
    badge["proof"][0]["proofValue"] = multibase(value[:-1] + bytes([value[-1] ^ 1]))


CHANGES = [_level, _title, _evidence, _place, _longer, _no_end, _picture, _whose, _when, _value]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
def test_a_changed_badge_is_not_to_be_relied_on(issued: Issued, change: Callable[[Credential], None]) -> None:
    badge = issued.credential
    change(badge)
    verdict = judged(issued, json.dumps(badge).encode())
    assert standing(verdict, FactId.SIGNATURE) is Standing.BAD
    assert verdict.headline.startswith("Do not rely on this badge.")


def test_another_key_may_call_itself_the_issuer_in_vain(issued: Issued) -> None:
    key, badge = BadgeKey.generate(), issued.credential
    badge.pop("proof")
    badge["issuer"]["id"] = key.did
    verdict = judged(issued, json.dumps(with_proof(badge, key, now())).encode())
    assert standing(verdict, FactId.SIGNATURE) is Standing.GOOD
    assert standing(verdict, FactId.CHAIN) is Standing.UNKNOWN
    assert verdict.exit_code() == 4


def test_a_proof_by_another_key_than_the_issuers_does_not_hold(issued: Issued) -> None:
    key, badge = BadgeKey.generate(), issued.credential
    badge.pop("proof")
    verdict = judged(issued, json.dumps(with_proof(badge, key, now())).encode())
    assert "another key" in verdict.fact(FactId.SIGNATURE).sentence


def _added(badge: Credential) -> None:
    badge["credentialSubject"]["achievement"]["creditsAvailable"] = 12


def _undefined(badge: Credential) -> None:
    badge["licence"] = "Granted"


def _other_context(badge: Credential) -> None:
    badge["@context"] = [badge["@context"][0], {"@vocab": "https://x.example/"}]


def _other_suite(badge: Credential) -> None:
    badge["proof"][0]["cryptosuite"] = "eddsa-jcs-2022"


def _two_proofs(badge: Credential) -> None:
    badge["proof"] = badge["proof"] * 2


def _many(badge: Credential) -> None:
    badge["evidence"] = badge["evidence"] * 100


UNKNOWN = [_added, _undefined, _other_context, _other_suite, _two_proofs, _many]


@pytest.mark.parametrize("change", UNKNOWN, ids=lambda change: change.__name__.strip("_"))
def test_what_this_version_does_not_know_is_said_and_never_shown_as_good(
    issued: Issued, change: Callable[[Credential], None]
) -> None:
    badge = issued.credential
    change(badge)
    verdict = judged(issued, json.dumps(badge).encode())
    assert standing(verdict, FactId.CONTENTS) is Standing.UNKNOWN
    assert not [fact for fact in verdict.facts if fact.id is FactId.SIGNATURE]
    assert verdict.exit_code() == 4


def test_a_name_given_twice_is_refused(issued: Issued) -> None:
    text = issued.json.decode().replace('"name":', '"name":"A harmless title","name":', 1).encode()
    assert standing(judged(issued, text), FactId.STRUCTURE) is Standing.BAD


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b'{"a":NaN}',
        b"\x89PNG\r\n\x1a\n",
        b"<svg/>",
        b"<html></html>",
        b"PK\x03\x04",
        b"{}{}",
        b'{"type": ["Report"], "@context": []}',
    ],
)
def test_what_is_no_badge_is_said_to_be_none(issued: Issued, data: bytes) -> None:
    verdict = judged(issued, data)
    assert verdict.exit_code() == 4
    assert verdict.fact(FactId.STRUCTURE).sentence.startswith("This is no badge")


def test_a_document_of_another_authority_vouches_for_nothing(issued: Issued, tmp_path: Path) -> None:
    other = Authority.create(tmp_path / "other", "Another programme")
    ((document, _),) = issued.papers.issuers
    signer = other.issuer_signer()
    forged = sign_detached(document, signer.key, signer.certificate, now())
    verdict = judged(issued, issued.json, BadgePapers(((document, forged),), issued.papers.lists))
    assert standing(verdict, FactId.CHAIN) is Standing.BAD
    assert standing(verdict, FactId.REVOCATION) is Standing.UNKNOWN


def test_a_hub_may_not_vouch_in_the_issuers_place(issued: Issued, hub: Hub) -> None:
    ((document, _),) = issued.papers.issuers
    signer = hub.authority.hub_signer()
    forged = sign_detached(document, signer.key, signer.certificate, now())
    verdict = judged(issued, issued.json, BadgePapers(((document, forged),), ()))
    assert "nobody who may issue" in verdict.fact(FactId.CHAIN).sentence


def test_a_revoked_badge_is_not_to_be_relied_on(issued: Issued, hub: Hub) -> None:
    revoke_badge(hub, KEY, "Issued by mistake")
    verdict = judged(issued, issued.json, BadgePapers.of(papers(hub)))
    assert "revoked this badge" in verdict.headline


def test_the_newest_list_counts(issued: Issued, hub: Hub, clock: Any) -> None:
    clock.move(minutes=5)
    revoke_badge(hub, KEY, "Issued by mistake")
    both = BadgePapers.of(papers(hub)).and_also(issued.papers)
    verdict = judged(issued, issued.json, both, at=clock())
    assert standing(verdict, FactId.REVOCATION) is Standing.BAD


def test_a_list_that_is_out_of_date_says_only_what_it_knew(issued: Issued) -> None:
    verdict = judged(issued, issued.json, at=now() + timedelta(days=60))
    assert standing(verdict, FactId.REVOCATION) is Standing.UNKNOWN
    assert "out of date" in verdict.fact(FactId.REVOCATION).sentence


def test_a_list_by_another_key_says_nothing(issued: Issued) -> None:
    entry, key = issued.credential["credentialStatus"], BadgeKey.generate()
    forged = status_list_credential(
        entry["statusListCredential"],
        issued.credential["issuer"]["id"],
        encoded([]),
        now(),
        now() + timedelta(9),
    )
    lists = (canonical(with_proof(forged, key, now())),)
    verdict = judged(issued, issued.json, BadgePapers(issued.papers.issuers, lists))
    assert standing(verdict, FactId.REVOCATION) is Standing.UNKNOWN


def test_a_badge_past_its_day_does_not_count(issued: Issued) -> None:
    verdict = judged(issued, issued.json, at=now() + timedelta(days=365 * 5 + 3))
    assert "counted until" in verdict.fact(FactId.TIME).sentence
    assert verdict.exit_code() == 4


def test_years_later_and_without_its_hub_a_badge_still_holds(issued: Issued) -> None:
    verdict = judged(issued, issued.json, at=now() + timedelta(days=365 * 4))
    assert standing(verdict, FactId.CHAIN) is Standing.GOOD
    assert standing(verdict, FactId.SIGNATURE) is Standing.GOOD


def test_the_picture_stays_the_picture(issued: Issued) -> None:
    with Image.open(io.BytesIO(issued.png)) as picture:
        picture.load()
        assert picture.size == (512, 512)
        assert picture.text["openbadgecredential"].encode() == issued.json  # type: ignore[attr-defined]
    assert credential_in(issued.svg) == issued.json
    assert f'xmlns:openbadges="{NAMESPACE}"'.encode() in issued.svg


def test_baking_again_takes_the_place_of_what_was_there(issued: Issued) -> None:
    assert credential_in(baked_png(issued.png, b'{"a":1}')) == b'{"a":1}'


def test_two_credentials_in_one_picture_are_refused(issued: Issued) -> None:
    at = issued.png.index(b"iTXt") - 4
    length = int.from_bytes(issued.png[at : at + 4]) + 12
    twice = issued.png[:at] + issued.png[at : at + length] * 2 + issued.png[at + length :]
    assert "more than one" in judged(issued, twice).fact(FactId.STRUCTURE).sentence
    start, end = issued.svg.index(b"<openbadges:"), issued.svg.index(b"</openbadges:credential>") + 24
    twice = issued.svg[:end] + issued.svg[start:end] + issued.svg[end:]
    assert "more than one" in judged(issued, twice).fact(FactId.STRUCTURE).sentence


DAMAGES: list[Callable[[bytes], bytes]] = [
    lambda png: png[:-3],
    lambda png: png + b"more",
    lambda png: png.replace(b"urn:uuid", b"urn:uuie", 1),
]


@pytest.mark.parametrize("damage", DAMAGES, ids=["cut short", "added to", "changed inside"])
def test_a_damaged_picture_is_told(issued: Issued, damage: Callable[[bytes], bytes]) -> None:
    assert "damaged" in judged(issued, damage(issued.png)).fact(FactId.STRUCTURE).sentence


def test_an_svg_that_declares_entities_is_no_badge(issued: Issued) -> None:
    bomb = b'<!DOCTYPE svg [<!ENTITY a "x">]>' + issued.svg.split(b"?>", 1)[1]
    assert standing(judged(issued, bomb), FactId.STRUCTURE) is Standing.BAD


def test_svg_keeps_json_that_would_end_its_section() -> None:
    picture = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0"/></svg>'
    credential = json.dumps({"name": "a]]>b<&"}).encode()
    assert json.loads(credential_in(baked_svg(picture, credential))) == {"name": "a]]>b<&"}


def test_a_status_list_that_unpacks_without_end_is_refused() -> None:
    from base64 import urlsafe_b64encode

    packed = zlib.compressobj(wbits=31)
    bomb = packed.compress(bytes(32 << 20)) + packed.flush()
    with pytest.raises(Exception, match="size"):
        is_set("u" + urlsafe_b64encode(bomb).decode().rstrip("="), 1)


def test_places_are_counted_from_the_left() -> None:
    assert is_set(encoded([0]), 0)
    assert not is_set(encoded([0]), 7)
    with pytest.raises(Refused, match="no place"):
        is_set(encoded([]), 131_072)


def test_verify_takes_pictures_and_says_it_in_json(issued: Issued) -> None:
    trust = issued.folder / "trust.pem"
    command = [sys.executable, "-m", "assessor_desk", "verify", "--json", "--trust", str(trust)]
    files = [str(issued.folder / f"badge.{form}") for form in ("png", "svg", "json")]
    done = subprocess.run([*command, *files], check=False, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    verdicts = json.loads(done.stdout)["verdicts"]
    assert [one["subject"]["person"] for one in verdicts] == ["Lakeside hub"] * 3
    assert len({one["digest"] for one in verdicts}) == 1


def test_the_trust_list_of_the_issuer_is_that_of_its_packets(issued: Issued) -> None:
    assert isinstance(issued.trust, TrustList)
    assert judged(issued, issued.json).fact(FactId.CHAIN).detail == f"Trust list of {issued.trust.title}"
