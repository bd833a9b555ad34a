"""Importing a folder of submissions: all of it or nothing, and every fault where it is."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.hub.lost_answers import lose_answers
from tests.hub.making import ARTIFACT_ROWS, ROWS, SECRET, import_quickly, kept, submissions_folder, write_rows

from assessor_desk.artifacts.preflight import Preflight, preflight
from assessor_desk.artifacts.vault import Sealed
from assessor_desk.domain.errors import Refused, Unavailable
from assessor_desk.hub import tables as t
from assessor_desk.hub.folder import Faults
from assessor_desk.hub.hub import Hub
from assessor_desk.hub.intake import Imported, import_folder
from assessor_desk.hub.overview import overview

Edit = Callable[[str, str, str], None]


def _artifacts(hub: Hub, key: str) -> dict[str, sa.Row[tuple[object, ...]]]:
    query = sa.select(t.artifacts).join(t.submissions).where(t.submissions.c.key == key)
    with hub.database.reading() as view:
        return {row.origin: row for row in view.execute(query).all()}


def test_a_folder_is_imported_with_its_captions_and_links(hub: Hub, incoming: Path) -> None:
    done = import_quickly(hub, incoming)
    assert (done.new, done.artifacts, done.links) == (("7F3A-21", "91BB-02", "E5D2-11"), 6, 1)
    rows = _artifacts(hub, "7F3A-21")
    assert rows["talk.txt"].captions == rows["talk.vtt"].id
    assert rows["talk.vtt"].media_type == "text/vtt"
    link = _artifacts(hub, "91BB-02")["https://video.example.org/v/1"]
    assert (link.sha256, link.blob, link.link) == ("", None, "https://video.example.org/v/1")


def test_what_was_imported_is_sealed_and_opens_with_its_key(hub: Hub, incoming: Path) -> None:
    import_quickly(hub, incoming)
    row = _artifacts(hub, "91BB-02")["board.md"]
    with hub.database.reading() as view:
        key = view.execute(sa.select(t.blobs.c.key).where(t.blobs.c.digest == row.blob)).scalar_one()
    with hub.blobs.open(row.blob, key, "the file") as reader:
        assert reader.read() == (incoming / "board.md").read_bytes()


def test_neither_bytes_nor_names_are_found_in_the_hubs_folder(hub: Hub, incoming: Path) -> None:
    import_quickly(hub, incoming)
    hub.close()  # what the database still had in its log is in its file now
    secrets = [SECRET, "Achterberg", "board.md", "North Prairie", "What was said", "7F3A-21"]
    files = [path for path in hub.folder.rglob("*") if path.is_file()]
    assert len(files) > 10
    for path in files:
        content = path.read_bytes()
        assert [secret for secret in secrets if secret.encode() in content] == [], path


def test_importing_again_changes_nothing(hub: Hub, incoming: Path) -> None:
    import_quickly(hub, incoming)
    blobs = set(kept(hub.blobs))
    again = import_quickly(hub, incoming)
    assert (again.new, again.changed, len(again.unchanged)) == ((), (), 3)
    assert set(kept(hub.blobs)) == blobs


def test_an_artifact_keeps_its_id_when_others_come_before_it(hub: Hub, incoming: Path) -> None:
    import_quickly(hub, incoming)
    before = {origin: row.id for origin, row in _artifacts(hub, "7F3A-21").items()}
    (incoming / "new.md").write_text("# new\n\nIt came later.\n", encoding="utf-8")
    first, talk, reflection = ARTIFACT_ROWS["7F3A-21"]
    rows = [row for key in ("91BB-02", "E5D2-11") for row in ARTIFACT_ROWS[key]]
    write_rows(incoming, list(ROWS.values()), ["7F3A-21,work,new.md,,", talk, reflection, *rows])
    done = import_quickly(hub, incoming)
    assert done.changed == ("7F3A-21",)
    after = _artifacts(hub, "7F3A-21")
    assert {origin: after[origin].id for origin in before} == before
    assert after["new.md"].id == "work-3"
    assert after[first.split(",")[2]].removed


def test_a_changed_file_gets_a_new_key(hub: Hub, incoming: Path) -> None:
    import_quickly(hub, incoming)
    before = _artifacts(hub, "91BB-02")["board.md"]
    (incoming / "board.md").write_text("# board\n\nAnother picture of it.\n", encoding="utf-8")
    import_quickly(hub, incoming)
    after = _artifacts(hub, "91BB-02")["board.md"]
    assert after.id == before.id
    assert after.blob != before.blob


@pytest.mark.parametrize(
    ("name", "old", "new", "place", "words"),
    [
        ("submissions.csv", "submission key,", "submission,", "row 1, column “submission key”", "is missing"),
        ("submissions.csv", "district,", "attempt,", "row 1, column “district”", "is missing"),
        ("submissions.csv", "91BB-02,E-2", ",E-2", "row 3, column “submission key”", "empty"),
        (
            "submissions.csv",
            "91BB-02,E-2",
            "7F3A-21,E-2",
            "row 3, column “submission key”",
            "in row 2 already",
        ),
        ("submissions.csv", "91BB-02,E-2", "../x,E-2", "row 3, column “submission key”", "letters, digits"),
        ("submissions.csv", "Rosalind Achterberg", "", "row 3, column “name”", "empty"),
        (
            "submissions.csv",
            "positive-rel",
            "negative-rel",
            "row 4, column “micro-credential”",
            "not a published",
        ),
        ("submissions.csv", "math,2,", "math,second,", "row 2, column “attempt”", "not a number"),
        ("submissions.csv", "math,2,", "math,0,", "row 2, column “attempt”", "not a number"),
        ("submissions.csv", "2,no,", "2,maybe,", "row 2, column “draft”", "neither yes nor no"),
        (
            "submissions.csv",
            "Lakeside,en",
            "Lakeside,English!",
            "row 2, column “language”",
            "not a language tag",
        ),
        ("submissions.csv", ",yes,nhung", ",perhaps,nhung", "row 2, column “permission attested”", "neither"),
        (
            "submissions.csv",
            "Lakeside,en,yes,",
            "Lakeside,en,yes,a,b,",
            "row 2, column “e-mail”",
            "more cells",
        ),
        (
            "artifacts.csv",
            "7F3A-21,overview",
            "ZZZZ-99,overview",
            "row 2, column “submission key”",
            "is not in",
        ),
        (
            "artifacts.csv",
            "E5D2-11,overview",
            "7F3A-21,overview",
            "row 4, column “submission key”",
            "no row for",
        ),
        ("artifacts.csv", "7F3A-21,work", "7F3A-21,homework", "row 3, column “part”", "none of overview"),
        ("artifacts.csv", "talk.txt", "gone.txt", "row 3, column “file or link”", "there is no file"),
        ("artifacts.csv", "talk.txt", "reflection.md", "row 4, column “file or link”", "in row 3 already"),
        ("artifacts.csv", "talk.txt", "", "row 3, column “file or link”", "empty"),
        (
            "artifacts.csv",
            "talk.txt",
            "../incoming/talk.txt",
            "row 3, column “file or link”",
            "outside the folder",
        ),
        ("artifacts.csv", "talk.txt", "/etc/passwd", "row 3, column “file or link”", "outside the folder"),
        (
            "artifacts.csv",
            "https://video",
            "ftp://video",
            "row 6, column “file or link”",
            "not a web address",
        ),
        ("artifacts.csv", "talk.vtt", "talk.txt", "row 3, column “captions”", "neither .vtt nor .srt"),
        ("artifacts.csv", "talk.vtt", "gone.vtt", "row 3, column “captions”", "there is no file"),
        ("artifacts.csv", "The lesson,", "The lesson,talk.vtt", "row 6, column “captions”", "a link has no"),
        ("artifacts.csv", "The plan", "x" * 501, "row 2, column “label”", "longer than"),
    ],
)
def test_a_fault_names_file_row_and_column_and_nothing_is_imported(
    hub: Hub, incoming: Path, edit: Edit, name: str, old: str, new: str, place: str, words: str
) -> None:
    edit(name, old, new)
    with pytest.raises(Faults) as caught:
        import_quickly(hub, incoming)
    assert f"{place}: " in str(caught.value)
    assert words in str(caught.value)
    assert str(caught.value).endswith("Nothing was imported")
    assert overview(hub).submissions == 0
    assert not kept(hub.blobs)


def test_all_faults_are_found_at_once(hub: Hub, incoming: Path, edit: Edit) -> None:
    edit("submissions.csv", "math,2,", "math,second,")
    edit("artifacts.csv", "talk.txt", "gone.txt")
    with pytest.raises(Faults, match="and 1 more") as caught:
        import_quickly(hub, incoming)
    assert len(caught.value.faults) == 2


@pytest.mark.parametrize("missing", ["submissions.csv", "artifacts.csv"])
def test_a_missing_table_is_named(hub: Hub, incoming: Path, missing: str) -> None:
    (incoming / missing).unlink()
    with pytest.raises(Faults, match=missing):
        import_quickly(hub, incoming)


def test_a_table_in_another_encoding_is_told_with_its_row(hub: Hub, incoming: Path) -> None:
    table = incoming / "submissions.csv"
    table.write_bytes(
        table.read_text(encoding="utf-8").replace("Rosalind", "Rosalína").encode("cp1252", "replace")
    )
    with pytest.raises(Faults, match=r"submissions.csv, row 3: this is not UTF-8"):
        import_quickly(hub, incoming)


def test_a_table_without_rows_and_an_empty_file_are_refused(hub: Hub, incoming: Path) -> None:
    (incoming / "talk.txt").write_bytes(b"")
    with pytest.raises(Faults, match=r"the file “talk.txt” is empty"):
        import_quickly(hub, incoming)
    write_rows(incoming, [], [])
    with pytest.raises(Faults, match=r"submissions.csv has no rows"):
        import_quickly(hub, incoming)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_link_out_of_the_folder_is_not_followed(hub: Hub, incoming: Path, tmp_path: Path) -> None:
    (tmp_path / "private.txt").write_text("not yours", encoding="utf-8")
    (incoming / "talk.txt").unlink()
    (incoming / "talk.txt").symlink_to(tmp_path / "private.txt")
    with pytest.raises(Faults, match="outside the folder"):
        import_quickly(hub, incoming)


def test_semicolons_a_byte_order_mark_and_other_spellings_of_headings_are_understood(
    hub: Hub, incoming: Path
) -> None:
    table = incoming / "submissions.csv"
    text = table.read_text(encoding="utf-8").replace(",", ";").replace("micro-credential", "Micro_Credential")
    table.write_text("\ufeff" + text, encoding="utf-8")
    assert len(import_quickly(hub, incoming).new) == 3


def test_files_are_found_in_a_folder_named_as_their_submission(hub: Hub, incoming: Path) -> None:
    for key, name in (("91BB-02", "board.md"), ("files/E5D2-11", "first.md")):
        (incoming / key).mkdir(parents=True)
        (incoming / name).rename(incoming / key / name)
    assert len(import_quickly(hub, incoming).new) == 3


def test_a_file_that_cannot_be_opened_is_refused_unless_it_is_let_in(hub: Hub, incoming: Path) -> None:
    (incoming / "talk.txt").write_bytes(b"%PDF-1.7\nnothing more")
    with pytest.raises(Faults, match=r"artifacts.csv, row 3, column “file or link”: “talk.txt”"):
        import_folder(hub, incoming)
    assert overview(hub).submissions == 0
    done = import_folder(hub, incoming, accept_unreadable=True)
    assert len(done.new) == 3
    assert "row 3" in done.warnings[0]


def test_a_key_cannot_move_to_another_educator(hub: Hub, incoming: Path, edit: Edit) -> None:
    import_quickly(hub, incoming)
    edit("submissions.csv", "91BB-02,E-2", "91BB-02,E-9")
    with pytest.raises(Faults, match=r"row 3, column “educator key”.*another educator"):
        import_quickly(hub, incoming)


def test_an_import_that_fails_while_it_writes_leaves_nothing(
    hub: Hub, incoming: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import assessor_desk.hub.intake as intake

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(intake, "_write_plan", full)
    with pytest.raises(OSError, match="No space left"):
        import_quickly(hub, incoming)
    assert overview(hub).submissions == 0
    assert not kept(hub.blobs)


@pytest.mark.both_homes
def test_an_import_whose_commit_was_done_and_the_answer_to_it_lost_keeps_its_files(
    hub: Hub, incoming: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as breaking:
        lost = lose_answers(breaking, "submissions")
        with pytest.raises(Unavailable):
            import_quickly(hub, incoming)
    assert lost
    with hub.database.reading() as view:
        digests = set(view.execute(sa.select(t.blobs.c.digest)).scalars())
    assert set(kept(hub.blobs)) == digests
    assert len(import_quickly(hub, incoming).unchanged) == 3


def _nothing_was_imported(hub: Hub) -> bool:
    return overview(hub).submissions == 0 and not kept(hub.blobs)


@pytest.mark.parametrize("words", ["# the same length as before, other words", "shorter"])
def test_a_file_that_changes_between_looking_and_sealing_is_named_and_refused(
    hub: Hub, incoming: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    import assessor_desk.hub.intake as intake

    board = incoming / "board.md"
    board.write_text("# The same length as before, these words", encoding="utf-8")
    keep = intake._keep

    def change_then_keep(*given: object) -> Imported:
        board.write_text(words, encoding="utf-8")
        return keep(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(intake, "_keep", change_then_keep)
    with pytest.raises(Faults, match=r"“board.md” changed while it was imported.*Nothing was imported"):
        import_quickly(hub, incoming)
    assert _nothing_was_imported(hub)


@pytest.mark.parametrize("act", ["write", "remove"])
def test_a_file_that_changes_while_it_is_looked_at_is_named_and_refused(
    hub: Hub, incoming: Path, act: str
) -> None:
    def look_and_change(path: Path, name: str) -> Preflight:
        with path.open("rb") as file:
            found = preflight(file, name)
        if name == "talk.txt":
            path.write_text("something else", encoding="utf-8") if act == "write" else path.unlink()
        return found

    with pytest.raises(Faults, match=r"“talk\.txt” changed while it was imported"):
        import_folder(hub, incoming, accept_unreadable=True, inspect=look_and_change)
    assert _nothing_was_imported(hub)


def test_a_file_that_is_gone_before_it_is_sealed_is_named(
    hub: Hub, incoming: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import assessor_desk.hub.intake as intake

    seal = intake._seal_new

    def remove_then_seal(hub: Hub, plan: intake._Plan) -> Iterator[Sealed]:
        (incoming / "board.md").unlink(missing_ok=True)
        return seal(hub, plan)

    monkeypatch.setattr(intake, "_seal_new", remove_then_seal)
    with pytest.raises(Faults, match=r"“board\.md” changed"):
        import_quickly(hub, incoming)
    assert _nothing_was_imported(hub)


def test_a_folder_that_is_not_there_is_refused(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="There is no folder"):
        import_quickly(hub, tmp_path / "gone")


def test_one_submission_of_many_can_be_imported_alone(hub: Hub, tmp_path: Path) -> None:
    assert import_quickly(hub, submissions_folder(tmp_path / "one", "91BB-02")).new == ("91BB-02",)
