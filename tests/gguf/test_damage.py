"""Whatever a file holds: reading its header ends soon, takes no more memory than the file, and fails in one way."""

from __future__ import annotations

import random
import string
import struct
import tracemalloc
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.gguf import entries, reading
from app.gguf.header_error import ModelHeaderError
from app.gguf.model_header import ModelHeader
from app.gguf.reading import read_header, read_remote_header
from tests.conftest import Campaign
from tests.gguf.at_hand import starter_file, vocabulary_files, written_files
from tests.gguf.elsewhere import Elsewhere
from tests.gguf.reference import timed
from tests.gguf_files import HYBRID, TinyModel
from tests.gguf_mutations import MUTATIONS
from tests.gguf_parts import parse
from tests.models.gguf_writer import encode_text

KIB = 1024
SMALL_BYTES = 768 * KIB
"""A file that is smaller may take as much: a window into it, and one text of noise, eight times as large meanwhile."""
MOST_BYTES = 64 * KIB * KIB
IN_TIME_S = 2.0
"""Of the processor; the largest files here, with a million texts, take a tenth of it."""
EXTREMES = (0, 1, 2**16, 2**24, 2**31 - 1, 2**32 - 1, 2**40, 2**61, 2**63 - 1, 2**63, 2**64 - 8, 2**64 - 1)


class Meeting:
    """Reads damaged files in both ways, and remembers how they ended."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "damaged.gguf"
        self.ends: Counter[str] = Counter()
        self.slowest_s = self.largest_share = 0.0

    def meet(self, content: bytes) -> None:
        """Read `content` from the disk and from elsewhere: the same header, or the same sentence."""
        self._path.write_bytes(content)
        with traced() as memory:
            local = ended(lambda: read_header(self._path))
        _, took_s = timed(lambda: ended(lambda: read_header(self._path)))
        assert took_s < IN_TIME_S
        assert memory.peak_bytes <= max(len(content), SMALL_BYTES)
        elsewhere = Elsewhere(content)
        remote = ended(lambda: read_remote_header(elsewhere.read, len(content), self._path.name))
        assert repr(remote) == repr(local)  # their words: what is no number does not equal itself
        self.ends["read" if isinstance(local, ModelHeader) else "refused"] += 1
        self.slowest_s = max(self.slowest_s, took_s)
        self.largest_share = max(self.largest_share, memory.peak_bytes / max(len(content), SMALL_BYTES))

    def tell(self) -> None:
        """Print the figures."""
        print(  # noqa: T201 - the figures are worth seeing
            f"{self.ends.total()} damaged headers: {dict(self.ends)}; slowest {self.slowest_s:.2f} s, "
            f"memory at most {self.largest_share:.2f} of what is allowed"
        )


class Traced:
    """Counts what is allocated at most within a block."""

    peak_bytes = 0


@contextmanager
def traced() -> Generator[Traced]:
    """Count while the block runs."""
    counted = Traced()
    tracemalloc.start()
    try:
        yield counted
    finally:
        _, counted.peak_bytes = tracemalloc.get_traced_memory()
        tracemalloc.stop()


def ended(read: Callable[[], ModelHeader]) -> ModelHeader | str:
    """All of the header, or one error whose sentence only names its values, as the pipe from the engine demands."""
    try:
        return read()
    except ModelHeaderError as error:
        for sentence in (error.message, error.next_step):
            assert not any(layout for _, _, layout, _ in string.Formatter().parse(sentence))
        return str(error)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """Sound files: those that the tests write, a real vocabulary, and the beginning of a real model."""
    folder = tmp_path_factory.mktemp("sound")
    whole = {path.name: path.read_bytes() for path in (*written_files(folder), vocabulary_files()[0])}
    return whole | {"starter": starter_file().read_bytes()[: 2**21]}


def damaged_in(content: bytes, data: st.DataObject) -> bytes:
    """The same file with some bytes changed, lengths made extreme, pieces put in or taken out, and perhaps cut."""
    spoiled = bytearray(content)
    place = st.one_of(st.integers(0, min(4096, len(content) - 1)), st.integers(0, len(content) - 1))
    for _ in range(data.draw(st.integers(0, 5))):
        at = data.draw(place)
        match data.draw(st.integers(0, 3)):
            case 0:
                spoiled[at : at + 1] = bytes([data.draw(st.integers(0, 255))])
            case 1:
                spoiled[at : at + 8] = struct.pack("<Q", data.draw(st.sampled_from(EXTREMES)))
            case 2:
                spoiled[at:at] = data.draw(st.binary(max_size=40))
            case _:
                del spoiled[at : at + data.draw(st.integers(1, 40))]
    return bytes(spoiled[: data.draw(st.one_of(st.none(), place))])


@pytest.mark.campaign
def test_damaged_files_are_read_or_refused(sound: Mapping[str, bytes], tmp_path: Path, campaign: Campaign) -> None:
    """Real headers, with what accidents and attackers do to them."""
    meeting = Meeting(tmp_path)

    @settings(max_examples=campaign.rounds(sample=150, full=20_000), suppress_health_check=[HealthCheck.data_too_large])
    @given(st.sampled_from(sorted(sound)), st.data())
    def meet(name: str, data: st.DataObject) -> None:
        meeting.meet(damaged_in(sound[name], data))

    meet()
    meeting.tell()
    assert meeting.ends["refused"] > 0
    assert meeting.ends["read"] > 0


@pytest.mark.campaign
def test_noise_behind_the_magic_is_refused_or_read(tmp_path: Path, campaign: Campaign) -> None:
    """A file that only begins as one."""
    meeting = Meeting(tmp_path)
    first = st.sampled_from([b"", b"GGUF", b"GGUF\x03\0\0\0", b"GGUF" + struct.pack("<IQQ", 3, 1, 1)])

    @settings(max_examples=campaign.rounds(sample=150, full=20_000))
    @given(first, st.binary(max_size=400))
    def meet(begin: bytes, noise: bytes) -> None:
        meeting.meet(begin + noise)

    meet()
    meeting.tell()


@pytest.mark.campaign
def test_files_changed_on_purpose_are_read_or_refused(tmp_path: Path, campaign: Campaign) -> None:
    """Each way that there is to spoil a file of each kind, by chance of a known seed."""
    meeting = Meeting(tmp_path)
    models = [TinyModel(), TinyModel("gemma3", layers=6, sliding_window=64), TinyModel("mamba"), TinyModel(HYBRID)]
    whole = [model.write(tmp_path / "sound.gguf").read_bytes() for model in models]
    for number in range(campaign.rounds(sample=2 * len(MUTATIONS), full=200 * len(MUTATIONS))):
        dice = random.Random(number)  # noqa: S311 - damage, not a secret
        meeting.meet(MUTATIONS[number % len(MUTATIONS)](parse(dice.choice(whole)), dice))
    meeting.tell()
    assert meeting.ends["refused"] > 0
    assert meeting.ends["read"] > 0


def array(kind: int, count: int, values: bytes) -> bytes:
    """The value of an entry that is an array."""
    return struct.pack("<IIQ", 9, kind, count) + values


@pytest.mark.parametrize(
    ("count", "value"),
    [
        (entries.MAXIMUM_ENTRIES, struct.pack("<If", 6, 0.5)),
        (4000, array(6, 1024, struct.pack("<f", 0.5) * 1024)),
        (4000, array(8, 256, encode_text("\N{LLAMA}x") * 256)),
        (1000, struct.pack("<I", 8) + encode_text("\N{LLAMA}" + "x" * 65_000)),
    ],
    ids=["entries", "numbers", "lists", "texts"],
)
def test_the_most_that_a_header_can_make_us_hold(tmp_path: Path, count: int, value: bytes) -> None:
    """However much of the small is in it, and however well it is written: what is kept is bounded."""
    keyed = b"".join(encode_text(f"{number:x}") + value for number in range(count))
    (path := tmp_path / "full.gguf").write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, count) + keyed)
    with traced() as memory:
        header = read_header(path)
    assert len(header.metadata) == count
    assert memory.peak_bytes < MOST_BYTES


def test_the_most_tensors_that_a_header_can_make_us_hold(tmp_path: Path) -> None:
    """Their table is the only long thing that is kept whole."""
    count = reading.MAXIMUM_TENSORS
    rows = b"".join(encode_text(f"{number:x}") + struct.pack("<IQIQ", 1, 0, 0, 0) for number in range(count))
    (path := tmp_path / "full.gguf").write_bytes(b"GGUF" + struct.pack("<IQQ", 3, count, 0) + rows + bytes(64))
    with traced() as memory:
        header = read_header(path)
    assert len(header.tensors) == count
    assert memory.peak_bytes < MOST_BYTES
