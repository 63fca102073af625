"""The downloads of one model, as the one thing that people see."""

from __future__ import annotations

from app.models.download.download import Download, DownloadState
from app.models.download.errors import WrongFileError
from app.models.download.model_download import by_model, part_names
from app.models.download.wanted import WantedFile
from app.models.remote_file import RemotePath

PARTS = tuple(f"ab-Large-{number:05d}-of-00003.gguf" for number in (1, 2, 3))
SIGHT = "cd-mmproj.gguf"


def wanted(name: str, model: str = "") -> WantedFile:
    """A file of the model `model`."""
    return WantedFile(RemotePath("owner/repo", "c0ffee", name), name, "Large, Q4_K_M", 100, model=model)


def download(name: str, state: DownloadState, received_bytes: int = 0, speed: float = 0.0) -> Download:
    """A download of 100 bytes that belongs to the large model."""
    model = PARTS[0] if name in {*PARTS, SIGHT} else ""
    return Download(name, wanted(name, model), state, received_bytes, 100, speed)


def test_parts_and_a_projector_are_one_model() -> None:
    """It has the name of the model, whatever comes first, and stands where its first file does."""
    other = download("ef-Other.gguf", DownloadState.WAITING)
    parts = [download(name, DownloadState.RUNNING) for name in PARTS]
    found = by_model([download(SIGHT, DownloadState.WAITING), other, *parts])
    assert [len(model.files) for model in found] == [4, 1]
    assert found[0].model_name == PARTS[0]
    assert found[0].shown_as == "Large, Q4_K_M"


def test_its_figures_are_those_of_all_its_files() -> None:
    """How much came, how fast, and how long the rest takes."""
    files = [
        download(PARTS[0], DownloadState.FINISHED, 100),
        download(PARTS[1], DownloadState.RUNNING, 40, 5.0),
        download(PARTS[2], DownloadState.RUNNING, 10, 10.0),
    ]
    model = by_model(files)[0]
    assert (model.received_bytes, model.size_bytes, model.fraction) == (150, 300, 0.5)
    assert (model.bytes_per_s, model.remaining_s) == (15.0, 10.0)


def test_it_is_at_what_matters_most() -> None:
    """It runs as long as a part does, failed where one did, and is complete when all are."""
    states = (DownloadState.FINISHED, DownloadState.PAUSED, DownloadState.WAITING, DownloadState.RUNNING)
    files = [download(name, state) for name, state in zip(PARTS, states, strict=False)]
    assert by_model(files)[0].state is DownloadState.WAITING
    running = [*files, download(SIGHT, DownloadState.RUNNING)]
    assert by_model(running)[0].state is DownloadState.RUNNING
    assert by_model([download(name, DownloadState.FINISHED) for name in PARTS])[0].state is DownloadState.FINISHED


def test_all_here_and_not_yet_named_is_being_checked() -> None:
    """The last bytes are still read back."""
    assert by_model([download("ef-Other.gguf", DownloadState.RUNNING, 100)])[0].is_being_checked
    assert not by_model([download("ef-Other.gguf", DownloadState.RUNNING, 99)])[0].is_being_checked


def test_what_was_the_wrong_file_counts_for_nothing() -> None:
    """It was thrown away."""
    trouble = WrongFileError("It is another one.")
    file = Download("1", wanted("ef-Other.gguf"), DownloadState.FAILED, 100, 100, trouble=trouble)
    assert by_model([file])[0].received_bytes == 0


def test_one_part_knows_the_names_of_all() -> None:
    """So that a model is taken for whole only when it is."""
    assert part_names(wanted(PARTS[1])) == PARTS
    assert part_names(wanted(SIGHT, PARTS[0])) == PARTS
    assert part_names(wanted("ef-Other.gguf")) == ("ef-Other.gguf",)
