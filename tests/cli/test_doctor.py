"""`doctor`: what this machine is, and whether Paddock is well, also when it is not."""

from __future__ import annotations

import json

import pytest

from app.paths import find_paths
from app.settings.file import SettingsFile
from tests.cli.running import run

pytestmark = pytest.mark.model


def test_it_says_what_computes_here_and_what_the_engine_has_given_up() -> None:
    """The devices come from a process that only looks; the engine that then answers is a real one."""
    report = json.loads(run("doctor", "--json").stdout)
    (processor,) = (device for device in report["hardware"]["devices"] if device["kind"] == "cpu")
    assert processor["total_bytes"] == report["hardware"]["memory_total_bytes"]
    assert report["hardware"]["battery"] is None or 0 <= report["hardware"]["battery"]["percent"] <= 100
    assert report["engine"]["works"] is True
    assert report["engine"]["builds"] == []
    assert {"network", "files", "method"} <= set(report["sandbox"])
    names = [device["name"] for device in report["hardware"]["devices"] if device["kind"] != "cpu"]
    for said in names or ["No graphics processor that this build of llama.cpp can use was found."]:
        assert said in report["hardware"]["graphics"]
    for_people = run("doctor").stdout
    assert f"graphics: {' '.join(report['hardware']['graphics'].split())}" in for_people
    assert f"kind cpu, total {report['hardware']['memory_total_bytes'] / 1e9:.1f} GB" in for_people


def test_a_chosen_build_that_is_gone_is_part_of_the_report() -> None:
    """The folder is named by a setting, and somebody has removed it."""
    paths = find_paths()
    paths.create()
    (paths.engines / "half").mkdir(parents=True)
    SettingsFile(paths.settings).change("load.engine_build", "vulkan")
    done = run("doctor", "--json")
    assert done.returncode == 0
    report = json.loads(done.stdout)
    assert "There is no engine build named vulkan." in report["hardware"]["devices_trouble"]
    assert "There is no engine build named vulkan." in report["hardware"]["graphics"]
    assert report["hardware"]["devices"] == []
    assert report["engine"]["works"] is False
    assert "There is no engine build named vulkan." in report["engine"]["trouble"]
    assert report["engine"]["builds"] == []
