"""Closing a task (销号): never by the person who handled it."""

from __future__ import annotations

from collections.abc import Collection

from lantian.errors import RightsError

__all__ = ["check_closer"]


def check_closer(handler_ids: Collection[str], checker_id: str) -> None:
    """RightsError when the checker handled the task: whoever accepts it answers for it, so it is never the same."""
    if not checker_id:
        raise RightsError("a verdict needs a named checker")
    if checker_id in handler_ids:
        raise RightsError(f"{checker_id} handled this task and cannot close it")
