"""Make a checkout ready: `python3 packaging/bootstrap.py run` or `... test`. Needs nothing but Python itself.

This file is kept so plain that an older Python can read it, and say in a sentence that it is too old.
"""

import os
import sys

OLDEST = (3, 11)

if __name__ == "__main__":
    if sys.version_info < OLDEST:
        sys.exit("Paddock needs Python 3.11 or newer; {} is {}.".format(sys.executable, sys.version.split()[0]))  # noqa: UP032  (an f-string is a syntax error to the oldest Pythons)
    if os.name != "posix":
        sys.exit("This set-up works on Linux and macOS only; for Windows see CONTRIBUTING.md.")
    from paddock_setup.setup import main

    sys.exit(main(sys.argv[1:]))
