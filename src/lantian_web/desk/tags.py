"""Template tags of the design system: lights, numbers, times, labels, traceable numbers, form keys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from django import template
from django.urls import reverse
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lantian.periods import from_ms
from lantian.standards import table
from lantian.units import round_half_even, to_decimal
from lantian_web.desk import wording
from lantian_web.desk.grounds import Grounds, grounds
from lantian_web.findings.models import Finding
from lantian_web.orders.models import Decision, Order

register = template.Library()
SLOT_MS = 900_000

SHAPES = {
    "red": '<path d="M7 1 13.1 12.1H.9Z" fill="currentColor"/>',
    "amber": '<path d="M7 1 13 7 7 13 1 7Z" fill="currentColor"/>',
    "green": '<circle cx="7" cy="7" r="4.9" fill="currentColor"/>',
    "blind": (
        '<path d="M2.1 2.1h9.8v9.8H2.1Z M2.1 11.9 11.9 2.1" fill="none" stroke="currentColor" stroke-width="1.5"/>'
    ),
}
OUTCOME_LIGHTS = {"complied": "green", "not_complied": "red", "cannot_tell": "blind", "pending": "amber"}


@register.simple_tag
def shape(light: str) -> SafeString:
    """The shape of a light, without a word (the word stands beside it)."""
    drawing = mark_safe(SHAPES[light])  # noqa: S308 - constants above
    return format_html('<svg class="{}" viewBox="0 0 14 14" aria-hidden="true">{}</svg>', light, drawing)


@register.simple_tag
def light(code: str, word: object = "", title: str = "") -> SafeString:
    """Colour, shape and word together; `word` defaults to the light's own."""
    text = word or wording.label(code, "light")
    drawing = mark_safe(SHAPES[code])  # noqa: S308 - constants above
    return format_html(
        '<span class="lt {}"{}><svg viewBox="0 0 14 14" aria-hidden="true">{}</svg>{}</span>',
        code,
        format_html(' title="{}"', title) if title else "",
        drawing,
        text,
    )


@register.simple_tag
def outcome(code: str, number: object = None) -> SafeString:
    """The light of a three-valued answer (or of one still pending), with a count if given."""
    word = wording.label(code, "outcome")
    text = word if number is None else format_html("{} <b>{}</b>", word, wording.number(number))
    return light(OUTCOME_LIGHTS[code], text)


@register.simple_tag
def num(value: object, kind: str = "", pk: object = "", places: int = 0) -> SafeString:
    """A number that leads to its rows and rule; plain when it has no page of its own."""
    text = wording.number(value, places)
    if not kind or not pk:
        return format_html('<span class="v">{}</span>', text)
    return format_html('<a class="n" href="{}">{}</a>', reverse("rows", args=[kind, pk]), text)


@register.filter
def n(value: object, places: int = 0) -> str:
    return wording.number(value, places)


@register.filter
def label(code: object, of: str) -> str:
    return wording.label(code, of)


@register.filter
def span(length: timedelta | float) -> str:
    return wording.span(length)


@register.filter
def ms(value: int) -> datetime:
    """Local datetime of UTC milliseconds."""
    return from_ms(value)


@register.filter
def day(value: object) -> str:
    return wording.day_text(value)


@register.simple_tag(takes_context=True)
def at(context: template.Context, moment: datetime | int | None) -> SafeString:
    """A moment in the page's day, machine-readable too."""
    if moment is None:
        return SafeString("—")
    stamp = from_ms(moment) if isinstance(moment, int) else moment
    text = wording.day_clock(stamp, context.get("now"))
    return format_html('<time datetime="{}">{}</time>', stamp.astimezone(UTC).isoformat(), text)


@register.simple_tag(takes_context=True)
def order_state(context: template.Context, order: Order) -> str:
    """How an order stands at the page's time."""
    return wording.order_state(order, context.get("now"))


@register.simple_tag(takes_context=True)
def left(context: template.Context, due: datetime | None) -> SafeString:
    """Time left to a due moment, coloured by state: overdue red, under two hours amber."""
    if due is None:
        return SafeString("—")
    now = context["now"]
    if due <= now:
        return format_html('<b class="red">{}</b>', _("%(span)s over") % {"span": wording.span(now - due)})
    tone = "amber" if due - now <= timedelta(hours=2) else "calm"
    return format_html('<b class="{}">{}</b>', tone, wording.span(due - now))


@register.filter(name="grounds")
def grounds_of(decision: Decision) -> Grounds:
    return grounds(decision)


@register.filter(name="length_of")
def length_of(span: float) -> str:
    """A fixed length of time in seconds: whole hours stay whole."""
    hours, rest = divmod(int(span), 3600)
    return _("%(hours)d h") % {"hours": hours} if hours and not rest else wording.span(span)


@register.filter
def placed(plant: str, area: str) -> str:
    return wording.place(area, plant)


@register.simple_tag(takes_context=True)
def waited(context: template.Context, since: datetime) -> str:
    """How long something has been waiting where no clock runs."""
    return _("for %(span)s") % {"span": wording.span(context["now"] - since)}


@register.filter
def short_hash(text: str) -> str:
    return f"{text[:4]} {text[4:8]} … {text[-4:]}" if len(text) > 16 else text


@register.filter
def share(part: float, whole: float) -> float:
    """`part` as percent of `whole`; 0 when there is no whole."""
    return 100 * part / whole if whole else 0


@register.simple_tag
def shape_path(light: str) -> SafeString:
    """Only the drawing of a light's shape, for use inside another SVG."""
    return mark_safe(SHAPES[light])  # noqa: S308 - constants above


@register.simple_tag
def finding_short(finding: Finding) -> str:
    """The finding in a few words: how long, or how far over the line."""
    day = wording.day_text(finding.on)
    if finding.runs and finding.unit == "kW":
        length = length_of(sum(end - begin for begin, end in finding.runs) / 1000)
        return _("%(day)s, %(length)s over the line") % {"day": day, "length": length}
    over = 100 * finding.measured / finding.threshold if finding.threshold else 0
    return _("%(day)s, %(share).0f %% of the line") % {"day": day, "share": over}


@register.simple_tag
def finding_sentence(finding: Finding, links: bool = True) -> SafeString:
    """What shows the finding, in one sentence whose numbers lead to their rows."""

    def linked(value: object, unit: str = "") -> SafeString:
        text = f"{value} {unit}".strip()
        if not links:
            return format_html("{}", text)
        return format_html(
            '<a class="n" href="{}">{}</a>', reverse("rows", args=["finding", finding.pk]), text
        )

    first, last = from_ms(finding.first_ms), from_ms(finding.last_ms)
    facts = {
        "day": wording.day_text(finding.on),
        "from": f"{first:%H:%M}",
        "to": "24:00" if last > first and f"{last:%H%M}" == "0000" else f"{last:%H:%M}",
        "slots": linked(sum((end - begin) // SLOT_MS for begin, end in finding.runs)),
        "measured": linked(wording.number(finding.measured), finding.unit),
        "line": linked(wording.number(finding.threshold), finding.unit),
        "judged": finding.slots_judged,
        "missing": finding.slots_missing,
    }
    if finding.unit == "kW":
        text = _(
            "On %(day)s %(slots)s quarter-hours between %(from)s and %(to)s lie over the line of %(line)s, at %(measured)s."
        )
    else:
        text = _("On %(day)s the plant used %(measured)s, the order allows %(line)s.")
    tail = _(" Judged %(judged)s quarter-hours, %(missing)s missing.")
    return mark_safe((text + tail) % facts)  # noqa: S308 - facts are numbers, times and escaped links


@register.simple_tag
def chart_words() -> SafeString:
    """Words of the curve for its script, as data."""
    words = {
        "production": _("Production"),
        "treatment": _("Treatment"),
        "threshold": _("line"),
        "cap": _("line as mean"),
        "rated": _("rated"),
        "idle": _("idle"),
        "missing": _("missing"),
        "day": pgettext("day of month", "d"),
    }
    return json_script(words, "curve-words")


@register.filter
def count(counts: Mapping[str, int], code: str) -> int:
    return counts.get(code, 0)


@register.filter
def lookup(names: Mapping[object, object], key: object) -> object:
    return names.get(key) or key or "—"


@register.filter
def urgency(due: datetime | None, now: datetime) -> str:
    """Class of a row by the time left."""
    if due is None:
        return "calm"
    return "over" if due <= now else "soon" if due - now <= timedelta(hours=2) else "calm"


@register.filter
def unlocalize_num(value: float) -> str:
    """A number for SVG, whatever the locale."""
    return f"{float(value):g}"


@register.filter
def add_num(value: float, other: float) -> str:
    return f"{float(value) + float(other):g}"


@register.filter
def aqi_class(value: object) -> str:
    """The written class of an AQI; its limits are rows of the standard, equal in both editions."""
    aqi = int(float(str(value)))
    limits = (50, 100, 150, 200, 300)
    return wording.label(1 + sum(aqi > limit for limit in limits), "aqi_level")


@register.filter
def items(codes: str) -> str:
    """Pollutants of a comma list, by name."""
    return "、".join(wording.label(code, "item") for code in codes.split(",") if code)


@register.filter
def indicator(code: str) -> str:
    return wording.label(code, "indicator")


@register.filter
def signed(value: object, places: int = 0) -> str:
    """A difference: its sign is always written."""
    text = wording.number(value, places)
    return text if value is None or value == "" or float(str(value)) <= 0 else f"+{text}"


@register.filter
def dec(value: Decimal | None) -> str:
    """A published number with the decimals it was published with."""
    return wording.number(value, 0 if value is None else max(0, -int(value.as_tuple().exponent)))


@register.filter
def frac(value: Fraction | Decimal | None, places: int = 1) -> str:
    """An exact number, rounded once for the page."""
    if value is None:
        return wording.number(None)
    exact = value if isinstance(value, Decimal) else to_decimal(value)
    return wording.number(round_half_even(exact, places), places)


@register.filter
def frac_signed(value: Fraction | None, places: int = 1) -> str:
    """An exact difference with its sign."""
    text = frac(value, places)
    return text if value is None or value <= 0 else f"+{text}"


@register.simple_tag
def aqi_mark(level: int | str) -> SafeString:
    """An AQI class as colour, height and word: the box fills by one sixth per class."""
    number = int(level)
    rows = [row for row in table("aqi_levels") if row.integer("level") == number]
    colour = "#{:02x}{:02x}{:02x}".format(*(rows[-1].integer(name) for name in "rgb"))
    return format_html(
        '<span class="cls"><svg viewBox="0 0 12 14" aria-hidden="true"><rect x=".5" y="{}" width="11" height="{}"'
        ' fill="{}"/><rect x=".5" y=".5" width="11" height="13" fill="none" stroke="currentColor"/></svg>{}</span>',
        13.5 - 13 * number / 6,
        13 * number / 6,
        colour,
        wording.label(number, "aqi_level"),
    )
