"""Whether a request may pass: the network policy, what was allowed before, and the user's answer."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from enum import StrEnum
from typing import TypeAlias

from app.network.addresses import granted_host
from app.network.errors import GateClosedError, NotAllowedError
from app.network.grants import Grants
from app.network.purpose import Purpose, PurposeKind
from app.private_file import PrivateFileError

_log = logging.getLogger(__name__)


class NetworkPolicy(StrEnum):
    """The setting `network.policy`."""

    ASK = "ask"
    ALLOW = "allow"
    OFFLINE = "offline"


class Answer(StrEnum):
    """What the user says to a purpose and a host."""

    ONCE = "once"
    """Until Paddock is closed."""
    ALWAYS = "always"
    NO = "no"


Asker: TypeAlias = Callable[[Purpose, str], Answer]
_Key: TypeAlias = tuple[PurposeKind, str]


class Gate:
    """Lets a request pass or raises. Any thread may stand at it.

    `ask` puts the question to the user and gives the answer; it is called on the thread of whoever wants to pass.
    Without one, nobody can be asked, and the policy `ask` refuses what has no grant.
    """

    def __init__(self, policy: Callable[[], NetworkPolicy], grants: Grants, ask: Asker | None = None) -> None:
        self.ask = ask
        self._policy = policy
        self._grants = grants
        self._lock = threading.Lock()
        self._allowed: set[_Key] = set()
        self._questions: dict[_Key, Future[Answer]] = {}

    def pass_or_raise(self, purpose: Purpose, host: str) -> None:
        """Come back if `purpose` may connect to `host`; raise `GateClosedError` or `NotAllowedError` if not.

        Who comes while the same is being asked waits for that answer. A no counts for them; who comes later asks again.
        """
        self._raise_if_offline()
        key = (purpose.kind, granted_host(host))
        if self._policy() is NetworkPolicy.ALLOW or self._is_allowed(key):
            return
        answer = self._answer(purpose, key)
        self._raise_if_offline()  # the switch may have been used while the question stood there
        if answer is Answer.NO:
            raise NotAllowedError(
                "You did not allow Paddock to connect to {host}, so nothing was sent.",
                next_step="Try again to be asked again.",
                host=key[1],
            )

    @property
    def is_offline(self) -> bool:
        """Whether nothing may pass now, not even the rest of an answer."""
        return self._policy() is NetworkPolicy.OFFLINE

    def _raise_if_offline(self) -> None:
        if self.is_offline:
            raise GateClosedError(
                "Paddock is offline, as you have set it. Nothing was sent.",
                next_step="Let it connect in the settings, under Network.",
            )

    def _is_allowed(self, key: _Key) -> bool:
        return key in self._allowed or self._grants.is_granted(*key)

    def _answer(self, purpose: Purpose, key: _Key) -> Answer:
        with self._lock:
            if self._is_allowed(key):  # somebody's question was answered between our look and the lock
                return Answer.ONCE
            asked_by_others = self._questions.get(key)
            question = self._questions.setdefault(key, Future())
        if asked_by_others:
            return question.result()
        return self._put(question, purpose, key)

    def _put(self, question: Future[Answer], purpose: Purpose, key: _Key) -> Answer:
        """Have the user answer for all who wait; an asker that fails fails for all of them."""
        try:
            answer = self._keep(self._ask(purpose, key[1]), key)
        except BaseException as error:
            self._close(key)
            question.set_exception(error)
            raise
        self._close(key)
        question.set_result(answer)
        return answer

    def _ask(self, purpose: Purpose, host: str) -> Answer:
        if self.ask is None:
            raise NotAllowedError(
                "Connecting to {host} needs your consent, and there is nobody to ask here. Nothing was sent.",
                next_step="Allow it in the settings, under Network, or for this one command with --yes.",
                host=host,
            )
        return self.ask(purpose, host)

    def _keep(self, answer: Answer, key: _Key) -> Answer:
        if answer is not Answer.NO:
            self._allowed.add(key)
        if answer is Answer.ALWAYS:
            try:
                self._grants.grant(*key)
            except PrivateFileError as error:
                _log.warning("A grant counts until Paddock is closed only: %s", error)
        return answer

    def _close(self, key: _Key) -> None:
        with self._lock:
            del self._questions[key]
