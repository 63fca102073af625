"""Settings on the command line: `--temperature 0.7`, made from the registry."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from functools import partial

from app.settings.registry import Setting, SettingError, Value
from app.settings.values import Settings, find_setting
from app.translation import told, tr


def add_arguments(parser: argparse.ArgumentParser, keys: Iterable[str]) -> None:
    """Let `parser` take the settings `keys`; `sampling.max_tokens` becomes `--max-tokens`."""
    for key in keys:
        add_argument(parser, "--" + find_setting(key).name.replace("_", "-"), key)


def add_argument(parser: argparse.ArgumentParser, flag: str, key: str) -> None:
    """Let `parser` take the setting `key` as `flag`."""
    setting = find_setting(key)
    parser.add_argument(
        flag,
        dest=key,
        default=argparse.SUPPRESS,
        type=_reader(setting),
        metavar=_METAVARS[setting.kind],
        help=tr(setting.help).replace("%", "%%"),
    )


def settings_from_arguments(arguments: argparse.Namespace, settings: Settings) -> Settings:
    """Give `settings` with what was said on the command line in place of what was kept."""
    for key, value in vars(arguments).items():
        if "." in key:
            settings = settings.replaced(key, value)
    return settings


_METAVARS = {bool: "BOOL", int: "N", float: "X", str: "TEXT"}


def _reader(setting: Setting) -> Callable[[str], Value]:
    return partial(_read, setting)


def _read(setting: Setting, text: str) -> Value:
    try:
        return setting.parse(text)
    except SettingError as error:
        raise argparse.ArgumentTypeError(told(error)) from error
