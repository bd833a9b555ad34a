"""An issuer with a programme that the shipped program has never seen, and people at their terminals.

Commands are processes of their own where that can make a difference. Nothing of the demo is used: rubric, policy,
submissions and files are made here.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Self

import av
import docx
import numpy as np
from PIL import Image
from tests.fixtures_large import pdf

from assessor_desk.cli.command_line import run_command

PASSPHRASE = "thirteen quiet quokkas"
PROGRAM = (sys.executable, "-m", "assessor_desk")
_PATIENCE_SECONDS = 60
VIETNAMESE, ARABIC = "Nguyễn Thị Hồng Nhung", "ليلى المنصوري"
LINK = "https://video.example.org/watch/42"

RUBRIC = """\
id: talk-moves
version: "1"
title: Talk moves in a science lesson
issuer: Harbour Teaching Board
competency: The educator uses talk moves so that pupils build on each other's ideas.
key_method: Ask, wait, hand on.
components: [Questions that hand a pupil's idea to another pupil]
research: []
resources: []
evidence:
  - id: lesson
    title: Lesson video
    kind: Video
    amount: One
    length: 2 to 15 minutes
    conditions: Unedited and audible.
    criteria: [hands-on, waits]
criteria:
  - id: hands-on
    title: Hands ideas on
    passing: met
    levels:
      - {id: not-met, title: Not met, descriptor: Every idea goes back to the educator.}
      - {id: met, title: Met, descriptor: Two or more ideas are handed to another pupil.}
  - id: waits
    title: Waits for thinking
    passing: met
    levels:
      - {id: not-met, title: Not met, descriptor: The first hand is called on at once.}
      - {id: partly, title: Partly met, descriptor: There is a pause after some questions.}
      - {id: met, title: Met, descriptor: There is a pause of three seconds or more after each open question.}
decision_rule:
  kind: every
standard_setting:
  method: sample
  rationale: Invented for a test.
"""

POLICY = """\
id: harbour
version: "1"
title: One assessor decides
programme: Harbour programme
languages: [en, vi, ar]
floors: {words_per_criterion: 5, words_overall: 20, feedback_on: below_passing}
attestations:
  - {id: no_affiliation, sentence: I have no affiliation with this educator.}
"""

_SUBMISSION_HEADS = (
    "submission key", "educator key", "name", "micro-credential", "attempt", "draft", "district", "language",
    "permission attested",
)  # fmt: skip
_ARTIFACT_HEADS = ("submission key", "part", "file or link", "label", "captions")
SUBMISSIONS = (
    ("VN-01", "E-1", VIETNAMESE, "talk-moves", "1", "no", "Harbour", "vi", "yes"),
    ("AR-02", "E-2", ARABIC, "talk-moves", "2", "no", "Harbour", "ar", "yes"),
)
ARTIFACTS = (
    ("VN-01", "overview", "tổng quan.md", "Tổng quan", ""),
    ("VN-01", "work", "lesson.mp4", "The lesson", "lesson.vtt"),
    ("VN-01", "work", "plan.docx", "Lesson plan", ""),
    ("VN-01", "work", "pupils.pdf", "Pupils' pages", ""),
    ("VN-01", "work", "board.jpg", "The board", ""),
    ("VN-01", "work", LINK, "A film that nobody captured", ""),
    ("VN-01", "reflection", "reflection.md", "Reflection", ""),
    ("AR-02", "overview", "نظرة عامة.md", "نظرة عامة", ""),
    ("AR-02", "work", "plan.docx", "Plan", ""),
)


def write_programme(folder: Path) -> tuple[Path, Path, Path]:
    """Rubric file, policy file and a folder of two submissions to import."""
    folder.mkdir(parents=True)
    rubric, policy = folder / "talk-moves.yaml", folder / "harbour.yaml"
    rubric.write_text(RUBRIC, encoding="utf-8")
    policy.write_text(POLICY, encoding="utf-8")
    return rubric, policy, write_submissions(folder / "incoming")


def write_submissions(folder: Path) -> Path:
    """A folder to import, with a file of every common kind."""
    for key in ("VN-01", "AR-02"):
        (folder / "files" / key).mkdir(parents=True)
    nhung, layla = folder / "files" / "VN-01", folder / "files" / "AR-02"
    (nhung / "tổng quan.md").write_text("# Tổng quan\n\nHọc sinh trao đổi ý kiến với nhau.\n", "utf-8")
    (nhung / "reflection.md").write_text("# Reflection\n\nI waited longer than I thought.\n", "utf-8")
    (nhung / "lesson.vtt").write_text(
        "WEBVTT\n\n00:01.000 --> 00:03.000\nWho can add to that?\n", encoding="utf-8"
    )
    (layla / "نظرة عامة.md").write_text("# نظرة عامة\n\nيتحدث التلاميذ مع بعضهم.\n", "utf-8")
    video(nhung / "lesson.mp4")
    word(nhung / "plan.docx", "Ask, wait, and hand the idea on to somebody else.")
    word(layla / "plan.docx", "خطة الدرس")
    pdf(nhung, 3).rename(nhung / "pupils.pdf")
    Image.effect_noise((640, 480), 60).convert("RGB").save(nhung / "board.jpg", quality=80)
    write_table(folder / "submissions.csv", _SUBMISSION_HEADS, SUBMISSIONS)
    write_table(folder / "artifacts.csv", _ARTIFACT_HEADS, ARTIFACTS)
    return folder


def write_table(path: Path, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """A CSV file as a spreadsheet writes it."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(heads)
        writer.writerows(rows)


def word(path: Path, words: str) -> None:
    """A Word document of a heading, a paragraph and a table."""
    document = docx.Document()
    document.add_heading("Lesson plan", 1)
    document.add_paragraph(words)
    document.add_table(2, 2).cell(0, 0).text = "Minute"
    document.save(str(path))


def video(path: Path, seconds: int = 12) -> None:
    """A small video with pictures that differ and a tone."""
    with av.open(str(path), "w") as container:
        pictures = container.add_stream("libx264", rate=10, options={"preset": "ultrafast"})
        pictures.width, pictures.height, pictures.pix_fmt = 160, 120, "yuv420p"
        for number in range(seconds * 10):
            frame = np.full((120, 160, 3), (number * 2) % 256, np.uint8)
            container.mux(pictures.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        container.mux(pictures.encode())


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on standard output; fails where there is anything else."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Terminal:
    """Somebody who types commands for one desk."""

    desk: Path
    passphrase_file: Path
    folder: Path
    environment: Mapping[str, str] | None = None

    def types(self, *words: str | Path) -> Said:
        """Run one command in a process of its own."""
        environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", **(self.environment or {})}
        done = subprocess.run(
            [*PROGRAM, *self._arguments(words)],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_PATIENCE_SECONDS,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def says(self, *words: str | Path) -> Said:
        """Run one command in this process: the same from the first word on, without the seconds of starting."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = run_command(self._arguments(words))
            except SystemExit as ended:
                code = int(ended.code or 0)
        return Said(code, out.getvalue(), err.getvalue())

    def does(self, *words: str | Path) -> Any:
        """`says` what must succeed without a complaint; its document."""
        return _done(words, self.says(*words))

    def runs(self, *words: str | Path) -> Any:
        """`types` what must succeed without a complaint; its document."""
        return _done(words, self.types(*words))

    def _arguments(self, words: Iterable[str | Path]) -> list[str]:
        common = ["--desk", self.desk, "--json"]
        if "hub" not in words:
            common += ["--passphrase-file", self.passphrase_file]
        return [str(word) for word in (*words, *common)]

    def at(self, desk: Path) -> Terminal:
        """The same person at another desk."""
        return replace(self, desk=desk)


def _done(words: tuple[str | Path, ...], said: Said) -> Any:
    assert (said.code, said.err) == (0, ""), f"{words}: {said}"
    return said.document


def terminal(folder: Path, desk: str = "desk") -> Terminal:
    """A terminal in `folder`, with a passphrase file."""
    passphrase_file, empty = folder / "passphrase.txt", folder / "cwd"
    passphrase_file.write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    empty.mkdir(exist_ok=True)
    return Terminal(folder / desk, passphrase_file, empty)


class Serving:
    """`assessor-desk hub serve` in a process of its own, on the same port whenever it is started again."""

    def __init__(self, hub: Path) -> None:
        self._hub = hub
        self._process: subprocess.Popen[str] | None = None
        self._port = 0
        self.url = ""

    @property
    def pid(self) -> int:
        """The hub's process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> Self:
        """Answer from now on."""
        command = [*PROGRAM, "hub", "--at", str(self._hub), "serve", "--port", str(self._port)]
        self._process = subprocess.Popen(
            [*command, "--while-open", "--json"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        assert self._process.stdout is not None
        self.url = _first_document(self._process.stdout)["url"]
        self._port = int(self.url.rpartition(":")[2])
        return self

    def stop(self) -> None:
        """Be gone, as a hub whose power was cut is."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _first_document(stream: IO[str]) -> dict[str, Any]:
    text = ""
    for line in stream:
        text += line
        if line.startswith("}"):
            break
    document: dict[str, Any] = json.loads(text)
    return document


def make_hub(person: Terminal, hub: Path, folder: Path) -> str:
    """Everything an issuer does before somebody can assess; gives the assessor's number."""
    rubric, policy, incoming = write_programme(folder)
    person.runs("hub", "--at", hub, "init", "--title", "Harbour hub", "--programme", "Harbour programme")
    person.does("hub", "--at", hub, "publish", rubric, policy)
    person.runs("hub", "--at", hub, "import", incoming)
    enrolled = person.does("hub", "--at", hub, "enrol", "--name", "Ana Bell", "--role", "assessor")
    person.does("hub", "--at", hub, "assign", "--all", "--to", enrolled["person"])
    return str(enrolled["person"])


def new_code(person: Terminal, hub: Path, number: str) -> str:
    """A further enrolment code for the person with that number."""
    return str(person.does("hub", "--at", hub, "enrol", "--number", number)["code"])
