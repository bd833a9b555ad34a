"""Evidence whose assignment was left out of a page since its rubric is not what the issuer signed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.sync.conftest import Bench

from assessor_desk.domain.changes import Published
from assessor_desk.domain.errors import Damaged
from assessor_desk.hub.assigning import withdraw_consent
from assessor_desk.sync.vetting import Vetting

BAD = "formative-assessment-math"


def not_as_signed(thing: Published, _: str) -> Published:
    if thing.id == BAD:
        raise Damaged(f"The rubric “{BAD}” is not what its issuer signed")
    return thing


def test_no_keys_are_kept_to_evidence_whose_assignment_was_left_out_and_all_comes_once_it_holds(
    bench: Bench,
) -> None:
    bench.vouch = not_as_signed
    for _ in range(2):
        assert "is not what its issuer signed" in bench.sync().troubles[0]
        assert (bench.store.inbox(), bench.store.keys.held()) == ([], set())
    bench.vouch = lambda thing, _: thing
    assert (bench.sync().troubles, bench.all_here(), len(bench.store.inbox())) == ((), True, 2)


def test_where_consent_to_what_was_left_out_is_withdrawn_the_desk_says_that_nothing_of_it_is_here(
    bench: Bench,
) -> None:
    bench.vouch = not_as_signed
    bench.sync()
    given = {one.key: one.id for one in bench.device.changes().submissions}
    withdraw_consent(bench.hub, "7F3A-21")
    bench.sync()
    with bench.store.reading() as view:
        (owed,) = view.custody.destructions()
    assert (owed.made.submission_id, owed.made.pieces) == (given["7F3A-21"], ())
    assert owed.made.why == "consent_withdrawn"


def test_keys_that_an_earlier_program_kept_go_once_consent_is_withdrawn_and_that_is_said_once(
    bench: Bench,
) -> None:
    page = bench.source.changes("")
    bench.store.accept(replace(page, assignments=(), attested=()), bench.source.identity)
    gone = {one.key: one.id for one in page.submissions}["7F3A-21"]
    withdraw_consent(bench.hub, "7F3A-21")
    bench.clock.now -= timedelta(days=1)  # behind the hub's
    bench.sync()
    with bench.store.reading() as view:
        (owed,) = (one for one in view.custody.destructions() if one.made.pieces)
    assert (owed.made.submission_id, owed.made.why) == (gone, "consent_withdrawn")
    digests = {blob.digest for blob in page.blobs if blob.submission_id == gone}
    assert {one.digest for one in owed.made.pieces} == digests
    assert bench.store.keys.of(gone) == set()


@pytest.mark.parametrize(
    ("also", "comes"), [("in the page", True), ("here", True), ("set aside here", False)]
)
def test_keys_come_with_a_page_where_another_assignment_of_the_submission_stands(
    bench: Bench, also: str, comes: bool
) -> None:
    page = bench.source.changes("")
    one = next(each for each in page.assignments if each.submission_id == page.blobs[0].submission_id)
    if also != "in the page":
        bench.store.accept(page, bench.source.identity)
    if also == "set aside here":
        bench.store.set_aside([one.id])
    other = replace(one, id="another", rubric_id="another rubric")
    rubrics = (*page.rubrics, Published("another rubric", one.rubric_version, b"{}"))
    assigned = (one, other) if also == "in the page" else (other,)

    def vouch(thing: Published, _: str) -> Published:
        if thing.id == "another rubric":
            raise Damaged("It is not what its issuer signed")
        return thing

    vetting = Vetting(bench.store, bench.source, lambda _: None, vouch, lambda _: None, lambda _: None)
    kept = vetting.vetted(replace(page, rubrics=rubrics, assignments=assigned, attested=()))
    assert other not in kept.assignments
    assert (one.submission_id in {blob.submission_id for blob in kept.blobs}) is comes
