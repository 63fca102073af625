"""Our hub speaks as the real one does, to the real library, and each of its faults does what it says."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.models.hub_library import load_library, speaking
from app.models.starter import FILE_NAME, SHA256
from tests.hub_server.exchange import Kind
from tests.hub_server.faults import (
    ChangedETag,
    CorruptByte,
    DropsEvery,
    Failing,
    Fault,
    IgnoresRange,
    LeadsTo,
    ShortFile,
    SlowLoris,
    SpeedCap,
    Stalls,
    Times,
    TooManyRequests,
    WrongContentRange,
    WrongPart,
)
from tests.hub_server.repositories import HubAccount, HubFile, HubRepository, starter_repository
from tests.hub_server.server import HubServer, hub_server

ROOT = Path(__file__).resolve().parents[2]
CONTENT = bytes(number * number % 251 for number in range(300_000))
NAME = "model-Q8_0.gguf"
URL = f"/own/file/resolve/main/{NAME}"
TOKEN = "hf_ATokenForTheTests"  # noqa: S105 - it opens nothing but our own hub


@pytest.fixture
def hub() -> Iterator[HubServer]:
    """A hub with one file, and some repositories to be listed."""
    own = HubRepository("own/file", (HubFile("README.md", b"# Hello"), HubFile(NAME, CONTENT)), likes=5)
    many = (HubRepository(f"many/model-{number}", downloads=number, gguf={"total": 7}) for number in range(5))
    with hub_server(own, *many) as server:
        yield server


@pytest.fixture
def client() -> Iterator[httpx2.Client]:
    """A plain client, which the library may use too."""
    with httpx2.Client(follow_redirects=True, trust_env=False, timeout=10) as client, speaking(client):
        yield client


def library(hub: HubServer, token: str | bool = False) -> Any:  # noqa: ANN401 - half of its own types are unknown
    """The real library, whose types are half unknown."""
    return load_library().HfApi(endpoint=hub.address, token=token)


def get(hub: HubServer, client: httpx2.Client, part: str = "", **headers: str) -> httpx2.Response:
    """Ask for the file, or for a part of it."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(hub.address + URL, headers={**({"Range": f"bytes={part}"} if part else {}), **named})


def test_the_library_lists_models_page_by_page(hub: HubServer, client: httpx2.Client) -> None:
    """It follows the Link header to the end, and reads what it asked to be told."""
    hub.publish(HubRepository("other/kind", tags=("safetensors",)))
    path = f"{hub.address}/api/models"
    paged = load_library().utils.paginate(path, {"filter": "gguf", "sort": "downloads", "limit": 2}, {})
    assert [item["id"] for item in paged][:3] == ["many/model-4", "many/model-3", "many/model-2"]
    assert len(hub.log.of(Kind.SEARCH)) == 3
    found = list(library(hub).list_models(filter="gguf", search="model", sort="downloads", expand=["gguf", "likes"]))
    assert [model.id for model in found] == [f"many/model-{number}" for number in (4, 3, 2, 1, 0)]
    assert [(model.gguf, model.downloads) for model in found] == [({"total": 7}, None)] * 5


def test_the_library_reads_a_repository_in_both_ways(hub: HubServer, client: httpx2.Client) -> None:
    """With sizes and hashes of its files, or with what it asks for by name."""
    info = library(hub).model_info("own/file", files_metadata=True)
    sizes = {file.rfilename: (file.size, file.lfs and file.lfs.sha256) for file in info.siblings}
    assert sizes == {"README.md": (7, None), NAME: (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())}
    expanded = library(hub).model_info("own/file", expand=["likes", "gated"])
    assert (expanded.likes, expanded.gated, expanded.siblings) == (5, False, None)


def test_the_library_downloads_the_real_starter_model(client: httpx2.Client, tmp_path: Path) -> None:
    """By its own code, through the redirect to the second host, which gets no token."""
    with hub_server(starter_repository(), accounts={TOKEN: HubAccount("me")}) as hub:
        path = library(hub, TOKEN).hf_hub_download(
            "HuggingFaceTB/SmolLM2-135M-Instruct-GGUF", FILE_NAME, local_dir=tmp_path
        )
        assert hashlib.sha256(Path(path).read_bytes()).hexdigest() == SHA256
        assert hub.log.tokens() == {(hub.address, TOKEN)}
        assert hub.log.of(Kind.OTHER) == ()  # what leads to the other storage
        hub.log.wait_until_quiet()
        assert hub.log.bytes_sent_twice(FILE_NAME) == 0


def test_the_library_knows_our_refusals(hub: HubServer, client: httpx2.Client) -> None:
    """Gated, not found, no such file, no such revision: by their own codes."""
    errors = load_library().errors
    hub.publish(HubRepository("own/gated", (HubFile(NAME, CONTENT),), gated="auto"))
    hub.accounts[TOKEN] = HubAccount("me")
    cases: list[tuple[type[Exception], str, str | bool]] = [
        (errors.GatedRepoError, f"own/gated/resolve/main/{NAME}", False),
        (errors.GatedRepoError, f"own/gated/resolve/main/{NAME}", TOKEN),
        (errors.RepositoryNotFoundError, "own/none/resolve/main/a", TOKEN),
        (errors.RemoteEntryNotFoundError, "own/file/resolve/main/a", False),
        (errors.RevisionNotFoundError, f"own/file/resolve/v2/{NAME}", False),
    ]
    for kind, path, token in cases:
        with pytest.raises(kind):
            load_library().get_hf_file_metadata(f"{hub.address}/{path}", token=token)


def test_a_file_comes_whole_and_in_parts(hub: HubServer, client: httpx2.Client) -> None:
    """206 with its place, 416 behind the end, and all of it when the condition does not hold."""
    whole = get(hub, client)
    assert (whole.status_code, whole.content, whole.headers["Accept-Ranges"]) == (200, CONTENT, "bytes")
    part = get(hub, client, "100-199")
    assert (part.status_code, part.content) == (206, CONTENT[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(CONTENT)}"
    assert get(hub, client, "-5").content == CONTENT[-5:]
    assert get(hub, client, "299990-").content == CONTENT[299_990:]
    assert get(hub, client, f"{len(CONTENT)}-").status_code == 416
    etag = part.headers["ETag"]
    assert get(hub, client, "5-9", If_Range=etag).status_code == 206
    assert get(hub, client, "5-9", If_Range='"another"').status_code == 200


def test_the_hub_names_what_the_other_host_delivers(hub: HubServer, client: httpx2.Client) -> None:
    """Size, hash and commit are in the redirect; the delivering host has an ETag of its own."""
    answer = client.head(hub.address + URL, follow_redirects=False)
    digest = hashlib.sha256(CONTENT).hexdigest()
    assert (answer.status_code, answer.headers["X-Linked-Size"]) == (302, str(len(CONTENT)))
    assert answer.headers["X-Linked-Etag"] == f'"{digest}"'
    assert answer.headers["X-Repo-Commit"] == hub.repositories["own/file"].commit
    assert answer.headers["Location"].startswith(f"{hub.delivery_address}/delivered/{digest}/")
    assert get(hub, client).headers["ETag"] != answer.headers["ETag"]


def test_the_log_counts_what_is_sent_twice(hub: HubServer, client: httpx2.Client) -> None:
    """Parts that overlap are counted where they do."""
    for part in ("0-99", "50-149", "149-149"):
        get(hub, client, part)
    hub.log.wait_until_quiet()
    assert (hub.log.sent_bytes(NAME), hub.log.bytes_sent_twice(NAME)) == (201, 51)
    assert [each.range for each in hub.log.of(Kind.DELIVERY)] == ["bytes=0-99", "bytes=50-149", "bytes=149-149"]


def test_a_dropped_connection_has_sent_so_much_and_no_more(hub: HubServer, client: httpx2.Client) -> None:
    """And the next one goes on until it is dropped as well."""
    hub.faults.append(DropsEvery(200_000))
    with pytest.raises(httpx2.RemoteProtocolError):
        get(hub, client)
    assert get(hub, client, "200000-").content == CONTENT[200_000:]
    hub.log.wait_until_quiet()
    assert [each.sent_bytes for each in hub.log.of(Kind.DELIVERY)] == [200_000, 100_000]


def test_a_stalled_connection_goes_on_when_it_is_released(hub: HubServer, client: httpx2.Client) -> None:
    """Until then nothing comes, and nothing is closed."""
    fault = Stalls(1000)
    hub.faults.append(fault)
    with client.stream("GET", hub.address + URL) as answer:
        parts = answer.iter_raw(1000)
        assert next(parts) == CONTENT[:1000]
        fault.released.set()
        assert b"".join(parts) == CONTENT[1000:]


def test_a_server_that_ignores_parts_sends_all(hub: HubServer, client: httpx2.Client) -> None:
    """And says nothing of parts."""
    hub.faults.append(IgnoresRange())
    answer = get(hub, client, "5-9")
    assert (answer.status_code, len(answer.content)) == (200, len(CONTENT))
    assert "Accept-Ranges" not in answer.headers


@pytest.mark.parametrize(
    ("fault", "told", "content"),
    [
        (WrongContentRange(3), "bytes 8-12/300000", CONTENT[5:10]),
        (WrongPart(3), "bytes 8-12/300000", CONTENT[8:13]),
        (ShortFile(100_000), "bytes 5-9/200000", CONTENT[5:10]),
        (ChangedETag("new", b"other bytes"), "bytes 5-9/11", b" byte"),
        (CorruptByte(7), "bytes 5-9/300000", CONTENT[5:7] + bytes([CONTENT[7] ^ 0xFF]) + CONTENT[8:10]),
    ],
)
def test_a_fault_changes_what_it_says(
    hub: HubServer, client: httpx2.Client, fault: Fault, told: str, content: bytes
) -> None:
    """Its header, its bytes, or both; and nothing once it is taken out again."""
    hub.faults.append(fault)
    answer = get(hub, client, "5-9")
    assert (answer.headers["Content-Range"], answer.content) == (told, content)
    hub.faults.clear()
    assert get(hub, client, "5-9").content == CONTENT[5:10]


def test_a_fault_may_strike_so_many_times(hub: HubServer, client: httpx2.Client) -> None:
    """One corrupt byte once; two failures; one redirect less."""
    hub.faults.append(CorruptByte(0, Times(1)))
    assert [get(hub, client, "0-0").content == CONTENT[:1] for _ in range(3)] == [False, True, True]
    hub.faults[:] = [Failing(503, Times(2), kinds=frozenset({Kind.DELIVERY}))]
    assert [get(hub, client).status_code for _ in range(3)] == [503, 503, 200]
    hub.faults[:] = [TooManyRequests(7, Times(1), kinds=frozenset({Kind.SEARCH}))]
    refused = client.get(f"{hub.address}/api/models")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "7")
    assert client.get(f"{hub.address}/api/models").status_code == 200


def test_a_changed_etag_ends_a_condition(hub: HubServer, client: httpx2.Client) -> None:
    """Whoever goes on with a part gets the whole instead."""
    etag = get(hub, client, "0-0").headers["ETag"]
    hub.faults.append(ChangedETag())
    assert get(hub, client, "5-9", If_Range=etag).status_code == 200


def test_files_can_be_led_to_a_third_address(hub: HubServer, client: httpx2.Client) -> None:
    """By the delivering host."""
    with hub_server() as third:
        hub.faults.append(LeadsTo(third.address, kinds=frozenset({Kind.DELIVERY})))
        assert get(hub, client).status_code == 404
        assert len(third.log.requests) == 1


def test_a_slow_server_sends_a_few_bytes_at_a_time(hub: HubServer, client: httpx2.Client) -> None:
    """All of them come in the end."""
    hub.faults.append(SlowLoris(2, 0.001))
    assert get(hub, client, "0-9").content == CONTENT[:10]


def test_a_speed_cap_holds_for_all_connections_together(hub: HubServer, client: httpx2.Client) -> None:
    """Each takes its turn at the same pace."""
    hub.faults.append(SpeedCap(1_000_000))
    begin = time.monotonic()
    for _ in range(2):
        assert get(hub, client).content == CONTENT
    assert time.monotonic() - begin > 0.4  # 0.6 s of bytes, less the burst


def test_a_file_may_change_while_the_hub_runs(hub: HubServer, client: httpx2.Client) -> None:
    """A new commit has new bytes, and the old one still has its own."""
    old = hub.repositories["own/file"].commit
    hub.publish(HubRepository("own/file", (HubFile(NAME, b"new"),), "f" * 40))
    assert get(hub, client).content == b"new"
    assert client.get(f"{hub.address}/own/file/resolve/{old}/{NAME}").content == CONTENT


def test_a_hub_can_run_in_a_process_of_its_own(client: httpx2.Client, tmp_path: Path) -> None:
    """So that a benchmark does not share its processor time with what it measures."""
    (tmp_path / NAME).write_bytes(CONTENT)
    command = [sys.executable, "-m", "tests.hub_server", str(tmp_path / NAME)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        address, repository = process.stdout.readline().split()
        assert client.get(f"{address}/{repository}/resolve/main/{NAME}").content == CONTENT
        process.stdin.close()
        assert process.wait(20) == 0
