"""Settings that hold for every test."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# "house" finds the same examples on every machine, "brief" fewer of them; `--hypothesis-profile=explore` looks for new ones.
_patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("house", _patient, max_examples=25, derandomize=True, database=None)
settings.register_profile("brief", _patient, max_examples=5, derandomize=True, database=None)
settings.register_profile("explore", _patient, max_examples=2000)
settings.load_profile("house")

gc.set_threshold(50_000, 20, 50)  # as the command line has it: relations are many small objects


@pytest.fixture(scope="session")
def third_party_logs() -> Path:
    """The folder of real logs that are not ours to publish, named by ``FINMINE_LOGS``."""
    folder = os.environ.get("FINMINE_LOGS")
    if not folder:
        pytest.skip("needs the third-party logs: set FINMINE_LOGS to their folder")
    return Path(folder)
