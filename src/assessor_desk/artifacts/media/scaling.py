"""Frames as the window paints them: upright, square pixels, BGRA, no larger than asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from av.filter import Graph
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter

from assessor_desk.artifacts.media.recording import Facts

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

TURNS = {90: (("transpose", "clock"),), 180: (("hflip", ""), ("vflip", "")), 270: (("transpose", "cclock"),)}
HIGH_DEFINITION = 720
UNSPECIFIED_COLOURS = 2


@dataclass(frozen=True, slots=True)
class Pixels:
    """A picture as bytes: rows of `stride` bytes, four to a pixel (blue, green, red, unused)."""

    width: int
    height: int
    stride: int
    data: memoryview


class Scaler:
    """Scales one recording's frames to a box, never up: that is the painter's work. For one thread, `fit` apart.

    Each frame's own scaler would make its tables anew, and start threads that cost more than they save.
    """

    def __init__(self, facts: Facts, largest_bytes: int) -> None:
        self._facts = facts
        self._largest = largest_bytes // 4 - 64 * 64
        self._box = (facts.width, facts.height)
        self._reformatter = VideoReformatter()
        self._graph: tuple[tuple[int, int], Graph] | None = None

    def fit(self, width: int, height: int) -> None:
        """Scale to fit this many pixels from now on."""
        self._box = (max(16, width), max(16, height))

    def pixels(self, frame: VideoFrame) -> Pixels:
        width, height = self.size()
        sideways = self._facts.rotation in (90, 270)
        scaled = self._reformatter.reformat(
            frame,
            width=height if sideways else width,
            height=width if sideways else height,
            format="bgra",
            interpolation=Interpolation.BILINEAR,
            src_colorspace=_colours(frame),
            threads=1,
        )
        if self._facts.rotation:
            scaled = self._turned(scaled)
        plane = scaled.planes[0]
        return Pixels(scaled.width, scaled.height, plane.line_size, memoryview(plane))

    def size(self) -> tuple[int, int]:
        """Width and height that fit the box, in even numbers."""
        shown_width, shown_height = self._facts.width, self._facts.height
        scale = min(self._box[0] / shown_width, self._box[1] / shown_height, 1.0)
        scale = min(scale, (self._largest / (shown_width * shown_height)) ** 0.5)
        return max(2, round(shown_width * scale) & ~1), max(2, round(shown_height * scale) & ~1)

    def _turned(self, frame: VideoFrame) -> VideoFrame:
        size = (frame.width, frame.height)
        if self._graph is None or self._graph[0] != size:
            self._graph = (size, self._turning(frame))
        graph = self._graph[1]
        graph.push(frame)
        return cast("VideoFrame", graph.pull())

    def _turning(self, frame: VideoFrame) -> Graph:
        graph = Graph()
        source = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
        )
        turns = [graph.add(name, setting) for name, setting in TURNS[self._facts.rotation]]
        graph.link_nodes(source, *turns, graph.add("buffersink")).configure()
        return graph


def _colours(frame: VideoFrame) -> int | None:
    """High definition is in BT.709 where it does not say (ITU-R BT.709-6); the scaler would take BT.601."""
    if frame.colorspace == UNSPECIFIED_COLOURS and frame.height >= HIGH_DEFINITION:
        return Colorspace.ITU709
    return None
