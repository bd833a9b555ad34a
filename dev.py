#!/usr/bin/env python3
"""Everything one does with the source of Assessor Desk, from a bare machine on. Needs Python 3.11 or later.

    python3 dev.py demo [ARGS]         a window on a throw-away desk with sample submissions
    python3 dev.py run [ARGS]          the program itself: `assessor-desk ARGS`
    python3 dev.py test [ARGS]         style, types and tests; ARGS go to pytest
    python3 dev.py check [--long]      the same, and the lock file; --long: the slow tests too
    python3 dev.py bench [NAMES]       measures, printed as ratios against bare floors
    python3 dev.py load [--help]       a state's term and the evening of its deadline, on a hub here
    python3 dev.py screenshots [ARGS]  pictures of every screen
    python3 dev.py lock                makes the lock files again from pyproject.toml
    python3 dev.py page                builds resources/verify.html from web/verify/

The first call makes `.venv` and installs what `requirements.lock` lists; on Debian and its relatives it also
installs missing system libraries where it may, and otherwise prints the command that does.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
LOCK = ROOT / "requirements.lock"
# What a hub in a container has: the same, without the window's libraries and the tools of this file.
HUB_LOCK = ROOT / "packaging" / "hub" / "requirements.lock"
NOT_OF_A_HUB = ("pyside6-essentials", "pyside6-addons", "shiboken6")
WINDOWS = sys.platform == "win32"
SCRIPTS = VENV / ("Scripts" if WINDOWS else "bin")
PYTHON = SCRIPTS / ("python.exe" if WINDOWS else "python")
STAMP = VENV / "installed-from"
NEEDED_PYTHON = (3, 11)

# What Qt's wheels expect of the system, as the name the loader knows and the Debian package that has it.
QT_LIBRARIES = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libXext.so.6": "libxext6",
    "libXrandr.so.2": "libxrandr2",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libpulse.so.0": "libpulse0",
    "libdrm.so.2": "libdrm2",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
}
# What the tests check packets with, beside the program itself.
TEST_TOOLS = {
    "Xvfb": "xvfb",
    "pdfsig": "poppler-utils",
    "openssl": "openssl",
    "qpdf": "qpdf",
    "certutil": "libnss3-tools",
    "chromium": "chromium",
    "node": "nodejs",
    "npm": "npm",
    "haproxy": "haproxy",
    "cc": "build-essential",  # builds what notes each write, to replay power cuts; gcc alone lacks C's library
}
# Where Debian keeps PostgreSQL's server, which the tests of hubs beyond one machine start for themselves.
DATABASE_SERVERS = Path("/usr/lib/postgresql")
# What the tests check badges with: libraries of others', in JavaScript.
NPM_LOCK = ROOT / "tests" / "badges" / "npm"
NPM = VENV / "npm"


class Stop(Exception):
    """Ends the call with one sentence for the person at the keyboard."""


# -- the system --------------------------------------------------------------------------------------------


def loads(library: str) -> bool:
    """Whether the system's loader finds this shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def needed_packages() -> list[str]:
    """Debian packages without which nothing starts, and which are still wanted here."""
    if not sys.platform.startswith("linux"):
        return []
    packages = [package for library, package in QT_LIBRARIES.items() if not loads(library)]
    # Debian keeps the piece of Python that makes a virtual environment in a package of its own.
    if importlib.util.find_spec("ensurepip") is None and not venv_works():
        packages.insert(0, f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    return packages


def tool_packages() -> list[str]:
    """Debian packages of tools that tests use and that are not here; a test that misses its tool says so."""
    packages = [package for tool, package in TEST_TOOLS.items() if not shutil.which(tool)]
    if (
        sys.platform.startswith("linux")
        and not shutil.which("initdb")
        and not any(DATABASE_SERVERS.glob("*/bin/initdb"))
    ):
        packages.append("postgresql")
    return packages


def install_packages(packages: list[str]) -> bool:
    """Install Debian packages where that is allowed without asking; elsewhere print the command: False."""
    install = ["install", "--yes", "--no-install-recommends", *packages]
    if not shutil.which("apt-get"):
        say(f"Missing here, under the names that Debian gives them: {' '.join(packages)}.")
        return False
    prefix = privilege()
    if prefix is not None:
        say(f"Installing system packages: {' '.join(packages)}")
        apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive"]
        apt += ["apt-get", "--quiet=2", "--option=DPkg::Lock::Timeout=300"]
        run_quietly([*apt, "update"])
        if run_quietly([*apt, *install]) == 0:
            return True
    say(f"Run this, then try again:\n  sudo apt-get {' '.join(install)}")
    return False


def privilege() -> list[str] | None:
    """How to run a command as root without being asked for anything, or None."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        asked = subprocess.run(["sudo", "-n", "true"], check=False, capture_output=True)
        if asked.returncode == 0:
            return ["sudo", "-n"]
    return None


def prepare(*, tests: bool = False) -> None:
    """Make this machine able to run the program and, if wanted, its tests; instant when it already is."""
    packages = needed_packages() + (tool_packages() if tests else [])
    if packages:
        install_packages(packages)
    still_needed = needed_packages()
    if still_needed:
        raise Stop(f"Without these system packages nothing can start: {' '.join(still_needed)}.")
    prepare_venv()
    if tests:
        prepare_npm()


# -- the virtual environment -------------------------------------------------------------------------------


def prepare_venv() -> None:
    """Make `.venv` what `requirements.lock` says; instant when it already is."""
    digest = hashlib.sha256(LOCK.read_bytes() + str(ROOT).encode()).hexdigest()
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text(encoding="ascii") == digest:
        return
    if not venv_works():
        make_venv()
    say("Installing the libraries of requirements.lock; the first time takes a few minutes.")
    pip = [
        str(PYTHON),
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "install",
        "--quiet",
        "--quiet",
    ]
    if run_quietly([*pip, "--require-hashes", "--requirement", str(LOCK)]):
        raise Stop("The libraries could not be installed; what pip says above tells why.")
    install_package()
    STAMP.write_text(digest, encoding="ascii")


def prepare_npm() -> None:
    """Make `.venv/npm` what its lock file says; a test that misses it says so. Nothing in it runs at installation."""
    npm, files = shutil.which("npm"), [NPM_LOCK / name for name in ("package.json", "package-lock.json")]
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    stamp = NPM / "installed-from"
    if npm is None or (stamp.exists() and stamp.read_text(encoding="ascii") == digest):
        return
    say("Installing what tests/badges/npm/package-lock.json lists.")
    NPM.mkdir(parents=True, exist_ok=True)
    for file in files:
        shutil.copy(file, NPM)
    flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    if run_quietly([npm, "ci", "--prefix", str(NPM), *flags]):
        say("npm could not install it; the tests that need it are skipped.")
        return
    stamp.write_text(digest, encoding="ascii")


def venv_works() -> bool:
    """Whether `.venv` has a Python that is new enough, with pip."""
    if not PYTHON.exists():
        return False
    test = f"import sys, pip; sys.exit(sys.version_info < {NEEDED_PYTHON})"
    try:
        return subprocess.run([str(PYTHON), "-c", test], check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def make_venv() -> None:
    """A fresh `.venv`."""
    say("Making .venv")
    if run_quietly([sys.executable, "-m", "venv", "--clear", str(VENV)]):
        raise Stop("The virtual environment .venv could not be made; what Python says above tells why.")


def install_package() -> None:
    """Let `.venv` find the package in `src/` and have a command for it, with nothing to build or fetch."""
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    asked = subprocess.run([str(PYTHON), "-c", ask], check=True, capture_output=True, text=True)
    path_file = Path(asked.stdout.strip()) / "assessor-desk-source.pth"
    path_file.write_text(f"{ROOT / 'src'}\n", encoding="utf-8")
    if WINDOWS:
        launcher = '@"%~dp0python.exe" -m assessor_desk %*\r\n'
        (SCRIPTS / "assessor-desk.cmd").write_text(launcher, encoding="ascii")
        return
    command = SCRIPTS / "assessor-desk"
    command.write_text(f'#!/bin/sh\nexec "{PYTHON}" -m assessor_desk "$@"\n', encoding="utf-8")
    command.chmod(0o755)


# -- the subcommands ---------------------------------------------------------------------------------------


def run(arguments: list[str]) -> int:
    """The program, with these arguments."""
    prepare()
    return call("-m", "assessor_desk", *arguments)


def demo(arguments: list[str]) -> int:
    """The sample desk; a window needs a display."""
    windowless = {"--unattended", "--help", "-h"} & {word.partition("=")[0] for word in arguments}
    if not windowless and not has_display():
        raise Stop(
            "There is no display to open a window on; "
            "`python3 dev.py demo --unattended DIR` does the whole job without one."
        )
    return run(["demo", *arguments])


def has_display() -> bool:
    """Whether a window can be shown: Linux says so in its environment, the others always have one."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(os.environ.get(name) for name in names)


def examine(arguments: list[str], *, long: bool) -> int:
    """Style, types and tests, all of them even when the first fails; the worst exit code."""
    prepare(tests=True)
    marks = "not bench" if long else "not bench and not long"
    # A selection is run by one process: starting two takes longer than most selections.
    spread = [] if arguments else ["--numprocesses=3", "--dist=loadfile"]
    steps = {
        "style": ["-m", "ruff", "check", "--quiet", "."],
        "layout": ["-m", "ruff", "format", "--check", "--quiet", "."],
        "types": ["-m", "mypy"],
        "tests": ["-m", "pytest", "-m", marks, *spread, *arguments],
    }
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # Hundreds of processes start in a run: each would compile what it imports again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with contextlib.ExitStack() as until_done:
        memory = None if arguments or long else memory_for_tests()
        if memory:
            place = until_done.enter_context(
                tempfile.TemporaryDirectory(prefix="assessor-desk-tests-", dir=memory)
            )
            os.environ["PYTEST_DEBUG_TEMPROOT"] = place
        results = {name: call(*step) for name, step in steps.items()}
    failed = [name for name, code in results.items() if code]
    if failed:
        say("Failed: " + ", ".join(failed))
    return max(results.values())


def memory_for_tests() -> str | None:
    """Where what a whole run writes can lie in memory, 3 GB in all; None where there is not enough of it.

    Desks and hubs wait until what they wrote is on the disk: an eighth of a run's time on two cores.
    """
    place = Path("/dev/shm")  # noqa: S108 - the folder within it is made for this run alone
    try:
        told = dict(
            line.split(":") for line in Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
        )
        free = min(int(told["MemAvailable"].split()[0]) * 1024, shutil.disk_usage(place).free)
    except (OSError, ValueError, KeyError):
        return None
    return str(place) if free > 12 * 10**9 and os.access(place, os.W_OK | os.X_OK) else None


def test(arguments: list[str]) -> int:
    """What is quick enough to run after every change."""
    return examine(arguments, long=False)


def check(arguments: list[str]) -> int:
    """All that `test` does, the lock file's completeness and, with `--long`, the slow tests."""
    long = "--long" in arguments
    code = examine([argument for argument in arguments if argument != "--long"], long=long)
    for kept, resolved in ((LOCK, resolve), (HUB_LOCK, resolve_hub)):
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / kept.name
            shutil.copy(kept, copy)
            resolved(copy)
            if copy.read_bytes() != kept.read_bytes():
                say(f"{kept.relative_to(ROOT)} does not fit pyproject.toml: run `python3 dev.py lock`.")
                return 1
    return code


def bench(arguments: list[str]) -> int:
    """The measures, as ratios."""
    prepare(tests=True)
    return call(str(ROOT / "tests" / "benchmarks"), *arguments)


def load(arguments: list[str]) -> int:
    """A state's term and the evening of its deadline, on a hub here; `--help` says how it is bounded."""
    prepare(tests=True)
    return call(str(ROOT / "tests" / "load"), *arguments)


def screenshots(arguments: list[str]) -> int:
    """Pictures of every screen."""
    prepare(tests=True)
    return call(str(ROOT / "tests" / "screenshots.py"), *arguments)


def lock(arguments: list[str]) -> int:
    """The lock files from pyproject.toml, for every system; `--upgrade` takes newer versions."""
    prepare()
    resolve(LOCK, *arguments)
    resolve_hub(HUB_LOCK)
    return 0


def page(arguments: list[str]) -> int:
    """The web page that verifies packets, in one file; `--check` says whether it is what its sources give."""
    return call(str(ROOT / "web" / "verify" / "build.py"), *arguments)


def resolve(target: Path, *options: str) -> None:
    """Everything that this file installs, tools and tests included."""
    compile_lock(target, "--group=dev", *options)


def resolve_hub(target: Path) -> None:
    """What a hub needs of it, in the same versions."""
    left_out = (f"--no-emit-package={name}" for name in NOT_OF_A_HUB)
    compile_lock(target, f"--constraint={LOCK.name}", *left_out)


def compile_lock(target: Path, *options: str) -> None:
    """Let uv resolve into `target`; a lock that names an address or a path is refused."""
    command = "-m uv pip compile pyproject.toml --python-version=3.11 --universal --generate-hashes"
    quiet = "--quiet --no-emit-index-url --no-header --no-annotate"
    if call(*command.split(), *quiet.split(), "--output-file", str(target), *options):
        raise Stop("uv could not resolve the dependencies; what it says above tells why.")
    lines = target.read_text(encoding="utf-8").splitlines()
    odd = [line for line in lines if "://" in line or "@ " in line or line.startswith(("-", "/", "."))]
    if odd:
        raise Stop(f"The lock names an address: {odd[0]}")


def run_quietly(command: list[str]) -> int:
    """Run a command that asks nothing and whose complaints are shown; its exit code."""
    nothing = subprocess.DEVNULL
    return subprocess.run(command, check=False, stdin=nothing, stdout=nothing).returncode


def call(*command: str) -> int:
    """Run `.venv`'s Python in the repository; its exit code."""
    try:
        return subprocess.run([str(PYTHON), *command], cwd=ROOT, check=False).returncode
    except KeyboardInterrupt:
        return 130


def say(sentence: str) -> None:
    """One line for the person at the keyboard, apart from what a subcommand prints."""
    print(f"dev.py: {sentence}", file=sys.stderr, flush=True)


SUBCOMMANDS: dict[str, Callable[[list[str]], int]] = {
    "demo": demo,
    "run": run,
    "test": test,
    "check": check,
    "bench": bench,
    "load": load,
    "screenshots": screenshots,
    "lock": lock,
    "page": page,
}


def main(arguments: list[str]) -> int:
    """Carry out one subcommand."""
    if not arguments or arguments[0] not in SUBCOMMANDS:
        print(__doc__)
        return 0 if arguments[:1] in (["-h"], ["--help"]) else 2
    try:
        if sys.version_info < NEEDED_PYTHON:
            raise Stop(f"Python 3.11 or later is needed; this is {sys.version.split()[0]}.")
        return SUBCOMMANDS[arguments[0]](arguments[1:])
    except Stop as stop:
        say(str(stop))
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
