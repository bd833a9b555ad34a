"""Starts the program: `assessor-desk`, or `python -m assessor_desk`."""

from __future__ import annotations

import sys


def main() -> int:
    """Run the command line of this process. Returns the exit code of DESIGN §5."""
    from assessor_desk.cli.command_line import run_command

    return run_command(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
