"""The rehearsal city: a whole invented city that yields records and bytes, with the known truth.

Same seed, same bytes. Plants may read the truth (they know what they did); detectors, checkers and analysts
may not. A drill is marked as one wherever it is shown.
"""

from lantian.rehearsal.city import City, ForecastKind, build_city
from lantian.rehearsal.overlays import dust_days, own_tables
from lantian.rehearsal.score import Score, score
from lantian.rehearsal.tables import from_tables, to_tables
from lantian.rehearsal.truth import TruthRow, merge

__all__ = [
    "City",
    "ForecastKind",
    "Score",
    "TruthRow",
    "build_city",
    "dust_days",
    "from_tables",
    "merge",
    "own_tables",
    "score",
    "to_tables",
]
