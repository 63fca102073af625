"""The access token of the hub, kept by the operating system; where that cannot be, until Paddock is closed."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, Final, Protocol, TypeVar, cast

from typing_extensions import override

from app.errors import Fault, PaddockError

KEYRING_TIMEOUT_S: Final = 5.0
_SERVICE: Final = "Paddock"
_ACCOUNT: Final = "Hugging Face access token"
_TRUSTED: Final = frozenset(
    {
        "keyring.backends.macOS.Keyring",
        "keyring.backends.Windows.WinVaultKeyring",
        "keyring.backends.SecretService.Keyring",
        "keyring.backends.libsecret.Keyring",
        "keyring.backends.kwallet.DBusKeyring",
    }
)
"""Those that encrypt what they keep; others, such as plain text files, are not used even where they are set up."""
_NONE: Final = frozenset({"keyring.backends.fail", "keyring.backends.null"})
_SECRETS: Final = re.compile(r"hf_[A-Za-z0-9]{8,}|(?<=://)[^\s/@]+:[^\s/@]+(?=@)")
_TOKEN: Final = re.compile(r"[!-~]{1,1000}")  # what a header can carry
_log = logging.getLogger(__name__)

T = TypeVar("T")


class Keyring(Protocol):
    """What of a keyring is used."""

    def get_password(self, service: str, username: str, /) -> str | None:
        """Give what is kept."""
        ...

    def set_password(self, service: str, username: str, password: str, /) -> None:
        """Keep it."""
        ...

    def delete_password(self, service: str, username: str, /) -> None:
        """Forget it."""
        ...


class CredentialsError(PaddockError):
    """The keyring of this system could not be used; what follows from that is said."""

    fault = Fault.MACHINE


class NoTrustedKeyringError(CredentialsError):
    """There is no keyring, or one that may keep its secrets readable."""


class NotATokenError(PaddockError):
    """What was entered cannot be an access token."""

    fault = Fault.USER


class Keeper(StrEnum):
    """Who has the token."""

    KEYRING = "keyring"
    SESSION = "session"
    """Paddock's memory, until it is closed."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a token went, and why not into the keyring."""

    keeper: Keeper
    why: CredentialsError | None = None


def system_keyring() -> Keyring:
    """Give the keyring that this system or its user has set up, whichever it is; of several the first we may trust."""
    import keyring  # noqa: PLC0415 - looks through all packages for keyrings
    from keyring.backends.chainer import ChainerBackend  # noqa: PLC0415 - the same

    found = keyring.get_keyring()
    each = cast("list[Keyring]", found.backends if isinstance(found, ChainerBackend) else [found])
    return next(filter(is_trusted, each), found)


def is_trusted(keyring: Keyring) -> bool:
    """Whether `keyring` belongs to an operating system, and encrypts what it keeps."""
    return any(f"{kind.__module__}.{kind.__qualname__}" in _TRUSTED for kind in type(keyring).__mro__)


class Credentials:
    """The access token. The keyring is asked for it once; whatever else is asked of it is done in the same order.

    A keyring may wait for its own password: whoever calls waits `timeout_s` at most, and the keyring's own thread goes
    on. Any thread may call.
    """

    def __init__(self, keyring: Callable[[], Keyring] = system_keyring, timeout_s: float = KEYRING_TIMEOUT_S) -> None:
        self._keyring = keyring
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._token: str | None = None
        self._is_known = False
        self._reading: tuple[Future[str | None], float] | None = None
        self._last: Future[Any] | None = None
        self.trouble: CredentialsError | None = None
        """Why the keyring did not give the token when it was asked for it."""

    def token(self) -> str | None:
        """Give the token; None where there is none, or the keyring does not give it: `trouble` says why."""
        with self._lock:
            if self._is_known:
                return self._token
            if self._reading is None:
                self._reading = (self._order(_read), time.monotonic() + self._timeout_s)
            reading, deadline = self._reading
        try:
            found = reading.result(max(deadline - time.monotonic(), 0))
        except TimeoutError:
            self.trouble = _silent()
            return None  # not for good: it may be typing its password in
        except CredentialsError as error:
            self.trouble, found = error, None
        return self._learn(found)

    def keep(self, token: str) -> Kept:
        """Use `token` from now on, and give it to the keyring. Raises `NotATokenError`."""
        if not _TOKEN.fullmatch(token.strip()):
            raise NotATokenError(
                "This cannot be an access token.",
                next_step="It is one word, such as the hub shows in its settings under Access Tokens.",
            )
        with self._lock:
            self._token, self._is_known = token.strip(), True
            keeping = self._order(partial(_write, token.strip()))
        trouble = self._trouble_of(keeping)
        return Kept(Keeper.SESSION, trouble) if trouble else Kept(Keeper.KEYRING)

    def forget(self) -> None:
        """Have no token any more, here and in the keyring. Raises `CredentialsError` if that may still have it."""
        with self._lock:
            self._token, self._is_known = None, True
            forgetting = self._order(_delete)
        trouble = self._trouble_of(forgetting)
        if trouble and not isinstance(trouble, NoTrustedKeyringError):  # that one was never given it
            raise CredentialsError(
                "Paddock has forgotten the access token, but the keyring of this system may still have it.",
                next_step="Delete the entry “{service}” in the keyring, or try again.",
                details=trouble.details,
                service=_SERVICE,
            )

    def _learn(self, token: str | None) -> str | None:
        with self._lock:
            if not self._is_known:  # what was kept or forgotten meanwhile counts
                self._token, self._is_known = token, True
            return self._token

    def _trouble_of(self, order: Future[None]) -> CredentialsError | None:
        try:
            order.result(self._timeout_s)
        except TimeoutError:
            return _silent()
        except CredentialsError as error:
            return error
        return None

    def _order(self, act: Callable[[Keyring], T]) -> Future[T]:
        """Have a thread do `act` when all that was ordered before is done. The caller holds the lock."""
        before, self._last = self._last, Future[T]()
        thread = threading.Thread(target=self._carry_out, args=(before, self._last, act), name="keyring", daemon=True)
        thread.start()
        return self._last

    def _carry_out(self, before: Future[Any] | None, order: Future[T], act: Callable[[Keyring], T]) -> None:
        if before is not None:
            wait([before])
        try:
            order.set_result(act(self._trusted_keyring()))
        except CredentialsError as error:
            order.set_exception(error)
        except Exception as error:  # noqa: BLE001 - keyrings raise what the buses and libraries behind them raise
            _log.warning("The keyring failed: %s: %s", type(error).__name__, redacted(str(error)))
            order.set_exception(_failed(error))

    def _trusted_keyring(self) -> Keyring:
        keyring = self._keyring()
        if is_trusted(keyring):
            return keyring
        if type(keyring).__module__ in _NONE:
            raise NoTrustedKeyringError(
                "This system has no keyring, so the access token is kept until Paddock is closed.",
                next_step="To keep it longer, install GNOME Keyring or KWallet.",
            )
        raise NoTrustedKeyringError(
            "The keyring that is set up here, {name}, may not encrypt what it keeps, so the access token is kept until "
            "Paddock is closed.",
            next_step="To keep it longer, set up the keyring of the operating system.",
            name=f"{type(keyring).__module__}.{type(keyring).__qualname__}",
        )


def redacted(text: str) -> str:
    """Give `text` without access tokens and without the passwords of addresses."""
    return _SECRETS.sub("[redacted]", text)


class SecretFilter(logging.Filter):
    """Keeps tokens and passwords out of a log, those in tracebacks too. It belongs on each handler."""

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        try:
            message = record.getMessage()
        except (TypeError, ValueError):  # the arguments do not fit the message: a bug, but no reason to leak
            message = f"{record.msg} {record.args}"
        record.msg, record.args = redacted(message), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        record.exc_text = redacted(record.exc_text) if record.exc_text else None
        record.stack_info = redacted(record.stack_info) if record.stack_info else None
        return True


def _read(keyring: Keyring) -> str | None:
    return keyring.get_password(_SERVICE, _ACCOUNT) or None


def _write(token: str, keyring: Keyring) -> None:
    keyring.set_password(_SERVICE, _ACCOUNT, token)


def _delete(keyring: Keyring) -> None:
    if keyring.get_password(_SERVICE, _ACCOUNT) is not None:
        keyring.delete_password(_SERVICE, _ACCOUNT)


def _silent() -> CredentialsError:
    return CredentialsError(
        "The keyring of this system does not answer, so the access token is kept until Paddock is closed.",
        next_step="It may be waiting for its own password. Unlock it, then enter the token again.",
    )


def _failed(error: Exception) -> CredentialsError:
    return CredentialsError(
        "The keyring of this system refused, so the access token is kept until Paddock is closed.",
        next_step="It may be locked. Unlock it, then enter the token again.",
        details=redacted(f"{type(error).__name__}: {error}"),
    )
