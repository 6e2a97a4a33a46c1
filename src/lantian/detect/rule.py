"""Which rules hold on a day, and with which numbers: rows of the table `detection_rules`, no number in code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from lantian.errors import RuleError
from lantian.records import FindingKind, Footnote, SubjectKind
from lantian.standards import Row, in_force

__all__ = ["RuleSpec", "Rules", "rules_of", "rules_on"]


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """One version of one rule. Parameters in percent are kept as shares; `as` takes over another rule's parameters."""

    rule: str
    version: str
    finding: FindingKind
    subject: SubjectKind
    legal_basis: str  # key in the table `legal_basis`
    parameters: Mapping[str, float]
    like: str
    footnotes: tuple[Footnote, ...]

    @classmethod
    def from_rows(cls, rows: Iterable[Row]) -> RuleSpec:
        """The rule that these rows (one per parameter) set. Raises RuleError when they contradict each other."""
        rows = tuple(rows)
        heads = {
            tuple(row.text(name) for name in ("rule", "finding", "subject", "legal_basis")) for row in rows
        }
        if len(heads) != 1:
            raise RuleError(
                f"rows of one rule must agree in rule, finding, subject and legal basis: {sorted(heads)}"
            )
        rule, finding, subject, legal_basis = heads.pop()
        return cls(
            rule=rule,
            version="+".join(sorted({row.text("version") for row in rows})),
            finding=FindingKind(finding),
            subject=SubjectKind(subject),
            legal_basis=legal_basis,
            parameters={row.text("parameter"): _share(row) for row in rows if row.get("value") is not None},
            like="".join(row.text("text") for row in rows if row["parameter"] == "as"),
            footnotes=tuple(row.footnote() for row in rows),
        )

    def number(self, parameter: str) -> float:
        """A parameter. Raises RuleError naming rule and parameter when the table does not set it."""
        try:
            return self.parameters[parameter]
        except KeyError:
            raise RuleError(f"rule {self.rule} version {self.version} sets no {parameter}") from None

    @property
    def min_slots(self) -> int:
        """Length of the shortest run that counts, in slots."""
        return int(self.number("min_slots"))


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules in force on a day, by id."""

    by_id: Mapping[str, RuleSpec]

    def finding(self, kind: FindingKind) -> RuleSpec:
        """The rule that finds `kind`. Raises RuleError when none or several do."""
        found = [spec for spec in self.by_id.values() if spec.finding is kind]
        if len(found) != 1:
            raise RuleError(f"{len(found)} rules find {kind}: there must be one")
        return found[0]

    @property
    def context_slots(self) -> int:
        """How many slots of the day before a day's judgement has to see."""
        return max(
            (spec.min_slots for spec in self.by_id.values() if "min_slots" in spec.parameters), default=0
        )


def rules_of(rows: Iterable[Row]) -> Rules:
    """The rules that the rows set; rows that find nothing (definitions) are left out."""
    groups: dict[str, list[Row]] = {}
    for row in rows:
        if row.get("finding") is not None:
            groups.setdefault(row.text("rule"), []).append(row)
    specs = {rule: RuleSpec.from_rows(group) for rule, group in groups.items()}
    return Rules({rule: _completed(spec, specs) for rule, spec in specs.items()})


def rules_on(on: date, edition: str | None = None, overlay: tuple[Row, ...] = ()) -> Rules:
    """The rules in force on a day. Raises StandardsError naming the gap."""
    return rules_of(in_force("detection_rules", on, edition, overlay))


def _share(row: Row) -> float:
    number = row.number()
    return float(number / Decimal(100)) if row["unit"] == "percent" else float(number)


def _completed(spec: RuleSpec, specs: Mapping[str, RuleSpec]) -> RuleSpec:
    if not spec.like:
        return spec
    if spec.like not in specs or specs[spec.like].like:
        raise RuleError(f"rule {spec.rule} stands on rule {spec.like!r}, which is not set")
    model = specs[spec.like]
    return replace(
        spec,
        parameters={**model.parameters, **spec.parameters},
        footnotes=spec.footnotes + model.footnotes,
    )
