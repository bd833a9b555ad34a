"""Turns are served first come, first served, whatever the contention."""

import threading
import time

import pytest

from assessor_desk.store.turns import Turns


def test_turns_are_served_in_the_order_in_which_they_were_asked_for() -> None:
    turns, order = Turns(), list[int]()

    def work(number: int) -> None:
        with turns.taken():
            order.append(number)

    with turns.taken():
        threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
        for thread in threads:
            before = len(turns._waiting)
            thread.start()
            while len(turns._waiting) == before:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(12))


def test_only_one_thread_holds_the_turn_at_a_time() -> None:
    turns, inside, most = Turns(), 0, 0

    def work() -> None:
        nonlocal inside, most
        for _ in range(40):
            with turns.taken():
                inside += 1
                most = max(most, inside)
                time.sleep(0)
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, inside) == (1, 0)


def test_a_greedy_thread_cannot_take_the_turn_twice_before_one_that_waits() -> None:
    turns, order, started = Turns(), list[str](), threading.Event()

    def patient() -> None:
        started.set()
        with turns.taken():
            order.append("patient")

    with turns.taken():
        waiter = threading.Thread(target=patient)
        waiter.start()
        started.wait()
        while not turns._waiting:
            time.sleep(0.001)
    with turns.taken():
        order.append("greedy")
    waiter.join()
    assert order == ["patient", "greedy"]


def test_a_turn_is_given_back_when_its_work_fails() -> None:
    turns = Turns()
    with pytest.raises(KeyError), turns.taken():
        raise KeyError
    with turns.taken():
        pass
