"""`lantian replies`: how messages of a chat would be read; where chats send theirs."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from lantian.dispatch.chat_export import read_text, text_of
from lantian.dispatch.reply import read as read_reply
from lantian.dispatch.reply import words
from lantian.errors import DataError
from lantian_cli import output
from lantian_cli.home import open_home

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Replies of the work chats.")
Home = Annotated[Path, typer.Option(help="The home to work in.")]
Json = Annotated[bool, typer.Option("--json", help="Only the JSON on stdout.")]


@app.command()
def read(
    file: Annotated[Path, typer.Argument(help="Messages copied from a chat, as text.")],
    on: Annotated[str, typer.Option(help="Day of messages that show none (YYYY-MM-DD).")],
    as_json: Json = False,
) -> None:
    """Say how the messages of a text would be read; nothing is written.

    Example: lantian replies read group.txt --on 2026-12-08
    """
    try:
        day = date.fromisoformat(on)
    except ValueError:
        raise DataError(f"{on!r} is no day", source="command line", field="--on") from None
    export, known = read_text(text_of(file.read_bytes(), file.name), day, file.name), words(day)
    rows: list[list[object]] = []
    for each in export.messages:
        told = read_reply(each.text, known)
        sent = each.at.isoformat() if each.at else ""
        rows.append(
            [each.line, each.sender, sent, each.text, told.label.value, told.why, ";".join(told.numbers)]
        )
    names = ["line", "sender", "at", "text", "label", "why", "numbers"]
    if as_json:
        unread = [{"line": each.line, "text": each.text, "why": each.why} for each in export.unread]
        output.emit({"messages": [dict(zip(names, row, strict=True)) for row in rows], "unread": unread})
        return
    output.show_table("messages", names, rows)
    if export.unread:
        output.show_table("not read", ["line", "why"], [[each.line, each.why] for each in export.unread])


@app.command()
def inlet(
    name: Annotated[str, typer.Argument(help="Name of the chat.")],
    kind: Annotated[str, typer.Option(help="dingtalk or wecom.")] = "dingtalk",
    area: Annotated[str, typer.Option(help="Area of the chat; empty: the city.")] = "",
    secrets: Annotated[
        Path | None, typer.Option(help="JSON with secret, and aes_key and receiver for wecom.")
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="Close the inlet.")] = False,
    on: Annotated[bool, typer.Option("--on", help="Open it again.")] = False,
    home: Home = Path("var/demo"),
    as_json: Json = False,
) -> None:
    """Open an inlet for the messages of a chat, and say its address; it is shown only once.

    Example: lantian replies inlet 市攻坚群 --secrets robot.json --home var/demo
    """
    open_home(home)

    from lantian_web.events.queries import play_now
    from lantian_web.inventory.queries import city_area_id
    from lantian_web.replies.inlets import add_inlet, switch_inlet
    from lantian_web.replies.models import Inlet, InletKind

    if off or on:
        row = Inlet.objects.filter(name=name).first()
        if row is None:
            raise DataError(f"there is no inlet {name}", source="command line", field="NAME")
        switch_inlet(row.pk, on, "system", play_now())
        told = {"name": name, "active": on}
    else:
        if kind not in [each.value for each in InletKind] or secrets is None:
            raise DataError("an inlet has a kind and a file of secrets", source="command line")
        try:
            given = json.loads(secrets.read_text(encoding="utf-8"))
            asked = {key: str(given.get(key, "")) for key in ("secret", "aes_key", "receiver")}
        except (ValueError, AttributeError, OSError):
            raise DataError("not a JSON file of secrets", source=secrets.name) from None
        row = add_inlet(
            InletKind(kind),
            name,
            area or city_area_id(),
            asked["secret"],
            "system",
            play_now(),
            aes_key=asked["aes_key"],
            receiver=asked["receiver"],
        )
        told = {"name": name, "address": f"/hooks/{row.key}/"}
    if as_json:
        output.emit(told)
    else:
        output.show_table("inlet", list(told), [[str(value) for value in told.values()]])
