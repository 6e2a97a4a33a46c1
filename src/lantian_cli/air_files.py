"""Air files named on a command line, read into one `Air`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from lantian.errors import DataError
from lantian.observe.air import Air, ColumnMap, read_air, read_columns

__all__ = ["load_air", "load_columns", "read_files"]


def load_air(
    paths: Sequence[Path], map_path: Path | None = None, co_unit: str | None = None, stamp: str | None = None
) -> Air:
    """Read the files in the order given, later ones over earlier ones; `map_path` is a column map (TOML).

    DataError naming the file when one cannot be read, is of no known form, or holds no row that can be used.
    """
    air = read_air(read_files(paths), columns=load_columns(map_path), co_unit=co_unit, stamp=stamp)
    if not air.report.cells:
        first = air.report.refused[0] if air.report.refused else None
        why = f"; first refused: {first}" if first else ""
        raise DataError(f"no value that can be used{why}", source=", ".join(path.name for path in paths))
    return air


def load_columns(path: Path | None) -> ColumnMap | None:
    """The column map of a file, None without one."""
    if path is None:
        return None
    try:
        text = _bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError("not UTF-8 text", source=str(path)) from None
    return read_columns(text, source=path.name)


def read_files(paths: Sequence[Path]) -> list[tuple[str, bytes]]:
    """Names and bytes. DataError naming the path of one that cannot be read."""
    return [(path.name, _bytes(path)) for path in paths]


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", source=str(path)) from None
