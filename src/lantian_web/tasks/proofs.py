"""Files handed in with a step: bytes first, under their hash and durable, then the row in the step's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from lantian.errors import DataError
from lantian.records import make_id
from lantian.verify.proof import SUFFIXES, media_of, taken_at
from lantian_store.evidence import EvidenceStore
from lantian_web.events.commands import command, emit
from lantian_web.rows import Answer, fingerprint, insert
from lantian_web.tasks.models import Proof, ProofStep, Task
from lantian_web.tasks.moving import task_event

__all__ = ["MOST_FILES", "MOST_TOGETHER", "Kept", "Upload", "files_named", "keep", "sound", "with_files"]

MOST_FILES = 9
MOST_TOGETHER = 100 << 20
NAME = 120


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came, not looked at yet."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """A file whose bytes are in place."""

    name: str
    media: str
    size: int
    sha256: str
    taken_at: datetime | None


def keep(home: Path, files: Sequence[Upload]) -> list[Kept]:
    """Look at all files, then put their bytes in place, durable on return; the same bytes are kept once.

    DataError naming the file when one is not taken: then nothing is put.
    """
    if len(files) > MOST_FILES:
        raise DataError(f"at most {MOST_FILES} files at once", field="files")
    if sum(len(file.data) for file in files) > MOST_TOGETHER:
        raise DataError(f"more than {MOST_TOGETHER >> 20} MB at once", field="size")
    looked = []
    for file in files:
        try:
            media = media_of(file.data)
        except DataError as error:
            raise DataError(error.reason, source=_name(file.name, ""), field=error.field) from None
        looked.append((file, media))
    store, kept = EvidenceStore(home), {}
    for file, media in looked:
        sha256 = store.put(file.data)
        kept[sha256] = Kept(
            _name(file.name, SUFFIXES[media]), media, len(file.data), sha256, taken_at(file.data)
        )
    return list(kept.values())


def _name(given: str, suffix: str) -> str:
    """The last part of a name without what is not printed, ending as its content says."""
    last = given.replace("\\", "/").rsplit("/", 1)[-1]
    said = "".join(sign for sign in last if sign.isprintable() and sign not in '"<>|:*?').strip(" .")
    stem = said.rsplit(".", 1)[0] if suffix and "." in said else said
    return f"{(stem or 'file')[: NAME - len(suffix)]}{suffix}"


@command
def with_files(
    act: Callable[[], Sequence[Answer]],
    kept: Sequence[Kept],
    task_id: str,
    step: ProofStep,
    by: str,
    now: datetime,
) -> Sequence[Answer]:
    """Make a step and keep its files with it, both or neither: who may make the step may hand in its files."""
    answers = act()
    if not kept or not all(answer.done for answer in answers):
        return answers
    row = Task.objects.get(id=task_id)
    proofs = [
        Proof(
            id=make_id("proof", row.id, step.value, now.isoformat(), file.sha256),
            area_id=row.area_id,
            unit_id=row.unit_id,
            enterprise_id=row.enterprise_id,
            task_id=row.id,
            step=step.value,
            name=file.name,
            media=file.media,
            size=file.size,
            sha256=file.sha256,
            taken_at=file.taken_at,
            by=by,
            at=now,
        )
        for file in kept
    ]
    insert(proofs)
    files = [{"proof": one.id, "name": one.name, "size": one.size, "sha256": one.sha256} for one in proofs]
    print_of = fingerprint(row)
    emit([task_event("task.proven", row, now, by, print_of, step=step.value, files=files)])
    return answers


def files_named() -> Iterable[str]:
    """Names, in the home, of the files that the registry names."""
    rows = Proof.objects.order_by().values_list("sha256", flat=True).distinct()
    return sorted(f"evidence/{sha256[:2]}/{sha256}" for sha256 in rows)


def sound(home: Path, sha256: str) -> bool:
    """Whether the file is there and its bytes are those that were handed in; hashed anew whenever it was touched."""
    path = EvidenceStore(home).path(sha256)
    try:
        stat = path.stat()
        return _digest(path, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns) == sha256
    except OSError:
        return False


@lru_cache(maxsize=4096)
def _digest(path: Path, inode: int, size: int, changed_ns: int, touched_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
