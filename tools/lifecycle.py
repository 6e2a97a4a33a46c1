"""Write docs/guide/tasks.md from the task's transition table: `python -m tools.lifecycle`.

The page is the template below with three parts made from the code: the diagram, the table of transitions, the
clocks. Its Chinese comes from the glossary, so that page, console and code use one word each.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lantian.dispatch.lifecycle import ENDED, OPEN_STATES, TABLE, TRANSITIONS, Actor, TaskEvent, Transition
from lantian.standards import table
from tools import glossary

__all__ = ["PAGE", "render"]

PAGE = Path(__file__).resolve().parent.parent / "docs" / "guide" / "tasks.md"
TEXT = """# 任务的一生

由 `lantian.dispatch.lifecycle` 的状态表生成（`python -m tools.lifecycle`），请改代码，不改本页。

三种任务：**{carry_out}**（每道要停、要限、要减的命令一件，随命令发出）、**{check}**（每家企业、每种问题、每次预警一件，
市级确认问题之后才有；同一企业同一问题再被确认，并进还没办完的那一件，已办完的另开一件）和 **{dispatch}**（值班的人一句话发出去的，
按本市的八类）。每件任务有牵头单位、责任单位、责任领导、责任人；缺一个角色，就发不出去，并说明缺的是谁。

交办 → 签收 → 承办 → 反馈 → 核查 → 销号是主路；退回、转办、延期、挂账、中止、重开是旁路。

```mermaid
stateDiagram-v2
{diagram}
```

任何没有结束的任务都可以由交办方撤回（`withdraw`），图上不再画。

| 现在 | 发生什么 | 谁来走 | 必须带上 | 之后 |
| --- | --- | --- | --- | --- |
{rows}

表里没有的变化都会被拒绝。还没办完的状态：{running}。

- **应急命令先执行、后申辩**：承载应急命令的{carry_out}不能退回、转办、延期、挂账、中止，计时也不能暂停；申辩会有人听，但不停命令。
  命令只能由签发预警的人解除。
- **{claim}**：责任单位的人表示收到并去办，不等于承认有问题。
- **{answer}**：写明做了什么、为什么；双方都看得到。落实命令的任务，命令结束之后才到期限。
- **{pass_}、{return_}**：由第二个人核查后作出。经办人自己和经办单位的人不能核查；没有落实的不能销号（命令已经结束、
  再无可落实的除外）；退回、或没有落实而结案，都要写理由。
- **核查人站得多远**由类别定：另一个人、另一个单位，或另一个县；分件由分件的人核查。有的类别还要逐条填销号五条件，
  缺一条不能销号；不适用的要写明为什么。
- **{question}**：任务没有结束就可以问，不改状态、不停表、不免催办；应急命令先执行，边执行边答复。由交办方书面答复，不存在同意不同意，
  答复时限在表 `request_clocks`。
- **延期**在到期之前申请，写明理由和新的期限，由交办方批；申请本身不停表。**挂账**写下一次复看的日子，恢复以后接着用剩下的时间。
- **一件事可以往下分**给乡镇、单位、个人，每一份有自己的签收、反馈和时钟，期限不晚于整件；每一份都反馈了，整件才能反馈。
  配合单位也各走各的。整件销号时，已反馈的分件一并销号，没办的撤回。
- **一句话发出去**：同一企业、同一事由 24 小时内交办过的，先认出来，由发的人决定要不要再发。
- **{withdraw}**：命令没有生效就被取代或解除，或者发错了。
- 退回之后重新计时，次数留在任务上；每一步都进事件链，谁、何时、前后哈希。

## 两个时钟

| 任务 | 情形 | {claim} | {answer} |
| --- | --- | --- | --- |
{clocks}

随预警命令和已确认问题开出的任务都按应急计时。落实命令的答复时限从命令结束时起算。时限是本项目自拟（`proposed`），数在表 `task_clocks`，以本市文件为准。

过期就升一级，每级只升一次，升到哪一级留痕：

| 情形 | 级 | 叫法 | 何时 | 告诉谁 |
| --- | --- | --- | --- | --- |
{steps}
"""
CALENDAR = {"clock": "", "working": "（工作时间）"}
ACTORS = {Actor.HANDLER: "承办单位", Actor.SENDER: "交办方", Actor.CHECKER: "核查人"}
TELLS = {"person": "责任人", "leader": "责任领导", "city_office": "市级专班"}


def render() -> str:
    """The page."""
    words = {row["identifier"]: row["chinese"] for row in glossary.read()}
    running = "、".join(words[state.value] for state in TRANSITIONS if state in OPEN_STATES)
    events = {
        event.value + "_" * (event in (TaskEvent.PASS, TaskEvent.RETURN)): words[event.value]
        for event in TaskEvent
    }
    return TEXT.format(
        diagram="\n".join(_diagram(words)),
        rows="\n".join(
            f"| {words[row.state.value]} `{row.state.value}` | {words[row.event.value]} `{row.event.value}` "
            f"| {ACTORS[row.actor]} | {_needs(row, words)} | {words[row.to.value]} `{row.to.value}` |"
            for row in TABLE
            if row.event is not TaskEvent.WITHDRAW
        ),
        running=running,
        clocks="\n".join(_clocks(words)),
        steps="\n".join(_steps(words)),
        carry_out=words["carry_out"],
        check=words["check"],
        dispatch=words["dispatch"],
        question=words["question"],
        **events,
    )


def _needs(row: Transition, words: dict[str, str]) -> str:
    return "、".join(words[need.value] for need in sorted(row.needs)) or "—"


def _diagram(words: dict[str, str]) -> Iterator[str]:
    for state in TRANSITIONS:
        yield f'    state "{words[state.value]}" as {state.value}'
    yield f"    [*] --> {next(iter(TRANSITIONS)).value}"
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in TABLE:
        if row.event is not TaskEvent.WITHDRAW:
            arrows.setdefault((row.state.value, row.to.value), []).append(words[row.event.value])
    for (before, after), events in arrows.items():
        yield f"    {before} --> {after}: {'、'.join(events)}"
    for state in (state for state in TRANSITIONS if state in ENDED):
        yield f"    {state.value} --> [*]"


def _clocks(words: dict[str, str]) -> Iterator[str]:
    rows = {(row["task"], row["urgency"], row["stage"]): row for row in table("task_clocks")}
    for task, urgency in dict.fromkeys(key[:2] for key in rows):
        spans = [rows[task, urgency, stage] for stage in ("claim", "feedback")]
        cells = [_span(row.integer()) + CALENDAR[str(row["calendar"])] for row in spans]
        yield f"| {words[str(task)]} | {words[str(urgency)]} | {' | '.join(cells)} |"


def _steps(words: dict[str, str]) -> Iterator[str]:
    for row in table("escalation_steps"):
        minutes = row.integer()
        when = (
            "到期时"
            if not minutes
            else f"到期前 {_span(-minutes)}"
            if minutes < 0
            else f"过期 {_span(minutes)}"
        )
        where = words[str(row["urgency"])]
        yield f"| {where} | {row['order']} | {row['name_zh']} | {when} | {TELLS[str(row['tells'])]} |"


def _span(minutes: int) -> str:
    return f"{minutes / 60:g} 小时" if minutes % 30 == 0 else f"{minutes} 分钟"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
