"""What was written here and does not go to the person's other computers: cut smaller, told, and in nobody's way."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.desk.test_own_devices import (
    Pair,
    connected,
    issuer,
    made_issuer,
    opened,
    pair,
    server,
)

from assessor_desk.desk import Desk
from assessor_desk.domain.review import TextField
from assessor_desk.gui.sync_words import lines
from assessor_desk.sync.hub_source import HubSource

__all__ = ["connected", "issuer", "made_issuer", "opened", "pair", "server"]

#: What a server before the hub takes at most.
NARROW = 64 * 1024
CHANCE = random.Random(20261123)


def _between(
    monkeypatch: pytest.MonkeyPatch, answer: Callable[[httpx.Request], httpx.Response | None]
) -> None:
    """Something on the way that may answer in the hub's place what goes to the other computers."""
    send = httpx.Client.send

    def sent(client: httpx.Client, request: httpx.Request, **how: Any) -> httpx.Response:
        if request.method == "POST" and request.url.path.endswith("/entries"):
            instead = answer(request)
            if instead is not None:
                instead.request = request
                return instead
        return send(client, request, **how)

    monkeypatch.setattr(httpx.Client, "send", sent)


def _too_large(request: httpx.Request) -> httpx.Response | None:
    return httpx.Response(413) if int(request.headers["content-length"]) > NARROW else None


def _cut(_request: httpx.Request) -> httpx.Response | None:
    raise httpx.ReadError("Connection reset by peer")


def _silent(_request: httpx.Request) -> httpx.Response | None:
    raise httpx.WriteTimeout("timed out")


def _write_much(pair: Pair) -> list[str]:
    """Texts that together are more than goes through, each of them less."""
    texts = ["".join(chr(CHANCE.randrange(0x4E00, 0x9FA0)) for _ in range(6_000)) for _ in range(8)]
    for text in texts:
        pair.school.write_text(pair.own_id, TextField.OVERALL, text)
    return texts


def _unsent(result: Any) -> list[str]:
    return [words for words in result.troubles if "does not reach your other computers" in words]


def test_what_is_too_large_for_a_server_on_the_way_goes_in_smaller_letters(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    _between(monkeypatch, _too_large)
    texts = _write_much(pair)
    assert pair.school.sync().troubles == ()
    pair.home.sync()
    assert pair.home.case(pair.own_id).review.overall == texts[-1]
    pair.school.write_text(pair.own_id, TextField.OVERALL, "And this after it.")
    pair.sync()
    assert pair.home.case(pair.own_id).review.overall == "And this after it."


def test_one_thing_that_is_too_large_by_itself_is_told(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    _between(monkeypatch, lambda _: httpx.Response(413))
    pair.school.write_text(pair.own_id, TextField.OVERALL, "Words of this computer.")
    assert len(_unsent(pair.school.sync())) == 1
    monkeypatch.undo()
    pair.sync()
    assert pair.home.case(pair.own_id).review.overall == "Words of this computer."


@pytest.mark.timeout(120)
def test_something_written_and_a_delivery_that_nobody_takes_are_told_and_not_tried_without_end(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, finish: Callable[[Desk, str], tuple[str, ...]]
) -> None:
    tried = list[int]()

    def too_large(request: httpx.Request) -> httpx.Response:
        tried.append(int(request.headers["content-length"]))
        return httpx.Response(413)

    pair.school.seal_packet(pair.own_id, "demo", finish(pair.school, pair.own_id))
    _between(monkeypatch, too_large)
    monkeypatch.setattr("assessor_desk.sync.exchange._LEAST_BYTES", 1)
    assert len(_unsent(pair.school.sync())) == 1
    assert len(tried) < 12
    monkeypatch.undo()
    pair.sync()
    assert pair.home.case(pair.own_id).review.seal is not None


@pytest.mark.parametrize("way", [_cut, _silent], ids=["cut off", "silent"])
def test_what_breaks_off_keeps_no_file_from_coming(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, way: Callable[[httpx.Request], None]
) -> None:
    _between(monkeypatch, way)
    pair.school.write_text(pair.own_id, TextField.OVERALL, "Words of this computer.")
    pair.school.free_space([pair.own_id])
    pair.school.make_offline([pair.own_id])
    result = pair.school.sync()
    assert len(_unsent(result)) == 1
    assert result.fetched
    monkeypatch.undo()
    pair.sync()
    assert pair.home.case(pair.own_id).review.overall == "Words of this computer."


def test_a_round_that_is_stopped_amid_it_says_only_that(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()

    def stopped(_request: httpx.Request) -> httpx.Response | None:
        stop.set()
        interrupted.wait(10)
        raise httpx.ReadError("The connection was closed")

    interrupted = threading.Event()
    interrupt = HubSource.interrupt

    def interrupt_and_say(source: HubSource) -> None:
        interrupt(source)
        interrupted.set()

    monkeypatch.setattr(HubSource, "interrupt", interrupt_and_say)
    _between(monkeypatch, stopped)
    pair.school.write_text(pair.own_id, TextField.OVERALL, "Words of this computer.")
    result = pair.school.sync(stop=stop)
    assert result.stopped
    assert result.troubles == ()


def test_it_is_told_once_and_stands_in_what_opens_from_the_light(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    _between(monkeypatch, _cut)
    pair.school.write_text(pair.own_id, TextField.OVERALL, "Words of this computer.")
    assert len(_unsent(pair.school.sync(asked=False))) == 1
    assert _unsent(pair.school.sync(asked=False)) == [], "nobody asked, and it was told"
    assert len(_unsent(pair.school.sync())) == 1
    assert "does not reach your other computers" in " ".join(_said(pair))
    monkeypatch.undo()
    pair.school.sync()
    assert "Nothing waits." in _said(pair)


def _said(pair: Pair) -> list[str]:
    (source,) = pair.school.sources()
    return lines(source, datetime.now(UTC), by_itself=True)


def test_others_that_were_heard_keep_no_seal_back_though_this_computers_words_do_not_go(
    pair: Pair, monkeypatch: pytest.MonkeyPatch, finish: Callable[[Desk, str], tuple[str, ...]]
) -> None:
    _between(monkeypatch, _cut)
    sealed = pair.school.seal_packet(pair.own_id, "demo", finish(pair.school, pair.own_id))
    assert pair.school.sync().delivered == 1
    assert pair.school.case(pair.own_id).review.seal.packet_digest == sealed.digest


def test_a_letter_from_before_everything_was_asked_for_does_not_end_the_asking(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.sync()
    name = f"devices {pair.identity}"
    chain = pair.home.store.fact(name)["chain"]
    _between(monkeypatch, _cut)
    pair.school.write_text(pair.own_id, TextField.OVERALL, "Words of this computer.")
    assert len(_unsent(pair.school.sync())) == 1
    kept = pair.school.store.fact(name)
    assert kept["pending"]
    pair.school.store.set_fact(name, {**kept, "wants_all": True})
    monkeypatch.undo()
    for desk in (pair.school, pair.school, pair.home):
        desk.sync()
    assert pair.home.store.fact(name)["chain"] != chain, "home tells everything once more"
    pair.sync()
    assert not pair.school.store.fact(name)["wants_all"]
