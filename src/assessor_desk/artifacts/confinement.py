"""What a child that reads hostile files may not do any more: open a file, reach the network, start a program.

On Linux by two means of the kernel that need no privileges: Landlock (https://docs.kernel.org/userspace-api/landlock.html)
leaves only the program's own folders, fonts and libraries to be read, and a seccomp filter
(https://docs.kernel.org/userspace-api/seccomp_filter.html) refuses sockets, programs and looks into other processes.
Whatever a person's file is, it reaches the child as an open descriptor. Elsewhere, and on kernels without them,
`confine` says what is not held, and the desk's clock and the limit on memory remain.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_NO_NEW_PRIVILEGES = 38  # PR_SET_NO_NEW_PRIVS, linux/prctl.h
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_ASK_VERSION = 1
_BENEATH = 1  # LANDLOCK_RULE_PATH_BENEATH
_EXECUTE, _WRITE, _READ, _LIST = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE, _IOCTL = 1 << 14, 1 << 15
_OF_A_FILE = _EXECUTE | _WRITE | _READ | _TRUNCATE | _IOCTL
_MAKE_SOCKET = 1 << 9
_WITHIN = 1  # AF_UNIX
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
_ALL_FILE_RIGHTS = (1 << 16) - 1
_NETWORK_RIGHTS = 0b11  # bind and connect over TCP, since version 4
_SCOPES = 0b11  # abstract sockets and signals, since version 6

#: Read by libraries as they load: code, fonts, tables of times and characters, how many processors there are.
_SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/sys/devices/system/cpu",
    "/var/cache/fontconfig",
    "/dev/urandom",
)

#: What an office suite reads besides. Not all of `/dev`: in `/dev/shm` other documents are being laid out.
_OFFICE = ("/etc", "/proc", "/dev/random", "/dev/zero", "/var/lib", "/var/spool/libreoffice")

#: System calls that a reader of files has no use for, by machine: arch (linux/audit.h) and asm/unistd_64.h.
_REFUSED_CALLS = {
    "x86_64": (
        0xC000003E,
        # socket, connect, accept, bind, listen, execve, execveat, fork, vfork, ptrace, process_vm_readv, -writev, kill,
        # tkill, io_uring_setup, bpf, userfaultfd, perf_event_open, keyctl, add_key, mount, unshare, setns, pidfd_getfd
        (
            41,
            42,
            43,
            49,
            50,
            59,
            322,
            57,
            58,
            101,
            310,
            311,
            62,
            200,
            425,
            321,
            323,
            298,
            250,
            248,
            165,
            272,
            308,
            438,
        ),
    ),
    "aarch64": (
        0xC00000B7,
        # the same, where fork and vfork do not exist
        (
            198,
            203,
            202,
            200,
            201,
            221,
            281,
            117,
            270,
            271,
            129,
            130,
            425,
            280,
            282,
            241,
            219,
            217,
            40,
            97,
            268,
            438,
        ),
    ),
}
_NOT_PERMITTED = 0x00050000 | 1  # SECCOMP_RET_ERRNO with EPERM
_NOT_THERE = 0x00050000 | 38  # ENOSYS: the C library then falls back to clone
_ALLOWED = 0x7FFF0000
_ENDED = 0x80000000
_LOAD, _EQUAL, _AT_LEAST, _ANY_OF, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # classic BPF, linux/bpf_common.h
_CALL, _ARCH, _FIRST_ARGUMENT = (
    0,
    4,
    16,
)  # in `struct seccomp_data`, of a machine that counts from the small end
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_A_THREAD = 0x00010000  # CLONE_THREAD
_SECCOMP_CALL = {"x86_64": 317, "aarch64": 277}
_SET_FILTER, _ALL_THREADS = 1, 1
_OTHER_NUMBERS = 0x40000000  # x32, a second table of calls on x86-64


@dataclass(frozen=True, slots=True)
class Confinement:
    """What the system holds a child to: `files` that it may open none but its own, `network` that it reaches nobody."""

    files: bool
    network: bool

    @property
    def words(self) -> str:
        """For a person."""
        if self.files and self.network:
            return "Readers of files can open no other file and reach no network."
        held = [word for word, holds in (("files", self.files), ("the network", self.network)) if holds]
        lacking = [
            word for word, holds in (("files", self.files), ("the network", self.network)) if not holds
        ]
        begun = f"Readers are kept from {held[0]}, but not from" if held else "Readers are not kept from"
        return f"{begun} {' and '.join(lacking)}: this system cannot. Limits on time and memory hold."


class Confining:
    """Confinement made ready while there is time, for a process that is to read a file as soon as it hears of it."""

    def __init__(self) -> None:
        self._library = _library()
        self._rules = (
            -1 if self._library is None else _rules(self._library, [*_own_folders(), *map(Path, _SYSTEM)])
        )

    def confine(self, readable: Iterable[Path] = ()) -> Confinement:
        """Give up for good, in this process, what reading a file does not need; `readable` are still to be opened.

        Once, and before any other thread is started: a thread that runs already keeps what it could do.
        """
        if self._library is None:
            return Confinement(files=False, network=False)
        files = False
        if self._rules >= 0:
            for path in readable:
                _allow_reading(self._library, self._rules, path)
            files = bool(self._library.syscall(_RESTRICT_SELF, self._rules, 0) == 0)
            os.close(self._rules)
        return Confinement(files, _refuse_calls(self._library))


def confine(readable: Iterable[Path] = ()) -> Confinement:
    """As `Confining.confine`, all at once."""
    return Confining().confine(readable)


def _library() -> ctypes.CDLL | None:
    """The C library of a system that can hold a process to less; this one gains no privileges from now on."""
    if sys.platform != "linux":
        return None
    library = ctypes.CDLL(None, use_errno=True)
    return library if library.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) == 0 else None


def confine_office(folder: Path, program: Path) -> Confinement:
    """Leave a program that lays out documents its own folder `program`, the system's, and `folder` to write into.

    It reaches no network; it may start what is installed, since its parts start each other. As `confine`, for good.
    """
    library = _library()
    if library is None:
        return Confinement(files=False, network=False)
    version = library.syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)
    rules = _new_ruleset(library, version) if version >= 1 else -1
    files = False
    if rules >= 0:
        for path in (
            program,
            *map(Path, (*_SYSTEM, *_OFFICE)),
        ):
            _allow(library, rules, path, _READ | _LIST | _EXECUTE)
        _allow(library, rules, Path("/dev/null"), _READ | _WRITE)
        for place in ("/tmp", "/var/tmp"):  # noqa: S108 - LibreOffice's socket, and nothing that holds words
            _allow(library, rules, Path(place), _MAKE_SOCKET)
        _allow(library, rules, folder, _FILE_RIGHTS.get(version, _ALL_FILE_RIGHTS))
        files = bool(library.syscall(_RESTRICT_SELF, rules, 0) == 0)
        os.close(rules)
    return Confinement(files, _refuse_internet(library))


def _refuse_internet(library: ctypes.CDLL) -> bool:
    """EPERM for sockets other than those within this computer; parts of one program talk through these."""
    machine = platform.machine()
    if machine not in _REFUSED_CALLS:
        return False
    arch, socket = _REFUSED_CALLS[machine][0], _REFUSED_CALLS[machine][1][0]
    steps = (
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 1, 0, arch),
        (_RETURN, 0, 0, _ENDED),
        (_LOAD, 0, 0, _CALL),
        (_AT_LEAST, 4, 0, _OTHER_NUMBERS),
        (_EQUAL, 0, 2, socket),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_EQUAL, 0, 1, _WITHIN),
        (_RETURN, 0, 0, _ALLOWED),
        (_RETURN, 0, 0, _NOT_PERMITTED),
    )
    return _load_filter(library, machine, b"".join(struct.pack("=HBBI", *step) for step in steps))


def _own_folders() -> list[Path]:
    """Where this program's code is. A folder of modules on the path is read, its neighbours are not."""
    frozen = getattr(sys, "_MEIPASS", "")
    places = [sys.prefix, sys.base_prefix, sys.exec_prefix, frozen, *sys.path, str(_resources())]
    return [Path(place).resolve() for place in dict.fromkeys(places) if place and Path(place).is_absolute()]


def _resources() -> Path:
    from assessor_desk.places import resources

    return resources()


def _rules(library: ctypes.CDLL, readable: Iterable[Path]) -> int:
    """A descriptor of rules that leave `readable` to be read; negative where the kernel has none."""
    version = library.syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)
    rules = _new_ruleset(library, version) if version >= 1 else -1
    if rules >= 0:
        for path in readable:
            _allow_reading(library, rules, path)
    return rules


def _new_ruleset(library: ctypes.CDLL, version: int) -> int:
    """`struct landlock_ruleset_attr`, as long as this kernel knows it."""
    words = [_FILE_RIGHTS.get(version, _ALL_FILE_RIGHTS)]
    if version >= 4:
        words.append(_NETWORK_RIGHTS)
    if version >= 6:
        words.append(_SCOPES)
    wanted = struct.pack(f"={len(words)}Q", *words)
    return int(library.syscall(_CREATE_RULESET, wanted, len(wanted), 0))


def _allow_reading(library: ctypes.CDLL, rules: int, path: Path) -> None:
    """Leave a file or a folder with all in it to be read; what is not there needs no rule."""
    _allow(library, rules, path, _READ | _LIST)


def _allow(library: ctypes.CDLL, rules: int, path: Path, rights: int) -> None:
    """Leave these rights on a file, as far as they are a file's, or on a folder with all in it."""
    rights &= ~0 if path.is_dir() else _OF_A_FILE
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)  # type: ignore[attr-defined,unused-ignore]
    except OSError:
        return
    try:
        library.syscall(_ADD_RULE, rules, _BENEATH, struct.pack("=Qi", rights, descriptor), 0)
    finally:
        os.close(descriptor)


def _refuse_calls(library: ctypes.CDLL) -> bool:
    """A filter that answers EPERM to the calls refused."""
    machine = platform.machine()
    if machine not in _REFUSED_CALLS:
        return False
    return _load_filter(library, machine, _filter(machine))


def _load_filter(library: ctypes.CDLL, machine: str, program: bytes) -> bool:
    """`struct sock_fprog`, for every thread."""
    kept = ctypes.create_string_buffer(program)
    loaded = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(kept))
    return bool(library.syscall(_SECCOMP_CALL[machine], _SET_FILTER, _ALL_THREADS, loaded) == 0)


def _filter(machine: str) -> bytes:
    """A classic BPF program: EPERM for the calls refused and for a clone that is no thread, all others pass."""
    arch, refused = _REFUSED_CALLS[machine]
    to_refusal = len(refused) + 6
    steps = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 1, 0, arch),
        (_RETURN, 0, 0, _ENDED),
        (_LOAD, 0, 0, _CALL),
        (_AT_LEAST, to_refusal, 0, _OTHER_NUMBERS),
    ]
    steps += [(_EQUAL, to_refusal - 1 - place, 0, call) for place, call in enumerate(refused)]
    steps += [
        (_EQUAL, 4, 0, _CLONE3),
        (_EQUAL, 0, 2, _CLONE[machine]),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_ANY_OF, 0, 2, _A_THREAD),
        (_RETURN, 0, 0, _ALLOWED),
        (_RETURN, 0, 0, _NOT_THERE),
        (_RETURN, 0, 0, _NOT_PERMITTED),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)
