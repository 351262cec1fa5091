"""The default study's desk table, loaded once for each file of tests."""

from __future__ import annotations

import pytest

import cssp


@pytest.fixture(scope="module")
def desk(study):
    return cssp.load_desk(study)
