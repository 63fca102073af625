"""The access token, and keyrings of every kind."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import cast

import keyring
import pytest
from keyring.backends import fail, null
from keyring.errors import KeyringLocked

from app.credentials import (
    Credentials,
    CredentialsError,
    Keeper,
    Keyring,
    NotATokenError,
    NoTrustedKeyringError,
    SecretFilter,
    is_trusted,
    redacted,
    system_keyring,
)

CANARY = "hf_CanaryThatMustNotSing42"


class PlainText:
    """A keyring that keeps what it is given, in the open."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.asked = 0
        self.deleted = False

    def get_password(self, service: str, username: str, /) -> str | None:
        """Count, and give."""
        self.asked += 1
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str, /) -> None:
        """Keep."""
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str, /) -> None:
        """Forget; as real ones do, complain where there is nothing."""
        del self.kept[service, username]
        self.deleted = True


class Vault(PlainText):
    """One of an operating system, to all appearances."""


Vault.__module__, Vault.__qualname__ = "keyring.backends.SecretService", "Keyring"


class Raising(Vault):
    """One that is locked, and whose owner does not unlock it."""

    def get_password(self, service: str, username: str, /) -> str | None:
        """Refuse."""
        raise KeyringLocked(f"locked, and quotes {CANARY}")

    def set_password(self, service: str, username: str, password: str, /) -> None:
        """Refuse."""
        raise OSError(f"the bus is gone, and quotes {password}")


class Slow(Vault):
    """One that waits for its own password."""

    def __init__(self) -> None:
        super().__init__()
        self.is_asked = threading.Event()
        self.is_unlocked = threading.Event()

    def get_password(self, service: str, username: str, /) -> str | None:
        """Wait, then give."""
        self.is_asked.set()
        assert self.is_unlocked.wait(30)
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str, /) -> None:
        """Wait, then keep."""
        assert self.is_unlocked.wait(30)
        super().set_password(service, username, password)


@pytest.fixture
def slow() -> Iterator[Slow]:
    """A slow keyring that lets go of its thread in the end."""
    made = Slow()
    yield made
    made.is_unlocked.set()


def wait_until(condition: Callable[[], bool]) -> None:
    """Give another thread its time."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        threading.Event().wait(0.005)


def having(keyring: Keyring) -> Callable[[], Keyring]:
    """A system with this keyring."""
    return lambda: keyring


def test_a_token_is_kept_by_the_system() -> None:
    """The next start finds it, and asks for it once."""
    vault = Vault()
    assert Credentials(having(vault)).token() is None
    assert Credentials(having(vault)).keep(f" {CANARY}\n").keeper is Keeper.KEYRING
    next_start = Credentials(having(vault))
    vault.asked = 0
    assert [next_start.token(), next_start.token(), next_start.trouble] == [CANARY, CANARY, None]
    assert vault.asked == 1


def test_a_token_is_forgotten_everywhere() -> None:
    """Also where there was none."""
    vault = Vault()
    credentials = Credentials(having(vault))
    credentials.forget()
    credentials.keep(CANARY)
    credentials.forget()
    assert credentials.token() is None
    assert vault.kept == {}


@pytest.mark.parametrize("none", [fail.Keyring(), null.Keyring()])
def test_without_a_keyring_the_token_is_kept_until_the_end(none: Keyring) -> None:
    """And that is said."""
    credentials = Credentials(having(none))
    kept = credentials.keep(CANARY)
    assert kept.keeper is Keeper.SESSION
    assert "has no keyring" in str(kept.why)
    assert credentials.token() == CANARY
    credentials.forget()
    assert credentials.token() is None
    assert Credentials(having(none)).token() is None


def test_a_keyring_that_keeps_plain_text_is_never_given_the_token() -> None:
    """It is named in the sentence."""
    plain = PlainText()
    kept = Credentials(having(plain)).keep(CANARY)
    assert isinstance(kept.why, NoTrustedKeyringError)
    assert "PlainText, may not encrypt" in str(kept.why)
    assert plain.kept == {}


def test_a_keyring_that_raises_is_said_and_never_quoted(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever it raises; what it says may hold the token."""
    caplog.set_level(logging.DEBUG)
    credentials = Credentials(having(Raising()))
    assert credentials.token() is None
    assert isinstance(credentials.trouble, CredentialsError)
    kept = credentials.keep(CANARY)
    assert kept.keeper is Keeper.SESSION
    assert credentials.token() == CANARY
    with pytest.raises(CredentialsError, match="may still have it") as caught:
        credentials.forget()
    told = [str(kept), repr(kept.why), repr(vars(kept.why)), repr(credentials), caplog.text, caught.value.details]
    assert "the bus is gone" in caplog.text
    assert CANARY not in "".join(told)


def test_looking_for_a_keyring_may_fail_too() -> None:
    """A configuration that names one which is not installed."""

    def broken() -> Keyring:
        raise ModuleNotFoundError("No module named 'keyrings'")

    assert Credentials(broken).keep(CANARY).keeper is Keeper.SESSION


def test_a_slow_keyring_is_not_waited_for(slow: Slow) -> None:
    """It is asked once; when it answers at last, its token counts."""
    Vault.set_password(slow, "Paddock", "Hugging Face access token", CANARY)
    credentials = Credentials(having(slow), timeout_s=0.05)
    assert [credentials.token(), credentials.token()] == [None, None]
    assert "does not answer" in str(credentials.trouble)
    slow.is_unlocked.set()
    wait_until(lambda: credentials.token() == CANARY)
    assert slow.asked == 1


def test_what_was_kept_meanwhile_is_not_overwritten_by_a_late_answer(slow: Slow) -> None:
    """The user typed a new token while the old one was still being unlocked."""
    Vault.set_password(slow, "Paddock", "Hugging Face access token", "hf_theOldOne1234")
    credentials = Credentials(having(slow), timeout_s=20)
    found: list[str | None] = []
    search = threading.Thread(target=lambda: found.append(credentials.token()))
    keeping = threading.Thread(target=lambda: credentials.keep(CANARY))
    search.start()
    assert slow.is_asked.wait(20)
    keeping.start()
    wait_until(lambda: credentials._is_known)  # pyright: ignore[reportPrivateUsage] - asking by token() would wait
    slow.is_unlocked.set()
    search.join()
    keeping.join()
    assert (found, credentials.token()) == ([CANARY], CANARY)
    assert list(slow.kept.values()) == [CANARY]


def test_forgetting_comes_after_a_keeping_that_is_still_under_way(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is left in the keyring when it is unlocked at last."""
    monkeypatch.setattr(slow, "get_password", partial(Vault.get_password, slow))  # only what writes has to wait
    credentials = Credentials(having(slow), timeout_s=0.05)
    credentials.keep(CANARY)
    with pytest.raises(CredentialsError, match="may still have it"):
        credentials.forget()
    slow.is_unlocked.set()
    wait_until(lambda: slow.deleted)
    assert (slow.kept, credentials.token()) == ({}, None)


@pytest.mark.parametrize("text", ["", "  ", "hf_two words", "hf_line\nbreak", "hf_ümlaut", "x" * 2000])
def test_what_is_no_token_is_not_kept(text: str) -> None:
    """A header cannot carry it."""
    credentials = Credentials(having(Vault()))
    with pytest.raises(NotATokenError, match="cannot be an access token"):
        credentials.keep(text)
    assert credentials.token() is None


def test_of_several_keyrings_the_one_of_the_system_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plain text one beside it, of whatever rank, is passed over."""
    from keyring.backends import chainer

    vault, plain = Vault(), PlainText()
    monkeypatch.setattr(chainer.ChainerBackend, "backends", [plain, vault])
    monkeypatch.setattr(keyring, "get_keyring", chainer.ChainerBackend)
    assert system_keyring() is vault
    monkeypatch.setattr(keyring, "get_keyring", lambda: plain)
    assert system_keyring() is plain


def test_the_keyrings_of_the_systems_have_the_names_that_are_trusted() -> None:
    """A new version of the library may move them."""
    from keyring.backends import SecretService, Windows, kwallet, libsecret

    for kind in (SecretService.Keyring, Windows.WinVaultKeyring, kwallet.DBusKeyring, libsecret.Keyring):
        assert is_trusted(cast("Keyring", kind.__new__(kind)))
    if sys.platform == "darwin":
        from keyring.backends import macOS

        assert is_trusted(macOS.Keyring.__new__(macOS.Keyring))


def test_a_log_holds_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    """Not in a message, its arguments, a traceback, or where the arguments do not fit."""
    handler = caplog.handler
    handler.addFilter(SecretFilter())
    log = logging.getLogger("stable")
    error = ValueError(f"no good: {CANARY}")
    log.error("token %s at %s", CANARY, "http://name:word@proxy.test:1", exc_info=error, stack_info=True)
    log.warning("does not fit %s %s", *[CANARY])
    log.warning("100 %")
    assert "no good: [redacted]" in caplog.text
    assert "http://[redacted]@proxy.test:1" in caplog.text
    assert "100 %" in caplog.text
    assert CANARY not in caplog.text


def test_what_is_no_secret_stays() -> None:
    """Words that only begin alike."""
    assert (
        redacted("hf_short https://hub.test/a:b@c hf_hub_download") == "hf_short https://hub.test/a:b@c hf_hub_download"
    )
