"""Each setting is declared once; everything else follows from it."""

from __future__ import annotations

import pytest

from app.settings.registry import Group, SettingError
from app.settings.values import SETTINGS, Settings, find_setting


def test_every_setting_says_what_it_is() -> None:
    """The dialog and the command line have no other words than these."""
    for setting in SETTINGS:
        assert setting.label
        assert setting.help.endswith(".")
        assert not setting.optional or setting.none_label
        assert setting.group in Group
        if setting.kind in (int, float):
            assert None not in (setting.minimum, setting.maximum, setting.step)


def test_every_default_is_a_value_its_setting_takes() -> None:
    """And it is what new settings hold."""
    for setting in SETTINGS:
        assert setting.check(setting.default) == setting.default == Settings().value(setting.key)


def test_a_change_makes_new_settings() -> None:
    """The old ones are still what they were."""
    before = Settings()
    after = before.replaced("sampling.temperature", 1)
    assert (after.sampling.temperature, before.sampling.temperature) == (1.0, 0.7)
    assert isinstance(after.sampling.temperature, float)
    assert after.load is before.load


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("sampling.temperature", 2.5, "Temperature cannot be “2.5”. It takes a number from 0 to 2."),
        ("sampling.temperature", float("nan"), "Temperature cannot be “NaN”. It takes a number from 0 to 2."),
        ("sampling.temperature", "warm", "Temperature cannot be “warm”. It takes a number from 0 to 2."),
        ("sampling.temperature", True, "Temperature cannot be “true”. It takes a number from 0 to 2."),
        ("sampling.temperature", -(10**400), "It takes a number from 0 to 2."),
        ("sampling.temperature", None, "It takes a number from 0 to 2."),
        ("load.context", 1, "Context window cannot be “1”. It takes a whole number from 256 to 1,048,576."),
        ("load.context", 4096.0, "Context window cannot be “4096.0”. It takes a whole number from 256 to 1,048,576."),
        ("appearance.theme", "pink", "Theme cannot be “pink”. It takes one of these: system, light, dark."),
        ("writing.system_prompt", 3, "System prompt cannot be “3”. It takes a text."),
        ("writing.system_prompt", {"a": ["x" * 100]}, "xxx…”. It takes a text."),
    ],
)
def test_a_wrong_value_is_answered_with_a_sentence(key: str, value: object, sentence: str) -> None:
    """It names the setting, the value, and what it would take."""
    with pytest.raises(SettingError) as caught:
        Settings().replaced(key, value)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("sampling.temperature", " 0,5 ", 0.5),
        ("sampling.temperature", "1", 1.0),
        ("sampling.seed", "4294967294", 4294967294),
        ("load.context", "8192", 8192),
        ("appearance.theme", "dark", "dark"),
        ("writing.system_prompt", " be kind ", " be kind "),
    ],
)
def test_what_a_person_writes_is_read(key: str, text: str, value: object) -> None:
    """Spaces and a decimal comma are no mistakes."""
    assert find_setting(key).parse(text) == value


@pytest.mark.parametrize("text", ["", "three", "1e3", "0x10", "9" * 5000, "nan"])
def test_what_is_no_number_is_refused(text: str) -> None:
    """With the same sentence as a number out of range."""
    with pytest.raises(SettingError, match="It takes a whole number from 256 to 1,048,576"):
        find_setting("load.context").parse(text)


def test_an_unknown_key_is_an_error() -> None:
    """A mistyped key does not vanish."""
    with pytest.raises(SettingError, match=r"no setting named sampling\.heat"):
        Settings().replaced("sampling.heat", 1)
