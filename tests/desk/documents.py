"""PDF and Word documents as a submission's evidence, in the vault where a round would have put them."""

import io
from collections.abc import Mapping
from dataclasses import replace

import docx
from reportlab.pdfgen import canvas

from assessor_desk.artifacts.vault import Vault
from assessor_desk.desk import Desk
from assessor_desk.domain.changes import Blob, SourceChanges
from assessor_desk.domain.submission import Artifact, Part

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def word_document(text: str) -> bytes:
    document = docx.Document()
    document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def pdf_document(*pages: str) -> bytes:
    out = io.BytesIO()
    sheet = canvas.Canvas(out)
    for text in pages:
        sheet.drawString(72, 700, text)
        sheet.showPage()
    sheet.save()
    return out.getvalue()


def give_documents(desk: Desk, submission_id: str, documents: Mapping[str, bytes]) -> None:
    """These documents are the submission's evidence beside its plan, and here."""
    with desk.store.reading() as view:
        submission = view.submission(submission_id)
    assert submission is not None
    plan = next(one for one in submission.artifacts if one.id == "plan")
    more = [
        Artifact(name, Part.WORK, name, "", _WORD if name.endswith("docx") else "application/pdf", 9, f"{number}d" * 32)
        for number, name in enumerate(documents)
    ]  # fmt: skip
    vault = Vault(desk.folder / "vault")
    sealed = {name: vault.write(io.BytesIO(content), len(content)) for name, content in documents.items()}
    blobs = tuple(Blob(submission.id, name, one.digest, one.length, one.key) for name, one in sealed.items())
    changed = replace(submission, artifacts=(plan, *more))
    desk.store.accept(SourceChanges("c7", submissions=(changed,), blobs=blobs))
    for name in documents:
        desk.store.artifact_arrived(submission.id, name)
