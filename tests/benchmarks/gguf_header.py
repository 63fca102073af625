"""How much faster headers of model files are read than by the reader of the format's own project, the `gguf` package.

Every GGUF file at hand: the starter model, the vocabularies that come with llama.cpp's source (up to 262,144 tokens
and half a million merges), and those that the tests write. Both read all values, of long arrays only how long they are
and where they lie; that they are the same is looked at. Times are of the processor; of each file the best of several
readings by us, and of one or, where it takes less than a second, several by the other.

`python -m tests.benchmarks.gguf_header`
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Final

from app.gguf.reading import read_header
from tests.gguf.at_hand import starter_file, vocabulary_files, written_files
from tests.gguf.reference import assert_same, read_reference, timed

ROUNDS: Final = 15
REQUIRED: Final = 20


def main() -> int:
    """Measure every file; 1 when one of them is below what is required."""
    with tempfile.TemporaryDirectory() as folder:
        ratios = [measure(path) for path in (starter_file(), *vocabulary_files(), *written_files(Path(folder)))]
    print(
        f"{len(ratios)} files: {statistics.median(ratios):.0f} times faster in the median, {min(ratios):.1f} at least, "
        f"required {REQUIRED}"
    )
    return int(min(ratios) < REQUIRED)


def measure(path: Path) -> float:
    """Read the header of one file in both ways, and say how many times faster we are."""
    reference, first_s = timed(lambda: read_reference(path))
    header, _ = timed(lambda: read_header(path))
    assert_same(header, reference, path)
    rounds = ROUNDS if first_s < 1 else 1
    theirs_s = min(first_s, *(timed(lambda: read_reference(path))[1] for _ in range(rounds - 1)), first_s)
    ours_s = min(timed(lambda: read_header(path))[1] for _ in range(20 * ROUNDS if rounds > 1 else ROUNDS))
    print(
        f"{path.name}: header of {header.data_offset / 1e6:.3f} MB, theirs {theirs_s * 1e3:.3f} ms, "
        f"ours {ours_s * 1e3:.3f} ms, {theirs_s / ours_s:.1f} times faster",
        flush=True,
    )
    return theirs_s / ours_s


if __name__ == "__main__":
    sys.exit(main())
