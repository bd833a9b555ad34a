"""The record's own signature: PAdES B-B inside the PDF, by the key that signs the packet.

pyHanko by itself would break what typst made: its signature field has neither a name for screen readers nor a
tag (PDF/UA), and it rewrites the XMP metadata without the extension schema (PDF/A). So the field is made
first, tagged, and the metadata are left alone. That takes a private method of pyHanko, which is pinned for it.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from assessor_desk.keys.cms import pyhanko_signer, whole_second
from assessor_desk.keys.signing import Signer

if TYPE_CHECKING:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

FIELD = "Seal"
#: Bytes kept free for the signature, which takes about 1,300; the rest stays zero. A fixed size spares
#: pyHanko a trial signature to measure it.
RESERVED = 4096


def sign_record(pdf: bytes, signer: Signer, at: datetime, signer_title: str) -> bytes:
    """The PDF with a PAdES B-B signature over all of it; what was PDF/A-3a and PDF/UA-1 stays so."""
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
    from pyhanko.sign.signers.pdf_byterange import SignatureObject

    output = BytesIO(_with_signature_field(pdf, signer_title))
    embedding = PdfCMSEmbedder().write_cms(field_name=FIELD, writer=_faithful_writer(output))
    next(embedding)
    signature = SignatureObject(
        timestamp=whole_second(at),
        name=signer_title,
        subfilter=SigSeedSubFilter.PADES,
        bytes_reserved=2 * RESERVED,
    )
    embedding.send(SigObjSetup(sig_placeholder=signature))
    prepared, _ = embedding.send(SigIOSetup(md_algorithm="sha256", in_place=True))
    embedding.send(asyncio.run(_sign_digest(prepared.document_digest, signer)))
    return output.getvalue()


async def _sign_digest(digest: bytes, signer: Signer) -> Any:
    from pyhanko.sign.ades.api import CAdESSignedAttrSpec
    from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes

    # PAdES keeps the time in the dictionary (/M); a signing-time attribute beside it is forbidden.
    attributes = PdfCMSSignedAttributes(cades_signed_attrs=CAdESSignedAttrSpec())
    return await pyhanko_signer(signer.key, signer.certificate).async_sign(
        digest, "sha256", use_pades=True, signed_attr_settings=attributes
    )


def _faithful_writer(output: BytesIO) -> IncrementalPdfFileWriter:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    class FaithfulWriter(IncrementalPdfFileWriter):
        """Leaves the document's metadata as they are."""

        def _update_meta(self) -> None:
            """Nothing: rewriting the XMP would drop PDF/A's extension schema."""

    return FaithfulWriter(output)


def _with_signature_field(pdf: bytes, tooltip: str) -> bytes:
    """The PDF with an empty, invisible, tagged signature field on its last page."""
    import pikepdf
    from pikepdf import Array, Dictionary, Name, String

    with pikepdf.open(BytesIO(pdf)) as document:
        page = document.pages[-1]
        appearance = document.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 0, 0]))
        widget = document.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, FT=Name.Sig, T=String(FIELD), TU=String(tooltip),
                Rect=Array([0, 0, 0, 0]), F=132, P=page.obj, AP=Dictionary(N=appearance),
            )
        )  # fmt: skip
        page.Annots = Array([*page.get("/Annots", []), widget])
        page.Tabs = Name.S
        fields = Dictionary(Fields=Array([widget]), SigFlags=1)
        document.Root.AcroForm = document.make_indirect(fields)
        _tag(document, page, widget)
        written = BytesIO()
        document.save(written, deterministic_id=True)
    return written.getvalue()


def _tag(document: Any, page: Any, widget: Any) -> None:
    """Put the widget into the structure tree as a Form that refers to it (PDF/UA-1, 7.18.4)."""
    from pikepdf import Array, Dictionary, Name

    tree = document.Root.StructTreeRoot
    parent = tree.K[0] if isinstance(tree.K, Array) else tree.K
    reference = Dictionary(Type=Name.OBJR, Obj=widget, Pg=page.obj)
    form = document.make_indirect(
        Dictionary(Type=Name.StructElem, S=Name.Form, P=parent, Pg=page.obj, K=reference)
    )
    children = parent.get("/K", Array())
    parent.K = Array([*children, form]) if isinstance(children, Array) else Array([children, form])
    key = int(tree.get("/ParentTreeNextKey", 0)) or 1 + _greatest_key(tree.ParentTree)
    widget.StructParent = key
    _append_to_number_tree(tree.ParentTree, key, form)
    tree.ParentTreeNextKey = key + 1


def _greatest_key(tree: Any) -> int:
    if "/Kids" in tree:
        return max(_greatest_key(kid) for kid in tree.Kids)
    numbers = list(tree.get("/Nums", []))
    return max((int(number) for number in numbers[::2]), default=-1)


def _append_to_number_tree(tree: Any, key: int, value: Any) -> None:
    while "/Kids" in tree:
        if "/Limits" in tree:
            tree.Limits[1] = key
        tree = tree.Kids[-1]
    tree.Nums.append(key)
    tree.Nums.append(value)
    if "/Limits" in tree:
        tree.Limits[1] = key
