"""What the faults of a filled list are called, and what its rows would do."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from lantian.observe.forms import Mark
from lantian_web.accounts.roster import people_form

__all__ = ["ACT_WORDS", "FAULTS", "told"]

ACT_WORDS = {
    "add": lazy("to be added"),
    "change": lazy("to be changed"),
    "skip": lazy("there already"),
    "refuse": lazy("refused"),
}
FAULTS = {
    # the file
    "no_sheet": lazy("this sheet is missing"),
    "other_sheet": lazy("this sheet is not of the template and was not read"),
    "other_version": lazy("not the version of the template that is in use"),
    "hidden_sheet": lazy("the sheet is hidden"),
    "dates_from_1904": lazy("the workbook counts days from 1904 (Mac): look at every day again"),
    "no_column": lazy("this column is missing"),
    "column_twice": lazy("this column stands twice"),
    "other_column": lazy("this column is not of the template and was not read"),
    "hidden_column": lazy("the column is hidden"),
    "too_many_rows": lazy("more rows than are read"),
    # a row
    "hidden_row": lazy("a hidden row: show it or delete it"),
    "struck_through": lazy("struck through: delete the row, or take the line off"),
    "twice": lazy("stands already in row"),
    # a cell
    "merged": lazy("merged cells: take them apart and fill every row"),
    "formula": lazy("a formula: paste its value"),
    "error_value": lazy("an error value of Excel"),
    "empty": lazy("must be filled"),
    "boolean": lazy("a logical value where text is wanted"),
    "fraction": lazy("a number with decimals or with digits lost"),
    "number_as_text": lazy("a number where text is wanted"),
    "code_as_number": lazy("a code stored as a number; taken as text"),
    "code_scientific": lazy("a code in scientific form: its digits are lost"),
    "code_characters": lazy("a code holds letters, digits, - _ . only"),
    "full_width": lazy("full-width digits or letters; taken as plain ones"),
    "invisible": lazy("invisible characters; taken out"),
    "line_break": lazy("a line break; taken as a blank"),
    "blanks": lazy("blanks around or within; taken out"),
    "control_character": lazy("control characters"),
    "too_long": lazy("too long"),
    "no_choice": lazy("none of the words of the list"),
    "phone_as_number": lazy("a telephone stored as a number; taken as text"),
    "phone_scientific": lazy("a telephone in scientific form: its digits are lost"),
    "phone_digits": lazy("a telephone of so many digits does not exist"),
    "phone_blanks": lazy("blanks in the telephone; taken out"),
    "two_phones": lazy("two telephones in one cell"),
    "no_phone": lazy("not a telephone"),
    "shared_phone": lazy("the same telephone as in row"),
    "date_as_text": lazy("a date written as text; read"),
    "bare_number": lazy("a bare number where a date is wanted: which date system is not known"),
    "time_without_day": lazy("a time without its day"),
    "day_without_time": lazy("a day without its time"),
    "time_in_day": lazy("a time where only a day is wanted"),
    "no_day": lazy("not a day"),
    "no_moment": lazy("not a day with a time"),
    "no_such_day": lazy("no such day"),
    "no_such_time": lazy("no such time"),
    "year": lazy("a year that cannot be meant"),
    "open_ended": lazy("taken as without an end"),
    # what it says
    "unknown_area": lazy("unknown area"),
    "unknown_unit": lazy("unknown unit"),
    "unknown_person": lazy("unknown person"),
    "unknown_plant": lazy("unknown plant"),
    "plant_missing": lazy("a plant's unit needs the plant's code"),
    "plant_unwanted": lazy("a plant's code where none is wanted"),
    "plant_twice": lazy("this plant has a unit already"),
    "other_area": lazy("the plant lies in another area"),
    "left": lazy("no longer active"),
    "ends_before": lazy("the end is before the beginning"),
    "days_shared": lazy("shares days with another row of the same matter"),
    "own_stand_in": lazy("nobody stands in for themselves"),
    "acting_twice": lazy("stand-in named already for that time"),
    "acting_longer": lazy("an acting in force can only be ended earlier; enter a new one"),
    "circle": lazy("they would stand in for each other in a circle"),
    "overlap": lazy("somebody has this watch already"),
}


def told(mark: Mark) -> str:
    """One fault in words: the column, what it is, what it is about."""
    column = ""
    if mark.field:
        column = f"{people_form().sheet(mark.sheet).column(mark.field).title}{_(': ')}"
    words = str(FAULTS.get(mark.code, mark.code))
    return f"{column}{words}{_(' (%(detail)s)') % {'detail': mark.detail} if mark.detail else ''}"
