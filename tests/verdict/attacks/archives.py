"""Attacks on the archive: what one program reads in it and another does not."""

from __future__ import annotations

import stat
import struct
import warnings
import zipfile
import zlib

from tests.verdict.altering import archived

from assessor_desk.verdict import FactId

from .workshop import REVIEW, Workshop, must_fail

END, LARGE = 22, 64 << 20


def members(w: Workshop) -> list[tuple[str | zipfile.ZipInfo, bytes]]:
    """The packet's members, to be archived otherwise."""
    return [(f"{w.top}/{name}", content) for name, content in w.files.items()]


def with_member(w: Workshop, name: str | zipfile.ZipInfo, content: bytes = b"added") -> bytes:
    """The packet archived by Python's own writer with one member more."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a name that is there twice
        return archived([*members(w), (name, content)])


def directory(content: bytes | bytearray) -> int:
    """Where the archive's directory starts."""
    return int.from_bytes(content[-6:-2], "little")


def patched(content: bytes, changes: dict[int, bytes]) -> bytes:
    """The bytes with others in some places."""
    altered = bytearray(content)
    for place, new in changes.items():
        altered[place : place + len(new)] = new
    return bytes(altered)


def first_member(w: Workshop, local: int, central: int, new: bytes) -> bytes:
    """The packet with other bytes in its first member's own header and in its line in the directory."""
    content = w.receipted.content
    return patched(content, {local: new, directory(content) + central: new})


def moved_directory(content: bytes, before: bytes) -> bytes:
    """Bytes put between the last member and the directory, the end record made to fit."""
    start = directory(content)
    end = patched(content[-END:], {16: struct.pack("<L", start + len(before))})
    return content[:start] + before + content[start:-END] + end


@must_fail(FactId.STRUCTURE)
def bytes_before_the_archive(w: Workshop) -> bytes:
    return b"%PDF-1.7\n" + w.receipted.content


@must_fail(FactId.STRUCTURE)
def bytes_before_it_with_every_offset_made_to_fit(w: Workshop) -> bytes:
    content, before = bytearray(w.receipted.content), b"#!/bin/sh\n"
    at, end = directory(content), len(content) - END
    while at < end:
        (offset,) = struct.unpack_from("<L", content, at + 42)
        struct.pack_into("<L", content, at + 42, offset + len(before))
        at += 46 + sum(struct.unpack_from("<3H", content, at + 28))
    struct.pack_into("<L", content, end + 16, directory(content) + len(before))
    return before + bytes(content)


@must_fail(FactId.STRUCTURE)
def bytes_after_the_archive(w: Workshop) -> bytes:
    return w.receipted.content + b"after"


@must_fail(FactId.STRUCTURE)
def a_remark_on_the_archive(w: Workshop) -> bytes:
    return w.receipted.content[:-2] + b"\5\0after"


@must_fail(FactId.STRUCTURE)
def a_second_archive_after_the_first(w: Workshop) -> bytes:
    return w.receipted.content + w.elsewhere.content


@must_fail(FactId.STRUCTURE)
def bytes_between_the_members_and_the_directory(w: Workshop) -> bytes:
    return moved_directory(w.receipted.content, b"hidden")


@must_fail(FactId.STRUCTURE)
def a_member_that_the_directory_does_not_list(w: Workshop) -> bytes:
    hidden = archived([(f"{w.top}/data/hidden.json", b"{}")])
    return moved_directory(w.receipted.content, hidden[: directory(hidden)])


@must_fail(FactId.STRUCTURE)
def a_name_that_is_there_twice(w: Workshop) -> bytes:
    return with_member(w, f"{w.top}/{REVIEW}", b"{}")


@must_fail(FactId.STRUCTURE)
def one_member_listed_twice(w: Workshop) -> bytes:
    content = w.receipted.content
    start = directory(content)
    line = content[start : start + 46 + sum(struct.unpack_from("<3H", content, start + 28))]
    count = struct.pack("<H", struct.unpack_from("<H", content, len(content) - END + 10)[0] + 1)
    size = struct.pack("<L", len(content) - END - start + len(line))
    end = patched(content[-END:], {8: count, 10: count, 12: size})
    return content[:-END] + line + end


@must_fail(FactId.STRUCTURE)
def a_twin_in_other_case(w: Workshop) -> bytes:
    return with_member(w, f"{w.top}/data/Review.json", b"{}")


@must_fail(FactId.STRUCTURE)
def a_twin_in_wide_letters(w: Workshop) -> bytes:
    return with_member(w, f"{w.top}/data/rev\uff49ew.json", b"{}")


@must_fail(FactId.STRUCTURE)
def a_twin_with_a_letter_that_has_no_width(w: Workshop) -> bytes:
    return with_member(w, f"{w.top}/data/review\u200b.json", b"{}")


@must_fail(FactId.STRUCTURE)
def a_name_in_decomposed_letters(w: Workshop) -> bytes:
    return with_member(w, f"{w.top}/data/re\u0301sume\u0301.json", b"{}")


@must_fail(FactId.STRUCTURE)
def a_name_that_runs_from_right_to_left(w: Workshop) -> bytes:
    return with_member(w, f"{w.top}/data/\u202efdp.exe", b"MZ")


@must_fail(FactId.STRUCTURE)
def a_name_that_is_no_utf8(w: Workshop) -> bytes:
    content = with_member(w, f"{w.top}/data/mo+e.json", b"{}")
    return content.replace(b"mo+e.json", b"mo\xffe.json")


@must_fail(FactId.STRUCTURE)
def an_absolute_path(w: Workshop) -> bytes:
    return with_member(w, "/etc/passwd")


@must_fail(FactId.STRUCTURE)
def a_path_to_the_parent(w: Workshop) -> bytes:
    return with_member(w, f"{w.top}/../../outside")


@must_fail(FactId.STRUCTURE)
def a_path_for_windows(w: Workshop) -> bytes:
    return with_member(w, "C:\\Windows\\evil.dll")


@must_fail(FactId.STRUCTURE)
def a_path_with_an_empty_step(w: Workshop) -> bytes:
    return with_member(w, f"{w.top}//data/more.json")


@must_fail(FactId.STRUCTURE)
def a_stream_of_a_file_as_windows_has_them(w: Workshop) -> bytes:
    return with_member(w, f"{w.top}/{REVIEW}:hidden")


@must_fail(FactId.STRUCTURE)
def a_symbolic_link(w: Workshop) -> bytes:
    link = zipfile.ZipInfo(f"{w.top}/data/link")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return with_member(w, link, b"/etc/passwd")


@must_fail(FactId.STRUCTURE)
def a_folder_that_has_content(w: Workshop) -> bytes:
    return with_member(w, f"{w.top}/data/more/", b"content")


@must_fail(FactId.STRUCTURE)
def a_member_said_to_be_encrypted(w: Workshop) -> bytes:
    return first_member(w, 6, 8, b"\1\0")


@must_fail(FactId.STRUCTURE)
def a_member_said_to_be_streamed(w: Workshop) -> bytes:
    return first_member(w, 6, 8, b"\x08\0")


@must_fail(FactId.STRUCTURE)
def a_way_of_packing_that_nobody_has(w: Workshop) -> bytes:
    return first_member(w, 8, 10, b"\x63\0")


@must_fail(FactId.STRUCTURE)
def a_way_of_packing_that_not_everybody_has(w: Workshop) -> bytes:
    return archived(members(w), compression=zipfile.ZIP_BZIP2)


@must_fail(FactId.STRUCTURE)
def a_zip64_field_that_lies_about_the_size(w: Workshop) -> bytes:
    info = zipfile.ZipInfo(f"{w.top}/data/more.json")
    info.extra = struct.pack("<2H2Q", 1, 16, 1 << 40, 1 << 40)
    return with_member(w, info)


@must_fail(FactId.STRUCTURE)
def a_zip64_end_before_the_end(w: Workshop) -> bytes:
    content = w.receipted.content
    start, size = directory(content), len(content) - END - directory(content)
    record = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, size, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(content) - END, 1)
    return content[:-END] + record + locator + content[-END:]


@must_fail(FactId.STRUCTURE)
def another_name_in_unicode_beside_the_name(w: Workshop) -> bytes:
    info = zipfile.ZipInfo(f"{w.top}/data/more.json")
    other = b"evil.exe"
    crc = zlib.crc32(info.filename.encode())
    info.extra = struct.pack("<2HBL", 0x7075, 5 + len(other), 1, crc) + other
    return with_member(w, info)


@must_fail(FactId.STRUCTURE)
def another_name_in_the_members_own_header(w: Workshop) -> bytes:
    return w.receipted.content.replace(b"/data/record.docx", b"/data/record.doc_", 1)


@must_fail(FactId.STRUCTURE)
def another_size_in_the_members_own_header(w: Workshop) -> bytes:
    return patched(w.receipted.content, {22: struct.pack("<L", 1)})


@must_fail(FactId.STRUCTURE)
def a_wrong_checksum(w: Workshop) -> bytes:
    return first_member(w, 14, 16, b"\0\0\0\0")


@must_fail(FactId.STRUCTURE)
def a_bomb(w: Workshop) -> bytes:
    return archived([*members(w), (f"{w.top}/data/bomb", bytes(LARGE))], compression=zipfile.ZIP_DEFLATED)


@must_fail(FactId.STRUCTURE)
def a_bomb_said_to_be_small(w: Workshop) -> bytes:
    packed = archived([(f"{w.top}/data/x", bytes(8 << 20)), *members(w)], compression=zipfile.ZIP_DEFLATED)
    small = struct.pack("<L", 10)
    return patched(packed, {22: small, directory(packed) + 24: small})


@must_fail(FactId.STRUCTURE)
def more_than_memory_holds(w: Workshop) -> bytes:
    return patched(w.receipted.content, {directory(w.receipted.content) + 24: struct.pack("<L", 0xF0000000)})


@must_fail(FactId.STRUCTURE)
def bytes_after_what_a_member_unpacks_to(w: Workshop) -> bytes:
    name = f"{w.top}/bagit.txt".encode()
    packed = archived(members(w), compression=zipfile.ZIP_DEFLATED)
    at = packed.index(name)
    size = struct.unpack_from("<L", packed, at - 12)[0]
    longer = packed[: at + len(name) + size] + b"more" + packed[at + len(name) + size :]
    new = struct.pack("<L", size + 4)
    start = directory(packed) + 4
    fitted = bytearray(patched(longer, {at - 12: new, len(longer) - END + 16: struct.pack("<L", start)}))
    place = start
    while place < len(fitted) - END:
        (offset,) = struct.unpack_from("<L", fitted, place + 42)
        if offset == at - 30:
            fitted[place + 20 : place + 24] = new
        elif offset > at - 30:
            struct.pack_into("<L", fitted, place + 42, offset + 4)
        place += 46 + sum(struct.unpack_from("<3H", fitted, place + 28))
    return bytes(fitted)


@must_fail(FactId.STRUCTURE)
def half_of_it(w: Workshop) -> bytes:
    return w.receipted.content[: len(w.receipted.content) // 2]


@must_fail(FactId.STRUCTURE)
def nothing_at_all(w: Workshop) -> bytes:
    return b""


@must_fail(FactId.STRUCTURE)
def an_archive_with_nothing_in_it(w: Workshop) -> bytes:
    return b"PK\5\6" + bytes(18)


@must_fail(FactId.STRUCTURE)
def fewer_members_counted_than_listed(w: Workshop) -> bytes:
    return patched(
        w.receipted.content, {len(w.receipted.content) - END + place: b"\1\0" for place in (8, 10)}
    )


@must_fail(FactId.STRUCTURE)
def a_part_of_several_disks(w: Workshop) -> bytes:
    return patched(w.receipted.content, {len(w.receipted.content) - END + 4: b"\1\0"})


@must_fail(FactId.STRUCTURE)
def more_members_than_a_packet_has(w: Workshop) -> bytes:
    return archived([*members(w), *((f"{w.top}/data/{number}", b"") for number in range(300))])


@must_fail(FactId.FILES)
def a_second_folder_beside_it(w: Workshop) -> bytes:
    return with_member(w, "other/file")


@must_fail(FactId.STRUCTURE)
def no_folder_around_it(w: Workshop) -> bytes:
    return archived(list(w.files.items()))  # type: ignore[arg-type]


@must_fail(FactId.STRUCTURE)
def a_packet_inside_an_archive(w: Workshop) -> bytes:
    return archived([(f"{w.top}.zip", w.receipted.content)])


@must_fail(FactId.CONTENTS)
def a_folder_named_after_another_review(w: Workshop) -> bytes:
    other = w.elsewhere.top
    return archived([(f"{other}/{name}", content) for name, content in w.files.items()])
