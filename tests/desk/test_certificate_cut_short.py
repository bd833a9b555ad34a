"""A certificate is being taken when the program is killed or the disk is full, at each write: done again it ends."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlcipher3 import dbapi2
from tests.desk.test_identity import Clock, Make, clock, connected, hub, made_hub, make, url

from assessor_desk.desk import Desk
from assessor_desk.desk.identity_answers import IdentityStanding
from assessor_desk.desk.renewing import renew_now
from assessor_desk.domain.errors import Unavailable
from assessor_desk.domain.roles import Role
from assessor_desk.hub.certifying import Who, answer_request
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.people import new_code
from assessor_desk.keys.signing import Signer, read_certificates, root_words
from assessor_desk.protocol.identity_files import IdentityAnswer, IdentityRequest
from assessor_desk.store.writing import Writing
from assessor_desk.sync.hub_source import HubSource

__all__ = ["clock", "hub", "made_hub", "make", "url"]


class _Killed(BaseException):
    """The program ends here."""


@contextlib.contextmanager
def _cut(fault: str, last: int) -> Iterator[list[int]]:
    """After `last` things were written the program is killed, or the disk is full; gives how many were tried.

    The hub, which answers from threads of its own, is not concerned.
    """
    tried, own = [0], threading.get_ident()

    def step(trouble: BaseException) -> None:
        if threading.get_ident() != own:
            return
        tried[0] += 1
        if tried[0] > last:
            raise trouble

    with pytest.MonkeyPatch.context() as patch:
        really: dict[str, Callable[..., Any]] = {
            name: getattr(of, name)
            for of, name in ((Path, "replace"), (Path, "unlink"), (os, "fsync"), (Writing, "commit"))
        }

        def replace(self: Path, target: Path) -> Path:
            step(_Killed())
            return Path(really["replace"](self, target))

        def unlink(self: Path, missing_ok: bool = False) -> None:
            if self.exists():
                step(_Killed())
            really["unlink"](self, missing_ok)

        def commit(self: Writing) -> None:
            step(_Killed() if fault == "killed" else dbapi2.OperationalError("database or disk is full"))
            really["commit"](self)

        def fsync(file: int) -> None:
            step(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
            really["fsync"](file)

        patch.setattr(Writing, "commit", commit)
        if fault == "killed":
            patch.setattr(Path, "replace", replace)
            patch.setattr(Path, "unlink", unlink)
        else:
            patch.setattr(os, "fsync", fsync)
        yield tried


class _Copies:
    """A desk as it stands before something is tried: each try has a copy of its own."""

    def __init__(self, desk: Desk, data_key: bytes, clock: Clock) -> None:
        self._folder, self._key, self._clock = desk.folder, data_key, clock
        desk.close()

    def each_cut(self, fault: str, act: Callable[[Desk], object]) -> Iterator[Desk]:
        """A copy after each cut of the act, opened again; last one where nothing cut it."""
        for last in count():
            folder = self._folder.with_name(f"{self._folder.name}-{fault}-{last}")
            shutil.copytree(self._folder, folder)
            with Desk.open_with_key(folder, self._key, self._clock) as desk:
                assert desk.vault.folder.exists()
                with _cut(fault, last) as tried, contextlib.suppress(_Killed, Unavailable):
                    act(desk)
            with Desk.open_with_key(folder, self._key, self._clock) as desk:
                yield desk
            if tried[0] <= last:
                assert last > 2, "there was something to cut"
                return


FAULTS = pytest.mark.parametrize("fault", ["killed", "full"])


def _answered(desk: Desk, office: Hub, who: Who, programme: str = "") -> Path:
    """The file with which a programme answers the request that the desk wrote."""
    request, answer = desk.folder.with_suffix(".request"), desk.folder.with_suffix(".answer")
    desk.request_identity(request, "demo", (), programme)
    answer.write_bytes(
        answer_request(office, IdentityRequest.from_bytes(request.read_bytes()), who).to_bytes()
    )
    return answer


@FAULTS
@pytest.mark.parametrize("kind", ["first", "renewal", "further"])
def test_an_import_cut_short_anywhere_ends_when_the_file_is_imported_again(
    make: Make, hub: Hub, clock: Clock, tmp_path: Path, new_desk: tuple[Path, bytes], kind: str, fault: str
) -> None:
    desk, office, programme = make("mine"), hub, ""
    who = Who(name="Lan Sample", roles=(Role.ASSESSOR,))
    if kind != "first":
        desk.import_identity(_answered(desk, hub, who), root_words(hub.authority.root))
    if kind == "renewal":
        clock.move(days=700)
        who = Who()
    if kind == "further":
        programme = "another"
        office = Hub.create(tmp_path / "bay", "Bay hub", "Bay Programme", clock=clock)
    answer = _answered(desk, office, who, programme)
    groups = root_words(office.authority.root)
    office.close()

    given = read_certificates(IdentityAnswer.from_bytes(answer.read_bytes()).certificate)[0]
    programmes = 2 if kind == "further" else 1

    for again in _Copies(desk, new_desk[1], clock).each_cut(
        fault, lambda one: one.import_identity(answer, groups)
    ):
        again.import_identity(answer, groups)

        shown = again.identities()
        assert [(one.standing, one.key_words) for one in shown] == [
            (IdentityStanding.ISSUED, "")
        ] * programmes
        profile, trust = again.profile, again.trust_list()
        assert profile is not None
        assert (profile.person, profile.certificate_until) == ("P-1002", shown[0].until)
        assert trust is not None
        assert len(trust.programmes) == programmes
        identity = again.folder / "identity"
        assert not [*identity.rglob("request.pem")]
        signers = [Signer.open(one, "demo") for one in (identity, *identity.glob("programmes/*"))]
        assert (len(signers), signers[-1].certificate) == (programmes, given)


def test_a_request_cut_short_anywhere_can_be_written_again(
    make: Make, hub: Hub, clock: Clock, new_desk: tuple[Path, bytes]
) -> None:
    who = Who(name="Lan Sample", roles=(Role.ASSESSOR,))

    def request(desk: Desk) -> None:
        desk.request_identity(desk.folder.with_suffix(".request"), "demo")

    for again in _Copies(make("mine"), new_desk[1], clock).each_cut("killed", request):
        again.import_identity(_answered(again, hub, who), root_words(hub.authority.root))
        assert [one.standing for one in again.identities()] == [IdentityStanding.ISSUED]
        Signer.open(again.folder / "identity", "demo")


def test_connecting_cut_short_anywhere_ends_when_it_is_done_again_with_the_same_code(
    make: Make, url: str, hub: Hub, clock: Clock, new_desk: tuple[Path, bytes]
) -> None:
    codes: list[str] = []

    def connect(desk: Desk) -> None:
        codes.append(new_code(hub, "P-1001"))
        desk.connect(url, codes[-1], "demo")

    for again in _Copies(make("mine"), new_desk[1], clock).each_cut("killed", connect):
        if again.profile is None:
            again.connect(url, codes[-1], "demo")
        assert again.profile is not None
        assert again.profile.certificate_until == again.identity().until
        Signer.open(again.folder / "identity", "demo")


@FAULTS
def test_a_renewal_cut_short_anywhere_is_finished_by_the_next_round(
    make: Make, url: str, hub: Hub, clock: Clock, new_desk: tuple[Path, bytes], fault: str
) -> None:
    desk = connected(make("mine"), url, hub)
    clock.move(days=671)

    def renew(desk: Desk) -> None:
        """What a round does for it, and no more."""
        [kept] = desk.store.fact("sources")
        source = HubSource(kept["address"], kept["token"])
        try:
            renew_now(desk._surroundings, source, desk.trust_list())
        finally:
            source.close()

    for again in _Copies(desk, new_desk[1], clock).each_cut(fault, renew):
        assert again.sync().troubles == ()

        assert again.profile is not None
        assert again.profile.certificate_until == again.identity().until == clock.now + timedelta(days=730)
        Signer.open(again.folder / "identity", "demo")
