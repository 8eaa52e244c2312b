"""A few kills at random moments; ``tests/kill_runs.py`` does as many as wanted by hand."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

for library in ("skops", "matplotlib", "rioxarray", "geopandas"):
    pytest.importorskip(library)

HERE = Path(__file__).parent


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that can be forked")
def test_a_killed_run_leaves_everything_or_nothing_and_goes_on_to_the_same_bits():
    command = [sys.executable, str(HERE / "kill_runs.py"), "--kills", "4", "--seed", "3"]
    env = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore"}
    result = subprocess.run([*command, "--limit", "120"], env=env, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    assert "kills" in result.stdout.splitlines()[-1]
