"""What the hub says no to, in plain words."""

from __future__ import annotations

from app.errors import Fault, PaddockError


class HubError(PaddockError):
    """The hub did not give what was asked for."""

    fault = Fault.USER


class NotOnHubError(HubError):
    """There is no such repository, revision or file, or it is not shown to us."""


class GatedError(HubError):
    """Only those get the files who have agreed to the owner's terms. `page` is where that is done."""

    def __init__(self, message: str, *, next_step: str, page: str, repository: str, tokens: str = "") -> None:
        super().__init__(message, next_step=next_step, page=page, repository=repository, tokens=tokens)
        self.page = page


class TokenRefusedError(HubError):
    """The access token is no good, or not for this."""


class SearchStoppedError(HubError):
    """Whoever searched does not want to know any more."""


class HubTroubleError(HubError):
    """The hub cannot answer now; what it said before may serve."""

    fault = Fault.MACHINE


class RateLimitedError(HubTroubleError):
    """Too many requests came from here. `retry_after_s` is when the next is welcome; None if the hub did not say."""

    def __init__(self, host: str, retry_after_s: int | None) -> None:
        if retry_after_s is None:
            next_step = "Try again in a few minutes. With an access token the hub allows more."
        else:
            next_step = "Try again in {seconds} seconds. With an access token the hub allows more."
        super().__init__(
            "{host} takes no more requests from here for now.", next_step=next_step, host=host, seconds=retry_after_s
        )
        self.retry_after_s = retry_after_s
