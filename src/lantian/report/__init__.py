"""Finished content of papers: rows and `Message(id, params)`. No wording, no layout."""

from lantian.report.conclusion import CANNOT_TELL, PENDING, shown, worst
from lantian.report.day_sheet import day_sheet
from lantian.report.frozen import canonical, content_sha256
from lantian.report.inputs import (
    NOT_JUDGED,
    DayInputs,
    DecisionFacts,
    FindingFacts,
    OrderFacts,
    Place,
    Reading,
    Replay,
    TaskFacts,
    WarningFacts,
)
from lantian.report.light import (
    RUNNING,
    WORST_FIRST,
    of_outcome,
    of_task,
    overdue,
    plant_lights,
    worst_light,
)
from lantian.report.pool import ids_behind, pools
from lantian.report.sheet import Column, Figure, Link, Message, Note, Picture, Section, Sheet, Table, message

__all__ = [
    "CANNOT_TELL",
    "NOT_JUDGED",
    "PENDING",
    "RUNNING",
    "WORST_FIRST",
    "Column",
    "DayInputs",
    "DecisionFacts",
    "Figure",
    "FindingFacts",
    "Link",
    "Message",
    "Note",
    "OrderFacts",
    "Place",
    "Reading",
    "Replay",
    "Picture",
    "Section",
    "Sheet",
    "Table",
    "TaskFacts",
    "WarningFacts",
    "canonical",
    "content_sha256",
    "day_sheet",
    "ids_behind",
    "message",
    "of_outcome",
    "of_task",
    "overdue",
    "plant_lights",
    "pools",
    "shown",
    "worst",
    "worst_light",
]
