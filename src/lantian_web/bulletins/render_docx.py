"""A paper as a Word document after GB/T 9704-2012, editable afterwards.

The official fonts may not be shipped; the document names them, and Word falls back where they are absent.
Footnote marks lead to the bookmarked notes at the end: Word's own footnotes may not stand in repeated table heads.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import nsmap, qn
from docx.shared import Mm, Pt, RGBColor

from lantian.records import Light
from lantian.report import Sheet
from lantian_web.bulletins.layout import LaidPicture, LaidSection, LaidSheet, LaidTable, lay
from lantian_web.bulletins.pictures import drawn
from lantian_web.bulletins.wording import Run

__all__ = ["render", "written"]

BODY, TITLE, HEADING, CAPTION = "仿宋_GB2312", "方正小标宋简体", "黑体", "楷体_GB2312"
LATIN = "Times New Roman"
INSTEAD = {
    BODY: "FangSong;仿宋;Noto Serif CJK SC",
    TITLE: "FZXiaoBiaoSong-B05S;Noto Serif CJK SC",
    HEADING: "SimHei;Noto Sans CJK SC",
    CAPTION: "KaiTi;楷体;Noto Serif CJK SC",
}
"""What to take where a named font is absent."""
FONT_TABLE = "word/fontTable.xml"
NO_2, NO_3, NO_4, NO_5, SMALL_5 = Pt(22), Pt(16), Pt(14), Pt(10.5), Pt(9)
MANY_COLUMNS = 9
PITCH = Pt(28.8)
TEXT_WIDTH_MM = 156
CELL_MARGIN = 50  # twentieths of a point
RED = RGBColor(0xB3, 0x26, 0x1E)
COLOURS = {
    Light.RED: RED,
    Light.AMBER: RGBColor(0x8A, 0x5A, 0x00),
    Light.BLIND: RGBColor(0x55, 0x55, 0x55),
    Light.GREEN: RGBColor(0x1B, 0x6B, 0x36),
}


def render(sheet: Sheet) -> bytes:
    """The .docx file; the same sheet gives the same bytes."""
    return written(lay(sheet), sheet.as_of)


def written(laid: LaidSheet, as_of: datetime) -> bytes:
    """A paper that is laid out already; the same text gives the same bytes."""
    document = Document()
    _page(document)
    _styles(document)
    _head(document, laid)
    _opening(document, laid)
    for section in laid.sections:
        _section(document, section)
    _close(document, laid)
    if laid.notes_heading:
        _notes(document, laid)
    core = document.core_properties
    core.title, core.author, core.last_modified_by = laid.title, "", ""
    core.created = core.modified = as_of.astimezone(UTC).replace(tzinfo=None)
    file = io.BytesIO()
    document.save(file)
    return _finished(file.getvalue())


def _finished(data: bytes) -> bytes:
    """The archive with its font table, and with fixed member times: the hour of writing is no content."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = _font_table() if name == FONT_TABLE else old.read(name)
            new.writestr(zipfile.ZipInfo(name), part, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _font_table() -> bytes:
    """The official faces with what stands in for each."""
    space = nsmap["w"]
    fonts = "".join(
        f'<w:font w:name="{face}"><w:altName w:val="{other}"/><w:charset w:val="86"/></w:font>'
        for face, other in INSTEAD.items()
    )
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return f'{head}<w:fonts xmlns:w="{space}">{fonts}</w:fonts>'.encode()


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)  # the number stands 7 mm below the type area
    document.settings.odd_and_even_pages_header_footer = True
    for footer, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        paragraph = footer.paragraphs[0]
        paragraph.alignment = side
        indent = paragraph.paragraph_format
        indent.left_indent = indent.right_indent = NO_4
        for part in ("— ", "PAGE", " —"):
            run = paragraph.add_run("" if part == "PAGE" else part)
            if part == "PAGE":
                _field(run, part)
            _font(run, "宋体", NO_4)


def _field(run: Any, code: str) -> None:
    for kind, text in (("begin", ""), ("", code), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)


def _styles(document: Any) -> None:
    normal = document.styles["Normal"]
    _font(normal, BODY, NO_3)
    form = normal.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, PITCH
    form.space_before = form.space_after = Pt(0)
    form.widow_control = True
    for name, face, size in (
        ("Title", TITLE, NO_2),
        ("Heading 1", HEADING, NO_3),
        ("Caption", CAPTION, NO_4),
    ):
        style = document.styles[name]
        _font(style, face, size)
        style.font.bold = style.font.italic = False
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.paragraph_format.space_before = Pt(6 if name == "Caption" else 0)
        style.paragraph_format.space_after = Pt(0)
        style.paragraph_format.keep_with_next = True
        for border in style.element.findall(f".//{qn('w:pBdr')}"):
            border.getparent().remove(border)
    document.styles["Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.styles["Title"].paragraph_format.line_spacing = Pt(36)
    document.styles["Heading 1"].paragraph_format.first_line_indent = 2 * NO_3


def _font(owner: Any, face: str, size: Any) -> None:
    """Chinese face with Latin letters and figures beside it; theme fonts would win, so they go."""
    owner.font.name, owner.font.size = LATIN, size
    fonts = (
        owner.element.get_or_add_rPr().get_or_add_rFonts()
        if hasattr(owner.element, "get_or_add_rPr")
        else None
    )
    if fonts is None:
        return
    for name in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{name}"), None)
    fonts.set(qn("w:eastAsia"), face)


def _head(document: Any, laid: LaidSheet) -> None:
    for mark in laid.marks:
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        paragraph.paragraph_format.line_spacing = Pt(20)
        run = paragraph.add_run(mark)
        _font(run, HEADING, Pt(12))
        run.font.color.rgb = RED
    document.add_paragraph(laid.title, style="Title")
    for line in laid.head:
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        _font(paragraph.add_run(line), CAPTION, NO_3)


def _opening(document: Any, laid: LaidSheet) -> None:
    """The addressee at the edge, the first sentences indented."""
    if laid.to:
        document.add_paragraph()
        _runs(document.add_paragraph(), [Run(laid.to)])
    for line in laid.opening:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.first_line_indent = 2 * NO_3
        _runs(paragraph, [Run(line)])


def _close(document: Any, laid: LaidSheet) -> None:
    """Who signs and when: at the right, four letters from the edge, never alone on a page."""
    for place, line in enumerate(laid.close):
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        form = paragraph.paragraph_format
        form.right_indent, form.space_before = 4 * NO_3, PITCH if place == 0 else Pt(0)
        form.keep_with_next = place < len(laid.close) - 1
        _runs(paragraph, [Run(line)])


def _section(document: Any, section: LaidSection) -> None:
    document.add_paragraph(section.heading, style="Heading 1")
    for line in section.lines:
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.first_line_indent = 2 * NO_3
        _runs(paragraph, line)
    for picture in section.pictures:
        _picture(document, picture)
    for table in section.tables:
        _table(document, table)


def _picture(document: Any, picture: LaidPicture) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    shape = paragraph.add_run().add_picture(io.BytesIO(drawn(picture.of, "png")), width=Mm(TEXT_WIDTH_MM))
    shape._inline.docPr.set("descr", picture.alt)


_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What people can type and no paper can hold."""


def _runs(
    paragraph: Any, runs: Iterable[Run], size: Any = None, face: str = BODY, bold: bool = False
) -> None:
    for run in runs:
        written = paragraph.add_run(_NO_XML.sub("", run.text))
        _font(written, face, size or NO_3)
        written.bold = bold
        if run.light:
            written.font.color.rgb = COLOURS[run.light]
        for note in run.notes:
            _note_link(paragraph, note, size)


def _superscript(run: Any, size: Any) -> None:
    _font(run, BODY, size or NO_4)
    run.font.superscript = True


def _note_link(paragraph: Any, number: int, size: Any) -> None:
    link = OxmlElement("w:hyperlink")
    link.set(qn("w:anchor"), f"note_{number}")
    run = paragraph.add_run(f"[{number}]")
    _superscript(run, size)
    link.append(run._r)
    paragraph._p.append(link)


def _table(document: Any, laid: LaidTable) -> None:
    caption = document.add_paragraph(style="Caption")
    _runs(caption, laid.caption, NO_4, CAPTION)
    if not laid.rows:
        empty = document.add_paragraph()
        empty.paragraph_format.first_line_indent = 2 * NO_4
        _runs(empty, [Run(laid.empty)], NO_4)
        return
    table = document.add_table(rows=0, cols=len(laid.heads), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    _cell_margins(table)
    widths = [Mm(TEXT_WIDTH_MM * weight) for weight in laid.weights]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    size = SMALL_5 if len(laid.heads) > MANY_COLUMNS else NO_5
    _row(table, [[Run(head)] for head in laid.heads], laid.numbers, widths, size, face=HEADING, repeat=True)
    for place, row in enumerate(laid.rows):
        last = laid.total and place == len(laid.rows) - 1
        _row(table, row, laid.numbers, widths, size, bold=last)


def _cell_margins(table: Any) -> None:
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), str(CELL_MARGIN))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.append(margins)


def _row(
    table: Any,
    cells: list[list[Run]],
    numbers: list[bool],
    widths: list[Any],
    size: Any,
    *,
    face: str = BODY,
    bold: bool = False,
    repeat: bool = False,
) -> None:
    row = table.add_row()
    properties = row._tr.get_or_add_trPr()
    for name in ("w:cantSplit", *(["w:tblHeader"] if repeat else [])):
        properties.append(OxmlElement(name))
    for cell, runs, number, width in zip(row.cells, cells, numbers, widths, strict=True):
        cell.width = width
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.line_spacing = Pt(15)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if number else WD_ALIGN_PARAGRAPH.LEFT
        _runs(paragraph, runs, size, face, bold)


def _notes(document: Any, laid: LaidSheet) -> None:
    document.add_paragraph(laid.notes_heading, style="Heading 1")
    for note in laid.notes:
        paragraph = document.add_paragraph()
        form = paragraph.paragraph_format
        form.line_spacing, form.left_indent, form.first_line_indent = Pt(18), Pt(24), Pt(-24)
        start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
        for element in (start, end):
            element.set(qn("w:id"), str(note.number))
        start.set(qn("w:name"), f"note_{note.number}")
        paragraph._p.append(start)
        _runs(paragraph, [Run(f"{note.number}. {note.text}")], Pt(12))
        paragraph._p.append(end)
