"""Shows a picture: photographed student work, a scan, a poster, a drawing; and beside it the others handed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from assessor_desk.domain.anchor import PageRegion, Selector, Whole
from assessor_desk.domain.errors import DeskError
from assessor_desk.gui import theme
from assessor_desk.gui.viewers import look
from assessor_desk.gui.viewers.film_strip import FilmStrip, Photograph
from assessor_desk.gui.viewers.handles import ImageHandle
from assessor_desk.gui.viewers.image_canvas import ImageCanvas
from assessor_desk.gui.viewers.renders import Renders
from assessor_desk.gui.viewers.surface_viewer import Surface, SurfaceViewer
from assessor_desk.gui.viewers.tones import NEUTRAL, Tones
from assessor_desk.gui.viewers.viewer import Evidence, Tasks, content_of

_BUDGET = 96 * 1024 * 1024
_ROOM_FOR_HINT = 860
_ROOM_FOR_STRIP = 360
_ROOM_FOR_WORDS = 460
"""Narrower than this, what has a sign is known by its sign."""
_TONE_STEP = 10


@dataclass(frozen=True)
class _Looked:
    """How a picture was looked at last; the evidence itself is not changed."""

    tones: Tones = NEUTRAL
    rotation: int = 0
    frame: int = 0


class ImageViewer(SurfaceViewer):
    """Dragging on the picture frames a part of it; A cites that part, or the whole picture.

    Tones, turn and frame of each picture are remembered until the program ends.
    """

    shows_sets = True

    def __init__(self, tasks: Tasks, parent: QWidget | None = None) -> None:
        super().__init__(tasks, parent)
        self.artifact_id = ""
        self._content = ""
        self._looked: dict[str, _Looked] = {}
        renders = Renders(self.in_background, _BUDGET, self)
        renders.failed.connect(self._on_failed)
        self._canvas = ImageCanvas(renders, self)
        self._strip = FilmStrip(tasks, self)
        self._strip_wanted: bool | None = None
        self._build()
        theme.changed.connect(self._on_theme_changed)

    # The interface of viewers

    def show_artifact(self, evidence: Evidence) -> None:
        self.open_in_background(evidence, self._on_opened)
        self.artifact_id, self._content = evidence.artifact.id, content_of(evidence.artifact)
        self._canvas.setAccessibleName(f"Picture {evidence.artifact.name}")
        self._strip.show_current(self.artifact_id)

    def show_set(self, photographs: Sequence[Photograph], current_id: str) -> None:
        """The pictures that were handed in together; a strip of them is shown where there are several."""
        several = len(photographs) > 1
        self._strip.show_set(photographs if several else (), current_id)
        self._strip_button.setVisible(several)
        self._show_strip()

    @property
    def surface(self) -> Surface:
        return self._canvas

    def reveal_now(self, selector: Selector) -> None:
        self._canvas.reveal(selector)

    def current_selector(self) -> Selector | None:
        if self._handle is None:
            return None
        if (drawn := self._canvas.selector_at_hand()) is not None:
            return drawn
        return Whole() if self._handle.frame_count == 1 else PageRegion(self._canvas.frame + 1)

    def selected(self) -> Selector | None:
        return self._canvas.selector_at_hand()

    def clear(self) -> None:
        if self._handle is not None:
            canvas = self._canvas
            self._looked[self._content] = _Looked(canvas.tones, canvas.rotation, canvas.frame)
        super().clear()
        self._canvas.clear()
        self.artifact_id = self._content = ""
        self._scans.hide()
        self._controls.setEnabled(False)

    # Inside

    def _on_opened(self, handle: ImageHandle) -> None:
        looked = self._looked.get(self._content, _Looked())
        self._controls.setEnabled(True)
        width, height = handle.size
        self._scans.setVisible(handle.frame_count > 1)
        self._play_button.setVisible(handle.animated)
        self._canvas.setAccessibleDescription(f"{width} by {height} pixels")
        self._canvas.open(handle, looked.tones, looked.rotation)
        self._show_tones(looked.tones)
        self._canvas.show_frame(min(looked.frame, handle.frame_count - 1))
        self.show_what_waited()

    def _on_failed(self, _frame: int, error: DeskError) -> None:
        """A picture that opens and then breaks off is as one that does not open."""
        self._say_why_not(error)

    def _step_frame(self, step: int) -> None:
        """The next frame or scan, round the end only where the picture moves."""
        if self._handle is None:
            return
        count, frame = self._handle.frame_count, self._canvas.frame + step
        self._canvas.show_frame(frame % count if self._handle.animated else max(0, min(frame, count - 1)))
        self._play_button.setChecked(False)

    def _on_frame_changed(self, frame: int) -> None:
        if self._handle is not None:
            self._scan_number.setText(f"{frame + 1} of {self._handle.frame_count}")

    def _on_play(self, on: bool) -> None:
        if on:
            self._canvas.play()
        else:
            self._canvas.stop()

    def _step_picture(self, step: int) -> None:
        """Another picture of the set."""
        place = self._strip.place_of(self.artifact_id)
        if place is not None and 0 <= place + step < len(self._strip.photographs):
            self.artifact_wanted.emit(self._strip.photographs[place + step].artifact_id)

    def _build(self) -> None:
        self._controls, row = look.tool_row(self)
        self._scans, scans = look.tool_row(self._controls)
        scans.setContentsMargins(0, 0, 0, 0)
        self._scan_number = look.quiet_label(self._scans)
        scans.addWidget(
            look.tool_button(
                self._scans,
                "chevron-left",
                "Previous scan or frame",
                "previous_scan",
                lambda: self._step_frame(-1),
            )
        )
        scans.addWidget(self._scan_number)
        scans.addWidget(
            look.tool_button(
                self._scans, "chevron-right", "Next scan or frame", "next_scan", lambda: self._step_frame(1)
            )
        )
        self._play_button = look.toggle_button(
            self._scans, "play", "Play the moving picture", "play_frames", self._on_play
        )
        scans.addWidget(self._play_button)
        self._scans.hide()
        self._strip_button = look.toggle_button(
            self, "thumbnails", "All pictures of this submission", "sidebar", self._want_strip
        )
        self._strip_button.hide()
        row.addWidget(self._strip_button)
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
        self._pencil_button = look.toggle_button(
            self, "contrast", "Bring out pencil", "enhance", lambda _: self._on_tones(), "Pencil"
        )
        row.addWidget(self._pencil_button)
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
        column.addWidget(self._strip)
        self._strip.hide()
        self.setFocusProxy(self._canvas)
        self._canvas.zoom_changed.connect(self._on_zoom_changed)
        self._canvas.selector_drawn.connect(self.selector_offered)
        self._canvas.mark_clicked.connect(self.anchor_activated)
        self._canvas.boxes.moved.connect(self.anchor_moved)
        self._canvas.boxes.removed.connect(self.anchor_removed)
        self._canvas.frame_changed.connect(self._on_frame_changed)
        self._strip.chosen.connect(self.artifact_wanted)
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
        self._own_size_button = look.tool_button(
            self, "", "As many pixels as it has", "own_size", lambda: canvas.set_zoom(1.0), "1:1"
        )
        row.addWidget(self._own_size_button)
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
        row.addWidget(
            look.tool_button(inside, "undo", "As it was", "as_it_was", self._set_neutral, "As it was")
        )
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
        pencil = self._pencil_button.isChecked()
        self._canvas.set_tones(Tones(self._lightness.value(), self._contrast.value(), pencil))

    def _show_tones(self, tones: Tones) -> None:
        """Put the controls where these tones are."""
        controls = (self._lightness, self._contrast, self._pencil_button)
        for control in controls:
            control.blockSignals(True)
        self._lightness.setValue(tones.lightness)
        self._contrast.setValue(tones.contrast)
        self._pencil_button.setChecked(tones.pencil)
        for control in controls:
            control.blockSignals(False)
        self._tones_button.setChecked(not tones.plain)

    def _set_tones(self, tones: Tones) -> None:
        shown = self._tones_button.isChecked()
        self._show_tones(tones)
        self._tones_button.setChecked(shown or not tones.plain)
        self._canvas.set_tones(tones)

    def _set_neutral(self) -> None:
        self._set_tones(NEUTRAL)

    def _lighten(self, steps: int) -> None:
        tones = self._canvas.tones
        self._set_tones(replace(tones, lightness=_within(tones.lightness + steps * _TONE_STEP)))

    def _harden(self, steps: int) -> None:
        tones = self._canvas.tones
        self._set_tones(replace(tones, contrast=_within(tones.contrast + steps * _TONE_STEP)))

    def _on_theme_changed(self) -> None:
        self._canvas.viewport().update()
        self._strip.viewport().update()

    def _on_zoom_changed(self) -> None:
        self._percent.setText(f"{round(100 * self._canvas.zoom)} %")
        self._fit_button.setChecked(self._canvas.fits)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the hint goes before the controls do, and the strip before the picture."""
        super().resizeEvent(event)
        self._show_hint()
        self._show_strip()
        self._show_words()

    def _show_words(self) -> None:
        roomy, styles = self.width() >= _ROOM_FOR_WORDS, Qt.ToolButtonStyle
        words = self._pencil_button.text()
        self._pencil_button.setToolButtonStyle(
            styles.ToolButtonTextBesideIcon if roomy else styles.ToolButtonIconOnly
        )
        wide = self._pencil_button.fontMetrics().horizontalAdvance(words) + 44
        self._pencil_button.setMinimumWidth(wide if roomy else look.CONTROL)
        self._own_size_button.setVisible(roomy)

    def _want_strip(self, wanted: bool) -> None:
        self._strip_wanted = wanted
        self._show_strip()

    def _show_strip(self) -> None:
        """Until somebody says otherwise it stands where it leaves the picture most of the room."""
        shown = self.height() >= _ROOM_FOR_STRIP if self._strip_wanted is None else self._strip_wanted
        self._strip_button.blockSignals(True)
        self._strip_button.setChecked(shown)
        self._strip_button.blockSignals(False)
        self._strip.setVisible(shown and len(self._strip.photographs) > 1)

    def allow_moving(self, allowed: bool) -> None:
        super().allow_moving(allowed)
        self._canvas.boxes.allow(allowed)
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
            "hold_mark": canvas.boxes.hold,
            "lighter": lambda: self._lighten(1),
            "darker": lambda: self._lighten(-1),
            "more_contrast": lambda: self._harden(1),
            "less_contrast": lambda: self._harden(-1),
            "enhance": self._pencil_button.toggle,
            "as_it_was": self._set_neutral,
            "previous_scan": lambda: self._step_frame(-1),
            "next_scan": lambda: self._step_frame(1),
            "play_frames": self._play_button.toggle,
            "sidebar": self._strip_button.toggle,
            "previous_picture": lambda: self._step_picture(-1),
            "next_picture": lambda: self._step_picture(1),
        }


def _within(tone: int) -> int:
    return max(-100, min(tone, 100))
