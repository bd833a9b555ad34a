"""A packet complete on disk, against its bare parts in sequence: typst, python-docx, pyHanko twice.

The parts make the same two documents; what ours adds is the data files, the tagged signature field, the digests and
the archive.
"""

import asyncio
import contextlib
import itertools
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from harness import Measure, seconds
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter

from assessor_desk.keys.cms import pyhanko_signer
from assessor_desk.packets.record import record_content
from assessor_desk.packets.sealing import build_packet
from assessor_desk.reports.docx import record_docx
from assessor_desk.reports.pdf import record_pdf
from assessor_desk.rubric_files import look_of

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "packets"))

from building import Laboratory, packet_facts


@contextlib.contextmanager
def measures(folder: Path) -> Iterator[list[Measure]]:
    """The packet of a finished review of five criteria."""
    laboratory = Laboratory(folder / "laboratory")
    look = look_of("Lakeside Regional Programme (sample)")
    facts = packet_facts(laboratory.attested(), look=look)
    content = record_content(facts)
    signer = pyhanko_signer(laboratory.signer.key, laboratory.signer.certificate)
    folders = (folder / f"packets-{number}" for number in itertools.count())

    def bare() -> None:
        signed_pdf(record_pdf(content), signer)
        record_docx(content)
        asyncio.run(signer.async_sign_general_data(b"digest  name\n" * 12, "sha256", use_cades=True)).dump()

    def ours() -> None:
        into = next(folders)
        into.mkdir()
        assert build_packet(facts, laboratory.signer, into).path.is_file()

    yield [Measure("packet on disk / its bare parts", lambda: seconds(bare), lambda: seconds(ours), 1.1, 15)]


def signed_pdf(pdf: bytes, signer: signers.SimpleSigner) -> bytes:
    """The PDF signed as pyHanko does it by itself."""
    about = signers.PdfSignatureMetadata(
        field_name="Seal", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES
    )
    return signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), about, signer=signer).getvalue()
