"""A repository's page: files by quantization, licence twice, description, and what is said where there is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.models.hub_errors import GatedError, HubError, HubTroubleError, NotOnHubError, TokenRefusedError
from app.models.remote_file import RemotePath
from app.models.repository import FilePart, Repository, StatedLicence
from app.models.repository_files import quantization_in
from app.models.repository_reference import RepositoryReference
from app.models.starter import SHA256
from app.network.errors import NetworkError, UnreadableAnswerError
from app.network.gate import NetworkPolicy
from tests.hub_server.exchange import Kind
from tests.hub_server.faults import EVERYTHING, Failing, Replies, Times
from tests.hub_server.repositories import HubAccount, HubFile, HubRepository
from tests.models.hub_home import HubHome

STARTER = RepositoryReference("HuggingFaceTB", "SmolLM2-135M-Instruct-GGUF")
MANY = RepositoryReference("many", "files")
TOKEN = "hf_ATokenForTheTests"  # noqa: S105 - it opens nothing but our own hub
NAMES = (
    "Llama-Q4_K_M.gguf", "Llama-Q8_0.gguf", "BF16/Llama-BF16-00002-of-00002.gguf",
    "BF16/Llama-BF16-00001-of-00002.gguf", "Other-Q4_K_M.gguf", "mmproj-F16.gguf", "imatrix_unsloth.gguf",
    "Llama-UD-Q2_K_XL.gguf", "chat.gguf", "README.md", "config.json", "LICENSE.txt", "Lost-Q8_0-00001-of-00003.gguf",
)  # fmt: skip
"""In the order of a hub that has none."""


def files(names: tuple[str, ...] = NAMES, step: int = 1000) -> tuple[HubFile, ...]:
    """Files of growing size."""
    return tuple(HubFile(name, bytes([number + 1]) * (step * (number + 1))) for number, name in enumerate(names))


def publish(home: HubHome, card: str = "", names: tuple[str, ...] = (), **about: object) -> None:
    """Put the repository `many/files` on the hub."""
    own = (*files(names), *((HubFile("README.md", card.encode()),) if card else ()))
    home.server.publish(HubRepository(MANY.id, own, **about))  # pyright: ignore[reportArgumentType] - what a test hands through


def page(home: HubHome, reference: RepositoryReference = MANY) -> Repository:
    """What the page shows."""
    return home.hub.repository(reference).value


def test_the_starter_models_page_shows_its_one_file(hub_home: HubHome) -> None:
    """Its size and its sha256 are those of the real file, and the card is there as Markdown."""
    shown = page(hub_home, STARTER)
    (model,) = shown.models
    assert (model.name, model.quantization) == ("SmolLM2-135M-Instruct.Q4_1", "Q4_1")
    assert model.parts == (FilePart("SmolLM2-135M-Instruct.Q4_1.gguf", 98_362_432, SHA256),)
    assert shown.commit == hub_home.server.repositories[STARTER.id].commit
    assert shown.description == "# SmolLM2 135M Instruct\n\nA **small** model."
    assert shown.licence == shown.card_licence == StatedLicence("apache-2.0")
    assert [file.path for file in shown.licence_files] == ["LICENSE"]
    assert (shown.languages, shown.downloads, shown.likes) == (("en",), 12_000, 80)
    assert (shown.updated_at, shown.is_gated) == (datetime(2026, 5, 1, tzinfo=UTC), False)


def test_files_are_grouped_by_quantization_and_parts_are_one_file(hub_home: HubHome) -> None:
    """Projectors stand apart, what is no model is left out, and an upload that is not whole says so."""
    hub_home.server.publish(HubRepository(MANY.id, files()))
    shown = page(hub_home)
    groups = {group.quantization: [file.name for file in group.files] for group in shown.groups}
    assert groups == {
        "Q4_K_M": ["Llama-Q4_K_M", "Other-Q4_K_M"],
        "Q8_0": ["Llama-Q8_0", "Lost-Q8_0"],
        "BF16": ["Llama-BF16"],
        "UD-Q2_K_XL": ["Llama-UD-Q2_K_XL"],
        "": ["chat"],
    }
    (split,) = shown.find("bf16")
    assert [part.path[-19:-5] for part in split.parts] == ["00001-of-00002", "00002-of-00002"]
    assert (split.size_bytes, split.is_whole) == (3000 + 4000, True)
    assert [file.name for file in shown.projectors] == ["mmproj-F16"]
    assert [file.is_whole for file in shown.find("Lost-Q8_0")] == [False]
    assert [file.path for file in shown.licence_files] == ["LICENSE.txt"]


def test_a_file_is_found_by_what_a_person_writes(hub_home: HubHome) -> None:
    """A path, a file's name, a quantization: the most exact counts, whatever the case."""
    hub_home.server.publish(HubRepository(MANY.id, files()))
    shown = page(hub_home)
    assert [file.name for file in shown.find("llama-q4_k_m.GGUF")] == ["Llama-Q4_K_M"]
    assert [file.name for file in shown.find("BF16/Llama-BF16-00001-of-00002.gguf")] == ["Llama-BF16"]
    assert [file.name for file in shown.find("q4_k_m")] == ["Llama-Q4_K_M", "Other-Q4_K_M"]
    assert shown.find("Q3_K_S") == shown.find("") == ()


@pytest.mark.parametrize(
    ("path", "quantization"),
    [
        ("Qwen3-4B-Q4_K_M.gguf", "Q4_K_M"),
        ("gemma-3-4b-it-q4_0.gguf", "Q4_0"),
        ("Model.IQ3_XXS.gguf", "IQ3_XXS"),
        ("Model-IQ4_NL.gguf", "IQ4_NL"),
        ("UD-Q4_K_XL/model-00001-of-00002", "UD-Q4_K_XL"),
        ("gpt-oss-20b-mxfp4.gguf", "MXFP4"),
        ("model-fp16.gguf", "F16"),
        ("Q8_0/model-TQ1_0.gguf", "TQ1_0"),
        ("Phi-3-mini-4k-instruct-q4.gguf", "Q4"),
        ("Q-star-7B.gguf", ""),
        ("FAQ4_bot.gguf", ""),
    ],
)
def test_a_name_tells_the_quantization(path: str, quantization: str) -> None:
    """As people on the hub write it."""
    assert quantization_in(path) == quantization


def test_metadata_and_card_may_state_different_licences(hub_home: HubHome) -> None:
    """Both are there to be shown; a licence of the owner's own has a name and a link."""
    card = "---\nlicense: Other\nlicense_name: tiny-research\nlicense_link: LICENSE.md\n---\nHello"
    publish(hub_home, card, tags=("gguf", "license:mit"))
    assert page(hub_home).licence == StatedLicence("mit")
    assert page(hub_home).card_licence == StatedLicence("other", "tiny-research", "LICENSE.md")


def test_no_licence_is_said_to_be_none(hub_home: HubHome) -> None:
    """Neither the hub nor the card states one."""
    publish(hub_home, "Just words.")
    shown = page(hub_home)
    assert (shown.licence.is_stated, shown.card_licence.is_stated) == (False, False)
    assert shown.description == "Just words."


@pytest.mark.parametrize(
    "metadata",
    [
        "license: [",
        "- a\n- list",
        "&a [*a]",
        "license: {deep: 1}",
        "? [1]\n: 2",
        "[" * 5000,
        "x: " + "y" * 40_000,
        "1: 2",
    ],
)
def test_a_card_whose_metadata_is_damaged_is_shown_all_the_same(hub_home: HubHome, metadata: str) -> None:
    """What strangers write there is not always what it should be."""
    publish(hub_home, f"---\n{metadata}\n---\n# Words")
    shown = page(hub_home)
    assert shown.description == "# Words"
    assert not shown.card_licence.is_stated


def test_a_repository_without_a_card_has_a_page(hub_home: HubHome) -> None:
    """It has files, and that is what counts."""
    publish(hub_home, names=("a-Q8_0.gguf",))
    assert [file.name for file in page(hub_home).models] == ["a-Q8_0"]
    assert hub_home.server.log.of(Kind.RESOLVE) == ()


def test_a_revision_is_what_it_was(hub_home: HubHome) -> None:
    """An older commit has other files than the newest."""
    publish(hub_home, names=("old-Q8_0.gguf",), commit="a" * 40)
    publish(hub_home, names=("new-Q8_0.gguf",), commit="b" * 40)
    old = RepositoryReference("many", "files", revision="a" * 40)
    assert [file.name for file in page(hub_home, old).models] == ["old-Q8_0"]
    assert [file.name for file in page(hub_home).models] == ["new-Q8_0"]
    with pytest.raises(NotOnHubError, match="no such revision"):
        page(hub_home, RepositoryReference("many", "files", revision="c" * 40))


def test_offline_a_page_is_shown_as_it_was(hub_home: HubHome) -> None:
    """With its age, and with the reason."""
    before = hub_home.hub.repository(STARTER)
    hub_home.clock.moment += timedelta(days=3)
    hub_home.network.policy = NetworkPolicy.OFFLINE
    again = hub_home.hub.repository(STARTER)
    assert (again.value, again.at) == (before.value, before.at)
    assert isinstance(again.trouble, NetworkError)


def test_a_damaged_kept_page_is_asked_for_anew(hub_home: HubHome) -> None:
    """The cache can be deleted, or damaged, at any time."""
    before = hub_home.hub.repository(STARTER)
    for kept in (hub_home.cache.folder).glob("*.json"):
        kept.write_bytes(kept.read_bytes()[:100])
    assert hub_home.hub.repository(STARTER) == before
    assert len(hub_home.server.log.of(Kind.DETAILS)) == 2


def test_a_repository_that_is_not_there_is_told(hub_home: HubHome) -> None:
    """The hub does not tell a private one from none, with a token or without."""
    hub_home.server.publish(HubRepository("me/private", is_private=True))
    hub_home.server.accounts[TOKEN] = HubAccount("somebody")
    for hub_home.token in (None, TOKEN):
        with pytest.raises(NotOnHubError, match=r"no me/private on 127\.0\.0\.1:.* or it is not open to everybody"):
            page(hub_home, RepositoryReference("me", "private"))
    hub_home.server.accounts[TOKEN] = HubAccount("me", frozenset({"me/private"}))
    assert page(hub_home, RepositoryReference("me", "private")).id == "me/private"
    hub_home.token = None
    with pytest.raises(NotOnHubError):  # what was kept for the token's owner is not for others
        page(hub_home, RepositoryReference("me", "private"))


def test_a_closed_repository_is_told(hub_home: HubHome) -> None:
    """The hub takes some down."""
    publish(hub_home, is_disabled=True)
    with pytest.raises(NotOnHubError, match="has closed many/files"):
        page(hub_home)


def test_a_gated_repository_shows_its_page_and_says_what_to_do_for_its_files(hub_home: HubHome) -> None:
    """First without a token, then with one whose account was not let in, then with one that was."""
    publish(hub_home, "# Terms", ("gated-Q8_0.gguf",), gated="manual")
    shown = page(hub_home)
    (model,) = shown.models
    file = RemotePath(shown.id, shown.commit, model.parts[0].path)
    assert (shown.is_gated, shown.is_closed, shown.description) == (True, False, "# Terms")
    with pytest.raises(GatedError, match=r"sign in and agree to them\. Then make an access token") as raised:
        hub_home.hub.locate(file)
    assert raised.value.page == f"{hub_home.server.address}/many/files"
    hub_home.server.accounts[TOKEN] = HubAccount("me")
    hub_home.token = TOKEN
    with pytest.raises(GatedError, match="has not let the account of your access token in yet"):
        hub_home.hub.locate(file)
    hub_home.server.accounts[TOKEN] = HubAccount("me", frozenset({MANY.id}))
    assert hub_home.hub.locate(file).size_bytes == model.size_bytes


def test_a_card_that_is_closed_leaves_the_rest_of_the_page(hub_home: HubHome) -> None:
    """Some owners close that too."""
    publish(hub_home, names=("gated-Q8_0.gguf", "README.md"), gated="auto")
    hub_home.server.always_open = frozenset()
    assert (page(hub_home).is_closed, page(hub_home).description) == (True, "")


def test_a_token_can_be_tested(hub_home: HubHome) -> None:
    """It belongs to an account, or to nobody any more."""
    hub_home.server.accounts[TOKEN] = HubAccount("somebody")
    assert hub_home.hub.account(TOKEN) == "somebody"
    with pytest.raises(TokenRefusedError, match="does not know your access token"):
        hub_home.hub.account("hf_AnotherToken")
    assert [entry.purpose for entry in hub_home.network.entries] == ["Test of the access token"] * 2


@pytest.mark.parametrize(
    "body",
    [b"[]", b"7", b"nothing", b'{"id": "many/files"}', b'{"id": "many/files", "sha": "c", "siblings": [{}]}',
     b'{"id": 3, "sha": "c", "siblings": []}', b'{"id": "a/b", "sha": "c", "siblings": [{"rfilename": 5}]}',
     b'{"id": "a/b", "sha": "c", "siblings": [{"rfilename": "a", "size": "big"}]}', b'{"id": "a/b", "tags": 3}',
     b'{"id": "a/b", "sha": "c", "siblings": [{"rfilename": "a", "size": -5}]}'],
)  # fmt: skip
def test_what_is_no_repository_is_told(hub_home: HubHome, body: bytes) -> None:
    """A server that speaks otherwise than the hub does is no reason to crash."""
    hub_home.server.faults.append(Replies(body, kinds=EVERYTHING))
    with pytest.raises(UnreadableAnswerError, match="many/files cannot be read"):
        page(hub_home)


def test_trouble_with_the_card_is_trouble_with_the_page(hub_home: HubHome) -> None:
    """Half a page would be kept as if it were whole."""
    hub_home.server.faults.append(Failing(500, Times(3), suffix="README.md"))
    with pytest.raises(HubTroubleError):
        page(hub_home, STARTER)
    assert page(hub_home, STARTER).description != ""


def test_other_refusals_are_told_with_their_status(hub_home: HubHome) -> None:
    """Nobody knows all of them in advance."""
    hub_home.server.faults.append(Failing(451, kinds=EVERYTHING))
    with pytest.raises(HubError, match="status 451"):
        page(hub_home)
