"""Shows a picture: photographed student work, a scan, a poster."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from assessor_desk.domain.anchor import Selector, Whole
from assessor_desk.gui import theme
from assessor_desk.gui.viewers import look
from assessor_desk.gui.viewers.handles import ImageHandle
from assessor_desk.gui.viewers.image_canvas import ImageCanvas
from assessor_desk.gui.viewers.renders import Renders
from assessor_desk.gui.viewers.surface_viewer import Surface, SurfaceViewer
from assessor_desk.gui.viewers.tones import Tones
from assessor_desk.gui.viewers.viewer import Evidence, Tasks

_BUDGET = 160 * 1024 * 1024
_ROOM_FOR_HINT = 700


class ImageViewer(SurfaceViewer):
    """Dragging on the picture frames a part of it; A cites that part, or the whole picture."""

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(tasks, parent)
        self._frame = 0
        renders = Renders(self.in_background, _BUDGET, self)
        renders.failed.connect(lambda _page, error: self._tell(error))
        self._canvas = ImageCanvas(renders, self)
        self._build()
        theme.changed.connect(self._canvas.viewport().update)

    # The interface of viewers

    def show_artifact(self, evidence: Evidence) -> None:
        self._canvas.setAccessibleName(f"Picture {evidence.artifact.name}")
        self.open_in_background(evidence, self._on_opened)

    @property
    def surface(self) -> Surface:
        return self._canvas

    def reveal_now(self, selector: Selector) -> None:
        self._canvas.reveal(selector)

    def current_selector(self) -> Selector | None:
        if self._handle is None:
            return None
        return self._canvas.selector_at_hand() or Whole()

    def clear(self) -> None:
        super().clear()
        self._canvas.clear()
        self._set_neutral()
        self._tones.hide()
        self._tones_button.setChecked(False)
        self._controls.setEnabled(False)

    # Inside

    def _on_opened(self, handle: ImageHandle) -> None:
        self._controls.setEnabled(True)
        width, height = handle.size
        self._frame = 0
        self._scans.setVisible(handle.frame_count > 1)
        self._canvas.setAccessibleDescription(f"{width} by {height} pixels")
        self._canvas.open(handle)
        self._show_frame(0)
        self.show_what_waited()

    def _show_frame(self, step: int) -> None:
        if self._handle is not None:
            count = self._handle.frame_count
            self._frame = max(0, min(self._frame + step, count - 1))
            self._scan_number.setText(f"{self._frame + 1} of {count}")
            self._canvas.show_frame(self._frame)

    def _build(self) -> None:
        self._controls, row = look.tool_row(self)
        self._scans, scans = look.tool_row(self._controls)
        scans.setContentsMargins(0, 0, 0, 0)
        self._scan_number = look.quiet_label(self._scans)
        scans.addWidget(
            look.tool_button(
                self._scans, "chevron-left", "Previous scan", "previous_scan", lambda: self._show_frame(-1)
            )
        )
        scans.addWidget(self._scan_number)
        scans.addWidget(
            look.tool_button(
                self._scans, "chevron-right", "Next scan", "next_scan", lambda: self._show_frame(1)
            )
        )
        self._scans.hide()
        row.addWidget(self._scans)
        self._hint = look.quiet_label(self, "Drag on the picture to frame a part of it")
        row.addWidget(self._hint)
        row.addStretch(1)
        self._build_zoom(row)
        row.addWidget(look.divider(self))
        self._tones_button = look.toggle_button(
            self, "adjust", "Lightness and contrast", "tones", lambda on: self._tones.setVisible(on)
        )
        row.addWidget(self._tones_button)
        row.addWidget(
            look.tool_button(self, "box", "Frame a part with the arrow keys", "box", self._canvas.begin_box)
        )
        self._tones = self._tone_sliders()
        self._tones.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._controls)
        column.addWidget(self._tones)
        column.addWidget(self._canvas, 1)
        self.setFocusProxy(self._canvas)
        self._canvas.zoom_changed.connect(self._on_zoom_changed)
        self._canvas.selector_drawn.connect(self.selector_offered)
        self._canvas.mark_clicked.connect(self.anchor_activated)
        self.set_keys()

    def _build_zoom(self, row: QHBoxLayout) -> None:
        canvas = self._canvas
        row.addWidget(look.tool_button(self, "zoom-out", "Smaller", "zoom_out", lambda: canvas.zoom_by(-1)))
        self._percent = look.quiet_label(self)
        self._percent.setFixedWidth(48)
        self._percent.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._percent.setAccessibleName("Zoom")
        look.tabular(self._percent)
        row.addWidget(self._percent)
        row.addWidget(look.tool_button(self, "zoom-in", "Larger", "zoom_in", lambda: canvas.zoom_by(1)))
        self._fit_button = look.tool_button(self, "", "Fit into the view", "fit", canvas.fit, "Fit")
        self._fit_button.setCheckable(True)
        row.addWidget(self._fit_button)
        row.addWidget(
            look.tool_button(
                self, "", "As many pixels as it has", "own_size", lambda: canvas.set_zoom(1.0), "1:1"
            )
        )
        row.addWidget(
            look.tool_button(self, "rotate", "Turn by a quarter", "turn", lambda: canvas.rotate(90))
        )

    def _tone_sliders(self) -> QWidget:
        inside, row = look.tool_row(self)
        self._lightness, self._contrast = (self._slider(inside, name) for name in ("Lightness", "Contrast"))
        for name, slider in (("Lightness", self._lightness), ("Contrast", self._contrast)):
            row.addWidget(look.quiet_label(inside, name))
            row.addSpacing(6)
            row.addWidget(slider, 1)
            row.addSpacing(16)
        row.addWidget(look.tool_button(inside, "undo", "As it was", "", self._set_neutral, "As it was"))
        return inside

    def _slider(self, parent: QWidget, name: str) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal, parent)
        slider.setRange(-100, 100)
        slider.setPageStep(10)
        slider.setMaximumWidth(220)
        slider.setAccessibleName(name)
        slider.setToolTip(f"{name}; the evidence itself is not changed")
        slider.valueChanged.connect(lambda _: self._on_tones())
        return slider

    def _on_tones(self) -> None:
        self._canvas.set_tones(Tones(self._lightness.value(), self._contrast.value()))

    def _set_neutral(self) -> None:
        self._lightness.setValue(0)
        self._contrast.setValue(0)

    def _on_zoom_changed(self) -> None:
        self._percent.setText(f"{round(100 * self._canvas.zoom)} %")
        self._fit_button.setChecked(self._canvas.fits)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the hint goes before the controls do."""
        super().resizeEvent(event)
        self._show_hint()

    def allow_moving(self, allowed: bool) -> None:
        super().allow_moving(allowed)
        self._show_hint()

    def _show_hint(self) -> None:
        """Only to whoever can do what it says, and where there is room."""
        self._hint.setVisible(self.moving_allowed and self.width() >= _ROOM_FOR_HINT)

    @property
    def stage(self) -> QWidget:
        """Where the evidence itself is."""
        return self._canvas

    def acts(self) -> Mapping[str, Callable[[], object]]:
        """What can be done with a picture."""
        canvas = self._canvas
        return {
            "zoom_in": lambda: canvas.zoom_by(1),
            "zoom_out": lambda: canvas.zoom_by(-1),
            "fit": canvas.fit,
            "own_size": lambda: canvas.set_zoom(1.0),
            "turn": lambda: canvas.rotate(90),
            "tones": self._tones_button.toggle,
            "box": canvas.begin_box,
            "previous_scan": lambda: self._show_frame(-1),
            "next_scan": lambda: self._show_frame(1),
        }
