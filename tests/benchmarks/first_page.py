"""The first page of a 200-page PDF as an image, from the sealed file by a warm worker, against pypdfium2 alone."""

import contextlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pypdfium2
from harness import Measure, seconds

from assessor_desk.artifacts.documents import DocumentsClient, PdfHandle
from assessor_desk.artifacts.kinds import Kind
from assessor_desk.artifacts.vault import Vault

PAGES = 200
SCALE = 150 / 72


@contextlib.contextmanager
def measures(folder: Path) -> Iterator[list[Measure]]:
    """Open, render, forget: each turn begins with the file closed."""
    plain = folder / "plan.pdf"
    plain.write_bytes(long_pdf(folder))
    vault = Vault(folder / "vault")
    with plain.open("rb") as file:
        sealed = vault.write(file, plain.stat().st_size)
    with DocumentsClient() as client:
        client.start()

        def bare() -> None:
            document = pypdfium2.PdfDocument(plain)
            document[0].render(scale=SCALE).to_numpy().tobytes()
            document.close()

        def ours() -> None:
            handle = client.open(vault.path(sealed.digest), sealed.key, "plan.pdf", Kind.PDF)
            assert isinstance(handle, PdfHandle)
            assert handle.page_count == PAGES
            handle.render(0, SCALE)
            handle.close()

        yield [
            Measure(
                "first page of a 200-page PDF / pypdfium2",
                lambda: seconds(bare),
                lambda: seconds(ours),
                1.3,
                40,
            )
        ]


def long_pdf(folder: Path) -> bytes:
    """Two hundred pages of text, tables and a picture here and there, set by typst."""
    import typst

    (folder / "plan.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 200"><rect width="400" height="200" fill="#dde"/>'
        '<circle cx="200" cy="100" r="80" fill="#779"/></svg>',
        encoding="utf-8",
    )
    source = BytesIO(
        f"""
        #set page(paper: "us-letter")
        #for number in range({PAGES}) [
          = Lesson #number
          #lorem(260)
          #table(columns: 4, ..range(24).map(cell => [#cell: #lorem(3)]))
          #if calc.rem(number, 4) == 0 {{ image("plan.svg", width: 60%) }}
          #pagebreak(weak: true)
        ]
        """.encode()
    )
    path = folder / "plan.typ"
    path.write_bytes(source.getvalue())
    return typst.compile(path)
