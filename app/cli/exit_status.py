"""What the process says when it ends, beside 0; argparse itself ends with 2 where the command line is wrong."""

from __future__ import annotations

from typing import Final

FAILED: Final = 1
STOPPED_BY_USER: Final = 130
"""As shells have it for Ctrl-C."""
