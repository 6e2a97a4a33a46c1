"""Backup and restore of a home: registry snapshot, then the immutable files that journal and manifest name.

The archive is a zstd-compressed tar; its first member lists every other one with size and SHA-256. Take the registry
snapshot first: files written later do no harm, files missing would.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa

from lantian.errors import StoreError
from lantian_store.durable import sync_directory
from lantian_store.journal import Journal
from lantian_store.lake import Lake

__all__ = ["BackupItem", "backup", "restore"]

LISTING = "backup.json"
_FORMAT = "lantian-backup-1"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class BackupItem:
    """One file of a backup: its name in the home, size and SHA-256 (hex)."""

    name: str
    size: int
    sha256: str


def backup(home: Path, registry: Path, archive: Path) -> list[BackupItem]:
    """Write `archive` from `home` and the registry snapshot (restored under its own file name).

    Raises StoreError when journal, manifest or a listed file is damaged or missing: a bad home gives no backup.
    """
    sources = {registry.name: (registry, registry.stat().st_size)}
    for path, size in _immutable(home):
        sources[path.relative_to(home).as_posix()] = (path, size)
    items = [BackupItem(name, size, _sha256(path, size)) for name, (path, size) in sources.items()]
    _check_lake(home, items)
    listing = {"format": _FORMAT, "items": [[item.name, item.size, item.sha256] for item in items]}
    partial = archive.with_name(archive.name + ".part")
    with pa.CompressedOutputStream(str(partial), "zstd") as raw, tarfile.open(fileobj=raw, mode="w|") as tar:
        _add(tar, LISTING, io.BytesIO(json.dumps(listing).encode()))
        for name, (path, size) in sources.items():
            with path.open("rb") as file:
                _add(tar, name, file, size)
    partial.replace(archive)
    sync_directory(archive.parent)
    return items


def restore(archive: Path, home: Path) -> list[BackupItem]:
    """Unpack a backup into `home`, which must be absent or empty, and check every hash.

    Raises StoreError on a home in use or a damaged archive; then `home` is as it was before.
    """
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise StoreError(f"{home} is not empty: restore goes into an empty home only")
    building = home.with_name(home.name + ".restoring")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        items = _unpack(archive, building)
    except (tarfile.TarError, pa.ArrowException, OSError, EOFError, ValueError, KeyError, TypeError) as error:
        shutil.rmtree(building)
        raise StoreError(f"{archive.name}: damaged or no backup: {error}") from None
    except StoreError:
        shutil.rmtree(building)
        raise
    if home.exists():
        home.rmdir()
    building.rename(home)
    sync_directory(home.parent)
    return items


def _immutable(home: Path) -> Iterator[tuple[Path, int]]:
    """Files of the home with the number of their bytes that count."""
    yield from Journal(home).sound_sizes().items()
    lake = Lake(home)
    manifest = lake.folder / "manifest"
    if manifest.exists():
        yield manifest, lake.manifest.sound_size()
    for record in lake.manifest.records():
        path = lake.folder / record.path
        if not path.exists():
            raise StoreError(f"{record.path}: listed in the manifest, but missing")
        yield path, record.size
    for path in sorted((home / "evidence").glob("*/*")):
        if path.suffix != ".tmp":
            yield path, path.stat().st_size


def _check_lake(home: Path, items: list[BackupItem]) -> None:
    hashes = {item.name: item.sha256 for item in items}
    for record in Lake(home).manifest.records():
        if hashes[f"lake/{record.path}"] != record.sha256:
            raise StoreError(f"{record.path}: its bytes are not those that were written")


def _sha256(path: Path, size: int) -> str:
    digest, left = hashlib.sha256(), size
    with path.open("rb") as file:
        while left and (chunk := file.read(min(left, _CHUNK))):
            digest.update(chunk)
            left -= len(chunk)
    return digest.hexdigest()


def _add(tar: tarfile.TarFile, name: str, file: Any, size: int | None = None) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(file.getbuffer()) if size is None else size
    tar.addfile(info, file)


def _unpack(archive: Path, target: Path) -> list[BackupItem]:
    with pa.CompressedInputStream(str(archive), "zstd") as raw, tarfile.open(fileobj=raw, mode="r|") as tar:
        members = iter(tar)
        items = _listing(tar, next(members, None), archive.name)
        waiting = {item.name: item for item in items}
        for member in members:
            item = waiting.pop(member.name, None)
            if item is None:
                raise StoreError(f"{archive.name}: {member.name} is not in the backup's listing")
            _write_checked(tar.extractfile(member), target / item.name, item)
    if waiting:
        raise StoreError(f"{archive.name}: {min(waiting)} is missing")
    return items


def _listing(tar: tarfile.TarFile, member: tarfile.TarInfo | None, source: str) -> list[BackupItem]:
    file = tar.extractfile(member) if member is not None and member.name == LISTING else None
    listing = json.load(file) if file is not None else {}
    if listing.get("format") != _FORMAT:
        raise StoreError(f"{source}: not a backup made by lantian")
    items = [BackupItem(*entry) for entry in listing["items"]]
    for item in items:
        path = PurePosixPath(item.name)
        if path.is_absolute() or ".." in path.parts:
            raise StoreError(f"{source}: {item.name} lies outside the home")
    return items


def _write_checked(file: Any, path: Path, item: BackupItem) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with path.open("wb") as out:
        while chunk := file.read(_CHUNK) if file is not None else b"":
            digest.update(chunk)
            out.write(chunk)
    if digest.hexdigest() != item.sha256:
        raise StoreError(f"{item.name}: the backup's bytes are damaged")
