"""An anchor lands on the same words and pixels: made at 100 % in light, seen at 200 % in dark, reopened, and cited.

What is anchored is the one thing of its colour, so that where a mark lies can be held against the pixels themselves.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import typst
from PIL import Image
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from assessor_desk.artifacts.citing import Cited, cite_document
from assessor_desk.artifacts.documents import DocumentsClient
from assessor_desk.domain.anchor import Selector, TextQuote, from_json, to_json
from assessor_desk.gui import theme
from assessor_desk.gui.viewers.image import ImageViewer
from assessor_desk.gui.viewers.page_layout import share_of_rect
from assessor_desk.gui.viewers.pdf import PdfViewer
from assessor_desk.gui.viewers.pdf_canvas import PdfCanvas
from assessor_desk.gui.viewers.viewer import Mark

Left = Qt.MouseButton.LeftButton
PAGES = """
#set page(width: 400pt, height: 300pt, margin: 30pt)
#lorem(4) #text(fill: rgb("#d01010"))[anchored words] #lorem(20)
#place(dx: 40pt, dy: 60pt, rect(width: 120pt, height: 40pt, fill: rgb("#10a010"), stroke: none))
#pagebreak()
#set page(flipped: true)
Another page.
"""


@pytest.fixture
def in_light(qtbot: QtBot) -> Iterator[None]:
    theme.apply(theme.Appearance("light"))
    yield
    theme.apply(theme.Appearance("light"))


def pages(turned: int = 0) -> bytes:
    """Red words and a green patch; `turned` as a page of a scanner is, by its own entry."""
    import pikepdf

    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(typst.compile(PAGES.encode()))) as pdf:
        pdf.pages[0].rotate(turned, relative=False)
        pdf.save(target)
    return target.getvalue()


def photograph(orientation: int) -> bytes:
    """A green patch in the upright picture's upper left, however the camera was held (Exif 2.3, 4.6.4 A)."""
    upright = Image.new("RGB", (600, 400), "white")
    upright.paste((16, 160, 16), (120, 80, 240, 160))
    stored = {
        1: None,
        3: Image.Transpose.ROTATE_180,
        6: Image.Transpose.ROTATE_90,
        8: Image.Transpose.ROTATE_270,
    }
    turn = stored[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    target = io.BytesIO()
    (upright.transpose(turn) if turn is not None else upright).save(target, "JPEG", quality=95, exif=exif)
    return target.getvalue()


def coloured(image: QImage, of: str) -> QRectF:
    """What encloses the red or the green pixels, in logical pixels."""
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.bytesPerLine() // 4, 4)
    blue, green, red = (rows[:, : plain.width(), place].astype(int) for place in range(3))
    one, others = (red, (green, blue)) if of == "red" else (green, (red, blue))
    down, across = np.nonzero((one > 120) & (others[0] < 100) & (others[1] < 100))
    ratio = image.devicePixelRatio()
    left, top, right, bottom = (
        int(side) / ratio for side in (across.min(), down.min(), across.max() + 1, down.max() + 1)
    )
    return QRectF(QPointF(left, top), QPointF(right, bottom))


def drag(view: Any, start: QPointF, end: QPointF, alt: bool = False) -> None:
    key = Qt.KeyboardModifier.AltModifier if alt else Qt.KeyboardModifier.NoModifier
    QTest.mousePress(view, Left, key, start.toPoint())
    QTest.mouseMove(view, end.toPoint())
    QTest.mouseRelease(view, Left, key, end.toPoint())


def offered(viewer: Any, qtbot: QtBot) -> Selector:
    """The selector as it comes back from the review's entries."""
    with qtbot.waitSignal(viewer.selector_offered) as signal:
        viewer.offer_current_selector()
    return from_json(to_json(signal.args[0]))


def settled(viewer: Any, qtbot: QtBot) -> None:
    canvas = viewer._canvas
    qtbot.waitUntil(lambda: canvas._renders.idle, timeout=10_000)
    if isinstance(canvas, PdfCanvas):
        qtbot.waitUntil(lambda: canvas.texts.get(0) is not None and canvas._parts.idle, timeout=10_000)


def is_on(placed: QRectF, pixels: QRectF, by: float) -> None:
    sides = ("left", "top", "right", "bottom")
    assert [getattr(placed, side)() for side in sides] == pytest.approx(
        [getattr(pixels, side)() for side in sides], abs=by
    )


def seen_later(
    showing: Callable[..., Any], kind: type[Any], name: str, data: bytes, mark: Mark, turn: int, qtbot: QtBot
) -> Any:
    """Opened anew, in dark, at 200 %, turned for the eye."""
    theme.apply(theme.Appearance("dark"))
    viewer = showing(kind, name, data)
    viewer.resize(1000, 900)
    viewer.show_marks([mark])
    viewer._canvas.rotate(turn)
    viewer._canvas.set_zoom(2.0)
    viewer.reveal(mark.anchor.selector)
    settled(viewer, qtbot)
    viewer.set_marks_visible(False)
    viewer._canvas._revealed = () if isinstance(viewer._canvas, PdfCanvas) else None
    return viewer


def cited_pixels(cited: Cited, of: str) -> tuple[QRectF, QRectF]:
    """Where the mark is drawn on the picture for the packet, and where the colour is there."""
    raster = cited.picture
    assert raster is not None
    image = QImage(raster.data, raster.width, raster.height, raster.stride, QImage.Format.Format_RGB32)
    marked, across, down = QRectF(), raster.width / 100, raster.height / 100
    for box in cited.boxes:
        marked = marked.united(QRectF(box.x * across, box.y * down, box.width * across, box.height * down))
    return marked, coloured(image, of)


@pytest.mark.usefixtures("in_light")
@pytest.mark.parametrize(("own_turn", "turn"), [(0, 0), (90, 0), (0, 90), (270, 180)])
def test_words_highlighted_in_a_pdf(
    showing: Callable[..., Any], mark: Callable[..., Mark], client: DocumentsClient, tmp_path: Any,
    qtbot: QtBot, own_turn: int, turn: int,
) -> None:  # fmt: skip
    data = pages(own_turn)
    first = showing(PdfViewer, "plan.pdf", data)
    first._canvas.set_zoom(1.0)
    settled(first, qtbot)
    text = first._canvas.texts.get(0)
    start = text.text.index("anchored words")
    first._canvas.bring_into_sight(0, share_of_rect(text.lines(start, start + 14)[0]))
    begin, end = text.lines(start, start + 1)[0], text.lines(start + 13, start + 14)[0]
    drag(
        first._canvas.viewport(),
        first._canvas.pixels(share_of_rect(begin), 0).center(),
        first._canvas.pixels(share_of_rect(end), 0).center(),
    )
    selector = offered(first, qtbot)
    assert isinstance(selector, TextQuote)
    assert selector.exact == "anchored words"
    later = seen_later(showing, PdfViewer, "plan.pdf", data, mark(selector), turn, qtbot)
    pixels = coloured(later._canvas.viewport().grab().toImage(), "red")
    later.set_marks_visible(True)
    (placed,) = later._canvas.placed_marks()
    marked = QRectF()
    for line in placed.lines:
        marked = marked.united(line)
    assert marked.adjusted(-2, -2, 2, 2).contains(pixels)
    assert marked.width() * marked.height() < 3.2 * pixels.width() * pixels.height()
    (tmp_path / "plan.pdf").write_bytes(data)
    handle = client.open(tmp_path / "plan.pdf", b"", "plan.pdf")
    in_packet, ink = cited_pixels(cite_document(handle, selector), "red")
    assert in_packet.adjusted(-3, -3, 3, 3).contains(ink)
    handle.close()


@pytest.mark.usefixtures("in_light")
@pytest.mark.parametrize(
    ("own_turn", "turn", "by_keys"), [(0, 0, False), (90, 90, False), (180, 270, False), (0, 0, True)]
)
def test_a_box_drawn_on_a_pdf(
    showing: Callable[..., Any], mark: Callable[..., Mark], client: DocumentsClient, tmp_path: Any,
    qtbot: QtBot, own_turn: int, turn: int, by_keys: bool,
) -> None:  # fmt: skip
    data = pages(own_turn)
    first = showing(PdfViewer, "plan.pdf", data)
    first._canvas.set_zoom(1.0)
    first._canvas.rotate(turn)
    settled(first, qtbot)
    patch = coloured(first._canvas.viewport().grab().toImage(), "green")
    if by_keys:
        first._box_button.setChecked(True)
        QTest.keyClick(first._canvas, Qt.Key.Key_Right)
        steer(first._canvas, patch)
    else:
        drag(first._canvas.viewport(), patch.topLeft(), patch.bottomRight(), alt=True)
    selector = offered(first, qtbot)
    later = seen_later(showing, PdfViewer, "plan.pdf", data, mark(selector), turn, qtbot)
    pixels = coloured(later._canvas.viewport().grab().toImage(), "green")
    later.set_marks_visible(True)
    (placed,) = later._canvas.placed_marks()
    is_on(placed.box, pixels, by=14 if by_keys else 5)
    (tmp_path / "plan.pdf").write_bytes(data)
    handle = client.open(tmp_path / "plan.pdf", b"", "plan.pdf")
    in_packet, ink = cited_pixels(cite_document(handle, selector), "green")
    is_on(in_packet, ink, by=18 if by_keys else 8)
    handle.close()


def steer(canvas: Any, patch: QRectF) -> None:
    """Move and size the box with arrows alone until it lies on the patch as well as steps of a hundredth allow."""
    shift, plain = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier
    for modifier, edges in ((plain, ("left", "top")), (shift, ("right", "bottom"))):
        for edge, forth, back in zip(edges, ("Key_Right", "Key_Down"), ("Key_Left", "Key_Up"), strict=True):
            for _ in range(80):
                band = canvas._pointer.band
                off = getattr(patch, edge)() - getattr(canvas.pixels(band.share, band.page), edge)()
                if abs(off) < 4:
                    break
                QTest.keyClick(canvas, getattr(Qt.Key, forth if off > 0 else back), modifier)


@pytest.mark.usefixtures("in_light")
@pytest.mark.parametrize(("orientation", "turn"), [(1, 0), (6, 0), (8, 90), (3, 270)])
def test_a_part_framed_on_a_photograph_however_the_camera_was_held(
    showing: Callable[..., Any], mark: Callable[..., Mark], client: DocumentsClient, tmp_path: Any,
    qtbot: QtBot, orientation: int, turn: int,
) -> None:  # fmt: skip
    data = photograph(orientation)
    first = showing(ImageViewer, "board.jpg", data)
    first._canvas.set_zoom(1.0)
    first._canvas.rotate(turn)
    settled(first, qtbot)
    patch = coloured(first._canvas.viewport().grab().toImage(), "green")
    drag(first._canvas.viewport(), patch.topLeft(), patch.bottomRight())
    selector = offered(first, qtbot)
    first.clear()
    later = seen_later(showing, ImageViewer, "board.jpg", data, mark(selector), turn, qtbot)
    pixels = coloured(later._canvas.viewport().grab().toImage(), "green")
    later.set_marks_visible(True)
    (placed,) = later._canvas.placed_marks()
    is_on(placed.box, pixels, by=4)
    (tmp_path / "board.jpg").write_bytes(data)
    handle = client.open(tmp_path / "board.jpg", b"", "board.jpg")
    in_packet, ink = cited_pixels(cite_document(handle, selector), "green")
    is_on(in_packet, ink, by=4)
    handle.close()
