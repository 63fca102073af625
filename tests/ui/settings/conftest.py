"""A settings page with a file of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.settings.file import SettingsFile
from app.settings.presets import PresetFile
from app.ui.icons import Icons
from app.ui.settings.settings_page import SettingsPage
from app.ui.theme import Theme


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    """Light, and without motion, so that nothing is half-way."""
    theme = Theme("light")
    theme.apply(qapp)
    theme.set_reduced_motion(True)
    return theme


@pytest.fixture
def icons(theme: Theme) -> Icons:
    """The icons in the colours of the theme."""
    return Icons(theme)


@pytest.fixture
def settings_file(tmp_path: Path) -> SettingsFile:
    """The settings of a new user."""
    return SettingsFile(tmp_path / "config" / "settings.json")


@pytest.fixture
def presets(tmp_path: Path) -> PresetFile:
    """The presets of a new user."""
    return PresetFile(tmp_path / "config" / "presets.json")


@pytest.fixture
def page(qtbot: QtBot, theme: Theme, icons: Icons, settings_file: SettingsFile, presets: PresetFile) -> SettingsPage:
    """The open settings, of somebody whose model recommends nothing."""
    page = SettingsPage(theme, icons, settings_file, presets, lambda: None)
    qtbot.addWidget(page)
    page.resize(1280, 860)
    with qtbot.waitExposed(page):
        page.show()
    page.activateWindow()
    return page
