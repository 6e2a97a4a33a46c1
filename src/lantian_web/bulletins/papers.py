"""The content-addressed folder of papers: LANTIAN_HOME/papers/<aa>/<sha256>. What lies there never changes."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings

from lantian.errors import StoreError
from lantian_store.durable import write_whole

__all__ = ["get", "put"]


def put(data: bytes) -> str:
    """Store the bytes and return their SHA-256; the same bytes are stored once."""
    sha256 = hashlib.sha256(data).hexdigest()
    path = _path(sha256)
    if not path.exists():
        write_whole(path, data)
    return sha256


def get(sha256: str) -> bytes:
    """The bytes of a paper. StoreError when they are gone or no longer what their name says."""
    path = _path(sha256)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise StoreError(f"paper {sha256} is not in {path.parent.parent}") from None
    if hashlib.sha256(data).hexdigest() != sha256:
        raise StoreError(f"paper {path} was changed after it was made")
    return data


def _path(sha256: str) -> Path:
    home = Path(settings.LANTIAN_HOME)
    return home / "papers" / sha256[:2] / sha256
