"""The settings file: what is in it, what may be wrong with it, and that nothing in it is ever lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.private_file import PrivateFileError
from app.settings.file import SettingsFile
from app.settings.registry import SettingError
from app.settings.values import SETTINGS, Settings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the settings of a new user will be."""
    return tmp_path / "config" / "settings.json"


def written(path: Path, content: object) -> None:
    """A settings file that is there already."""
    path.parent.mkdir(exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def kept(path: Path) -> dict[str, object]:
    """What the file holds."""
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_new_user_has_the_defaults_and_no_file(path: Path) -> None:
    """Looking does not write."""
    file = SettingsFile(path)
    assert file.settings == Settings()
    assert file.notices == ()
    assert not path.parent.exists()


def test_a_change_is_there_at_the_next_start(path: Path) -> None:
    """Only what was changed is written, so that better defaults reach everybody else."""
    file = SettingsFile(path)
    assert file.change("sampling.temperature", 0.3).sampling.temperature == 0.3
    file.change("writing.system_prompt", "Sei freundlich 🦙\n\ud800")
    file.change("sampling.seed", None)
    again = SettingsFile(path).settings
    assert again == file.settings
    assert again.writing.system_prompt == "Sei freundlich 🦙\n\ud800"
    assert set(kept(path)) == {"sampling.temperature", "writing.system_prompt", "sampling.seed"}


@pytest.mark.skipif(os.name != "posix", reason="Windows keeps permissions otherwise")
def test_the_file_is_for_its_owner_only(path: Path) -> None:
    """A system prompt is private. A folder that was open is closed."""
    path.parent.mkdir(mode=0o755)
    SettingsFile(path).change("load.context", 512)
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_reset_follows_the_default_again(path: Path) -> None:
    """The key is gone from the file; the others stay."""
    file = SettingsFile(path)
    file.change("load.context", 512)
    file.change("sampling.top_k", 5)
    assert file.reset("load.context").load.context == 4096
    assert kept(path) == {"sampling.top_k": 5}


def test_what_a_newer_paddock_wrote_is_kept(path: Path) -> None:
    """Going back to an older version and forth again loses nothing."""
    written(path, {"galaxy.depth": [1, {"a": None}], "load.context": 1024})
    file = SettingsFile(path)
    file.change("load.context", 2048)
    file.reset("sampling.top_k")
    assert kept(path) == {"galaxy.depth": [1, {"a": None}], "load.context": 2048}
    assert file.notices == ()


def test_a_wrong_value_is_said_and_left_alone(path: Path) -> None:
    """The default is used, the others count, and the wrong value is still there to be looked at."""
    written(path, {"sampling.temperature": "hot", "load.context": 512})
    file = SettingsFile(path)
    assert (file.settings.sampling.temperature, file.settings.load.context) == (0.7, 512)
    (notice,) = file.notices
    assert "cannot be used; the default is used instead." in str(notice)
    assert str(notice).endswith("Temperature cannot be “hot”. It takes a number from 0 to 2.")
    file.change("sampling.top_k", 5)
    assert kept(path)["sampling.temperature"] == "hot"
    assert len(file.notices) == 1


def test_several_wrong_values_are_one_notice(path: Path) -> None:
    """Three are told with what is wrong about each; how many there are is told in any case."""
    wrong = {"load.context": "abc", "appearance.theme": 5, "sampling.temperature": 1e99, "sampling.top_p": -1}
    written(path, wrong)
    (notice,) = SettingsFile(path).notices
    assert str(notice).startswith("4 values in the settings file cannot be used; their defaults are used instead. ")
    assert all(label in str(notice) for label in ("Theme cannot be “5”", "Temperature cannot be “1e+99”"))
    assert str(notice).count("cannot be “") == 3


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '"x"',
        "\0\0\0",
        "{'a': 1}",
        "[" * 100_000,
        '{"load.context": 512',
        '{"a": %s}' % ("9" * 5000),
    ],
)
def test_a_damaged_file_is_set_aside_and_said(path: Path, content: str) -> None:
    """The application starts with defaults; the file waits under another name for whoever can read it."""
    written(path, content)
    file = SettingsFile(path)
    assert file.settings == Settings()
    (notice,) = file.notices
    (aside,) = path.parent.glob("settings.json.damaged-*")
    assert str(aside) in str(notice)
    assert aside.read_text() == content
    file.change("load.context", 512)
    assert SettingsFile(path).settings.load.context == 512


def test_bytes_that_are_no_text_are_damage(path: Path) -> None:
    """A disk that failed leaves such files."""
    path.parent.mkdir()
    path.write_bytes(b"\xff\xfe\x00\xd8" * 10)
    assert len(SettingsFile(path).notices) == 1


def test_a_huge_file_is_not_read_whole(path: Path) -> None:
    """Settings are small; gigabytes under their name are something else."""
    written(path, "{")
    with path.open("r+b") as file:
        file.truncate(2**36)  # holes: takes no room on the disk
    assert len(SettingsFile(path).notices) == 1
    assert not path.exists()


def test_a_byte_order_mark_is_no_damage(path: Path) -> None:
    """Some editors write one."""
    written(path, '\ufeff{"load.context": 512}')
    file = SettingsFile(path)
    assert (file.settings.load.context, file.notices) == (512, ())


def test_two_damages_in_one_second_are_both_kept(path: Path) -> None:
    """Names of files set aside never meet."""
    for content in ("{", "[", "("):
        written(path, content)
        SettingsFile(path)
    assert sorted(aside.read_text() for aside in path.parent.glob("settings.json.damaged-*")) == ["(", "[", "{"]


def test_damage_while_it_runs_is_seen_at_the_next_change(path: Path) -> None:
    """The change counts, and what was there is set aside."""
    file = SettingsFile(path)
    written(path, "{broken")
    file.change("load.context", 512)
    assert kept(path) == {"load.context": 512}
    assert len(file.notices) == 1


def test_a_refused_change_writes_nothing(path: Path) -> None:
    """Neither a wrong value nor an unknown key."""
    file = SettingsFile(path)
    for key, value in (("load.context", 3), ("load.galaxy", 3), ("", 3)):
        with pytest.raises(SettingError):
            file.change(key, value)
    assert not path.exists()


def test_a_disk_that_says_no_has_its_sentence(path: Path) -> None:
    """The settings in memory stay what they were."""
    path.mkdir(parents=True)  # a folder where the file should be: fails for every user, root too
    file = SettingsFile(path)
    assert "cannot be read" in str(file.notices[0])
    with pytest.raises(PrivateFileError, match="cannot be read"):
        file.change("load.context", 512)
    assert file.settings == Settings()


def test_a_folder_that_cannot_be_made_has_its_sentence(tmp_path: Path) -> None:
    """A file where the folder should be."""
    (tmp_path / "config").write_text("")
    file = SettingsFile(tmp_path / "config" / "settings.json")
    assert "cannot be read" in str(file.notices[0])


@pytest.mark.skipif(os.name != "posix", reason="links need a privilege elsewhere")
def test_a_link_to_a_file_kept_elsewhere_stays_a_link(path: Path, tmp_path: Path) -> None:
    """People keep their settings in a folder of their own."""
    path.parent.mkdir()
    path.symlink_to(tmp_path / "kept.json")
    SettingsFile(path).change("load.context", 512)
    assert path.is_symlink()
    assert kept(tmp_path / "kept.json") == {"load.context": 512}


def test_two_windows_keep_each_others_changes(path: Path) -> None:
    """Each change touches its own key; for the same key the last one wins."""
    one, other = SettingsFile(path), SettingsFile(path)
    one.change("load.context", 512)
    other.change("sampling.top_k", 5)
    one.change("sampling.top_p", 0.5)
    other.change("load.context", 1024)
    settings = SettingsFile(path).settings
    assert (settings.load.context, settings.sampling.top_k, settings.sampling.top_p) == (1024, 5, 0.5)
    assert one.change("sampling.min_p", 0.1).load.context == 1024


WRITE_FOR_EVER = """
import sys
from pathlib import Path
from app.settings.file import SettingsFile
file = SettingsFile(Path(sys.argv[1]))
print("ready", flush=True)
number = 256
while True:
    number += 1
    file.change("load.context", number)
    file.change("writing.system_prompt", str(number) * 2000)
"""


def test_a_killed_writer_leaves_a_whole_file(path: Path) -> None:
    """Whenever it is killed, the file holds the change before or the change after, and the next writer can write."""
    for _ in range(3):
        with subprocess.Popen([sys.executable, "-c", WRITE_FOR_EVER, str(path)], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
            while not path.exists():
                assert writer.poll() is None
            for _ in range(50):
                kept(path)  # a reader never sees half a file
            writer.kill()
        file = SettingsFile(path)
        assert file.notices == ()
        assert file.settings.load.context > 256
        file.change("sampling.top_k", 5)
    assert {child.name for child in path.parent.iterdir()} <= {
        "settings.json",
        "settings.json.lock",
        "settings.json.new",
    }


CHANGE = """
import sys
from pathlib import Path
from app.settings.file import SettingsFile
file = SettingsFile(Path(sys.argv[1]))
for number in range(20):
    file.change(sys.argv[2], number + 300)
"""


def test_two_processes_may_change_at_once(path: Path) -> None:
    """None of them undoes what the other did."""
    keys = ("load.context", "sampling.top_k")
    running = [subprocess.Popen([sys.executable, "-c", CHANGE, str(path), key]) for key in keys]
    assert [process.wait(60) for process in running] == [0, 0]
    assert kept(path) == dict.fromkeys(keys, 319)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from([setting.key for setting in SETTINGS]) | st.text(), JSON))
def test_whatever_a_file_holds_the_settings_can_be_used(
    tmp_path_factory: pytest.TempPathFactory, content: dict[str, object]
) -> None:
    """Each value is in its range or its default, each wrong one was said, and all of it survives a change."""
    path = tmp_path_factory.mktemp("config") / "settings.json"
    written(path, content)
    file = SettingsFile(path)
    for setting in SETTINGS:
        assert setting.check(file.settings.value(setting.key)) == file.settings.value(setting.key)
    file.change("load.context", 512)
    assert kept(path) == {**content, "load.context": 512}
