"""What several educators handed in: told to whoever has one of them, and as quickly imported as anything else."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from PIL import Image
from tests.beyond import Beyond
from tests.hub.asking import what_is_asked
from tests.hub.making import StandingClock, copied, import_quickly, write_rows

from assessor_desk.artifacts.preflight import Preflight, preflight
from assessor_desk.artifacts.sealed_stream import open_sealed
from assessor_desk.domain.roles import Role
from assessor_desk.hub import alike, destroying, intake, looks
from assessor_desk.hub import tables as t
from assessor_desk.hub.assigning import assign
from assessor_desk.hub.by_key import refuse_unknown
from assessor_desk.hub.feed import changes_since
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.link_capture import Captured, LinkCapture, NotCaptured
from assessor_desk.hub.people import Caller, add_person
from assessor_desk.protocol.messages import ChangesAnswer

HANDOUT = "# Handout\n\nThe quokka reads every exit ticket before the lesson after, and says so.\n"


def folder_of(folder: Path, files: Mapping[str, str], educators: Mapping[str, str] | None = None) -> Path:
    """Submissions by key with one file each; each of an educator of its own but where `educators` names one."""
    folder.mkdir(exist_ok=True)
    whose = {key: f"E-{key}" for key in files} | dict(educators or {})
    rows = [
        f"{key},{whose[key]},Anna Berg,formative-assessment-math,{key[-1] if educators else 1},no,D,en,yes,"
        for key in files
    ]
    write_rows(folder, rows, [f"{key},work,{file},," for key, file in files.items()])
    return folder


def handouts(folder: Path, numbers: Iterable[int]) -> Path:
    """As many submissions with one handout that all of them share."""
    folder_of(folder, {f"H-{number:05}": "handout.md" for number in numbers})
    (folder / "handout.md").write_text(HANDOUT, encoding="utf-8")
    return folder


class Holder:
    """Whoever was assigned one submission, and what they are told of it."""

    def __init__(self, hub: Hub, key: str) -> None:
        self.hub = hub
        self.caller = Caller(add_person(hub, f"For {key}", [Role.ASSESSOR]), "a device", (Role.ASSESSOR,))
        assign(hub, key, self.caller.person)
        self.found = self._findings(changes_since(hub, self.caller, ""))

    def told_since(self) -> set[str] | None:
        """The findings of the submission where it is sent anew; None where nothing is."""
        page = changes_since(self.hub, self.caller, self._cursor)
        found = self._findings(page)
        return found if page.assignments else None

    def _findings(self, page: ChangesAnswer) -> set[str]:
        self._cursor = page.cursor
        ids = {one.id for told in page.findings for one in told.findings}
        return ids & {"duplicate", "same_picture"}


def destroy_evidence(hub: Hub, key: str) -> None:
    with hub.database.reading() as view:
        own_id = refuse_unknown(view, key)
    assert destroying.end(hub, destroying.Ending(own_id, key, 1, 1, "its time was over", hub.clock()))


def count(hub: Hub, table: sa.Table) -> int:
    with hub.database.reading() as view:
        return int(view.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def statements(hub: Hub, folder: Path) -> int:
    """How many an import takes."""
    with what_is_asked(hub) as asked:
        import_quickly(hub, folder)
    return len(asked)


@pytest.mark.both_homes
def test_what_a_shared_handout_asks_of_the_database_grows_with_the_submissions_and_not_faster(
    hub: Hub, tmp_path: Path
) -> None:
    few = statements(hub, handouts(tmp_path / "few", range(5)))
    many = statements(hub, handouts(tmp_path / "many", range(5, 45)))
    assert many <= 9 * few
    with hub.database.reading() as view:
        assert view.execute(sa.select(sa.func.count()).select_from(t.copies)).scalar_one() == 0


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_time_that_a_submission_with_a_shared_handout_takes_is_flat(
    template: Path, tmp_path: Path, clock: StandingClock, beyond: Beyond | None
) -> None:
    took = {}
    for count in (200, 2000):
        hub = copied(template, tmp_path / f"hub-{count}", clock, beyond)
        folder = handouts(tmp_path / f"of-{count}", range(count))
        began = time.perf_counter()
        assert len(import_quickly(hub, folder).new) == count
        took[count] = (time.perf_counter() - began) / count
        hub.close()
        if beyond is not None:
            beyond.forget(hub.folder)
    told = ", ".join(f"{count:,}: {each * 1000:.2f} ms" for count, each in took.items())
    print(f"time per submission, {told}; ratio {took[2000] / took[200]:.2f}")
    assert took[2000] <= 2 * took[200], told


@pytest.mark.both_homes
def test_whoever_has_a_file_hears_that_others_handed_it_in_too_once_and_when_it_is_so_no_more(
    hub: Hub, tmp_path: Path
) -> None:
    folder = handouts(tmp_path / "in", [1])
    import_quickly(hub, folder)
    holder = Holder(hub, "H-00001")
    assert holder.found == set()
    import_quickly(hub, handouts(tmp_path / "second", [2]))
    assert holder.told_since() == {"duplicate"}
    import_quickly(hub, handouts(tmp_path / "third", [3, 4]))
    assert holder.told_since() is None
    for number, heard in ((2, None), (3, None), (4, set())):
        apart = handouts(tmp_path / "apart", [number])
        (apart / "handout.md").write_text(f"Another for {number}, of no less than sixty-four bytes. " * 3)
        import_quickly(hub, apart)
        assert holder.told_since() == heard


@pytest.mark.both_homes
def test_one_educators_attempts_may_share_a_file_and_a_short_one_says_nothing(
    hub: Hub, tmp_path: Path
) -> None:
    folder = folder_of(tmp_path / "in", {"A-1": "same.md", "A-2": "same.md"}, {"A-1": "E", "A-2": "E"})
    (folder / "same.md").write_text(HANDOUT)
    import_quickly(hub, folder)
    folder_of(folder, {"B-1": "empty.md", "B-2": "empty.md"})
    (folder / "empty.md").write_text("Write here:")
    import_quickly(hub, folder)
    holders = [Holder(hub, key) for key in ("A-1", "A-2", "B-1", "B-2")]
    assert [one.found for one in holders] == [set()] * 4


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """One picture saved in five ways, and another."""
    picture = Image.effect_noise((64, 64), 90).resize((320, 320), Image.Resampling.BICUBIC)
    folder = tmp_path / "photos"
    folder.mkdir()
    for quality in (95, 90, 85, 80, 75):
        picture.save(folder / f"q{quality}.jpg", quality=quality)
    Image.effect_noise((64, 64), 90).resize((320, 320)).save(folder / "other.jpg", quality=90)
    return folder


@pytest.mark.both_homes
def test_a_picture_has_another_partner_once_its_own_goes(
    hub: Hub, photos: Path, clock: StandingClock
) -> None:
    import_quickly(hub, folder_of(photos, {"P-1": "q95.jpg"}))
    first = Holder(hub, "P-1")
    import_quickly(hub, folder_of(photos, {"P-2": "q90.jpg"}))
    assert (first.found, first.told_since()) == (set(), {"same_picture"})
    import_quickly(hub, folder_of(photos, {"P-3": "q85.jpg", "P-4": "q80.jpg", "P-5": "q75.jpg"}))
    assert first.told_since() is None
    assert Holder(hub, "P-5").found == {"same_picture"}
    import_quickly(hub, folder_of(photos, {"P-2": "other.jpg"}))
    assert first.told_since() is None
    assert (Holder(hub, "P-1").found, Holder(hub, "P-2").found) == ({"same_picture"}, set())
    with hub.database.writing() as work:
        for key in ("P-3", "P-4"):
            destroying.destroy(work, refuse_unknown(work, key))
    assert Holder(hub, "P-1").found == Holder(hub, "P-5").found == {"same_picture"}
    import_quickly(hub, folder_of(photos, {"P-5": "other.jpg"}))
    assert first.told_since() == set()
    assert Holder(hub, "P-2").found == {"duplicate"}


def test_of_one_picture_in_many_submissions_few_pairs_are_kept(hub: Hub, photos: Path) -> None:
    many = {f"P-{number}": f"q{75 + 5 * (number % 5)}.jpg" for number in range(30)}
    import_quickly(hub, folder_of(photos, many))
    with hub.database.reading() as view:
        assert view.execute(sa.select(sa.func.count()).select_from(t.copies)).scalar_one() == 2 * 29
    assert {frozenset(Holder(hub, key).found) for key in ("P-0", "P-7", "P-29")} == {frozenset({"duplicate"})}


@pytest.mark.both_homes
def test_evidence_that_is_destroyed_while_an_import_compares_is_no_partner(
    hub: Hub, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_quickly(hub, folder_of(photos, {"P-1": "q95.jpg"}))
    keep = looks.keep_looks

    def destroy_then_keep(work: sa.Connection, looked: list[looks.Looked], compared: alike.Compared) -> None:
        assert compared.pairs
        destroying.destroy(work, refuse_unknown(work, "P-1"))
        keep(work, looked, compared)

    monkeypatch.setattr(intake, "keep_looks", destroy_then_keep)
    import_quickly(hub, folder_of(photos, {"P-2": "q90.jpg"}))
    assert Holder(hub, "P-2").found == set()


@pytest.mark.both_homes
def test_whoever_shared_a_file_with_destroyed_evidence_alone_is_told_that_it_is_so_no_more(
    hub: Hub, photos: Path
) -> None:
    import_quickly(hub, handouts(photos, [1, 2, 3]))
    import_quickly(hub, folder_of(photos, {"P-1": "q95.jpg", "P-2": "q90.jpg", "P-3": "q85.jpg"}))
    sharing = [Holder(hub, key) for key in ("H-00003", "P-3")]
    assert [one.found for one in sharing] == [{"duplicate"}, {"same_picture"}]
    for key in ("H-00001", "P-1"):
        destroy_evidence(hub, key)
    assert [one.told_since() for one in sharing] == [None, None]
    for key in ("H-00002", "P-2"):
        destroy_evidence(hub, key)
    assert [one.told_since() for one in sharing] == [set(), set()]


def of_one_picture(hub: Hub, folder: Path, same: int, others: int) -> None:
    """So many submissions with one picture in common, the first of them partner of all, and others with one each."""
    files = {f"S-{number:03}": f"{number:03}.md" for number in range(same + others)}
    folder_of(folder, files)
    for number, name in enumerate(files.values()):
        (folder / name).write_text(
            f"What picture {number} stands for, in no less than sixty-four bytes. " * 2
        )

    def look(path: Path, name: str) -> Preflight:
        bits = max(0, int(path.stem) - same + 1)
        with path.open("rb") as file:
            found = preflight(file, name)
        return replace(
            found, likeness=f"{sum(255 << 8 * at for at in range(128) if bits >> at % 7 & 1):0256x}"
        )

    intake.import_folder(hub, folder, inspect=look)


def test_for_pictures_that_lost_the_partner_of_all_another_is_looked_for_once_and_before_anything_is_written(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_one_picture(hub, tmp_path / "in", same=60, others=30)
    are_alike, destroy = alike.alike, destroying.destroy
    compared = list[bool]()
    writing = [False]

    def counted(one: int, other: int) -> bool:
        compared.append(writing[0])
        return are_alike(one, other)

    def noted(*args: object, **named: object) -> None:
        writing[0] = True
        destroy(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(alike, "alike", counted)
    monkeypatch.setattr(destroying, "destroy", noted)
    assert count(hub, t.copies) == 2 * 59
    destroy_evidence(hub, "S-000")
    assert count(hub, t.copies) == 2 * 58
    assert 30 <= len(compared) <= 31
    assert not any(compared)


@pytest.mark.both_homes
def test_a_picture_that_an_import_brings_while_destroying_compares_is_a_partner(
    hub: Hub, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_quickly(hub, folder_of(photos, {"P-1": "q95.jpg", "P-2": "q90.jpg", "P-3": "other.jpg"}))
    compare = destroying.compare_without

    def compare_then_import(view: sa.Connection, submission_ids: list[str]) -> alike.Compared:
        compared = compare(view, submission_ids)
        import_quickly(hub, folder_of(photos, {"P-3": "q85.jpg"}))
        return compared

    monkeypatch.setattr(destroying, "compare_without", compare_then_import)
    destroy_evidence(hub, "P-1")
    assert [Holder(hub, key).found for key in ("P-2", "P-3")] == [{"same_picture"}] * 2


@pytest.mark.both_homes
def test_what_is_destroyed_again_after_a_restore_is_compared_once_for_all(
    hub: Hub, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_quickly(hub, folder_of(photos, {f"P-{at}": f"q{at}.jpg" for at in (95, 90, 85, 80)}))
    compare, compared = looks.compare_without, list[int]()

    def counted(view: sa.Connection, submission_ids: list[str]) -> alike.Compared:
        compared.append(len(submission_ids))
        return compare(view, submission_ids)

    monkeypatch.setattr(looks, "compare_without", counted)
    with hub.database.writing() as work:
        for key in ("P-95", "P-90"):
            row = {"at": hub.clock(), "why": "its time was over", "files": 1, "bytes": 1}
            own_id = refuse_unknown(work, key)
            work.execute(sa.insert(t.evidence_ended).values(submission_id=own_id, **row))
        destroying.destroy_again(work)
    assert compared == [2]
    assert [Holder(hub, f"P-{at}").found for at in (85, 80)] == [{"same_picture"}] * 2
    assert count(hub, t.looks) == count(hub, t.copies) == 2


def keep_every_pair(hub: Hub) -> None:
    """As hubs did before they asked digests."""
    own, other = t.looks.alias(), t.looks.alias()
    pairs = sa.select(
        own.c.submission_id, own.c.artifact_id, other.c.submission_id, other.c.artifact_id, sa.true()
    ).where(own.c.sha256 == other.c.sha256, own.c.submission_id != other.c.submission_id)
    with hub.database.writing() as work:
        work.execute(sa.delete(t.copies))
        work.execute(sa.insert(t.copies).from_select(list(t.copies.c), pairs))


class Fetched:
    """How many rows a view gives."""

    def __init__(self, view: sa.Connection) -> None:
        self.view, self.rows = view, 0

    def execute(self, query: sa.Select[tuple[object]]) -> sa.Result[tuple[object]]:
        frozen = self.view.execute(query).freeze()
        self.rows += len(list(frozen().all()))
        return frozen()


@pytest.mark.both_homes
def test_of_a_picture_with_many_partners_only_that_one_is_left_is_asked_when_some_go(
    hub: Hub, photos: Path
) -> None:
    keys = [f"P-{number:02}" for number in range(20)]
    import_quickly(hub, folder_of(photos, dict.fromkeys(keys, "q95.jpg")))
    keep_every_pair(hub)
    with hub.database.reading() as view:
        ids = [refuse_unknown(view, key) for key in keys]
        for going in (1, 3, 18):
            fetched = Fetched(view)
            compared = alike.compare(fetched, ids[:going], ())  # type: ignore[arg-type]
            assert (compared.pairs, compared.changed) == ((), frozenset())
            assert fetched.rows <= going * 20 + 5
        assert alike.compare(view, ids[:19], ()).changed == {(ids[19], "work-1")}


@pytest.mark.both_homes
def test_pairs_that_an_older_hub_kept_of_the_same_files_go_and_those_of_pictures_stay(
    hub: Hub, photos: Path, clock: StandingClock
) -> None:
    import_quickly(hub, handouts(photos, range(5)))
    import_quickly(hub, folder_of(photos, dict.fromkeys(("P-1", "P-2", "P-3"), "q95.jpg")))
    keep_every_pair(hub)
    assert count(hub, t.copies) == 5 * 4 + 3 * 2
    with hub.database.writing() as work:
        work.exec_driver_sql("UPDATE alembic_version SET version_num = '0018'")
    hub.database.migrate(clock())
    assert count(hub, t.copies) == 3 * 2
    assert {frozenset(Holder(hub, key).found) for key in ("H-00004", "P-3")} == {frozenset({"duplicate"})}
    import_quickly(hub, folder_of(photos, {"P-1": "q90.jpg", "P-2": "other.jpg"}))
    assert [Holder(hub, key).found for key in ("P-1", "P-2", "P-3")] == [
        {"same_picture"},
        set(),
        {"same_picture"},
    ]


class Behind(LinkCapture):
    """What is behind a link, while it can be reached."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__()
        self.file, self.reached = Captured(content, name), True

    def capture(self, link: str) -> Captured:
        if not self.reached:
            raise NotCaptured("nobody answers")
        return self.file


def _look(path: Path, name: str, key: bytes | None = None) -> Preflight:
    if key is None:
        with path.open("rb") as file:
            return preflight(file, name)
    with open_sealed(path, key) as file:
        return preflight(file, name)


@pytest.mark.both_homes
@pytest.mark.parametrize("tried", [False, True])
def test_what_was_found_behind_a_link_stays_while_that_is_not_captured_again(
    hub: Hub, photos: Path, tried: bool
) -> None:
    links = [Behind(HANDOUT.encode(), "handout.md"), Behind((photos / "q90.jpg").read_bytes(), "photo.jpg")]
    import_quickly(hub, handouts(photos, [1]))
    import_quickly(hub, folder_of(photos, {"P-1": "q95.jpg"}))
    for key, link in zip(("L-1", "L-2"), links):
        rows = [f"{key},work,https://example.org/{key},,", f"{key},reflection,own.md,,"]
        for words in ("As it was at first. ", "As it is now. "):
            (photos / "own.md").write_text(f"{key}. {words}" * 9)
            write_rows(photos, [f"{key},E-{key},Anna Berg,formative-assessment-math,1,no,D,en,yes,"], rows)
            done = intake.import_folder(
                hub, photos, inspect=_look, links=link if link.reached or tried else None
            )
            assert done.new or done.changed
            if link.reached:
                holders = [Holder(hub, one) for one in (key, "H-00001", "P-1")]
                link.reached = False
        assert holders[0].found & {"duplicate", "same_picture"}
        assert [one.told_since() for one in holders] == [holders[0].found, None, None]
