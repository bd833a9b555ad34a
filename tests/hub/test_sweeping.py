"""What nothing refers to is removed, whatever is on its way is not, and being killed at any point does no harm."""

import io
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import anyio
import httpx
import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from tests.hub.conftest import Answering
from tests.hub.making import StandingClock, import_quickly

import assessor_desk.hub.sweeper as sweeper_module
from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.domain.roles import Role
from assessor_desk.hub import tables as t
from assessor_desk.hub.app import create_app
from assessor_desk.hub.auditing import entries
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.object_store import Bucket
from assessor_desk.hub.sweeper import Sweeper
from assessor_desk.hub.sweeping import SPARED, Swept, sweep, swept_at
from assessor_desk.hub.whereabouts import whereabouts_of


def _digests(hub: Hub) -> set[str]:
    return {one.digest for place in (hub.blobs, hub.packets) for one in place.stored()}


def _named(hub: Hub) -> set[str]:
    columns = (t.blobs.c.digest, t.packets.c.file, t.releases.c.file, t.awards.c.file)
    with hub.database.reading() as view:
        return {one for own in columns for one in view.execute(sa.select(own)).scalars() if one}


def _orphan(hub: Hub, content: bytes = b"nobody's") -> str:
    return hub.blobs.write(io.BytesIO(content), len(content)).digest


@pytest.fixture
def later(hub: Hub, clock: StandingClock) -> Callable[[], None]:
    """Two days pass for the hub."""
    return lambda: clock.move(days=2)


@pytest.mark.both_homes
def test_files_without_a_row_go_and_all_that_is_named_stays(
    hub: Hub, incoming: Path, later: Callable[[], None]
) -> None:
    import_quickly(hub, incoming)
    orphans = {_orphan(hub), hub.packets.write(io.BytesIO(b"half judged"), 11).digest}
    later()
    before = _digests(hub)
    assert sweep(hub, pretend=True).files == 2
    assert _digests(hub) == before
    swept = sweep(hub)
    assert (swept.files, swept.rows) == (2, 0)
    assert _digests(hub) == before - orphans == _named(hub)
    assert sweep(hub) == Swept(0, 0, 0, 0)
    assert [one.act for one in entries(hub)].count("swept") == 1


def test_what_another_file_took_the_place_of_goes_with_its_key(
    hub: Hub, incoming: Path, later: Callable[[], None]
) -> None:
    import_quickly(hub, incoming)
    before = _named(hub)
    (incoming / "board.md").write_text("# Another board\n", encoding="utf-8")
    import_quickly(hub, incoming)
    later()
    assert sweep(hub, pretend=True).rows == 1
    swept = sweep(hub)
    assert (swept.files, swept.rows) == (1, 1)
    assert len(before - _named(hub)) == 1
    assert _digests(hub) == _named(hub)


def test_a_delivered_packet_a_report_and_what_is_decided_on_stay(
    answering: Answering, tmp_path: Path, later: Callable[[], None]
) -> None:
    lan = answering.enrol(Role.ASSESSOR, "7F3A-21")
    packet, digest = lan.seal(tmp_path / "sealed")
    lan.deliver(packet, digest)
    later()
    sweep(answering.hub)
    assert _digests(answering.hub) == _named(answering.hub)
    assert lan.deliver(packet, digest).packet_digest == digest


def test_what_came_within_a_day_is_spared_and_less_than_an_hour_is_refused(
    hub: Hub, clock: StandingClock
) -> None:
    fresh = _orphan(hub)
    assert sweep(hub).files == 0
    with pytest.raises(Refused, match="last hour"):
        sweep(hub, timedelta(minutes=59))
    assert _digests(hub) == {fresh}
    clock.move(hours=25)
    assert sweep(hub).files == 1


def _half_written(hub: Hub) -> Callable[[], list[bool]]:
    """Leave what interrupted writing leaves, of files, of a paper and of a delivery; which of it is still there."""
    paper, told = hub.folder / "trust.pem.0a1b2c3d.unfinished", whereabouts_of(hub.folder).blobs
    paper.write_bytes(b"half")
    delivery = f"{'ab' * 32}/0-1234"
    if told is None:
        files = [hub.blobs.spool / "00.incoming", hub.folder / "uploads" / delivery]
        for path in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"half")
        return lambda: [path.exists() for path in (paper, *files)]
    places = [(Bucket(told, "blobs"), "incoming/00"), (Bucket(told, "uploads"), delivery)]
    for bucket, name in places:
        bucket.put(name, b"half")
    return lambda: [paper.exists(), *(bool(bucket.get(name)) for bucket, name in places)]


def test_what_interrupted_writing_left_goes_and_what_is_being_written_stays(
    hub: Hub, later: Callable[[], None]
) -> None:
    still_there = _half_written(hub)
    assert sweep(hub).uploads == 0
    assert all(still_there())
    later()
    later()
    assert sweep(hub).uploads == 1
    assert not any(still_there())


def test_an_import_under_way_is_waited_for(hub: Hub, incoming: Path, later: Callable[[], None]) -> None:
    """Its files have no row until its end, however long it takes."""
    later()  # so that all of them look old
    begun, go_on = threading.Event(), threading.Event()
    real = hub.blobs.write

    def write_slowly(*args: object, **more: object) -> object:
        sealed = real(*args, **more)  # type: ignore[arg-type]
        begun.set()
        go_on.wait(20)
        return sealed

    hub.blobs.write = write_slowly  # type: ignore[method-assign, assignment]
    found: list[Swept] = []
    importing = threading.Thread(target=import_quickly, args=(hub, incoming))
    sweeping = threading.Thread(target=lambda: found.append(sweep(hub)))
    importing.start()
    assert begun.wait(20)
    sweeping.start()
    time.sleep(0.3)
    assert sweeping.is_alive()
    go_on.set()
    importing.join()
    sweeping.join()
    assert found == [Swept(0, 0, 0, 0)]
    assert _digests(hub) == _named(hub)
    assert len(_named(hub)) == 6


class Killed(BaseException):
    """The process ends here."""


def test_killed_at_any_point_it_has_removed_nothing_that_is_named_and_the_next_finishes(
    hub: Hub, incoming: Path, later: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    import assessor_desk.hub.sweeping as sweeping

    import_quickly(hub, incoming)
    (incoming / "board.md").write_text("# Another board\n", encoding="utf-8")
    import_quickly(hub, incoming)
    for number in range(3):
        _orphan(hub, b"nobody's %d" % number)
    later()
    at = 0
    while True:
        at += 1
        steps = [0]

        def step(
            real: Callable[..., object], *args: object, steps: list[int] = steps, at: int = at
        ) -> object:
            steps[0] += 1
            if steps[0] == at:
                raise Killed
            return real(*args)

        with monkeypatch.context() as patched:
            for owner, name in (
                (hub.blobs, "remove"), (hub.blobs, "stored"), (hub.blobs, "clear_unfinished"),
                (sweeping, "referred_to"), (sweeping, "_unused_rows"), (sweeping, "_write_down"),
                (sweeping, "append"),
            ):  # fmt: skip
                real = getattr(owner, name)
                patched.setattr(owner, name, lambda *args, real=real, step=step: step(real, *args))
            try:
                sweep(hub)
                break
            except Killed:
                assert _named(hub) <= _digests(hub)
    assert at > 6
    assert _digests(hub) == _named(hub)
    assert len(_named(hub)) == 6


# -- by itself -----------------------------------------------------------------------------------------------


def _until(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    return holds()


@pytest.fixture
def own_time(hub: Hub) -> Callable[[datetime | None], None]:
    """Say when the hub was swept last."""

    def tell(at: datetime | None) -> None:
        with hub.database.writing() as work:
            work.execute(sa.delete(t.facts).where(t.facts.c.name == "swept_at"))
            if at is not None:
                work.execute(sa.insert(t.facts).values(name="swept_at", value=at.isoformat()))

    return tell


def test_a_serving_hub_sweeps_itself_once_a_day_when_nobody_asks_anything(
    hub: Hub, clock: StandingClock, own_time: Callable[[datetime | None], None]
) -> None:
    quiet = [0.0]
    orphan = _orphan(hub)
    clock.move(days=2)
    sweeper = Sweeper(hub, lambda: quiet[0], look_every=0.02)
    sweeper.start()
    try:
        time.sleep(0.2)
        assert swept_at(hub) is None
        quiet[0] = sweeper_module.QUIET_SECONDS
        assert _until(lambda: swept_at(hub) == clock())
        assert orphan not in _digests(hub)
        again = _orphan(hub)
        clock.move(hours=10)
        time.sleep(0.2)
        assert swept_at(hub) == clock() - timedelta(hours=10)
        clock.move(days=2)
        assert _until(lambda: again not in _digests(hub))
    finally:
        sweeper.stop()


def _ask(app: FastAPI, path: str) -> int:
    """Over the application's own middleware."""

    async def ask() -> int:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://127.0.0.1"
        ) as client:
            return (await client.get(path)).status_code

    return anyio.run(ask)


def test_a_hub_is_quiet_though_its_balancer_looks_whether_it_lives(hub: Hub) -> None:
    app = create_app(hub.folder, hub=hub)
    allowance = app.state.allowance
    allowance._asked_at -= 400
    assert [_ask(app, "/v1/hello") for _ in range(3)] == [200] * 3
    assert allowance.quiet_for() >= 400
    assert _ask(app, "/v1/trust.pem") == 200
    assert allowance.quiet_for() < 300


def test_a_hub_that_is_never_quiet_is_swept_all_the_same(hub: Hub, clock: StandingClock) -> None:
    """By the hub's own count of who asks: some desk does every few minutes, day and night."""
    app, orphan = create_app(hub.folder, hub=hub), _orphan(hub)
    clock.move(days=2)
    sweeper = Sweeper(hub, app.state.allowance.quiet_for, look_every=0.02)
    assert _ask(app, "/v1/trust.pem") == 200
    sweeper.start()
    try:
        clock.move(hours=29)
        time.sleep(0.2)
        assert swept_at(hub) is None, "it began a day ago, and may still find a quiet hour"
        clock.move(hours=2)
        assert _until(lambda: swept_at(hub) == clock())
        assert orphan not in _digests(hub)
        again = _orphan(hub)
        clock.move(hours=29)
        time.sleep(0.2)
        assert again in _digests(hub)
        clock.move(hours=2)
        assert _until(lambda: again not in _digests(hub))
    finally:
        sweeper.stop()


def test_a_hub_that_is_never_quiet_and_started_anew_every_day_is_swept_all_the_same(
    hub: Hub, clock: StandingClock
) -> None:
    orphan = _orphan(hub)
    clock.move(days=2)
    for _day in range(3):
        sweeper = Sweeper(hub, lambda: 0.0, look_every=0.02)
        sweeper.start()
        time.sleep(0.2)
        sweeper.stop()
        assert swept_at(hub) is None
        assert orphan in _digests(hub)
        clock.move(hours=12)
    sweeper = Sweeper(hub, lambda: 0.0, look_every=0.02)
    sweeper.start()
    try:
        assert _until(lambda: swept_at(hub) == clock())
        assert orphan not in _digests(hub)
    finally:
        sweeper.stop()


@pytest.mark.parametrize("quiet", [0.0, sweeper_module.QUIET_SECONDS], ids=["asked all day", "quiet"])
def test_a_hub_that_was_swept_while_its_clock_was_ahead_is_swept_once_it_is_right(
    hub: Hub, clock: StandingClock, quiet: float
) -> None:
    clock.move(days=365)
    sweep(hub)
    clock.move(days=-363)
    orphan = _orphan(hub)
    sweeper = Sweeper(hub, lambda: quiet, look_every=0.02)
    sweeper.start()
    try:
        assert _until(lambda: swept_at(hub) == clock())
        assert orphan not in _digests(hub), "of the days before"
    finally:
        sweeper.stop()


def test_trouble_is_logged_and_the_next_look_tries_again(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, expected_log: Callable[..., object]
) -> None:
    tried = [0]

    def fail(_: Hub) -> None:
        tried[0] += 1
        raise Unavailable("The disk is away")

    monkeypatch.setattr(sweeper_module, "sweep", fail)
    sweeper = Sweeper(hub, lambda: sweeper_module.QUIET_SECONDS, look_every=0.2)
    with expected_log("could not be swept: The disk is away"):  # type: ignore[attr-defined]
        sweeper.start()
        assert _until(lambda: tried[0] == 1)
        sweeper.stop()
    assert timedelta(days=1) == SPARED


def test_a_step_that_has_a_defect_keeps_no_other_from_its_turn_and_is_not_tried_every_minute(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, expected_log: Callable[..., object]
) -> None:
    tried = [0]

    def fail(_: Hub) -> None:
        tried[0] += 1
        raise KeyError("a row that nobody thought of")

    monkeypatch.setattr(sweeper_module, "expire", fail)
    sweeper = Sweeper(hub, lambda: sweeper_module.QUIET_SECONDS, look_every=0.02)
    with expected_log("could not be swept"):  # type: ignore[attr-defined]
        sweeper.start()
        assert _until(lambda: swept_at(hub) is not None)
        monkeypatch.setattr(sweeper_module, "swept_at", lambda _: None)
        time.sleep(0.2)
        sweeper.stop()
    assert tried == [1]


def test_a_step_that_cannot_be_done_now_is_tried_again_at_the_next_look_though_the_hub_was_swept(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, expected_log: Callable[..., object]
) -> None:
    tried = list[datetime | None]()

    def busy(hub: Hub) -> None:
        tried.append(swept_at(hub))
        if len(tried) == 1:
            raise Unavailable("Somebody else is at work")

    monkeypatch.setattr(sweeper_module, "expire", busy)
    sweeper = Sweeper(hub, lambda: sweeper_module.QUIET_SECONDS, look_every=0.02)
    with expected_log("could not be swept: Somebody else is at work"):  # type: ignore[attr-defined]
        sweeper.start()
        assert _until(lambda: len(tried) == 2)
        time.sleep(0.2)
        sweeper.stop()
    assert tried[0] is None
    assert tried[1] is not None, "and once done it waits for the next day"
    assert len(tried) == 2
