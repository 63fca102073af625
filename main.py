"""Starts Paddock: the window, a command, or (internally) the engine process."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Run what the arguments ask for and give the exit status."""
    os.umask(0o077)
    arguments = sys.argv[1:]
    if arguments[:1] == ["--engine"]:
        from app.engine.process_main import main as run_engine

        run_engine()
    from app.application import run

    return run(arguments)


if __name__ == "__main__":
    try:
        status = main()
    except KeyboardInterrupt:  # before there is anything that could be stopped in good order
        status = 130
    sys.exit(status)
