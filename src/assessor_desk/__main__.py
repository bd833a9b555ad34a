"""Starts the program: `assessor-desk`, or `python -m assessor_desk`.

A frozen program is also its own workers: it starts itself with one of their flags, and is then nothing else.
"""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line of this process. Returns the exit code of DESIGN §5."""
    if getattr(sys, "frozen", False):  # its processes that make reports are this program again
        from multiprocessing import freeze_support

        freeze_support()
    arguments = sys.argv[1:]
    if arguments[:1] in (
        ["--documents-worker"],
        ["--media-worker"],
        ["--rendering-worker"],
        ["--laying-out-worker"],
    ):
        _work(arguments[0])
        return 0
    if arguments[:1] == ["--office-launch"]:
        from assessor_desk.artifacts.office_launch import main as launch

        launch(arguments[1:])
    if arguments == ["--metered"]:
        from assessor_desk.gui.metering import main as ask

        return ask()
    _leave_no_core_dump()
    from assessor_desk.cli.command_line import run_command

    return run_command(arguments)


def _leave_no_core_dump() -> None:
    """Should the program crash, the system writes no image of its memory, where it heeds that.

    It would hold evidence, what was written and the desk's key in plain. Windows has no such bound.
    """
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _work(flag: str) -> None:
    if flag == "--media-worker":
        from assessor_desk.artifacts.media.worker import main as serve
    elif flag == "--laying-out-worker":
        from assessor_desk.artifacts.laying_out_worker import main as serve
    elif flag == "--rendering-worker":
        from assessor_desk.artifacts.rendering_worker import main as serve
    else:
        from assessor_desk.artifacts.worker import main as serve
    serve()


if __name__ == "__main__":
    sys.exit(main())
