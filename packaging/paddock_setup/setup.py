"""The order of the steps, and the stamp that lets the next run skip them."""

from __future__ import annotations

import hashlib
import json
import signal
import sys
import types
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NoReturn

from paddock_setup import environment, llama_models, llama_wheel, system_packages
from paddock_setup.commands import SetupError, say
from paddock_setup.places import Places, find_places, only_one

LOCKS = {"run": ("run.txt", "starter.txt"), "test": ("run.txt", "starter.txt", "test.txt")}
CONTENTS = {"run.txt": "the libraries", "starter.txt": "the starter model", "test.txt": "what the tests need"}
STARTER_CHECKSUMS = "starter.sha256"
USAGE = "Usage: python3 packaging/bootstrap.py run|test"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What an environment was made of. `locks` are file names with their SHA-256."""

    folder: str
    interpreter: str
    recipe: str
    locks: dict[str, str]
    wheel: str


def main(arguments: Sequence[str]) -> int:
    """Set up for the purpose named in `arguments`; the exit status. Failures are one sentence on standard error."""
    if len(arguments) != 1 or arguments[0] not in LOCKS:
        print(USAGE, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _stop)
    try:
        set_up(find_places(), arguments[0])
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"The set-up stopped: {error.filename or ''} {error.strerror}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("The set-up was stopped. The next make repairs what is unfinished.", file=sys.stderr)
        return 130
    return 0


def set_up(places: Places, purpose: str) -> None:
    """Bring `.venv` and the system to what `purpose` needs; does next to nothing when they are there already."""
    system_packages.ensure_libraries(places)
    if purpose == "test":
        system_packages.ensure_test_programs(places)
    if is_ready(places, purpose):
        return
    with only_one(places.checkout / ".venv.lock", "Another make is setting up this checkout; waiting for it."):
        if not _is_filled(places, purpose):
            _fill(places, purpose)
        if purpose == "test":
            llama_models.ensure(places)
    say("Paddock is set up.")


def is_ready(places: Places, purpose: str) -> bool:
    """Whether everything is there that `purpose` needs."""
    return _is_filled(places, purpose) and (purpose != "test" or llama_models.are_there(places))


def _is_filled(places: Places, purpose: str) -> bool:
    """Whether the stamp says that the environment is whole, for this processor and compiler too."""
    stamp = read_stamp(places)
    wanted = lock_hashes(places, purpose)
    return (
        stamp is not None
        and wanted.items() <= stamp.locks.items()
        and llama_wheel.wheel_key(places) in {stamp.wheel, None}
        and environment.files_are_there(places.venv, places.lock(STARTER_CHECKSUMS))
    )


def _fill(places: Places, purpose: str) -> None:
    stamp = read_stamp(places)
    places.stamp.unlink(missing_ok=True)  # from here on an interruption leaves an environment without a stamp
    wanted = lock_hashes(places, purpose)
    if stamp is None or _has_changed(stamp, wanted):
        stamp = _start_anew(places)
    wheel_key = _install_engine(places, stamp)
    for name in [name for name in wanted if name not in stamp.locks]:
        say(f"Installing {CONTENTS[name]}")
        environment.install(places.venv, places.lock(name), places.log("pip"))
    environment.check_files(places.venv, places.lock(STARTER_CHECKSUMS))
    _write_stamp(places, replace(stamp, locks=stamp.locks | wanted, wheel=wheel_key))


def _start_anew(places: Places) -> Stamp:
    system_packages.ensure_venv_module(places)
    say("Making the Python environment .venv")
    environment.create(places.venv, places.log("venv"))
    return _empty_stamp(places)


def _install_engine(places: Places, stamp: Stamp) -> str:
    """Install the wheel that was compiled for this machine, unless it is there; its key."""
    if stamp.wheel and llama_wheel.wheel_key(places) in {stamp.wheel, None}:
        return stamp.wheel
    key, wheel = llama_wheel.obtain_wheel(places)
    environment.install_wheel(places.venv, wheel, places.log("pip"))
    return key


def read_stamp(places: Places) -> Stamp | None:
    """The stamp of an environment that still stands where it was made, with its interpreter; else None."""
    try:
        stamp = Stamp(**json.loads(places.stamp.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    now = _empty_stamp(places)
    is_same = (stamp.folder, stamp.interpreter, stamp.recipe) == (now.folder, now.interpreter, now.recipe)
    return stamp if is_same else None


def lock_hashes(places: Places, purpose: str) -> dict[str, str]:
    """The lock files that `purpose` needs, in the order of their installation, with their SHA-256."""
    return {name: hashlib.sha256(places.lock(name).read_bytes()).hexdigest() for name in LOCKS[purpose]}


def _has_changed(stamp: Stamp, wanted: dict[str, str]) -> bool:
    return any(stamp.locks.get(name, hash_) != hash_ for name, hash_ in wanted.items())


def _empty_stamp(places: Places) -> Stamp:
    """Where the environment stands, its interpreter (empty when that is gone), and this set-up itself."""
    python = places.python
    interpreter = str(python.resolve()) if python.exists() else ""
    return Stamp(str(places.checkout), interpreter, recipe(), {}, "")


def recipe() -> str:
    """The SHA-256 of this set-up itself: another recipe, another environment."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()


def _write_stamp(places: Places, stamp: Stamp) -> None:
    unfinished = places.stamp.with_suffix(".new")
    unfinished.write_text(json.dumps(asdict(stamp), indent=2), encoding="utf-8")
    unfinished.replace(places.stamp)


def _stop(_signal: int, _frame: types.FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
