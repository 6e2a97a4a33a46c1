"""Backup and restore of a home: registry snapshot, then the immutable files that registry, journal and manifest name.

The archive is a zstd-compressed tar; its first member lists every other one with size and SHA-256, and the file ends
with a frame that zstd skips: the SHA-256 of everything before it. Take the registry snapshot first: files written
later do no harm, files missing would. An archive holds the session key, so only its owner may read it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterable, Iterator
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
_SEAL = bytes.fromhex("502a4d18") + (32).to_bytes(4, "little")
"""Head of a skippable zstd frame of 32 bytes, so that other programs read the archive too."""
_SECRET = "secret.key"
_BY_HASH = ("papers", "evidence", "imports")
_UNREADABLE = (tarfile.TarError, pa.ArrowException, OSError, EOFError, ValueError, KeyError, TypeError)


@dataclass(frozen=True, slots=True)
class BackupItem:
    """One file of a backup: its name in the home, size and SHA-256 (hex)."""

    name: str
    size: int
    sha256: str


def backup(home: Path, registry: Path, archive: Path, named: Iterable[str] = ()) -> list[BackupItem]:
    """Write `archive` from `home` and the registry snapshot (restored under its own file name).

    `named` are the files, relative to the home, that the registry names. Raises StoreError when journal, manifest, or
    a listed or named file is damaged or missing: a bad home gives no backup.
    """
    sources = {registry.name: (registry, registry.stat().st_size)}
    for path, size in _immutable(home):
        sources[path.relative_to(home).as_posix()] = (path, size)
    missing = sorted(set(named) - set(sources))
    if missing:
        raise StoreError(f"{missing[0]}: named in the registry, but missing")
    items = [BackupItem(name, size, _sha256(path, size)) for name, (path, size) in sources.items()]
    _check_known(home, items)
    listing = {"format": _FORMAT, "items": [[item.name, item.size, item.sha256] for item in items]}
    partial = archive.with_name(archive.name + ".part")
    partial.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    with pa.CompressedOutputStream(str(partial), "zstd") as raw, tarfile.open(fileobj=raw, mode="w|") as tar:
        _add(tar, LISTING, io.BytesIO(json.dumps(listing).encode()))
        for name, (path, size) in sources.items():
            with path.open("rb") as file:
                _add(tar, name, file, size)
    seal = bytes.fromhex(_sha256(partial, partial.stat().st_size))
    with partial.open("ab") as file:
        file.write(_SEAL + seal)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(archive)
    sync_directory(archive.parent)
    return items


def restore(archive: Path, home: Path) -> list[BackupItem]:
    """Unpack a backup into `home`, which must be absent or empty, and check every byte. The registry comes first.

    Raises StoreError on a home in use or a damaged archive, naming the file the damage hit; then `home` is as it was.
    """
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise StoreError(f"{home} is not empty: restore goes into an empty home only")
    building = home.with_name(home.name + ".restoring")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        items = _unpack(archive, building)
        if not _sealed(archive):
            raise StoreError(f"{archive.name}: bytes outside its files were changed")
    except StoreError:
        shutil.rmtree(building)
        raise
    if home.exists():
        home.rmdir()
    building.rename(home)
    sync_directory(home.parent)
    return items


def _immutable(home: Path) -> Iterator[tuple[Path, int]]:
    """Files of the home with the number of their bytes that count.

    The journal's size is taken before the files of the city are listed: the truth of a step is kept before its batches
    are journalled, so what the journal holds has its truth.
    """
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
    whole = [path for folder in (*_BY_HASH, "city") for path in sorted((home / folder).rglob("*"))]
    for path in [*whole, home / _SECRET]:
        if path.is_file() and path.suffix != ".tmp":
            yield path, path.stat().st_size


def _check_known(home: Path, items: list[BackupItem]) -> None:
    """StoreError naming the file whose bytes are not those that manifest or name say."""
    hashes = {item.name: item.sha256 for item in items}
    known = {f"lake/{record.path}": record.sha256 for record in Lake(home).manifest.records()}
    known |= {name: PurePosixPath(name).name for name in hashes if name.startswith(_BY_HASH)}
    for name, sha256 in known.items():
        if hashes[name] != sha256:
            raise StoreError(f"{name}: its bytes are not those that were written")


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


def _sealed(archive: Path) -> bool:
    """Does the archive end with the hash of all that stands before?"""
    tail = len(_SEAL) + 32
    before = archive.stat().st_size - tail
    if before < 0:
        return False
    with archive.open("rb") as file:
        file.seek(before)
        seal = file.read()
    return seal == _SEAL + bytes.fromhex(_sha256(archive, before))


def _unpack(archive: Path, target: Path) -> list[BackupItem]:
    """Write all files of the archive. StoreError names the one at which it can be read no further."""
    at = LISTING
    try:
        with (
            pa.CompressedInputStream(str(archive), "zstd") as raw,
            tarfile.open(fileobj=raw, mode="r|") as tar,
        ):
            members = iter(tar)
            items = _listing(tar, next(members, None), archive.name)
            for item in items:
                at = item.name
                member = next(members, None)
                if member is None or member.name != item.name:
                    raise StoreError(f"{archive.name}: {item.name} is missing or its name was changed")
                _write_checked(tar.extractfile(member), target / item.name, item)
            at = "end of the archive"
            if next(members, None) is not None:
                raise StoreError(f"{archive.name}: holds more than its listing")
            while raw.read(_CHUNK):
                pass
    except _UNREADABLE as error:
        raise StoreError(f"{archive.name}: {at}: damaged, or no backup made by lantian: {error}") from None
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
    path.touch(mode=0o600 if item.name == _SECRET else 0o644)
    digest = hashlib.sha256()
    with path.open("wb") as out:
        while chunk := file.read(_CHUNK) if file is not None else b"":
            digest.update(chunk)
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    if digest.hexdigest() != item.sha256:
        raise StoreError(f"{item.name}: the backup's bytes are damaged")
