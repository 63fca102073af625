"""What tests of the whole application stand on."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture
def no_tracebacks(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The application's log tells of no mistake of ours when the test has ended."""
    yield
    records = [*caplog.get_records("call"), *caplog.get_records("teardown")]
    told = [record for record in records if record.levelno >= logging.ERROR or record.exc_info]
    assert [record.getMessage() for record in told] == []
