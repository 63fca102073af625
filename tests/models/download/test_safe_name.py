"""Names from a server: they tell files apart, every system takes them, and none leads out of the folder of models."""

from __future__ import annotations

import ntpath
import os
import posixpath
from pathlib import Path, PurePosixPath, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.models.download.safe_name import LONGEST_BYTES, UnsafeNameError, is_safe_name, local_name, place_in
from app.models.elsewhere.found_model import OtherApplication
from app.models.elsewhere.gguf_files import models_of_one_repository
from app.models.elsewhere.search import Search

SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{kind}{number}" for kind in ("COM", "LPT") for number in "0123456789¹²³")}


def test_a_plain_name_stays_readable() -> None:
    """A person who looks into the folder sees which model it is; folders of the repository are not made."""
    assert local_name("Qwen3-4B-Q4_K_M.gguf", SHA256) == "b179c9523d0e-Qwen3-4B-Q4_K_M.gguf"
    assert local_name("UD-Q4/Größe 4B.GGUF", SHA256.upper()) == "b179c9523d0e-Größe 4B.gguf"


def test_what_only_windows_minds_is_replaced() -> None:
    """An honest repository made on Linux may use it; the folder can be carried to Windows all the same."""
    assert local_name('What? "7B" <v1:2>|*.gguf', SHA256) == "b179c9523d0e-What_ _7B_ _v1_2___.gguf"


def test_names_of_devices_are_no_devices_here() -> None:
    """With its mark before it, `con.gguf` opens a file on Windows too."""
    assert local_name("con.gguf", SHA256) == "b179c9523d0e-con.gguf"


@pytest.mark.parametrize("stem", ["long" * 100, "長" * 200, "🦙" * 120, "a" + "ö" * 150, "x" * 168 + ". ."])
def test_a_long_name_is_shortened_and_its_part_kept(stem: str, tmp_path: Path) -> None:
    """Parts of a model stay one model: their names differ by their number only."""
    names = [local_name(f"{stem}-{number:05}-of-00002.gguf", SHA256) for number in (1, 2)]
    assert [len(name.encode()) <= LONGEST_BYTES for name in names] == [True, True]
    for name in names:
        place_in(tmp_path, name).write_bytes(b"GGUF")
    paths = [tmp_path / name for name in names]
    (model,) = models_of_one_repository(Search(), paths, OtherApplication.NONE)
    assert model.parts == tuple(paths)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".gguf/",
        "/etc/model.gguf",
        "../model.gguf",
        "a/../model.gguf",
        "a/./model.gguf",
        "a//model.gguf",
        "..\\model.gguf",
        "\\\\server\\share\\model.gguf",
        "C:model.gguf",
        "C:/model.gguf",
        "model.gguf\0.txt",
        "model\0.gguf",
        "model\n.gguf",
        "model\x1b[2J.gguf",
        "model\u202efugg.gguf",
        "model\u200b.gguf",
        "model\u2028.gguf",
        "model\ud800.gguf",
        "model\ue000.gguf",
        "model.gguf.",
        "model.gguf ",
        " model.gguf",
        "folder./model.gguf",
        "folder /model.gguf",
        "model.gguf.exe",
        "model.bin",
        "...",
    ],
)
def test_what_no_honest_repository_has_is_refused(name: str) -> None:
    """With one sentence, in which nothing of the name can do harm."""
    with pytest.raises(UnsafeNameError) as caught:
        local_name(name, SHA256)
    assert "Nothing was written." in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("mark", ["", "b179c9523d0", "../../../../x", "zzzzzzzzzzzz", SHA256 + "0", "b179c9523d0\n"])
def test_a_mark_is_digits(mark: str) -> None:
    """It comes from the server too."""
    with pytest.raises(UnsafeNameError):
        local_name("model.gguf", mark)


def check_safe_everywhere(name: str) -> None:
    """What the three systems ask of the name of one file."""
    assert len(name.encode()) <= LONGEST_BYTES
    assert posixpath.basename(name) == name
    assert ntpath.basename(name) == name
    assert ntpath.splitdrive(name)[0] == ""
    assert PurePosixPath(name).parts == (name,)
    assert PureWindowsPath(name).parts == (name,)
    assert not set(name) & set('<>:"|?*\\/')
    assert not any(ord(letter) < 32 or ord(letter) == 127 for letter in name)
    assert name.strip() == name
    assert not name.endswith(".")
    assert name.split(".", maxsplit=1)[0].rstrip().upper() not in DEVICES


ODD = st.one_of(
    st.text(),
    st.lists(
        st.one_of(
            st.text(max_size=4),
            st.sampled_from(
                ["/", "\\", "..", ".", " ", "C:", "con", "NUL", "COM1", "\0", "\u202e", "-00001-of-00002", "~"]
            ),
        ),
        max_size=8,
    ).map("".join),
    st.text(min_size=100, max_size=300),
)


@given(ODD, st.text(alphabet="0123456789abcdefABCDEF", min_size=12, max_size=64))
@example("长" * 70, SHA256)
@example("e\u0301", SHA256)
def test_whatever_a_server_says_stays_in_the_folder(
    tmp_path_factory: pytest.TempPathFactory, stem: str, mark: str
) -> None:
    """A name comes of it that every system takes as it is, or a refusal; and only a file of ours is ever made."""
    folder = tmp_path_factory.getbasetemp() / "models"
    folder.mkdir(exist_ok=True)
    try:
        name = local_name(f"{stem}.gguf", mark)
    except UnsafeNameError:
        return
    check_safe_everywhere(name)
    assert is_safe_name(name)
    path = place_in(folder, name)
    path.write_bytes(b"GGUF")
    assert [entry.name for entry in folder.iterdir()] == [name]
    path.unlink()


@given(ODD)
@example("con")
@example("Nul.txt")
@example("com¹.gguf")
@example("a.")
def test_only_what_every_system_takes_is_a_safe_name(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    """Also of names that did not come from `local_name`."""
    folder = tmp_path_factory.getbasetemp() / "models"
    if is_safe_name(name):
        check_safe_everywhere(name)
        assert place_in(folder, name).parent == folder
    else:
        with pytest.raises(UnsafeNameError):
            place_in(folder, name)


@given(ODD, ODD)
def test_two_files_never_get_one_name(one: str, other: str) -> None:
    """Different content has a different mark."""
    names: set[str] = set()
    for stem, mark in ((one, "a" * 12), (other, "b" * 12)):
        try:
            names.add(local_name(f"{stem}.gguf", mark).casefold())
        except UnsafeNameError:
            names.add(mark)
    assert len(names) == 2


def test_a_link_that_lies_there_is_not_written_through(tmp_path: Path) -> None:
    """Somebody may have put it there to have another file overwritten; where it leads is not touched."""
    folder, outside = tmp_path / "models", tmp_path / "outside.gguf"
    folder.mkdir()
    outside.write_bytes(b"precious")
    for number, target in enumerate((outside, folder / "other.gguf", tmp_path / "missing.gguf")):
        name = f"{number}.gguf"
        (folder / name).symlink_to(target)
        with pytest.raises(UnsafeNameError):
            place_in(folder, name)
    assert outside.read_bytes() == b"precious"


def test_the_folder_itself_may_be_behind_a_link(tmp_path: Path) -> None:
    """Who keeps models on another disk has a link to it; and a folder that is not there yet is no obstacle."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "models").symlink_to(tmp_path / "disk")
    assert place_in(tmp_path / "models", "a.gguf") == tmp_path / "models" / "a.gguf"
    assert place_in(tmp_path / "later", "a.gguf") == tmp_path / "later" / "a.gguf"
    assert os.listdir(tmp_path / "disk") == []  # noqa: PTH208 - names are all that is asked
