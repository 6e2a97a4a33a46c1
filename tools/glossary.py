"""Write docs/glossary.md from docs/glossary.csv: `python -m tools.glossary`."""

from __future__ import annotations

import csv
from pathlib import Path

__all__ = ["CONFIDENCE", "TABLE", "PAGE", "read", "render"]

DOCS = Path(__file__).resolve().parent.parent / "docs"
TABLE, PAGE = DOCS / "glossary.csv", DOCS / "glossary.md"
CONFIDENCE = {
    "original": "原文，读自所列标准或文件",
    "official-copy": "官方转载",
    "secondary": "二手资料",
    "unverified": "通行说法，未见原文",
    "proposed": "本项目自拟，待业内人士核定",
}
HEAD = """# 术语表 Glossary

由 `docs/glossary.csv` 生成（`make glossary`），请改表，不改本页。代码里枚举值与数据表名都以本表的标识符为准。
*Made from `docs/glossary.csv`; enum values and model names in the code are identifiers of this table.*

出处可信度 Confidence of the Chinese term:
"""


def read() -> list[dict[str, str]]:
    """Rows of the table, in its order."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def render(rows: list[dict[str, str]]) -> str:
    """The page: rows sorted by identifier."""
    lines = [HEAD]
    lines += [f"- `{key}`：{meaning}" for key, meaning in CONFIDENCE.items()]
    lines += ["", "| 标识符 | 中文 | Meaning | 出处 Source | 可信度 |", "| --- | --- | --- | --- | --- |"]
    for row in sorted(rows, key=lambda row: row["identifier"]):
        cells = [f"`{row['identifier']}`", *(row[key].replace("|", "\\|") for key in list(row)[1:])]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(render(read()), encoding="utf-8")
