"""DER (X.690), read strictly: definite shortest lengths, nothing left over. What was read can be written again.

For the few shapes that a signature file has, where asn1crypto's ten milliseconds would be most of a verdict's time
and its leniency has to be made up for afterwards. Everything raises ValueError for bytes that are not in DER.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

BOOLEAN, INTEGER, OCTETS, OID, SEQUENCE, SET = 0x01, 0x02, 0x04, 0x06, 0x30, 0x31
UTC_TIME, TIME, NESTED = 0x17, 0x18, 0xA0
_CONSTRUCTED, _LONG_TAG = 0x20, 0x1F
_LONGEST_LENGTH = 4


@dataclass(frozen=True, slots=True)
class Element:
    """One element: `raw` is all of it, `content` what it holds."""

    tag: int
    raw: bytes
    content: bytes

    def parts(self, tag: int) -> list[Element]:
        """The elements inside, of an element that must have this tag."""
        return read_all(self.of(tag).content)

    def of(self, tag: int) -> Element:
        """The element itself, which must have this tag."""
        if self.tag != tag:
            raise ValueError(f"an element has the tag {self.tag:#x} instead of {tag:#x}")
        return self


def read(data: bytes) -> Element:
    """The one element that these bytes are."""
    (element,) = read_all(data)
    return element


def read_all(data: bytes) -> list[Element]:
    """The elements that these bytes are, one after the other."""
    elements, at = [], 0
    while at < len(data):
        tag = data[at]
        start, length = _length(data, at + 1)
        end = start + length
        if tag & _LONG_TAG == _LONG_TAG or end > len(data):
            raise ValueError("an element is cut short, or of no kind that is used here")
        elements.append(Element(tag, data[at:end], data[start:end]))
        at = end
    return elements


def _length(data: bytes, at: int) -> tuple[int, int]:
    """Where an element's content begins, and its length."""
    first = data[at] if at < len(data) else 0xFF
    if first < 0x80:
        return at + 1, first
    size = first & 0x7F
    digits = data[at + 1 : at + 1 + size]
    length = int.from_bytes(digits, "big")
    shortest = max(1, (length.bit_length() + 7) // 8)
    if not 1 <= size <= _LONGEST_LENGTH or len(digits) != size or length < 0x80 or size != shortest:
        raise ValueError("a length is not in its shortest form")
    return at + 1 + size, length


def der(tag: int, *contents: bytes) -> bytes:
    """One element written: tag, shortest length, contents."""
    content = b"".join(contents)
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def integer(element: Element) -> int:
    """A whole number in its shortest form."""
    content = element.of(INTEGER).content
    number = int.from_bytes(content, "big", signed=True)
    if not content or len(content) != (number + (number < 0)).bit_length() // 8 + 1:
        raise ValueError("a number is not in its shortest form")
    return number


def time(element: Element) -> datetime:
    """A time to the second, in UTC (RFC 5280, 4.1.2.5)."""
    digits = element.content.decode("ascii")
    shape = {UTC_TIME: "%y%m%d%H%M%SZ", TIME: "%Y%m%d%H%M%SZ"}[element.tag]
    if len(digits) != (13 if element.tag == UTC_TIME else 15) or not digits[:-1].isdecimal():
        raise ValueError("a time is not in its one form")
    found = datetime.strptime(digits, shape).replace(tzinfo=UTC)
    if element.tag == UTC_TIME:  # two digits stand for 1950 to 2049, where Python turns at 1969
        year = int(digits[:2])
        found = found.replace(year=year + (2000 if year < 50 else 1900))
    return found
