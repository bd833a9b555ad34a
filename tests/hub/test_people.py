"""Codes work once, tokens are kept as hashes, and revoking ends both at once."""

import contextlib
import sqlite3
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from tests.hub.making import StandingClock

from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.domain.roles import Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.errors import Declined
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.limits import Limits
from assessor_desk.hub.own_devices import keep_keys
from assessor_desk.hub.people import (
    TRIES_WITHIN,
    add_person,
    caller_of,
    enrol_device,
    list_people,
    new_code,
    revoke,
)
from assessor_desk.keys.authority import Authority
from assessor_desk.keys.signing import SigningKey, common_name, read_certificates, roles
from assessor_desk.verdict.trust import TrustList

ADDRESS = "192.0.2.7"


def _request() -> str:
    return SigningKey.generate().csr("whoever").decode()


def test_a_code_is_traded_for_a_token_and_a_certificate_with_number_and_roles(hub: Hub) -> None:
    number = add_person(hub, "Lan", [Role.ASSESSOR, Role.REVIEWER])
    enrolment = enrol_device(hub, new_code(hub, number), _request(), "laptop", ADDRESS)
    certificate = read_certificates(enrolment.certificate.encode())[0]
    assert common_name(certificate) == number == enrolment.person
    assert roles(certificate) == ("assessor", "reviewer")
    assert caller_of(hub, enrolment.token).person == number
    assert "Lan" not in enrolment.certificate


def test_case_spaces_and_look_alikes_in_a_code_do_not_matter(hub: Hub) -> None:
    number = add_person(hub, "Lan", [Role.ASSESSOR])
    code = new_code(hub, number).lower().replace("-", " ").replace("0", "O").replace("1", "l")
    assert enrol_device(hub, code, _request(), "", ADDRESS).person == number


def test_a_code_works_once_but_answers_the_same_request_again(hub: Hub) -> None:
    number = add_person(hub, "Lan", [Role.ASSESSOR])
    code, request = new_code(hub, number), _request()
    first = enrol_device(hub, code, request, "laptop", ADDRESS)
    again = enrol_device(hub, code, request, "laptop", ADDRESS)
    assert caller_of(hub, again.token).person == number
    with pytest.raises(Declined) as lost:
        caller_of(hub, first.token)
    assert lost.value.status == 401
    with pytest.raises(Declined) as other:
        enrol_device(hub, code, _request(), "laptop", ADDRESS)
    assert other.value.status == 403
    assert list_people(hub)[0].devices == 1


def test_a_certificate_that_was_replaced_is_revoked_with_its_device(hub: Hub) -> None:
    number = add_person(hub, "Lan", [Role.ASSESSOR])
    code, request = new_code(hub, number), _request()
    first, again = (enrol_device(hub, code, request, "laptop", ADDRESS) for _ in range(2))
    revoke(hub, number)

    trust = TrustList.parse(hub.trust()["trust.pem"])

    for enrolment in (first, again):
        assert trust.revoked(read_certificates(enrolment.certificate.encode())[0]) is not None


def test_a_revoked_device_gets_no_fresh_certificate_by_its_old_code(hub: Hub) -> None:
    number = add_person(hub, "Lan", [Role.ASSESSOR])
    code, request = new_code(hub, number), _request()
    token = enrol_device(hub, code, request, "laptop", ADDRESS).token
    revoke(hub, number, device=caller_of(hub, token).device)

    with pytest.raises(Declined, match="was revoked") as told:
        enrol_device(hub, code, request, "laptop", ADDRESS)
    assert told.value.status == 403


def test_a_code_expires(hub: Hub, clock: StandingClock) -> None:
    code = new_code(hub, add_person(hub, "Lan", [Role.ASSESSOR]), timedelta(days=2))
    clock.move(days=2)
    with pytest.raises(Declined, match="has expired") as caught:
        enrol_device(hub, code, _request(), "", ADDRESS)
    assert caught.value.status == 403


def test_guessing_codes_is_slowed_down_for_that_address_alone(hub: Hub, clock: StandingClock) -> None:
    code = new_code(hub, add_person(hub, "Lan", [Role.ASSESSOR]))
    for _ in range(Limits().wrong_codes):
        with pytest.raises(Declined, match="not known"):
            enrol_device(hub, "AAAA-BBBB-CCCC-DDDD", _request(), "", ADDRESS)
    with pytest.raises(Declined) as caught:
        enrol_device(hub, code, _request(), "", ADDRESS)
    assert caught.value.status == 429
    assert caught.value.retry_after == TRIES_WITHIN.total_seconds() + 1
    other = new_code(hub, add_person(hub, "Minh", [Role.ASSESSOR]))
    assert enrol_device(hub, other, _request(), "", "192.0.2.8").person == "P-1002"
    clock.move(seconds=TRIES_WITHIN.total_seconds() + 1)
    assert enrol_device(hub, code, _request(), "", ADDRESS).person == "P-1001"


def test_as_many_wrong_codes_tried_at_once_are_looked_at_as_one_after_the_other(hub: Hub) -> None:
    request, begin = _request(), threading.Barrier(2 * Limits().wrong_codes)

    def guess(_: int) -> int:
        begin.wait()
        with pytest.raises(Declined) as caught:
            enrol_device(hub, "AAAA-BBBB-CCCC-DDDD", request, "", ADDRESS)
        return caught.value.status

    with ThreadPoolExecutor(begin.parties) as guessers:
        found = Counter(guessers.map(guess, range(begin.parties)))
    assert found == {403: Limits().wrong_codes, 429: Limits().wrong_codes}


@pytest.mark.parametrize("request_text", ["", "not a request", "-----BEGIN CERTIFICATE REQUEST-----\nAA==\n"])
def test_a_bad_certificate_request_does_not_spend_the_code(hub: Hub, request_text: str) -> None:
    code = new_code(hub, add_person(hub, "Lan", [Role.ASSESSOR]))
    with pytest.raises(Declined) as caught:
        enrol_device(hub, code, request_text, "", ADDRESS)
    assert caught.value.status == 400
    assert enrol_device(hub, code, _request(), "", ADDRESS).person == "P-1001"


def test_neither_codes_nor_tokens_are_kept(hub: Hub) -> None:
    code = new_code(hub, add_person(hub, "Lan", [Role.ASSESSOR]))
    token = enrol_device(hub, code, _request(), "", ADDRESS).token
    with hub.database.reading() as view:
        dump = "\n".join(str(view.execute(sa.select(table)).all()) for table in t.metadata.sorted_tables)
    assert "Lan" in dump
    assert code not in dump
    assert code.replace("-", "") not in dump
    assert token not in dump


def test_revoking_a_person_ends_tokens_codes_and_certificates(hub: Hub) -> None:
    number = add_person(hub, "Lan", [Role.ASSESSOR])
    enrolment = enrol_device(hub, new_code(hub, number), _request(), "laptop", ADDRESS)
    unused = new_code(hub, number)
    assert revoke(hub, number, "keyCompromise") == 1
    with pytest.raises(Declined, match="revoked"):
        caller_of(hub, enrolment.token)
    with pytest.raises(Declined):
        enrol_device(hub, unused, _request(), "", ADDRESS)
    with pytest.raises(Refused, match="no person"):
        new_code(hub, number)
    certificate = read_certificates(enrolment.certificate.encode())[0]
    entry = TrustList.load(hub.folder / "trust.pem").revoked(certificate)
    assert entry is not None
    assert entry.reason == "keyCompromise"


def test_revoking_one_device_leaves_the_other(hub: Hub) -> None:
    number = add_person(hub, "Lan", [Role.ASSESSOR])
    laptop, tower = (enrol_device(hub, new_code(hub, number), _request(), "", ADDRESS) for _ in range(2))
    assert revoke(hub, number, device=caller_of(hub, laptop.token).device) == 1
    assert caller_of(hub, tower.token).person == number
    with pytest.raises(Declined):
        caller_of(hub, laptop.token)


def test_people_need_a_name_a_role_and_a_number_of_their_own(hub: Hub) -> None:
    with pytest.raises(Refused, match="a name and at least one role"):
        add_person(hub, " ", [Role.ASSESSOR])
    with pytest.raises(Refused, match="a name and at least one role"):
        add_person(hub, "Lan", [])
    assert add_person(hub, "Lan", [Role.ASSESSOR], number="P-1001") == "P-1001"
    with pytest.raises(Refused, match="is taken"):
        add_person(hub, "Minh", [Role.ASSESSOR], number="P-1001")
    assert add_person(hub, "Minh", [Role.ASSESSOR]) == "P-1002"


def test_unknown_people_devices_and_reasons_are_refused(hub: Hub) -> None:
    number = add_person(hub, "Lan", [Role.ASSESSOR])
    enrolment = enrol_device(hub, new_code(hub, number), _request(), "", ADDRESS)
    with pytest.raises(Refused, match="There is no person P-9"):
        revoke(hub, "P-9")
    with pytest.raises(Refused, match="no device"):
        revoke(hub, number, device="zzz")
    with pytest.raises(Refused, match="is no reason"):
        revoke(hub, number, "boredom")
    assert caller_of(hub, enrolment.token).person == number


@pytest.mark.parametrize("number", ["P 1", "../P-1", "Ünal", "P-1\n", "-P", "7" * 65])
def test_a_number_that_certificates_or_files_could_not_carry_is_refused(hub: Hub, number: str) -> None:
    with pytest.raises(Refused, match="cannot be a person's number") as told:
        add_person(hub, "Lan", [Role.ASSESSOR], number=number)
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 250
    assert list_people(hub) == []


def test_the_longest_number_stands_whole_in_the_certificate(hub: Hub) -> None:
    number = add_person(hub, "Lan", [Role.ASSESSOR], number="N" * 63 + "7")
    enrolment = enrol_device(hub, new_code(hub, number), _request(), "", ADDRESS)
    assert common_name(read_certificates(enrolment.certificate.encode())[0]) == number


@pytest.mark.parametrize("name", ["Lan\x1b[31m", "Lan\nP-9  Eve", "Lan\x00", "Lan\u202eeve", "L" * 201])
def test_a_name_that_would_disturb_the_list_of_people_is_refused(hub: Hub, name: str) -> None:
    with pytest.raises(Refused, match="cannot be shown"):
        add_person(hub, name, [Role.ASSESSOR])
    with pytest.raises(Refused, match="The e-mail address"):
        add_person(hub, "Lan", [Role.ASSESSOR], email=name)
    assert list_people(hub) == []


def test_names_keep_the_joiners_of_their_script(hub: Hub) -> None:
    add_person(hub, "علی\u200cرضا", [Role.ASSESSOR])
    assert list_people(hub)[0].name == "علی\u200cرضا"


def _revoked(hub: Hub, certificate: str) -> bool:
    trust = TrustList.parse(hub.trust()["trust.pem"])
    return trust.revoked(read_certificates(certificate.encode())[0]) is not None


@pytest.mark.parametrize("one_device", [True, False])
def test_a_certificate_given_out_while_its_person_is_being_revoked_does_not_outlive_that(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, one_device: bool
) -> None:
    number = add_person(hub, "Lan", [Role.ASSESSOR])
    code, request = new_code(hub, number), _request()
    token = enrol_device(hub, code, request, "laptop", ADDRESS).token
    device = caller_of(hub, token).device
    given: list[str] = []
    begin = Authority.revoke

    def enrol_meanwhile(self: Authority, serial: int, reason: str = "unspecified") -> None:
        monkeypatch.setattr(Authority, "revoke", begin)
        with contextlib.suppress(Declined):
            given.append(enrol_device(hub, code, request, "laptop", ADDRESS).certificate)
        begin(self, serial, reason)

    monkeypatch.setattr(Authority, "revoke", enrol_meanwhile)
    revoke(hub, number, device=device if one_device else "")

    assert all(_revoked(hub, certificate) for certificate in given)
    with pytest.raises(Declined):
        caller_of(hub, token)


def test_an_enrolment_and_a_revocation_from_two_sides_at_once_leave_no_good_certificate(hub: Hub) -> None:
    for _ in range(4):
        number = add_person(hub, "Lan", [Role.ASSESSOR])
        code, request = new_code(hub, number), _request()
        ready = threading.Barrier(2)

        def enrol(code: str = code, request: str = request, ready: threading.Barrier = ready) -> str:
            ready.wait()
            try:
                return enrol_device(hub, code, request, "", ADDRESS).certificate
            except Declined:
                return ""

        with ThreadPoolExecutor(1) as side:
            answer = side.submit(enrol)
            ready.wait()
            revoke(hub, number)
            certificate = answer.result()
        assert not certificate or _revoked(hub, certificate)


def test_a_revocation_that_was_interrupted_is_completed_by_the_next(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = add_person(hub, "Lan", [Role.ASSESSOR])
    enrolment = enrol_device(hub, new_code(hub, number), _request(), "", ADDRESS)

    def full(*_: object) -> None:
        raise Unavailable("The disk is full")

    with monkeypatch.context() as faulty, pytest.raises(Unavailable):
        faulty.setattr(Authority, "revoke", full)
        revoke(hub, number)
    with pytest.raises(Declined):
        caller_of(hub, enrolment.token)

    assert revoke(hub, number) == 0
    assert _revoked(hub, enrolment.certificate)


@pytest.mark.in_a_folder(
    reason="reads SQLite's file; of a server's: test_a_copy_of_the_database_names_nobody_and_opens_nothing"
)
def test_the_database_says_nothing_without_its_key(hub: Hub) -> None:
    add_person(hub, "Lan", [Role.ASSESSOR])
    with sqlite3.connect(hub.folder / "hub.db") as plain, pytest.raises(sqlite3.DatabaseError):
        plain.execute("SELECT * FROM people")
    plain.close()


def test_only_a_device_that_was_enrolled_learns_that_it_was_revoked(hub: Hub) -> None:
    number = add_person(hub, "Lan", [Role.ASSESSOR])
    token = enrol_device(hub, new_code(hub, number), _request(), "laptop", ADDRESS).token
    revoke(hub, number)
    with pytest.raises(Declined) as revoked:
        caller_of(hub, token)
    with pytest.raises(Declined) as unknown:
        caller_of(hub, "a token of no device")
    assert (revoked.value.status, revoked.value.reason) == (401, "enrolment_revoked")
    assert (unknown.value.status, unknown.value.reason) == (401, "")


@pytest.mark.parametrize("device_alone", [False, True])
def test_whoever_is_revoked_while_they_send_leaves_nothing(hub: Hub, device_alone: bool) -> None:
    number = add_person(hub, "Lan", [Role.ASSESSOR])
    token = enrol_device(hub, new_code(hub, number), _request(), "laptop", ADDRESS).token
    caller = caller_of(hub, token)
    keep_keys(hub, caller, "before")
    revoke(hub, number, device=caller.device if device_alone else "")
    with pytest.raises(Declined) as revoked:
        keep_keys(hub, caller, "after")
    assert (revoked.value.status, revoked.value.reason) == (401, "enrolment_revoked")
    with hub.database.reading() as view:
        assert view.execute(sa.select(t.key_copies.c.wrapped)).scalars().all() == ["before"]
