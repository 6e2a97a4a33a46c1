"""Excel forms that people fill in: the empty form, the filled one read cell by cell, and the same file back.

A form is data (`layout`). Nothing that a cell hides is taken for granted: each fault is named by sheet, row and column,
and what could be put right without guessing is taken and said.
"""

from lantian.observe.forms.blank import blank
from lantian.observe.forms.filled import Filled, FilledRow, Mark, read_filled
from lantian.observe.forms.layout import Column, Form, SheetForm, load_form
from lantian.observe.forms.returned import returned

__all__ = [
    "Column",
    "Filled",
    "FilledRow",
    "Form",
    "Mark",
    "SheetForm",
    "blank",
    "load_form",
    "read_filled",
    "returned",
]
