"""Who holds evidence of which submission: by when keys were given, and which receipts of destruction came after."""

import hashlib
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from tests.hub.conftest import Answering
from tests.hub.making import Device, StandingClock

from assessor_desk.domain.custody import Attested, Destruction, Piece, Receipt
from assessor_desk.domain.roles import Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import assign, withdraw
from assessor_desk.hub.auditing import note_keys
from assessor_desk.hub.custody import Holder, holders
from assessor_desk.hub.destructions import take_destruction
from assessor_desk.hub.feed import changes_since
from assessor_desk.hub.people import Caller, devices_of
from assessor_desk.keys.cms import sign_detached
from assessor_desk.keys.custody_key import CustodyKey
from assessor_desk.protocol.destructions import key_bytes, receipt_bytes, statement_bytes
from assessor_desk.protocol.messages import ChangesAnswer

KEY = "7F3A-21"


@pytest.fixture
def device(answering: Answering) -> Device:
    return answering.enrol(Role.ASSESSOR, KEY)


def _receipt(
    answering: Answering, device: Device, submission: str, files: int = 0, exports: int = 0, **ago: float
) -> bytes:
    """That evidence was destroyed, so long ago, by that computer's clock."""
    now = answering.hub.clock()
    at = now - timedelta(**ago)
    pieces = tuple(Piece(f"a{number}", "original", "ab" * 32) for number in range(files))
    made = Destruction(
        str(uuid4()),
        answering.hub.identity,
        submission,
        "unassigned",
        at,
        pieces,
        exports,
        gone_at=max(at, now),
    )
    secret = CustodyKey.generate()
    told = key_bytes(secret.public, made.source, now)
    signature = sign_detached(told, device.signer.key, device.signer.certificate, now)
    attested = Attested(secret.public, made.source, now, signature)
    return receipt_bytes(Receipt(made, attested, secret.sign(statement_bytes(made))))


def _takes(answering: Answering, document: bytes) -> None:
    take_destruction(answering.hub, hashlib.sha256(document).hexdigest(), document)


def _asks(answering: Answering, device: Device) -> ChangesAnswer:
    """What it is told from the beginning, by the clock of the test."""
    hub = answering.hub
    (own,) = devices_of(hub, device.person)
    caller = Caller(device.person, own.id, (Role.ASSESSOR,))
    page = changes_since(hub, caller, "")
    note_keys(hub, caller.person, caller.device, page)
    return page


def _given_and_withdrawn(answering: Answering, device: Device) -> str:
    """The submission, of which the computer was told, and which was withdrawn since."""
    submission = next(one.id for one in _asks(answering, device).submissions if one.key == KEY)
    withdraw(answering.hub, KEY, device.person)
    return submission


def _told(answering: Answering) -> Holder:
    (one,) = holders(answering.hub, [KEY], destroyed=True)
    return one


def _holds(answering: Answering, device: Device) -> bool:
    """As people are told, and as the computer itself is once it is withdrawn."""
    told = _told(answering).destroyed_at is None
    named = _asks(answering, device).withdrawn_from.values()
    assert told == (_told(answering).submission_id in named)
    return told


@pytest.mark.both_homes
@pytest.mark.parametrize("minutes", [0, 4, 60])
def test_who_is_given_keys_again_after_a_receipt_holds_it_however_soon_that_is(
    answering: Answering, device: Device, clock: StandingClock, minutes: int
) -> None:
    own_id = _given_and_withdrawn(answering, device)
    _takes(answering, _receipt(answering, device, own_id))
    assert _told(answering).destroyed_at is not None
    clock.move(minutes=minutes)
    assign(answering.hub, KEY, device.person)
    _given_and_withdrawn(answering, device)
    clock.move(minutes=4)
    assert _holds(answering, device)
    _takes(answering, _receipt(answering, device, own_id, files=3))
    assert not _holds(answering, device)


@pytest.mark.both_homes
@pytest.mark.parametrize("behind", [-9, 0, 5])
def test_a_computers_clock_may_be_some_minutes_wrong(
    answering: Answering, device: Device, clock: StandingClock, behind: int
) -> None:
    own_id = _given_and_withdrawn(answering, device)
    _takes(answering, _receipt(answering, device, own_id, files=3, minutes=behind))
    assert not _holds(answering, device)
    assign(answering.hub, KEY, device.person)
    _given_and_withdrawn(answering, device)
    assert _holds(answering, device)


def test_a_receipt_of_before_that_was_owed_for_weeks_is_not_of_the_keys_that_were_given_meanwhile(
    answering: Answering, device: Device, clock: StandingClock
) -> None:
    own_id = _given_and_withdrawn(answering, device)
    clock.move(days=3)
    assign(answering.hub, KEY, device.person)
    _given_and_withdrawn(answering, device)
    clock.move(days=11)
    _takes(answering, _receipt(answering, device, own_id, files=3, days=14))
    assert _holds(answering, device)
    _takes(answering, _receipt(answering, device, own_id, days=11))
    assert not _holds(answering, device)


def test_what_was_destroyed_is_told_though_nothing_was_there_later(
    answering: Answering, device: Device, clock: StandingClock
) -> None:
    own_id = _given_and_withdrawn(answering, device)
    real = _receipt(answering, device, own_id, files=3, exports=1)
    at = clock()
    _takes(answering, real)
    clock.move(days=1)
    assign(answering.hub, KEY, device.person)
    _given_and_withdrawn(answering, device)
    _takes(answering, _receipt(answering, device, own_id, exports=1))
    told = _told(answering)
    assert (told.files, told.exports, told.destroyed_at) == (3, 1, at)
    assert told.receipt == hashlib.sha256(real).hexdigest()


def test_a_receipt_of_which_the_log_has_no_line_goes_by_when_it_came(
    answering: Answering, device: Device, clock: StandingClock
) -> None:
    own_id = _given_and_withdrawn(answering, device)
    _takes(answering, _receipt(answering, device, own_id, files=3))
    with (
        answering.hub.database.writing() as work
    ):  # as if a back-up had brought it: the log goes on as it was
        work.execute(sa.update(t.destructions).values(digest="f" * 64))
    assert not _holds(answering, device)
    clock.move(minutes=4)
    assign(answering.hub, KEY, device.person)
    _given_and_withdrawn(answering, device)
    assert _holds(answering, device)
