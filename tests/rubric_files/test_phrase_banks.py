"""Phrase banks as files: what is written comes back, and a fault says where it is."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from assessor_desk.domain.anchor import Anchor, TimeSpan
from assessor_desk.domain.errors import Refused
from assessor_desk.domain.feedback import findings
from assessor_desk.domain.phrases import Phrase, Scope, fault_of, gaps
from assessor_desk.domain.policy import Policy
from assessor_desk.domain.review import CriterionWork, Review, TextField
from assessor_desk.domain.submission import Submission
from assessor_desk.places import resources, rubrics
from assessor_desk.rubric_files import FaultyFile, load_phrases, load_rubric, phrases_to_csv, save_phrases

RUBRICS = [load_rubric(path) for path in sorted(rubrics().glob("*.yaml"))]
MATH = next(one for one in RUBRICS if one.id == "formative-assessment-math")
SHIPPED = sorted((resources() / "phrases").glob("*.yaml"))
BANK = [phrase for path in SHIPPED for phrase in load_phrases(path, RUBRICS)]

names = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80).filter(
    lambda text: not fault_of(text)
)
times = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def some_phrases(draw: st.DrawFn) -> list[Phrase]:
    own_ids = draw(st.lists(names, unique=True, max_size=4))
    return [
        Phrase(
            own_id, draw(texts), rubric := draw(st.just("") | names), criterion := draw(names) if rubric else "",
            draw(st.just("") | names) if criterion else "", draw(st.sampled_from(Scope)),
            tuple(draw(st.lists(names, max_size=3))), used := draw(st.integers(0, 9999)), draw(times) if used else None,
        )
        for own_id in own_ids
    ]  # fmt: skip


@given(phrases=some_phrases(), suffix=st.sampled_from([".yaml", ".csv"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_what_is_saved_comes_back_the_same(tmp_path: Path, phrases: list[Phrase], suffix: str) -> None:
    path = tmp_path / f"bank{suffix}"
    save_phrases(path, phrases, title="Mine")
    assert load_phrases(path) == tuple(phrases)
    assert list(tmp_path.glob("*.part")) == []


@pytest.mark.parametrize(
    "text",
    ["=HYPERLINK(1)", "+1", "-1", "@SUM(A1)", "\t=1", "'=1", "'", "＝1", "“=1”, [time]", 'a "b", c;d\ne'],
)
def test_no_cell_of_a_csv_is_a_formula_and_its_text_comes_back(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bank.csv"
    save_phrases(path, [Phrase("one", text)])
    rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
    assert not rows[1][1].startswith(("=", "+", "-", "@", "\t", "\r", "＝"))
    assert load_phrases(path)[0].text == text
    sheet = Workbook().active
    assert sheet is not None
    sheet.append(rows[1])
    assert all(cell.data_type != "f" for cell in sheet[1])


def test_a_csv_tells_a_spreadsheet_program_that_it_is_utf_8() -> None:
    written = phrases_to_csv([Phrase("one", "Às [hora] todos")])
    assert written.startswith(b"\xef\xbb\xbfid,text,")
    assert written.endswith(b"\r\n")


def test_a_csv_made_by_hand_needs_its_text_alone(tmp_path: Path) -> None:
    path = tmp_path / "bank.csv"
    path.write_text(
        "Text;Tags;Criterion;Rubric\r\nAt [time], all;strength;listens;math\r\n;;;\r\n", encoding="utf-8"
    )
    (phrase,) = load_phrases(path)
    assert (phrase.text, phrase.tags, phrase.criterion) == ("At [time], all", ("strength",), "listens")
    assert phrase.id == load_phrases(path)[0].id
    assert phrase.scope is Scope.PERSONAL


def test_a_bank_names_rubric_and_scope_once_for_all(tmp_path: Path) -> None:
    path = tmp_path / "bank.yaml"
    path.write_text(
        "rubric: math\nscope: programme\nphrases:\n  - text: At [time]\n  - text: On [page]\n    rubric: ela\n"
    )
    assert [(one.rubric, one.scope) for one in load_phrases(path)] == [
        ("math", Scope.PROGRAMME),
        ("ela", Scope.PROGRAMME),
    ]


def faults(path: Path, content: str) -> str:
    path.write_text(content, encoding="utf-8")
    with pytest.raises(FaultyFile) as caught:
        load_phrases(path, RUBRICS)
    return "\n".join(map(str, caught.value.faults))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("text,level\nAt [time],high", "bank.csv, row 2, column “level”: a level needs the criterion"),
        ("text,criterion\nAt [time],listens", "row 2, column “criterion”: a criterion needs the rubric"),
        ("text,used\nA,1\nB,many", "row 3, column “used”: “used” must be a whole number"),
        ("text,used\nA,-1", "row 2, column “used”: “used” must be a whole number"),
        ("text,last_used\nA,yesterday", "row 2, column “last_used”: “yesterday” is not a valid last_used"),
        (
            "text,last_used\nA,2026-02-30T10:00:00Z",
            "column “last_used”: there is no time “2026-02-30T10:00:00Z”",
        ),
        ("text,scope\nA,ours", "row 2, column “scope”: “ours” is not one of personal, programme"),
        ("text,id\nA,x\nB,y\nC,x", "row 4, column “id”: the phrase “x” is given twice"),
        ("text,id\n,x", "row 2, column “text”: “text” is missing"),
        ("text\nAt [time", "row 2, column “text”: a placeholder is written [like this]"),
        ("text,colour\nA,red", "row 1: “colour” is not a column of a phrase bank"),
        ("text,text\nA,B", "row 1, column “text”: the column is given twice"),
        ("phrase\nA", "row 1: the column “text” is missing"),
        ("", "row 1: the column “text” is missing"),
        ("text,id\nA,x,y", "row 2: there are 3 cells, and the first row names 2 columns"),
        ('text\n"A', "this is not CSV"),
        (
            "text,rubric,criterion\nA,formative-assessment-math,listens",
            "row 2, column “criterion”: “Leveraging Formative Assessment During a Math Lesson” has no criterion",
        ),
        (
            "text,rubric,criterion,level\nA,formative-assessment-math,plans-checks,high",
            "row 2, column “level”: there is no level “high”; there are not-met, progressing, demonstrated",
        ),
    ],
)
def test_a_fault_in_a_csv_names_file_row_and_column(tmp_path: Path, rows: str, said: str) -> None:
    assert said in faults(tmp_path / "bank.csv", rows)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("phrases:\n  - text: A\n  - txt: B", "bank.yaml, line 3"),
        (
            "phrases:\n  - text: A\n    id: x\n  - text: B\n    id: x",
            "line 5, phrase “x”: the phrase “x” is given twice",
        ),
        ("phrases:\n  - id: x\n    text: At [time", "line 3, phrase “x”: a placeholder is written"),
        ("phrases:\n  - text: A\n    last_used: 2026-01-01T10:00:00Z", "“last_used” must be text"),
        ("phrases:\n  - text: A\n    level: high", "line 3, phrase 1: a level needs the criterion"),
        ("title: Empty", "“phrases” is missing"),
    ],
)
def test_a_fault_in_yaml_names_file_and_line(tmp_path: Path, lines: str, said: str) -> None:
    assert said in faults(tmp_path / "bank.yaml", lines)


def test_every_fault_is_named_and_nothing_is_read(tmp_path: Path) -> None:
    said = faults(tmp_path / "bank.csv", "text,used,scope\nA,x,ours\nB,1,personal\nC,y,personal")
    assert [line.partition(":")[0] for line in said.splitlines()] == [
        "bank.csv, row 2, column “used”",
        "bank.csv, row 2, column “scope”",
        "bank.csv, row 4, column “used”",
    ]


def test_what_is_no_bank_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no phrase bank"):
        load_phrases(tmp_path / "bank.docx")
    with pytest.raises(Refused, match="There is no file"):
        load_phrases(tmp_path / "bank.csv")
    with pytest.raises(Refused, match=r"not as \.docx"):
        save_phrases(tmp_path / "bank.docx", [])
    (tmp_path / "latin.csv").write_bytes("text\nÀ".encode("latin-1"))
    with pytest.raises(Refused, match="CSV UTF-8"):
        load_phrases(tmp_path / "latin.csv")


def test_a_bank_that_cannot_be_written_leaves_the_older_one(tmp_path: Path) -> None:
    path = tmp_path / "bank.csv"
    save_phrases(path, [Phrase("one", "A")])
    (tmp_path / "bank.csv.part").mkdir()
    with pytest.raises(Refused, match="cannot be written"):
        save_phrases(path, [Phrase("two", "B")])
    assert [one.id for one in load_phrases(path)] == ["one"]


# -- the banks that come with the program -------------------------------------------------------------------


def test_each_sample_rubric_has_phrases_for_every_criterion_and_level() -> None:
    tied = {(one.rubric, one.criterion, one.level) for one in BANK}
    wanted = {
        (rubric.id, c.id, level.id) for rubric in RUBRICS for c in rubric.criteria for level in c.levels
    }
    assert wanted <= tied
    assert all(one.scope is Scope.PROGRAMME for one in BANK)
    assert all(any(f in one.tags for f in TextField) for one in BANK)


@pytest.mark.parametrize("phrase", BANK, ids=lambda phrase: phrase.id)
def test_a_shipped_phrase_asks_for_evidence_and_passes_the_checks_on_wording(phrase: Phrase) -> None:
    assert list(gaps(phrase.text)), "a phrase without a placeholder is ready-made"
    rubric = next(one for one in RUBRICS if one.id == phrase.rubric)
    criterion = phrase.criterion or rubric.criteria[0].id
    level = phrase.level or rubric.criteria[0].levels[0].id
    texts = {TextField(tag): phrase.text for tag in phrase.tags}
    overall = texts.pop(TextField.OVERALL, "")
    work = CriterionWork(level, texts, ("x",))
    sheet = Review(
        "r",
        completeness=(),
        works={criterion: work},
        overall=overall,
        anchors=(Anchor("x", "v", TimeSpan(0)),),
    )
    found = findings(sheet, rubric, Policy("p", "1", "P", "L"), Submission("s", "hub", "k", rubric.id, 1, ()))
    wanted = {"F8", "F9", "F10", "F14"} | (
        {"F13"} if TextField.NEXT_STEP in texts and phrase.level else set()
    )
    assert [one.sentence for one in found if one.check in wanted] == []


def test_a_shipped_phrase_left_unfilled_stops_the_seal() -> None:
    phrase = replace(BANK[0], text=BANK[0].text)
    work = CriterionWork(phrase.level, {TextField.STRENGTH: phrase.text}, ("x",))
    sheet = Review("r", completeness=(), works={phrase.criterion: work})
    found = findings(sheet, MATH, Policy("p", "1", "P", "L"), Submission("s", "hub", "k", MATH.id, 1, ()))
    assert any(one.check == "F12" and one.blocks for one in found)
