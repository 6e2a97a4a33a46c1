"""The whole error tree.

LantianError                blame: who has to act; permanent: trying again cannot help
├── StandardsError          no edition in force, a bad table row
├── DataError               bad input: names source, row, field and reason
├── PeriodError             a period or calendar year that cannot be answered
│   └── UnpublishedYear     the holidays of that year are not published (in `periods`)
├── RuleError               a detection rule or measure that cannot be judged
├── TransitionError         not allowed in this state
├── LawError                what the rules forbid; may be overridden by a named person with a reason
├── RightsError             this person may not do that
└── StoreError              bytes on disk are not what they must be
"""

from __future__ import annotations

from enum import StrEnum

__all__ = [
    "Blame",
    "DataError",
    "LantianError",
    "LawError",
    "PeriodError",
    "RightsError",
    "RuleError",
    "StandardsError",
    "StoreError",
    "TransitionError",
]


class Blame(StrEnum):
    """Who has to act on an error."""

    PEER = "peer"
    OPERATOR = "operator"
    CODE = "code"


class LantianError(Exception):
    """Root of the tree."""

    blame = Blame.OPERATOR
    permanent = True


class StandardsError(LantianError):
    """No edition in force on the day, or a table row that does not fit its schema."""


class DataError(LantianError):
    """Input that cannot be taken as it is.

    `source` is the file or message, `row` its 1-based line (header = 1), `field` the column.
    """

    def __init__(self, reason: str, *, source: str = "", row: int | None = None, field: str = "") -> None:
        self.reason, self.source, self.row, self.field = reason, source, row, field
        where = [source] if source else []
        if row is not None:
            where.append(f"row {row}")
        if field:
            where.append(f"field {field}")
        super().__init__(f"{', '.join(where)}: {reason}" if where else reason)


class PeriodError(LantianError):
    """A period, or a calendar year, that cannot be answered."""


class RuleError(LantianError):
    """A rule or measure that cannot be judged."""


class TransitionError(LantianError):
    """The event is not allowed in this state; nothing was changed."""


class LawError(LantianError):
    """Forbidden by the rules. `code` names the ban; a named person may override it with a reason."""

    def __init__(self, code: str, reason: str) -> None:
        self.code = code
        super().__init__(f"{code}: {reason}")


class RightsError(LantianError):
    """This person may not do that."""


class StoreError(LantianError):
    """Bytes on disk are not what they must be."""

    blame = Blame.CODE
