"""One worker per home."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lantian_store.lock import HomeBusyError, worker_lock

HOLDER = """
import sys
from pathlib import Path
from lantian_store.lock import worker_lock
with worker_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_worker_is_refused_until_the_first_is_gone_even_killed(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(HomeBusyError, match=f"process {holder.pid}"), worker_lock(tmp_path):
        pass
    holder.kill()
    holder.communicate()
    with worker_lock(tmp_path):
        assert (tmp_path / "worker.lock").read_text() == f"{os.getpid()}\n"
