"""From a status that says no to what it means for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from app.models.hub_errors import (
    GatedError,
    HubError,
    HubTroubleError,
    NotOnHubError,
    RateLimitedError,
    TokenRefusedError,
)
from app.network.addresses import shown_host

_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_TIMEOUT: Final = 408
_TOO_MANY: Final = 429
_SERVER: Final = 500
_LONGEST_NUMBER: Final = 9
"""Digits of a header's number that are read: thirty years, in seconds."""
_DISABLED: Final = "Access to this resource is disabled."


class RefusedAnswerError(Exception):
    """A status that says no, as it came; it never gets further than the hub's own files."""

    def __init__(self, answer: RefusedAnswer) -> None:
        super().__init__(f"{answer.status} from {answer.host}")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class RefusedAnswer:
    """The status, and what the headers say of it; `had_token` is whether the request had one."""

    status: int
    host: str
    code: str = ""
    message: str = ""
    retry_after: str = ""
    had_token: bool = False

    @property
    def wait_s(self) -> int | None:
        """How long the server wants to be left alone; None where it does not say so in seconds."""
        told = self.retry_after
        return int(told[:_LONGEST_NUMBER]) if told.isascii() and told.isdecimal() else None


@dataclass(frozen=True, slots=True)
class Subject:
    """What the hub at `endpoint` was asked about."""

    endpoint: str
    repository: str = ""
    file: str = ""

    @property
    def host(self) -> str:
        """The hub's host, as it is shown."""
        address = urlsplit(self.endpoint)
        return shown_host(address.scheme, address.hostname or "", address.port)

    @property
    def page(self) -> str:
        """Where a browser finds the repository."""
        return f"{self.endpoint}/{self.repository}"


def explained(answer: RefusedAnswer, subject: Subject) -> HubError:
    """Give what `answer` means for `subject`: whose business it is, and what can be done."""
    return _Refusal(answer, subject).explained()


@dataclass(frozen=True, slots=True)
class _Refusal:
    """What was refused, and how."""

    answer: RefusedAnswer
    subject: Subject

    def explained(self) -> HubError:
        by_code = {
            "GatedRepo": self._gated,
            "EntryNotFound": self._no_file,
            "RevisionNotFound": self._no_revision,
            "RepoNotFound": self._no_repository,
        }
        status = self.answer.status
        if self.answer.code in by_code:
            return by_code[self.answer.code]()
        if status == _TOO_MANY:
            return self._rate_limited()
        if status >= _SERVER or status == _TIMEOUT or self.answer.host != self.subject.host:
            return self._trouble()
        return self._of_access()

    def _of_access(self) -> HubError:
        status = self.answer.status
        if self.answer.message == _DISABLED:
            return self._disabled()
        if status == _UNAUTHORIZED and self.answer.had_token:
            return self._token_refused()
        if status == _FORBIDDEN and self.answer.had_token and self.subject.repository:
            return self._token_too_weak()
        if status in {_UNAUTHORIZED, _NOT_FOUND} and self.subject.repository:
            return self._no_repository()
        return self._refused()

    def _gated(self) -> HubError:
        if self.answer.had_token:
            return GatedError(
                "The owner of {repository} has not let the account of your access token in yet.",
                next_step="Open {page} in a browser and ask for access there. Some owners look at each request "
                "themselves, which may take days.",
                page=self.subject.page,
                repository=self.subject.repository,
            )
        return GatedError(
            "{repository} is for those only who have agreed to its owner's terms.",
            next_step="Open {page} in a browser, sign in and agree to them. Then make an access token under "
            "{tokens} and enter it in the settings, under Network.",
            page=self.subject.page,
            repository=self.subject.repository,
            tokens=self._tokens_page(),
        )

    def _no_file(self) -> HubError:
        return NotOnHubError(
            "There is no {file} in {repository}.",
            next_step="It may have got another name. Look at the list of its files.",
            file=self.subject.file,
            repository=self.subject.repository,
        )

    def _no_revision(self) -> HubError:
        return NotOnHubError(
            "{repository} has no such revision any more.",
            next_step="Look at its newest files.",
            repository=self.subject.repository,
        )

    def _no_repository(self) -> HubError:
        return NotOnHubError(
            "There is no {repository} on {host}, or it is not open to everybody.",
            next_step="Check the spelling. For a private repository, enter an access token in the settings, under "
            "Network.",
            repository=self.subject.repository,
            host=self.subject.host,
        )

    def _disabled(self) -> HubError:
        return NotOnHubError(
            "{host} has closed {repository}.",
            next_step="Look for the same model of another owner.",
            repository=self.subject.repository,
            host=self.subject.host,
        )

    def _token_refused(self) -> HubError:
        return TokenRefusedError(
            "{host} does not know your access token.",
            next_step="It may have expired, or been deleted. Make a new one under {tokens} and enter it in the "
            "settings, under Network.",
            host=self.subject.host,
            tokens=self._tokens_page(),
        )

    def _token_too_weak(self) -> HubError:
        return TokenRefusedError(
            "Your access token does not open {repository}.",
            next_step="Allow it to read gated repositories under {tokens}, or enter another one in the settings, under "
            "Network.",
            details=self.answer.message,
            repository=self.subject.repository,
            tokens=self._tokens_page(),
        )

    def _rate_limited(self) -> HubError:
        return RateLimitedError(self.answer.host, self.answer.wait_s)

    def _trouble(self) -> HubError:
        return HubTroubleError(
            "{host} has trouble of its own (status {status}).",
            next_step="Try again later.",
            details=self.answer.message,
            host=self.answer.host,
            status=self.answer.status,
        )

    def _refused(self) -> HubError:
        return HubError(
            "{host} will not answer this (status {status}).",
            next_step="Check the name, and the address of the hub in the settings, under Network.",
            details=self.answer.message,
            host=self.answer.host,
            status=self.answer.status,
        )

    def _tokens_page(self) -> str:
        return f"{self.subject.endpoint}/settings/tokens"
