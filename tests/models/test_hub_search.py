"""Searching the hub, by the real library, over a real socket."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import Fault as Blame
from app.models.hub_errors import HubError, HubTroubleError, RateLimitedError, SearchStoppedError, TokenRefusedError
from app.models.hub_refusals import RefusedAnswer
from app.models.hub_search import PAGE_SIZE, VISION_TASK, SearchFilters, SearchRequest, Sort
from app.network.errors import GateClosedError, NoConnectionError, UnreadableAnswerError
from app.network.gate import NetworkPolicy
from tests.hub_server.exchange import Kind
from tests.hub_server.faults import EVERYTHING, Failing, Fault, Replies, Times, TooManyRequests
from tests.hub_server.repositories import HubRepository
from tests.models.hub_home import HubHome
from tests.network.loopback import closed_port

NEWEST = datetime(2026, 11, 1, tzinfo=UTC)
REASONS = {"total": 4, "architecture": "qwen3", "context_length": 40960, "chat_template": "{{ '<think>' }}"}


def fill(home: HubHome, count: int, **about: object) -> None:
    """Put `count` more repositories on the hub, each with more downloads than the one before."""
    for number in range(count):
        home.server.publish(HubRepository(f"many/model-{number:03}-GGUF", downloads=number, **about))  # pyright: ignore[reportArgumentType] - what a test hands through


def ids(home: HubHome, request: SearchRequest) -> list[str]:
    """What a search finds."""
    return [found.id for found in home.hub.search(request).value.found]


def test_a_search_finds_a_repository_and_tells_what_the_hub_knows(hub_home: HubHome) -> None:
    """Downloads, licence, size in weights: enough to choose by."""
    (found,) = hub_home.hub.search(SearchRequest("smollm2")).value.found
    assert found.id == "HuggingFaceTB/SmolLM2-135M-Instruct-GGUF"
    assert (found.downloads, found.likes, found.licence, found.languages) == (12_000, 80, "apache-2.0", ("en",))
    assert (found.parameters, found.architecture, found.context_length) == (134_515_008, "llama", 8192)
    assert (found.is_gated, found.has_vision, found.can_reason) == (False, False, False)
    assert found.updated_at == datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize("sort", Sort)
def test_what_comes_first_is_what_was_asked_for(hub_home: HubHome, sort: Sort) -> None:
    """Most downloads, most likes, or newest."""
    hub_home.server.publish(HubRepository("a/downloads", downloads=99_999))
    hub_home.server.publish(HubRepository("a/likes", likes=99_999))
    hub_home.server.publish(HubRepository("a/lastModified", modified=NEWEST))
    assert ids(hub_home, SearchRequest(sort=sort))[0] == f"a/{sort.value}"


def test_only_gguf_repositories_are_found(hub_home: HubHome) -> None:
    """Others hold nothing that could be loaded here."""
    hub_home.server.publish(HubRepository("a/smollm2-safetensors", tags=("safetensors",)))
    assert ids(hub_home, SearchRequest("smollm2")) == ["HuggingFaceTB/SmolLM2-135M-Instruct-GGUF"]


def test_filters_leave_what_is_wanted(hub_home: HubHome) -> None:
    """Licence, language, vision, reasoning: each alone finds its own."""
    hub_home.server.publish(HubRepository("a/german", tags=("gguf", "de", "license:mit")))
    hub_home.server.publish(HubRepository("a/sees", pipeline_tag=VISION_TASK, tags=("gguf", "license:gemma")))
    hub_home.server.publish(HubRepository("a/thinks", gguf=REASONS, tags=("gguf", "license:other")))
    assert ids(hub_home, SearchRequest(filters=SearchFilters(language="de"))) == ["a/german"]
    assert ids(hub_home, SearchRequest(filters=SearchFilters(vision=True))) == ["a/sees"]
    assert ids(hub_home, SearchRequest(filters=SearchFilters(reasoning=True))) == ["a/thinks"]
    assert ids(hub_home, SearchRequest(filters=SearchFilters(licences=frozenset({"mit"})))) == ["a/german"]


def test_pages_follow_each_other_to_the_end(hub_home: HubHome) -> None:
    """Each page knows where the next one begins; none is found twice."""
    fill(hub_home, 2 * PAGE_SIZE)
    first = hub_home.hub.search(SearchRequest()).value
    second = hub_home.hub.search(SearchRequest(after=first.next)).value
    third = hub_home.hub.search(SearchRequest(after=second.next)).value
    every = [found.id for page in (first, second, third) for found in page.found]
    assert (len(first.found), len(second.found), len(third.found)) == (PAGE_SIZE, PAGE_SIZE, 1)
    assert third.next == ""
    assert len(set(every)) == len(hub_home.server.repositories)


def test_links_that_lead_to_another_hub_are_not_followed(hub_home: HubHome) -> None:
    """A mirror hands on the links of the real hub, whose host was not asked for."""
    fill(hub_home, PAGE_SIZE + 1)
    hub_home.server.named_as = "https://huggingface.co"
    first = hub_home.hub.search(SearchRequest()).value
    assert len(hub_home.hub.search(SearchRequest(after=first.next)).value.found) == 2
    assert {entry.host for entry in hub_home.network.entries} == {hub_home.server.address.removeprefix("http://")}


def test_where_little_is_wanted_a_search_looks_on_but_not_for_ever(hub_home: HubHome) -> None:
    """Five requests are made for one page; the next page goes on from there."""
    fill(hub_home, 6 * PAGE_SIZE, tags=("gguf", "license:other"))
    hub_home.server.publish(HubRepository("rare/last", tags=("gguf", "license:mit"), downloads=-1))
    request = SearchRequest(filters=SearchFilters(licences=frozenset({"mit"})))
    page = hub_home.hub.search(request).value
    assert page.found == ()
    assert len(hub_home.server.log.of(Kind.SEARCH)) == 5
    assert ids(hub_home, SearchRequest(filters=request.filters, after=page.next)) == ["rare/last"]


def test_a_search_can_be_stopped_between_its_requests(hub_home: HubHome) -> None:
    """Whoever types on does not wait for what nobody reads."""
    fill(hub_home, 6 * PAGE_SIZE, tags=("gguf", "license:other"))
    request = SearchRequest(filters=SearchFilters(licences=frozenset({"mit"})))
    with pytest.raises(SearchStoppedError):
        hub_home.hub.search(request, lambda: len(hub_home.server.log.requests) == 2)
    assert len(hub_home.server.log.requests) == 2


def test_what_was_found_a_moment_ago_is_not_asked_for_again(hub_home: HubHome) -> None:
    """Going back to a search costs nothing; after ten minutes the hub is asked anew."""
    first = hub_home.hub.search(SearchRequest("smollm2"))
    assert hub_home.hub.search(SearchRequest("smollm2")) == first
    assert len(hub_home.server.log.requests) == 1
    hub_home.clock.moment += timedelta(minutes=11)
    assert hub_home.hub.search(SearchRequest("smollm2")).at > first.at
    assert len(hub_home.server.log.requests) == 2


@pytest.mark.parametrize("age", [timedelta(seconds=1), timedelta(hours=2)])
def test_offline_what_was_found_before_is_shown_with_its_age(hub_home: HubHome, age: timedelta) -> None:
    """It is said why, and from when it is; what was never asked cannot be shown."""
    online = hub_home.hub.search(SearchRequest("smollm2"))
    hub_home.clock.moment += age
    hub_home.network.policy = NetworkPolicy.OFFLINE
    offline = hub_home.hub.search(SearchRequest("smollm2"))
    assert (offline.value, offline.at) == (online.value, online.at)
    assert isinstance(offline.trouble, GateClosedError)
    with pytest.raises(GateClosedError):
        hub_home.hub.search(SearchRequest("something else"))
    assert len(hub_home.server.log.requests) == 1


def test_a_hub_that_is_not_there_is_said(hub_home: HubHome) -> None:
    """The sentence is the network's own, and no request is tried again for a minute."""
    hub_home.endpoint = f"http://127.0.0.1:{closed_port()}"
    with pytest.raises(NoConnectionError):
        hub_home.hub.search(SearchRequest("smollm2"))
    assert len(hub_home.network.entries) == 1


def test_too_many_requests_are_told_with_the_time_to_wait(hub_home: HubHome) -> None:
    """The library would sleep so long by itself, where nobody could stop it."""
    hub_home.server.faults.append(TooManyRequests(120, kinds=EVERYTHING))
    with pytest.raises(RateLimitedError, match="Try again in 120 seconds") as raised:
        hub_home.hub.search(SearchRequest("smollm2"))
    assert raised.value.retry_after_s == 120
    assert raised.value.fault is Blame.MACHINE
    assert len(hub_home.server.log.requests) == 1


@pytest.mark.parametrize(
    ("told", "wait_s"), [("17", 17), ("9" * 5000, 999_999_999), ("", None), ("-1", None), ("\u0663", None)]
)
def test_how_long_the_hub_wants_to_be_left_alone(told: str, wait_s: int | None) -> None:
    """A number that nobody can mean is no mistake of ours, and no reason to stumble."""
    assert RefusedAnswer(429, "hub", retry_after=told).wait_s == wait_s


@pytest.mark.parametrize(
    "fault", [TooManyRequests(1, Times(2), kinds=EVERYTHING), Failing(502, Times(2), kinds=EVERYTHING)]
)
def test_a_hub_that_is_busy_for_a_moment_is_asked_again(hub_home: HubHome, fault: Fault) -> None:
    """Nobody needs to know; a third no is told."""
    hub_home.server.faults.append(fault)
    assert hub_home.hub.search(SearchRequest("smollm2")).value.found
    assert len(hub_home.server.log.requests) == 3


def test_nobody_waits_for_a_busy_hub_who_does_not_want_to_know_any_more(hub_home: HubHome) -> None:
    """New words were written meanwhile: the hub is left alone at once."""
    hub_home.server.faults.append(TooManyRequests(20, kinds=EVERYTHING))
    began, answers = time.monotonic(), iter((False,))
    with pytest.raises(RateLimitedError):
        hub_home.hub.search(SearchRequest("smollm2"), lambda: next(answers, True))
    assert time.monotonic() - began < 10
    assert len(hub_home.server.log.requests) == 1


def test_a_hub_in_trouble_is_told_and_what_it_said_before_serves(hub_home: HubHome) -> None:
    """A status of 503 is the hub's own trouble."""
    hub_home.server.faults.append(Failing(503, Times(3), kinds=EVERYTHING))
    with pytest.raises(HubTroubleError, match="trouble of its own \\(status 503\\)"):
        hub_home.hub.search(SearchRequest("smollm2"))
    hub_home.server.faults.clear()
    good = hub_home.hub.search(SearchRequest("smollm2"))
    hub_home.clock.moment += timedelta(hours=1)
    hub_home.server.faults.append(Failing(502, kinds=EVERYTHING))
    kept = hub_home.hub.search(SearchRequest("smollm2"))
    assert kept.value == good.value
    assert isinstance(kept.trouble, HubTroubleError)


@pytest.mark.parametrize("body", [b"<html>Welcome to the hotel</html>", b"{}", b'[{"id": 5}]', b"[", b"\xff"])
def test_what_is_no_list_of_models_is_told(hub_home: HubHome, body: bytes) -> None:
    """A network that wants people to sign in answers for everybody."""
    hub_home.server.faults.append(Replies(body, kinds=EVERYTHING))
    with pytest.raises(UnreadableAnswerError):
        hub_home.hub.search(SearchRequest("smollm2"))


def test_an_address_that_is_no_hub_is_told(hub_home: HubHome) -> None:
    """A mirror whose address is mistyped answers 404 to everything."""
    hub_home.endpoint = f"{hub_home.server.address}/mirror"
    with pytest.raises(HubError, match=r"status 404.*under Network"):
        hub_home.hub.search(SearchRequest("smollm2"))


def test_a_token_that_the_hub_does_not_know_is_told(hub_home: HubHome) -> None:
    """It may have been deleted there since."""
    hub_home.token = "hf_ATokenThatIsNoMore"  # noqa: S105 - a token for nothing
    with pytest.raises(TokenRefusedError, match="does not know your access token"):
        hub_home.hub.search(SearchRequest("smollm2"))
