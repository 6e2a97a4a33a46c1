"""Tables whose state lives in the URL: filters, sort, page. A link to a table is the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import QueryDict

__all__ = ["Column", "Listing", "listing"]

M = TypeVar("M", bound=Model)
PAGE = 40


@dataclass(frozen=True, slots=True)
class Column:
    """A heading; `sort` names the order that a click asks for."""

    word: str
    sort: str = ""
    numeric: bool = False


@dataclass(frozen=True, slots=True)
class Listing(Generic[M]):
    """One page of a table with the state that made it."""

    columns: Sequence[Column]
    page: Page[M]
    sort: str
    state: Mapping[str, str]

    @property
    def heads(self) -> list[dict[str, Any]]:
        """Headings with the sort a click on them gives: the same again turns it round."""
        made = []
        for column in self.columns:
            turned = f"-{column.sort}" if self.sort == column.sort else column.sort
            aria = {column.sort: "ascending", f"-{column.sort}": "descending"}.get(self.sort, "none")
            made.append({"column": column, "sort": turned, "aria": aria if column.sort else ""})
        return made


def listing(
    rows: QuerySet[M],
    params: QueryDict,
    columns: Sequence[Column],
    filters: Mapping[str, Callable[[QuerySet[M], str], QuerySet[M]]],
    default: str,
    defaults: Mapping[str, str] | None = None,
) -> Listing[M]:
    """Apply the filters and the sort that the URL names; unknown ones are ignored, never an error."""
    state = {name: params.get(name, (defaults or {}).get(name, "")) for name in filters}
    for name, value in state.items():
        if value:
            rows = filters[name](rows, value)
    allowed = {column.sort for column in columns if column.sort}
    sort = params.get("sort", "")
    if sort.lstrip("-") not in allowed:
        sort = default
    paginator: Paginator[M] = Paginator(rows.order_by(sort, "pk"), PAGE)
    return Listing(columns, paginator.get_page(params.get("page", 1)), sort, state)
