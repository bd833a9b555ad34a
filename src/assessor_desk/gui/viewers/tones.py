"""Lightness and contrast of a picture, so that faint pencil can be read. The evidence itself is not changed."""

from __future__ import annotations

from dataclasses import dataclass

from assessor_desk.gui.viewers.handles import Raster


@dataclass(frozen=True, slots=True)
class TonedRaster:
    """A raster with other tones."""

    width: int
    height: int
    stride: int
    data: bytes | bytearray


@dataclass(frozen=True, slots=True)
class Tones:
    """Both from -100 to 100; 0 leaves the picture as it is.

    `pencil` evens the light on the paper out and darkens faint strokes; the worker does it, before these.
    """

    lightness: int = 0
    contrast: int = 0
    pencil: bool = False

    @property
    def plain(self) -> bool:
        """Whether tones stay as they come from the worker."""
        return not self.lightness and not self.contrast

    def applied(self, raster: Raster) -> TonedRaster:
        """The raster with these tones."""
        toned = bytearray(raster.data.translate(self.table()))
        toned[3::4] = b"\xff" * len(toned[3::4])  # no tone: how opaque a pixel is
        return TonedRaster(raster.width, raster.height, raster.stride, bytes(toned))

    def table(self) -> bytes:
        """What each of the 256 tones becomes: contrast turns the line about the middle, lightness lifts it."""
        slope = (1 + self.contrast / 100) if self.contrast < 0 else 1 + 3 * self.contrast / 100
        lift = 1.28 * self.lightness
        return bytes(min(max(round((tone - 128) * slope + 128 + lift), 0), 255) for tone in range(256))


NEUTRAL = Tones()
