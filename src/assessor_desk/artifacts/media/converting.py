"""Frames as an encoder wants them: upright, square pixels, one size, eight bits; and their colours told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from av.filter import Graph

from assessor_desk.artifacts.media.scaling import HIGH_DEFINITION, TURNS, UNSPECIFIED_COLOURS

if TYPE_CHECKING:
    from av.video.frame import VideoFrame

_BT709, _SMPTE170M = 1, 6


@dataclass(frozen=True, slots=True)
class Colours:
    """Matrix, primaries and transfer, as ITU-T H.273 numbers them."""

    matrix: int
    primaries: int
    transfer: int

    def tell(self, context: Any) -> None:
        """Write them into a codec's settings, so that a smaller copy is not taken for standard definition."""
        context.colorspace, context.color_primaries, context.color_trc = (
            self.matrix,
            self.primaries,
            self.transfer,
        )


def colours_of(frame: VideoFrame) -> Colours:
    """What a frame says of its colours, or what its size lets one assume."""
    if int(frame.colorspace) != UNSPECIFIED_COLOURS:
        return Colours(int(frame.colorspace), int(frame.color_primaries), int(frame.color_trc))
    assumed = _BT709 if frame.height >= HIGH_DEFINITION else _SMPTE170M
    return Colours(assumed, assumed, assumed)


class Converter:
    """Converts frames to `width` × `height` in YUV 4:2:0, turned clockwise by `rotation` degrees before."""

    def __init__(self, rotation: int, width: int, height: int) -> None:
        self._rotation = rotation
        self._size = (width, height)
        self._made: tuple[tuple[int, int, str], Graph] | None = None

    def convert(self, frame: VideoFrame) -> VideoFrame:
        """A new frame; the sizes of those given may change on the way."""
        shape = (frame.width, frame.height, frame.format.name)
        if self._made is None or self._made[0] != shape:
            self._made = (shape, self._graph(frame))
        graph = self._made[1]
        graph.push(frame)
        return cast("VideoFrame", graph.pull())

    def _graph(self, frame: VideoFrame) -> Graph:
        width, height = self._size
        if self._rotation in (90, 270):
            width, height = height, width
        graph = Graph()
        source = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
        )
        nodes = [graph.add("scale", f"w={width}:h={height}:flags=bicubic:out_range=tv")]
        nodes.append(graph.add("format", "pix_fmts=yuv420p"))
        nodes += [graph.add(name, setting) for name, setting in TURNS.get(self._rotation, ())]
        graph.link_nodes(source, *nodes, graph.add("setsar", "1"), graph.add("buffersink")).configure()
        return graph
