"""Addresses that can be set."""

from __future__ import annotations

import pytest

from app.settings.addresses import check_hub_address, check_proxy_address, is_this_computer
from app.settings.registry import SettingError
from app.settings.values import Settings


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("", ""),
        (" https://mirror.test/ ", "https://mirror.test"),
        ("https://mirror.test:8443/hub", "https://mirror.test:8443/hub"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ],
)
def test_a_hub_is_encrypted_or_on_this_computer(text: str, address: str) -> None:
    """Without the slash that people copy with it."""
    assert check_hub_address(text) == address
    assert Settings().replaced("network.hub", text).network.hub == address


@pytest.mark.parametrize(
    "text",
    [
        "mirror.test",
        "http://mirror.test",
        "ftp://mirror.test",
    ],
)
def test_what_cannot_be_a_hub_is_said(text: str) -> None:
    """With what it would look like."""
    with pytest.raises(SettingError, match=r"cannot be the address of a hub.*https://"):
        check_hub_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://a:b@mirror.test",
        "https://m.test:99999",
        "https://m.test:0",
        "http://localhost:0",
        "https://münchen.test",
        "https://...",
        "https://",
    ],
)
def test_what_begins_well_and_cannot_be_a_hub_is_said(text: str) -> None:
    """Without telling what is right already, and without repeating a password."""
    with pytest.raises(SettingError, match=r"^This cannot be the address of a hub\. It looks like") as caught:
        check_hub_address(text)
    assert "a:b" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "http://proxy.test:3128", "https://127.0.0.1:8443/"])
def test_a_proxy_has_a_port(text: str) -> None:
    """None at all means: as the system says."""
    assert check_proxy_address(text) == text


@pytest.mark.parametrize("text", ["proxy.test", "proxy.test:3128", "http://proxy.test", "socks5://proxy.test:1080"])
def test_what_cannot_be_a_proxy_is_said(text: str) -> None:
    """With what it would look like."""
    with pytest.raises(SettingError, match="It looks like http"):
        check_proxy_address(text)


def test_a_password_does_not_go_into_a_file() -> None:
    """The sentence says where it can go, and does not repeat it."""
    with pytest.raises(SettingError, match="HTTPS_PROXY") as caught:
        Settings().replaced("network.proxy", "http://name:word@proxy.test:3128")
    assert "word" not in str(caught.value).replace("password", "")


def test_this_computer_is_known_by_each_of_its_names() -> None:
    """And nothing else is."""
    assert all(map(is_this_computer, ["localhost", "LOCALHOST", "127.0.0.1", "127.8.9.1", "::1"]))
    assert not any(map(is_this_computer, ["localhost.test", "0.0.0.0", "192.168.0.1", "127.0.0.1.test", "::2", ""]))  # noqa: S104 - none is listened on
