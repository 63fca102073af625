"""Whom the hub's library talks to: the server that was named, through our door, with our token, and nobody else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from app.models.hub_library import load_library
from app.models.hub_search import SearchRequest
from app.models.remote_file import RemotePath
from app.models.repository_reference import RepositoryReference
from app.models.starter import FILE_NAME
from tests.hub_server.exchange import Kind
from tests.hub_server.repositories import HubAccount, HubFile, HubRepository
from tests.models.hub_home import HubHome

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "hf_OursOursOursOurs"  # noqa: S105 - it opens nothing but our own hub
CANARY = "hf_CanaryOfAnotherProgram42"
SCRIPT = """
import json, sys
from pathlib import Path

reached = []

def watch(event, arguments):
    if event == "socket.connect":
        reached.append([str(part) for part in arguments[1][:2]])
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        reached.append([event, str(arguments[0])])

sys.addaudithook(watch)
from app.models.hub import Hub
from app.models.hub_cache import HubCache
from app.models.hub_search import SearchRequest
from app.models.remote_file import RemotePath
from app.models.repository_reference import RepositoryReference
from app.network.gate import Gate, NetworkPolicy
from app.network.grants import Grants
from app.network.ledger import Ledger
from app.network.network import Network

endpoint, token, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
network = Network(Gate(lambda: NetworkPolicy.ALLOW, Grants(folder / "g")), Ledger(folder / "l"), lambda: None)
hub = Hub(network, lambda: token or None, lambda: endpoint, HubCache(folder / "hub"))
early = sorted({"huggingface_hub", "httpx2"} & set(sys.modules))
page = hub.repository(RepositoryReference("HuggingFaceTB", "SmolLM2-135M-Instruct-GGUF")).value
file = RemotePath(page.id, page.commit, page.models[0].parts[0].path)
hub.search(SearchRequest("smollm2"))
hub.locate(file)
hub.read_range(file, 0, 4096)
from huggingface_hub import constants
flags = [constants.HF_HUB_DISABLE_XET, constants.HF_HUB_DISABLE_TELEMETRY, constants.HF_HUB_DISABLE_IMPLICIT_TOKEN]
hosts = [entry.host for entry in network.ledger.read().entries]
print(json.dumps({"reached": reached, "early": early, "flags": flags, "hosts": hosts}))
"""


def run_alone(home: HubHome, token: str, folder: Path) -> dict[str, list[object]]:
    """Use the hub in a process of its own, where another program's token lies about and a proxy is set."""
    (folder / "hf").mkdir()
    (folder / "hf" / "token").write_text(CANARY)
    own = {"HF_HOME": str(folder / "hf"), "HF_TOKEN": CANARY, "HUGGING_FACE_HUB_TOKEN": CANARY, "HF_DEBUG": "1"}
    proxies = {"HTTP_PROXY": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9"}
    command = [sys.executable, "-c", SCRIPT, home.server.address, token, str(folder)]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **own, **proxies}, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


@pytest.mark.parametrize("token", ["", TOKEN])
def test_only_the_named_server_is_reached_and_only_our_token_is_sent(
    hub_home: HubHome, token: str, tmp_path: Path
) -> None:
    """Watched below Python's sockets, and at the server: no other host, no other token, no name looked up."""
    hub_home.server.accounts[TOKEN] = HubAccount("me")
    told = run_alone(hub_home, token, tmp_path)
    server, delivery = hub_home.server.address, hub_home.server.delivery_address
    assert {":".join(map(str, each)) for each in told["reached"]} <= {  # pyright: ignore[reportArgumentType] - lists of two words
        address.removeprefix("http://") for address in (server, delivery)
    } | {"socket.getaddrinfo:127.0.0.1"}
    assert set(map(str, told["hosts"])) == {server.removeprefix("http://"), delivery.removeprefix("http://")}
    assert hub_home.server.log.tokens() == ({(server, token)} if token else set())
    assert told["flags"] == [True, True, True]
    assert told["early"] == []


def test_each_request_is_one_that_was_asked_for(hub_home: HubHome, tmp_path: Path) -> None:
    """No telemetry, no check for updates, no way to the other storage: this and no more."""
    run_alone(hub_home, "", tmp_path)
    asked = [(each.asked.method, each.asked.kind) for each in hub_home.server.log.requests]
    resolved_twice = [("GET", Kind.RESOLVE)] * 2  # the model card, by way of its place in the hub's cache
    a_part = [("GET", Kind.RESOLVE), ("GET", Kind.DELIVERY)]
    assert asked == [
        ("GET", Kind.DETAILS), *resolved_twice, ("GET", Kind.SEARCH), ("HEAD", Kind.RESOLVE), *a_part, *a_part,
    ]  # fmt: skip
    agents = {each.asked.headers["user-agent"] for each in hub_home.server.log.requests}
    assert agents == {"Paddock"}


def test_the_library_can_send_nothing_by_itself(hub_home: HubHome) -> None:
    """Outside of a call of ours its client has nowhere to go."""
    with pytest.raises(LookupError):
        load_library().HfApi(endpoint=hub_home.server.address).model_info("HuggingFaceTB/SmolLM2-135M-Instruct-GGUF")
    assert hub_home.server.log.requests == ()


def test_a_client_that_somebody_else_gave_the_library_is_not_used(hub_home: HubHome) -> None:
    """Whatever was set in the meantime: what is asked for us passes our gate, and stands in our ledger."""
    load_library().set_client_factory(httpx2.Client)
    hub_home.hub.search(SearchRequest())
    hub_home.hub.repository(RepositoryReference("HuggingFaceTB", "SmolLM2-135M-Instruct-GGUF"))
    assert len(hub_home.network.ledger.read().entries) == len(hub_home.server.log.requests)


def test_two_hubs_in_one_process_keep_to_their_own_doors(hub_home: HubHome, tmp_path: Path) -> None:
    """The library has one client for all: it is lent to whoever speaks."""
    other = HubHome(hub_home.server, tmp_path / "other")
    hub_home.hub.search(SearchRequest("one"))
    other.hub.search(SearchRequest("two"))
    hub_home.hub.repository(RepositoryReference("HuggingFaceTB", "SmolLM2-135M-Instruct-GGUF"))
    assert [entry.purpose for entry in other.network.entries] == ["Search for “two”"]
    assert len(hub_home.network.entries) == 4
    other.hub.close()


def test_the_token_does_not_follow_a_redirect_of_the_hub_itself(hub_home: HubHome) -> None:
    """Not even to another port of the same computer."""
    hub_home.token = TOKEN
    hub_home.server.accounts[TOKEN] = HubAccount("me")
    page = hub_home.hub.repository(RepositoryReference("HuggingFaceTB", "SmolLM2-135M-Instruct-GGUF")).value
    assert page.models[0].parts[0].path == FILE_NAME
    hub_home.hub.text(_file(hub_home))
    assert {address for address, _ in hub_home.server.log.tokens()} == {hub_home.server.address}
    assert hub_home.server.log.of(Kind.DELIVERY)


def test_the_token_is_in_nothing_that_is_kept(hub_home: HubHome, tmp_path: Path) -> None:
    """Neither in the cache nor in the ledger nor in what an error says."""
    hub_home.token = CANARY
    with pytest.raises(Exception, match="access token") as raised:
        hub_home.hub.search(SearchRequest("smollm2"))
    hub_home.server.accounts[CANARY] = HubAccount("me")
    hub_home.hub.search(SearchRequest("smollm2"))
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"smollm2" in kept
    assert CANARY.encode() not in kept
    assert CANARY not in f"{raised.value!r} {raised.value} {vars(raised.value)}"


def _file(home: HubHome) -> RemotePath:
    """A file that another host delivers."""
    home.server.publish(HubRepository("own/file", (HubFile("small-Q8_0.gguf", b"x" * 1000),), "d" * 40))
    return RemotePath("own/file", "d" * 40, "small-Q8_0.gguf")
