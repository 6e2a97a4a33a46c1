"""Words for what stands behind a figure: names of rule tables, editions, and the sources that their rows name in English."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext_lazy

__all__ = ["EDITIONS", "SOURCES", "TABLES"]

EDITIONS = {
    "2026-transition": lazy("2026 (transition)"),
    "2026-final": lazy("2026 (final)"),
}
TABLES = {
    "aqi_rules": pgettext_lazy("table", "AQI rules"),
    "composite_index": pgettext_lazy("table", "Composite index"),
    "data_validity": pgettext_lazy("table", "Validity of data"),
    "rounding_rules": pgettext_lazy("table", "Rounding"),
    "dust_modes": pgettext_lazy("table", "Dust days"),
    "evaluation_items": pgettext_lazy("table", "Evaluation items"),
    "target_rules": pgettext_lazy("table", "How targets are counted"),
    "ranking_rules": pgettext_lazy("table", "How places are ranked"),
    "outlook_skill": pgettext_lazy("table", "Skill of the outlook"),
    "regions": pgettext_lazy("table", "Sets of cities"),
    "season_targets": pgettext_lazy("table", "Autumn-winter targets"),
    "targets": pgettext_lazy("table", "Ledger of targets"),
    "dust_days": pgettext_lazy("table", "Dust days"),
    "station_spells": pgettext_lazy("table", "Stations opened and closed"),
}
SOURCES = {
    "Lantian: a day that its hours do not make takes the daily value as published": pgettext_lazy(
        "source",
        "Lantian: a day that its hours do not make takes the daily value as published",
    ),
    "Lantian: a mean of stations some of which take their daily value as published": pgettext_lazy(
        "source",
        "Lantian: a mean of stations some of which take their daily value as published",
    ),
    "Lantian: the day is made of its hours; the daily value as published is another": pgettext_lazy(
        "source",
        "Lantian: the day is made of its hours; the daily value as published is another",
    ),
    "HJ 633-2012 Table 2": pgettext_lazy(
        "source",
        "HJ 633-2012 Table 2",
    ),
    "HJ 633-2012 is silent on the AQI of an incomplete set": pgettext_lazy(
        "source",
        "HJ 633-2012 is silent on the AQI of an incomplete set",
    ),
    "HJ 633-2026 Table 1": pgettext_lazy(
        "source",
        "HJ 633-2026 Table 1",
    ),
    "official press on good days (优良天)": pgettext_lazy(
        "source",
        "official press on good days (优良天)",
    ),
    "official press on heavy-pollution days (重污染天)": pgettext_lazy(
        "source",
        "official press on heavy-pollution days (重污染天)",
    ),
    "Anhui 16-city ranking notes 2017, 2019, 2022; CNEMC national report July 2021": pgettext_lazy(
        "source",
        "Anhui 16-city ranking notes 2017, 2019, 2022; CNEMC national report July 2021",
    ),
    "limits: GB 3095-2026 Table 1; use in ranking assumed by analogy": pgettext_lazy(
        "source",
        "limits: GB 3095-2026 Table 1; use in ranking assumed by analogy",
    ),
    "limits: GB 3095-2026 Table 1; use in ranking: third-party implementation": pgettext_lazy(
        "source",
        "limits: GB 3095-2026 Table 1; use in ranking: third-party implementation",
    ),
    "GB 3095-2012 (same minimum numbers believed)": pgettext_lazy(
        "source",
        "GB 3095-2012 (same minimum numbers believed)",
    ),
    "GB 3095-2026 Table 4": pgettext_lazy(
        "source",
        "GB 3095-2026 Table 4",
    ),
    "HJ 663-2013 practice": pgettext_lazy(
        "source",
        "HJ 663-2013 practice",
    ),
    "taken as for the other items (GB 3095 Table 4 sets none)": pgettext_lazy(
        "source",
        "taken as for the other items (GB 3095 Table 4 sets none)",
    ),
    "HJ 663-2013 (HJ 633-2012 is silent)": pgettext_lazy(
        "source",
        "HJ 663-2013 (HJ 633-2012 is silent)",
    ),
    "city rankings print 2": pgettext_lazy(
        "source",
        "city rankings print 2",
    ),
    "published city bulletins": pgettext_lazy(
        "source",
        "published city bulletins",
    ),
    "third-party implementation quoting HJ 663-2026": pgettext_lazy(
        "source",
        "third-party implementation quoting HJ 663-2026",
    ),
    "third-party implementation quoting HJ 663-2026; ranking tables print 2": pgettext_lazy(
        "source",
        "third-party implementation quoting HJ 663-2026; ranking tables print 2",
    ),
    "national monthly report of July 2021": pgettext_lazy(
        "source",
        "national monthly report of July 2021",
    ),
    "taken as for good days": pgettext_lazy(
        "source",
        "taken as for good days",
    ),
    "环办监测〔2016〕120号; national monthly report of July 2021": pgettext_lazy(
        "source",
        "环办监测〔2016〕120号; national monthly report of July 2021",
    ),
    "press on HJ 663-2026; the text was not seen": pgettext_lazy(
        "source",
        "press on HJ 663-2026; the text was not seen",
    ),
    "third-party implementations of HJ 663": pgettext_lazy(
        "source",
        "third-party implementations of HJ 663",
    ),
    "county bulletin that prints 剩余日控制值": pgettext_lazy(
        "source",
        "county bulletin that prints 剩余日控制值",
    ),
    "outlook method": pgettext_lazy(
        "source",
        "outlook method",
    ),
    "project design": pgettext_lazy(
        "source",
        "project design",
    ),
    "2018-2023 regional definition": pgettext_lazy(
        "source",
        "2018-2023 regional definition",
    ),
    "GB/T 2260 administrative divisions": pgettext_lazy(
        "source",
        "GB/T 2260 administrative divisions",
    ),
    "third-party city list (2026)": pgettext_lazy(
        "source",
        "third-party city list (2026)",
    ),
    "third-party city list (2026); 空气质量持续改善行动计划 (30 Nov 2023)": pgettext_lazy(
        "source",
        "third-party city list (2026); 空气质量持续改善行动计划 (30 Nov 2023)",
    ),
    "third-party city list as used in April 2026": pgettext_lazy(
        "source",
        "third-party city list as used in April 2026",
    ),
    "空气质量持续改善行动计划 (30 Nov 2023), region paragraph": pgettext_lazy(
        "source",
        "空气质量持续改善行动计划 (30 Nov 2023), region paragraph",
    ),
    "2021-22 攻坚方案 news": pgettext_lazy(
        "source",
        "2021-22 攻坚方案 news",
    ),
    "2023-24 plan": pgettext_lazy(
        "source",
        "2023-24 plan",
    ),
    "ministry press 22 Apr 2020": pgettext_lazy(
        "source",
        "ministry press 22 Apr 2020",
    ),
    "national autumn-winter plan of the season": pgettext_lazy(
        "source",
        "national autumn-winter plan of the season",
    ),
    "source document of the project": pgettext_lazy(
        "source",
        "source document of the project",
    ),
}
