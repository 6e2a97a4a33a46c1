from datetime import date

import pytest

from lantian.assess.membership import PROVINCE, membership, province_of
from lantian.errors import StandardsError
from lantian.periods import Period
from lantian.standards import parse, table

HEADER = "region,name_zh,name_en,group,order,city,province,date_precision,valid_from,valid_to,source,confidence,note\n"
OWN = parse(
    "regions",
    HEADER
    + "ring,邻市,ring,,1,甲,,day,2026-01-01,,city paper,original,\n"
    + "ring,邻市,ring,,2,乙,,day,2026-01-01,,city paper,original,\n"
    + "fenwei,汾渭平原,Fenwei plain,,12,韩城,陕西,day,2026-01-01,,city paper,original,\n",
)


def test_the_plain_had_eleven_cities_and_then_thirteen():
    before, after = membership("fenwei", date(2023, 11, 29)), membership("fenwei", date(2023, 11, 30))
    assert (len(before.cities), len(after.cities)) == (11, 13)
    assert {"洛阳", "三门峡"} == set(before.cities) - set(after.cities)
    assert {"太原", "阳泉", "长治", "晋城"} == set(after.cities) - set(before.cities)
    assert set(membership("jjj_surroundings", date(2023, 11, 30)).cities) == {"洛阳", "三门峡"}
    assert (before.name, before.until, after.since) == ("汾渭平原", date(2023, 11, 29), date(2023, 11, 30))
    assert not before.backwards
    assert not after.backwards


def test_before_its_first_list_a_membership_is_applied_backwards_and_says_so():
    found = membership("fenwei", date(2017, 1, 31))
    assert found.cities == membership("fenwei", date(2018, 1, 1)).cities
    assert (found.backwards, found.since) == (True, date(2018, 1, 1))
    assert [note.confidence for note in found.footnotes] == ["unverified"]


def test_a_period_across_a_change_of_members_is_noticed():
    after = membership("fenwei", date(2023, 12, 31))
    assert not after.holds(Period(date(2023, 10, 1), date(2023, 12, 31)))
    assert after.holds(Period(date(2023, 12, 1), date(2023, 12, 31)))
    assert not membership("fenwei", date(2023, 10, 1)).holds(Period(date(2023, 10, 1), date(2023, 12, 31)))


def test_the_168_cities_are_168_and_undated():
    found = membership("cities168", date(2015, 1, 1))
    assert len(found.cities) == len(set(found.cities)) == 168
    assert (found.backwards, found.since) == (False, None)
    assert "undated" in found.footnotes[0].key


def test_a_city_brings_its_own_set_and_its_own_rows():
    on = date(2026, 5, 1)
    assert membership("ring", on, OWN).cities == ("甲", "乙")
    assert len(membership("fenwei", on, OWN).cities) == 14
    early = membership("ring", date(2025, 5, 1), OWN)
    assert (early.cities, early.backwards) == (("甲", "乙"), True)


def test_an_unknown_or_ended_set_is_no_set():
    with pytest.raises(StandardsError):
        membership("atlantis", date(2026, 1, 1))
    ended = parse("regions", HEADER + "old,旧,old,,1,甲,,day,2020-01-01,2020-12-31,paper,original,\n")
    with pytest.raises(StandardsError):
        membership("old", date(2021, 1, 1), ended)


def test_a_province_is_found_by_its_city_and_keeps_its_past() -> None:
    code = province_of("临汾")
    assert code is not None
    found = membership(code, date(2026, 5, 1))
    assert (found.name, len(found.cities), found.since) == ("山西", 11, None)
    assert {note.confidence for note in found.footnotes} == {"unverified"}
    shandong = province_of("济南")
    assert shandong is not None
    before, after = (set(membership(shandong, on).cities) for on in (date(2018, 12, 31), date(2019, 1, 1)))
    assert before - after == {"莱芜"}
    assert province_of("无此城") is None


def test_no_city_lies_in_two_provinces() -> None:
    rows = [row.text("city") for row in table("regions") if row.text("region").startswith(PROVINCE)]
    assert len(rows) == len(set(rows))
