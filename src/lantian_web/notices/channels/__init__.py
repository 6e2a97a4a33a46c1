"""One folder per kind of channel. A folder with a `PORT` in it is a channel: another is added by copying one."""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module

from lantian.errors import DataError
from lantian_web.notices.channels.port import Port

__all__ = ["kinds", "port_of"]


@cache
def _ports() -> dict[str, Port]:
    folders = [name for _, name, folder in pkgutil.iter_modules(__path__) if folder]
    ports: list[Port] = [import_module(f"{__name__}.{name}").PORT for name in sorted(folders)]
    return {port.kind: port for port in ports}


def kinds() -> tuple[str, ...]:
    """Kinds of channels there are."""
    return tuple(_ports())


def port_of(kind: str) -> Port:
    """The port of one kind. DataError when there is none."""
    if kind not in _ports():
        raise DataError(f"there is no channel {kind!r}; known: {', '.join(_ports())}", field="kind")
    return _ports()[kind]
