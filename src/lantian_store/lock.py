"""Locks between processes: `flock`, so that a killed holder leaves none behind."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lantian.errors import StoreError

__all__ = ["HomeBusyError", "exclusive", "worker_lock"]


class HomeBusyError(StoreError):
    """Another process works in this home; trying again later helps."""

    permanent = False


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, waiting for whoever holds it now."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def worker_lock(home: Path, who: str = "worker") -> Iterator[None]:
    """Be the only worker (or courier) of `home`. Raises HomeBusyError naming the holder's process id at once if there
    is one."""
    home.mkdir(parents=True, exist_ok=True)
    handle = os.open(home / f"{who}.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 32).decode(errors="replace").strip() or "unknown"
            raise HomeBusyError(f"{home}: a {who} is running already (process {holder})") from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
