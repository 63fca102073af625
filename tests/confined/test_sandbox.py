"""A process that gives up the network and all files but its own: what it can no longer do, and what it still can."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.confined.confinement import Confinement
from app.confined.own_libraries import own_library_folders
from app.confined.sandbox_macos import build_profile


def has_landlock() -> bool:
    """Whether this kernel knows Landlock at all: asked in a process of its own, which then keeps to nothing."""
    program = "from app.confined.sandbox import *; from app.confined.confinement import *; import sys\n"
    program += "sys.exit(0 if confine_this_process(Confinement()).files else 1)"
    return subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not has_landlock(), reason="needs Linux with Landlock, which doctor shows"
)

APPLICATION = Path(__file__).resolve().parent.parent.parent
BEGIN = """
import ctypes, os, signal, socket, subprocess, sys, threading
from dataclasses import asdict
from pathlib import Path
from app.confined.confinement import Confinement
from app.confined.sandbox import confine_this_process
home = Path.home()
"""
CONFINE = "report = confine_this_process(Confinement((home / 'model.gguf',), (home / 'state',)))\n"
TELL = "import json\nprint(json.dumps({'said': said, **asdict(report)}))\n"


@dataclass(frozen=True)
class Told:
    """What a confined process said of itself, and of what it was asked to do."""

    network: bool
    files: bool
    method: str
    missing: str
    said: object


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a secret, a model and a state folder."""
    for folder in (".ssh", "state"):
        (tmp_path / folder).mkdir()
    (tmp_path / ".ssh" / "config").write_text("Host secret")
    (tmp_path / "model.gguf").write_text("weights")
    (tmp_path / "state" / "old").write_text("state")
    return tmp_path


@pytest.fixture(autouse=True)
def live_there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the processes that a test starts live in that home, and find the application."""
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PYTHONPATH", str(APPLICATION))


def tell(program: str, *, before: str = "") -> Told:
    """Run `before`, confine the process, run `program`, and give what it left in `said`."""
    whole = BEGIN + before + CONFINE + program + TELL
    done = subprocess.run([sys.executable, "-c", whole], stdout=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0
    return Told(**json.loads(done.stdout.splitlines()[-1]))


def attempt(action: str, *, before: str = "") -> object:
    """Have a confined process try `action`, and give what came of it: its value, or the name of its error."""
    program = f"try:\n    said = repr({action})\nexcept Exception as error:\n    said = type(error).__name__\n"
    return tell(program, before=before).said


def test_it_says_what_is_in_force() -> None:
    """On this kernel all of it is."""
    told = tell("said = None\n")
    assert (told.network, told.files, told.missing) == (True, True, "")
    assert told.method.startswith("no_new_privs, Landlock ")
    assert told.method.endswith(", seccomp")


@pytest.mark.parametrize(
    "action",
    [
        "(home / '.ssh' / 'config').read_text()",
        "list(home.iterdir())",
        "Path('/etc/passwd').read_text()",
        "(home / 'model.gguf').write_text('other weights')",
        "(home / 'new').write_text('x')",
        "(home / 'state' / 'old').rename(home / 'moved')",
        "os.symlink(home / '.ssh', home / 'state' / 'link')",
        "(home / 'model.gguf').unlink()",
        "os.truncate(home / '.ssh' / 'config', 0)",
        "os.chmod(home / '.ssh' / 'config', 0o777)",
        "os.setxattr(home / '.ssh' / 'config', 'user.mark', b'x')",
        "Path(f'/proc/{os.getppid()}/environ').read_bytes()",
    ],
)
def test_files_that_are_none_of_its_business(action: str) -> None:
    """What no rule names cannot be read, written, moved, linked to or re-labelled."""
    assert attempt(action) == "PermissionError"


def test_no_second_name_for_a_file(home: Path) -> None:
    """A hard link in its own folder would be a way to a file outside of it; the kernel calls it another device."""
    assert attempt("os.link(home / '.ssh' / 'config', home / 'state' / 'link')") in {"OSError", "PermissionError"}
    assert not (home / "state" / "link").exists()


@pytest.mark.parametrize(
    "action",
    [
        "socket.create_connection(('127.0.0.1', 9))",
        "socket.socket(socket.AF_INET6, socket.SOCK_STREAM)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        "socket.socket(socket.AF_UNIX)",
        "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        "socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)",
    ],
)
def test_no_connection_of_any_kind(action: str) -> None:
    """TCP, UDP, local sockets, and the kernel's own: none can be made."""
    assert attempt(action) == "PermissionError"


@pytest.mark.parametrize(
    "action",
    [
        "subprocess.run(['/bin/true'])",
        "os.execv('/bin/true', ['true'])",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.fork()",
        "os.kill(os.getppid(), 0)",
        "os.kill(os.getppid(), signal.SIGKILL)",
    ],
)
def test_no_other_program_and_no_other_process(action: str) -> None:
    """It can start none, and can do nothing to those that run."""
    assert attempt(action) == "PermissionError"


def test_what_it_still_can() -> None:
    """Its model is read; in its state folder it reads, writes, renames and deletes; threads and modules come up."""
    program = (
        "state = home / 'state'\n"
        "(state / 'new').write_text((home / 'model.gguf').read_text())\n"
        "(state / 'new').rename(state / 'old')\n"
        "said = [(state / 'old').read_text()]\n"
        "(state / 'deep').mkdir()\n(state / 'deep').rmdir()\n(state / 'old').unlink()\n"
        "thread = threading.Thread(target=said.append, args=('thread',))\nthread.start()\nthread.join()\n"
        "import sqlite3, decimal\n"
        "said.append(len(os.urandom(4)))\nsaid.append(os.getpid() == int(os.readlink('/proc/self')))\n"
        "open(os.devnull, 'w').write('x')\nos.kill(os.getpid(), 0)\n"
        "said.append('libc' in Path('/proc/self/maps').read_text())\n"
    )
    assert tell(program).said == ["weights", "thread", 4, True, True]


def test_a_new_thread_is_confined_too() -> None:
    """What holds for the process holds for what it starts."""
    program = (
        "said = []\n"
        "def try_it():\n"
        "    for action in ((home / '.ssh' / 'config').read_text, socket.socket):\n"
        "        try:\n            said.append(str(action()))\n"
        "        except PermissionError:\n            said.append('refused')\n"
        "thread = threading.Thread(target=try_it)\nthread.start()\nthread.join()\n"
    )
    assert tell(program).said == ["refused", "refused"]


def test_it_cannot_be_widened() -> None:
    """A second confinement to everything changes nothing."""
    program = (
        "confine_this_process(Confinement((Path('/'),), (Path('/'),)))\n"
        "said = []\n"
        "for action in ((home / '.ssh' / 'config').read_text, socket.socket):\n"
        "    try:\n        said.append(str(action()))\n"
        "    except PermissionError:\n        said.append('refused')\n"
    )
    assert tell(program).said == ["refused", "refused"]


def test_a_file_that_is_replaced_by_a_link_elsewhere(home: Path) -> None:
    """A rule is for the file that was there, not for its name."""
    action = "(home / 'state' / 'later.gguf').read_text()"
    (home / "state" / "later.gguf").symlink_to(home / ".ssh" / "config")
    assert attempt(action) == "PermissionError"


def test_a_file_that_is_not_there_is_not_there(home: Path) -> None:
    """A missing model is told as missing, not as forbidden."""
    (home / "model.gguf").unlink()
    assert attempt("(home / 'model.gguf').read_text()") == "FileNotFoundError"


def test_a_kernel_without_landlock_is_told() -> None:
    """The network is refused all the same, and the report says that files are not, and why."""
    before = (
        "from app.confined import seccomp, sandbox_linux\n"
        "known, seccomp.FIRST_UNKNOWN = seccomp.FIRST_UNKNOWN, 444\n"  # as if the kernel were older than Landlock
        "sandbox_linux._forgo_privileges()\nseccomp.refuse_system_calls()\nseccomp.FIRST_UNKNOWN = known\n"
    )
    told = tell("said = (home / '.ssh' / 'config').read_text()\n", before=before)
    assert (told.network, told.files) == (True, False)
    assert told.missing == "Landlock: Function not implemented"
    assert told.said == "Host secret"


def test_an_unknown_processor_is_told() -> None:
    """Without the numbers of the system calls no filter can be made; files are refused all the same."""
    told = tell("said = None\n", before="import platform\nplatform.machine = lambda: 'abacus'\n")
    assert (told.network, told.files) == (False, True)
    assert told.missing == "seccomp: the system calls of abacus are not known"


def test_threads_that_ran_before_are_told() -> None:
    """Landlock does not reach them, so the report does not say that it does."""
    before = "wait = threading.Event()\nthreading.Thread(target=wait.wait).start()\n"
    told = tell("said = None\nwait.set()\n", before=before)
    assert (told.network, told.files) == (True, False)
    assert "threads that ran already" in told.missing


def test_the_home_is_no_library(home: Path) -> None:
    """Even where the module path names it: a script may be started from there."""
    program = "from app.confined.own_libraries import own_library_folders as find\nsaid = [str(p) for p in find()]\n"
    folders = tell(program, before="sys.path += [str(home), '/', '', str(home.parent)]\n").said
    assert isinstance(folders, list)
    assert not [folder for folder in (home, home.parent, Path("/"), APPLICATION) if str(folder) in folders]
    assert str(APPLICATION / "app") in folders


def test_a_named_library_folder_is_readable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Another build of llama.cpp lies where the environment says."""
    monkeypatch.setenv("LLAMA_CPP_LIB_PATH", str(tmp_path / "builds" / "cuda"))
    assert tmp_path / "builds" / "cuda" in own_library_folders()


def test_a_user_without_a_home_and_a_working_folder_that_is_gone() -> None:
    """Odd circumstances do not keep the fence from going up."""
    before = (
        "(home / 'brief').mkdir()\nos.chdir(home / 'brief')\n(home / 'brief').rmdir()\n"
        "import pwd\ndel os.environ['HOME']\n"
        "def nobody(uid):\n    raise KeyError(uid)\n"
        "pwd.getpwuid = nobody\n"
    )
    told = tell("said = None\n", before=before)
    assert (told.network, told.files) == (True, True)


def test_a_packaged_application_reads_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frozen, or installed beside its libraries, the folder it lies in is where its code is."""
    monkeypatch.setattr(sys, "_MEIPASS", str(APPLICATION), raising=False)
    assert APPLICATION in own_library_folders()


def test_keep_to_needs_the_vow_first() -> None:
    """Without `no_new_privs` an ordinary process is refused, and that is an error, not silence."""
    program = (
        "from app.confined.landlock import keep_to\nimport os\nos.setuid(65534) if not os.getuid() else None\n"
        "try:\n    keep_to([])\n    print('kept')\nexcept PermissionError:\n    print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=False)
    assert done.stdout == "refused\n"


def test_the_profile_for_macos_names_real_paths(tmp_path: Path) -> None:
    """A quote in a path does not end it, and a link counts as what it leads to."""
    odd = tmp_path / 'a "quoted" model.gguf'
    odd.touch()
    link = tmp_path / "link.gguf"
    link.symlink_to(odd)
    state = tmp_path / "state"
    profile = build_profile(Confinement((link,), (state,)), [tmp_path / "lib"])
    assert r'a \"quoted\" model.gguf")' in profile
    assert "link.gguf" not in profile
    assert f'(allow file-write* (subpath "{state}"))' in profile
    assert f'(allow file-write* (subpath "{tmp_path / "lib"}"))' not in profile
