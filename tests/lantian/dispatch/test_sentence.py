"""What is read out of one typed sentence. `now` is Monday 2026-12-07 10:00 unless said otherwise."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lantian.dispatch.deadline import Urgency, kinds
from lantian.dispatch.sentence import Draft, Said, read
from lantian.errors import PeriodError
from lantian.periods import at

NOW = at(date(2026, 12, 7), 10)

DUE = {  # sentence → month, day, hour, minute of the due time
    # spans
    "2小时内": (12, 7, 12, 0),
    "请核实情况，2小时内反馈": (12, 7, 12, 0),
    "半小时内反馈": (12, 7, 10, 30),
    "半个小时之内回复": (12, 7, 10, 30),
    "一个半小时内到位": (12, 7, 11, 30),
    "两个小时以内": (12, 7, 12, 0),
    "1.5小时内": (12, 7, 11, 30),
    "1小时30分钟内反馈": (12, 7, 11, 30),
    "十五分钟内": (12, 7, 10, 15),
    "15分钟内到场": (12, 7, 10, 15),
    "一刻钟内": (12, 7, 10, 15),
    "48h内": (12, 9, 10, 0),
    "二十四小时内整改到位": (12, 8, 10, 0),
    "限2小时": (12, 7, 12, 0),
    "限时1小时内查清": (12, 7, 11, 0),
    "２小时内反馈": (12, 7, 12, 0),
    "2 小时 内 反馈": (12, 7, 12, 0),
    "3个工作日内": (12, 10, 18, 0),
    "五个工作日内报送整改方案": (12, 14, 18, 0),
    "4个工作小时内": (12, 7, 16, 30),
    "十日内": (12, 18, 0, 0),
    "3天内完成": (12, 11, 0, 0),
    "即日起3日内": (12, 11, 0, 0),
    "两天之内": (12, 10, 0, 0),
    "一周内": (12, 15, 0, 0),
    "半个月内": (12, 23, 0, 0),
    "一个月内": (13, 8, 0, 0),
    "2小时内再次核查并反馈": (12, 7, 12, 0),
    "2小时内有关单位到场": (12, 7, 12, 0),
    # an hour
    "今天18:00前": (12, 7, 18, 0),
    "今天18：00前": (12, 7, 18, 0),
    "今天18∶00之前": (12, 7, 18, 0),
    "18点前": (12, 7, 18, 0),
    "18时30分前": (12, 7, 18, 30),
    "18点半前": (12, 7, 18, 30),
    "十八点三十分前": (12, 7, 18, 30),
    "今日24:00前报送": (12, 8, 0, 0),
    "今日24时前": (12, 8, 0, 0),
    "今晚12点前": (12, 8, 0, 0),
    "明天中午12点前": (12, 8, 12, 0),
    "中午1点前": (12, 7, 13, 0),
    "明早8点前": (12, 8, 8, 0),
    "明天早上八点半前": (12, 8, 8, 30),
    "上午11点前": (12, 7, 11, 0),
    "下午三点前反馈": (12, 7, 15, 0),
    "下午3点一刻前": (12, 7, 15, 15),
    "晚上8点前": (12, 7, 20, 0),
    "明晚8点前": (12, 8, 20, 0),
    "后天9点前": (12, 9, 9, 0),
    "明天05:30前": (12, 8, 5, 30),
    "明天一早8点前": (12, 8, 8, 0),
    "12月7日18时起启动橙色预警，请各单位20时前落实到位": (12, 7, 20, 0),
    "明天凌晨2点前": (12, 8, 2, 0),
    "明天0时前": (12, 8, 0, 0),
    "最迟明天上午10点": (12, 8, 10, 0),
    "不晚于今天17:00": (12, 7, 17, 0),
    "今天17:30反馈现场照片": (12, 7, 17, 30),
    "时限：今天17:00": (12, 7, 17, 0),
    "今天18:00截止": (12, 7, 18, 0),
    # the office day
    "下班前": (12, 7, 18, 0),
    "今天下班前": (12, 7, 18, 0),
    "周五下班前": (12, 11, 18, 0),
    "明天上班前": (12, 8, 8, 0),
    "下午上班前": (12, 7, 14, 30),
    "上午下班前": (12, 7, 12, 0),
    "下周一上午": (12, 14, 12, 0),
    "请于下周一下午报送": (12, 14, 18, 0),
    "中午前": (12, 7, 12, 0),
    "下个工作日上午": (12, 8, 12, 0),
    "下一个工作日下班前": (12, 8, 18, 0),
    # a day
    "12月10日17:30前": (12, 10, 17, 30),
    "12 月 10 日 17 : 30 前": (12, 10, 17, 30),
    "１２月１０日１７：３０前": (12, 10, 17, 30),
    "十二月十日前": (12, 11, 0, 0),
    "2026年12月10日前": (12, 11, 0, 0),
    "2026-12-10 17:30前": (12, 10, 17, 30),
    "12/10前": (12, 11, 0, 0),
    "12月10日（周四）18时前": (12, 10, 18, 0),
    "请于12月10日17:30报送": (12, 10, 17, 30),
    "1月5日前": (13, 6, 0, 0),
    "15日前": (12, 16, 0, 0),
    "15号下午4点前": (12, 15, 16, 0),
    "下月5日前": (13, 6, 0, 0),
    "周五前": (12, 12, 0, 0),
    "星期三18点前": (12, 9, 18, 0),
    "下周三下班前": (12, 16, 18, 0),
    "下下周一前": (12, 22, 0, 0),
    "本周内": (12, 14, 0, 0),
    "本月底前": (13, 1, 0, 0),
    "月底前完成": (13, 1, 0, 0),
    "年底前": (13, 1, 0, 0),
    "今天内": (12, 8, 0, 0),
    "今日内办结": (12, 8, 0, 0),
    "请于本周五（12月11日）下班前报送": (12, 11, 18, 0),
    "周五(11日)17:00前": (12, 11, 17, 0),
    # beside facts and other words
    "某厂2小时内3次超标，今天下午5点前反馈": (12, 7, 17, 0),
    "近2小时PM10均值升高，请排查上风向工地，18:00前反馈": (12, 7, 18, 0),
    "昨天18点后电量异常，明天9点前报说明": (12, 8, 9, 0),
    "PM2.5小时值超200，1小时内到场": (12, 7, 11, 0),
    "今天18:00前反馈（下班前）": (12, 7, 18, 0),
}


@pytest.mark.parametrize(("text", "due"), DUE.items(), ids=DUE)
def test_a_due_time_is_read(text, due):
    month, day, hour, minute = due
    wanted = datetime(2026 + month // 13, (month - 1) % 12 + 1, day, hour, minute, tzinfo=NOW.tzinfo)
    draft = read(text, NOW)
    assert draft.due_at == wanted
    assert draft.doubts == ()
    assert draft.text == text
    assert {text[text.index(span) :].startswith(span) for span, _ in draft.said} == {True}


NONE = {  # sentence → what is said of the time, and of what
    "9点前": ("9点前", Said.PAST),
    "12月1日前": ("12月1日前", Said.PAST),
    "周一9点前": ("周一9点前", Said.PAST),
    "3日前": ("3日前", Said.PAST),
    "今天5点前": ("今天5点前", Said.UNCLEAR),
    "三日前": ("三日前", Said.UNCLEAR),
    "今晚2点前": ("今晚2点前", Said.UNCLEAR),
    "零点前": ("零点前", Said.UNCLEAR),
    "周末前": ("周末前", Said.UNCLEAR),
    "春节前": ("春节前", Said.UNCLEAR),
    "半天内": ("半天内", Said.UNCLEAR),
    "几天内": ("几天内", Said.UNCLEAR),
    "明天上午前": ("明天上午前", Said.UNCLEAR),
    "今晚前": ("今晚前", Said.UNCLEAR),
    "上午15点前": ("上午15点前", Said.UNCLEAR),
    "25:00前": ("25:00前", Said.UNCLEAR),
    "2月30日前": ("2月30日前", Said.UNCLEAR),
    "收到后2小时内反馈": ("2小时内", Said.UNCLEAR),
    "自签收之日起3日内": ("3日内", Said.UNCLEAR),
    "18点前往现场": ("18点前", Said.UNCLEAR),
    "明天（周三）18:00前": ("明天（周三）18:00前", Said.WEEKDAY_DISAGREES),
    "本周五（12月12日）下班前": ("本周五（12月12日）下班前", Said.WEEKDAY_DISAGREES),
    "每天17点前报送": ("17点前", Said.UNCLEAR),
    "每周五下班前报送": ("周五下班前", Said.UNCLEAR),
    "节后第一天下班前": ("下班前", Said.UNCLEAR),
    "下周第一个工作日下班前": ("下班前", Said.UNCLEAR),
    "明年12月10日前": ("12月10日前", Said.UNCLEAR),
    "明天开展核查，18点前反馈": ("18点前", Said.UNCLEAR),
    "12月8日0时起启动橙色预警，20时前落实到位": ("20时前", Said.UNCLEAR),
    "5000小时内": ("5000小时内", Said.UNCLEAR),
    "会后次日18点前": ("次日18点前", Said.UNCLEAR),
    "周六下班前": ("周六下班前", Said.NO_OFFICE_DAY),
}


@pytest.mark.parametrize(("text", "wanted"), NONE.items(), ids=NONE)
def test_a_time_that_cannot_be_taken_is_said(text, wanted):
    draft = read(text, NOW)
    assert draft.due_at is None
    assert [(span, meaning.said) for span, meaning in draft.doubts] == [wanted]


@pytest.mark.parametrize(
    "text",
    [
        "近2小时内数据异常",
        "未来24小时内将出现重污染",
        "3天内多次超标",
        "2小时内未见好转",
        "昨天18点前停产",
        "今天18:00停产",
        "从今天18点起停产至12月10日24时",
        "12月10日，某厂冒黑烟",
        "12月3日完成整改",
        "截至12月5日共检查30家",
        "PM2.5前期数据",
        "今天18点前后有雨",
        "明天8点前不得复产",
        "不得在明天8点前复产",
        "3天内不得复产",
        "今天18点前的数据",
        "厂区内洒水",
        "每2小时报一次",
        "1号焦炉前端冒烟",
        "连续停产3天",
        "",
        "收到",
    ],
)
def test_what_only_tells_of_times_gives_no_due_time_and_no_doubt(text):
    draft = read(text, NOW)
    assert (draft.due_at, draft.doubts) == (None, ())


@pytest.mark.parametrize(
    "text", ["1小时内到场，今天18:00前反馈", "今天18:00前、明天18:00前", "3日内，12月9日前"]
)
def test_two_times_that_disagree_give_none_and_both_are_named(text):
    draft = read(text, NOW)
    assert draft.due_at is None
    assert [meaning.said for _, meaning in draft.doubts] == [Said.TIMES_DISAGREE] * 2
    assert len({meaning.at for _, meaning in draft.doubts}) == 2


def test_a_good_time_beside_a_doubtful_one_is_not_taken():
    draft = read("9点前到场，18点前反馈", NOW)
    assert draft.due_at is None
    assert [meaning.said for _, meaning in draft.said] == [Said.PAST, Said.DUE]


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("立即停止作业", Urgency.EMERGENCY),
        ("请即刻核查", Urgency.EMERGENCY),
        ("紧急：马上到场", Urgency.EMERGENCY),
        ("第一时间反馈", Urgency.EMERGENCY),
        ("非紧急事项", None),
        ("不必立即反馈", None),
        ("请尽快反馈", None),
        ("3个工作日内", None),
    ],
)
def test_at_once_is_urgent_and_no_due_time(text, urgency):
    draft = read(text, NOW)
    assert draft.urgency is urgency
    assert text.startswith("3") or draft.due_at is None


def test_at_once_with_a_time_has_both():
    draft = read("立即核查，2小时内反馈", NOW)
    assert (draft.urgency, draft.due_at) == (Urgency.EMERGENCY, at(date(2026, 12, 7), 12))
    assert [(span, meaning.said) for span, meaning in draft.said] == [
        ("立即", Said.AT_ONCE),
        ("核查", Said.KIND),
        ("2小时内", Said.DUE),
    ]


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("开展日常巡查", "routine"),
        ("落实重污染应急措施", "emergency"),
        ("扬尘专项整治", "special"),
        ("请与邻县联防联控", "linkage"),
        ("对该厂持续关注", "key_follow"),
        ("到厂核查用电异常", "plant_check"),
        ("明天开展交叉检查", "cross_check"),
        ("做交叉核查", "cross_check"),  # 核查 inside the longer word does not count
        ("上周管控的成效评估", "effect"),
        ("洒水降尘", None),
        ("专项核查", None),
    ],
)
def test_the_kind_is_named_by_the_words_of_the_table(text, category):
    assert read(text, NOW).category == category


def test_two_kinds_give_none_and_are_said():
    said = [(span, meaning.said, meaning.kind) for span, meaning in read("专项核查", NOW).said]
    assert said == [
        ("专项", Said.KINDS_DISAGREE, "special"),
        ("核查", Said.KINDS_DISAGREE, "plant_check"),
    ]


def test_every_keyword_names_its_kind_alone():
    for kind in kinds(NOW.date()):
        for word in kind.keywords:
            assert read(f"请{word}", NOW).category == kind.key, word


def test_a_year_not_published_is_said_and_a_date_is_the_way_out():
    eve = at(date(2026, 12, 31), 16)
    draft = read("3个工作日内", eve)
    assert [meaning.said for _, meaning in draft.doubts] == [Said.YEAR_UNPUBLISHED]
    assert draft.due_at is None
    assert read("1月5日18点前", eve).due_at == at(date(2027, 1, 5), 18)


def test_working_days_know_the_holidays():
    eve = at(date(2026, 9, 30), 16)
    assert read("1个工作日内", eve).due_at == at(date(2026, 10, 8), 18)
    assert read("10月10日下班前", eve).due_at == at(date(2026, 10, 10), 18)  # a Saturday worked in lieu
    assert read("明天下班前", eve).doubts[0][1].said is Said.NO_OFFICE_DAY


def test_the_end_of_a_month_and_of_a_year():
    assert read("一个月内", at(date(2026, 1, 31), 9)).due_at == at(date(2026, 2, 28), 24)
    assert read("明天9点前", at(date(2026, 12, 31), 9)).due_at == at(date(2027, 1, 1), 9)
    assert read("下月底前", at(date(2026, 1, 31), 9)).due_at == at(date(2026, 2, 28), 24)


def test_any_zone_is_read_as_local_and_a_naive_instant_is_refused():
    assert read("18点前", NOW.astimezone(UTC)).due_at == at(date(2026, 12, 7), 18)
    with pytest.raises(PeriodError):
        read("18点前", NOW.replace(tzinfo=None))


PIECES = st.sampled_from(
    list("0123456789零一二两三四五六七八九十百半个月日号周天年点时分刻内前后之以起限于，。:：（）/- ")
    + ["小时", "工作日", "下班", "上午", "晚上", "今天", "明", "本月底", "星期", "立即", "反馈", "最迟"]
)


@settings(max_examples=400)
@given(st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=14).map("".join)))
def test_anything_can_be_typed(text):
    draft = read(text, NOW)
    assert isinstance(draft, Draft)
    assert draft.due_at is None or draft.due_at > NOW
    assert all(span in text for span, _ in draft.said)
    if draft.doubts and any(m.at or m.said is Said.UNCLEAR for _, m in draft.doubts):
        assert draft.due_at is None
