"""What one clause of a reply says: each sign is found by itself, and weighed against the others in `judge`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from lantian.dispatch.reply import patterns
from lantian.dispatch.reply.chain import Chain
from lantian.dispatch.reply.patterns import NUMBER
from lantian.dispatch.reply.words import GAP, Words

__all__ = ["NUMBER", "Clause", "Grammar", "grammar"]


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause and what was found in it."""

    text: str
    receipt: bool = False  # plainly a sign-for
    formula: bool = False  # a set phrase that says it will be done
    denied: bool = False  # not received
    asks: bool = False
    refuses: bool = False
    delays: bool = False
    done: bool = False
    acts: bool = False  # says what is being done next
    doubtful: bool = False  # holds the word of receipt, but not plainly
    foreign: bool = False  # received something that is no task
    deputed: bool = False  # signs in place of somebody
    troubled: bool = False  # something in it may turn the meaning

    @property
    def bears_number(self) -> bool:
        """Whether an order number stands in it."""
        return NUMBER in self.text


@dataclass(frozen=True, slots=True, eq=False)
class Grammar:
    """The patterns that the words make together."""

    words: Words
    receipt: Chain
    word: re.Pattern[str]
    formula: Chain
    slogan: re.Pattern[str]
    denied: re.Pattern[str]
    again: re.Pattern[str]
    double: re.Pattern[str]
    unseen: re.Pattern[str]
    firm: re.Pattern[str]
    later: re.Pattern[str]
    unable: re.Pattern[str]
    elsewhere: re.Pattern[str]
    vow: re.Pattern[str]
    sees: re.Pattern[str]
    resend: re.Pattern[str]
    promise: re.Pattern[str]
    earlier: re.Pattern[str]
    thing: re.Pattern[str]
    stand_in: re.Pattern[str]
    dont: re.Pattern[str]
    tally: re.Pattern[str]
    unsure: re.Pattern[str]
    tomorrow: re.Pattern[str]
    asked: re.Pattern[str]
    indirect: re.Pattern[str]
    done: re.Pattern[str]
    after: re.Pattern[str]
    going: re.Pattern[str]
    foreign: re.Pattern[str]
    homophone: Chain
    short: Chain
    yes: Chain
    upon: re.Pattern[str]

    def split(self, text: str) -> list[str]:
        """Clauses of a text, without what stands between them."""
        return [part.strip(" 、:-") for part in patterns.SPLIT.split(text) if part and part.strip(" 、:-")]

    def clause(self, text: str) -> Clause:
        """Look at one clause."""
        words = self.words
        text = self.unseen.sub("刚看到", self.double.sub("收到", text))
        sure = self.firm.sub("", text)
        calm = words.without("courtesy", words.without("benign", sure))
        asks = self._asks(text)
        denied = bool(self.denied.search(text) or words.has("absent", text) or self.again.search(text))
        holds = self.word.search(text) is not None
        foreign = self.foreign.search(sure) is not None
        receipt = (
            not (asks or denied)
            and not self.indirect.search(text)
            and bool(self.receipt.fullmatch(text) or self.homophone.fullmatch(text) or self._stands_in(text))
        )
        formula = (
            patterns.SEEN_AND.match(text) is not None
            or (
                self.formula.fullmatch(text)
                and not re.search(r"完毕|已(?:按|严格|全|认真|坚决|遵|照|落实|执行|立即)", text)
            )
            or self._vows(text)
        )
        done = not (denied or asks or formula or (foreign and holds)) and self._done(text)
        return Clause(
            text=text,
            receipt=receipt and not foreign,
            formula=formula,
            denied=denied,
            asks=asks,
            refuses=(
                words.has("refuse", calm)
                or self.elsewhere.search(calm) is not None
                or patterns.NO_CONCERN.search(text) is not None
            )
            and "找我" not in text,
            delays=not (done or denied or (asks and ("还是" in text or not patterns.PUTS_OFF.search(text))))
            and self._delays(calm),
            done=done,
            acts=self.going.search(text) is not None,
            doubtful=(holds and not receipt) or (holds and words.has("doubt", text)),
            foreign=foreign,
            deputed=receipt and self._stands_in(text),
            troubled=words.has("contrast", calm)
            and not (patterns.PROBING.match(text) or patterns.AT_ONCE.match(text)),
        )

    def _stands_in(self, text: str) -> bool:
        """Signs in place of somebody who is away."""
        found = self.stand_in.search(text)
        if found is None or found[0].startswith("代签") and text[: found.start()].endswith("先"):
            return False
        before = text[: found.start()]
        return not before or self.receipt.fullmatch(f"{before}收到")

    def _vows(self, text: str) -> bool:
        """A promise and nothing else."""
        rest = self.words.without("particle", self.words.without("courtesy", self.vow.sub("", text, count=1)))
        if re.search(r"完毕|已|了|过|不力|精神|思想|请", text):
            return False
        return (
            self.vow.search(text) is not None
            and re.fullmatch(r"(?:我们?|我[县局区镇]|俺们?|咱们?|请|\s)*", rest) is not None
        )

    def _delays(self, text: str) -> bool:
        if (
            patterns.REPORT_LATER.match(text)
            or patterns.AT_ONCE.match(text)
            or (patterns.MUST_ASK.search(text) and not re.search(r"延|缓|宽|推|等|晚", text))
        ):
            return False
        if self.words.has("delay", text) or self.unable.search(text):
            return True
        text = re.sub(r"(?:收|接|看|见)到|(?:昨|前|当|头)[天日]?(?:晚上|夜里|下午|中午|傍晚|半夜)", "", text)
        return self.later.search(text) is not None and not self.tomorrow.search(text)

    def _asks(self, text: str) -> bool:
        if self.unsure.search(text):
            return False
        if re.search(rf"{patterns.NOT}收到[嘛呀欸诶哎]+$", text) or re.search(
            r"^(?!.*(?:怎么|为[什何啥]|咋|凭|都(?:收到|看到|到位|办完|办好|停|回|签|签收|回复)了?没$)).*[也都全][^,]{0,6}(?:了|过|到|见)?没有?$",
            text,
        ):
            return False
        if patterns.PROBING.match(text):
            return False
        rest = self.words.without("indefinite", patterns.INQUIRES.sub("", text))
        return bool(self.asked.search(rest) or self.words.has("question", rest))

    def _done(self, text: str) -> bool:
        words = self.words
        if re.fullmatch(r"(?:报告|汇报|回复|通话)?完毕", text) or (
            re.search(r"(?:今天|今晚|今夜|马上|立即|下午|必须)[^,]{0,3}(?:全部?|都|必须|一定|要)", text)
            and not re.search(r"已|了", text)
        ):
            return False
        if patterns.HEARSAY.search(text) and not re.search(r"核实|核查|现场", text):
            return False
        if patterns.REPORT_LATER.match(text) or (
            patterns.BEGUN.search(text) and not re.search(r"完毕|[完好掉]了", text)
        ):
            return False
        if (
            words.is_one("donephrase", text)
            or words.has("finding", text)
            or words.has("proof", text)
            or patterns.LOOKED.search(text)
            or patterns.CLEAN.search(text)
        ):
            return True
        text = re.sub(
            r"[\d一二两三四五六七八九十几半来多个]+(?:分钟|小时|钟头|公里)[^,]{0,3}到(?:位|达|场)?", "", text
        )
        if re.search(r"(?:[日号点时底周天晚]|之|下班)前(?!已)", text):
            return False
        found = self.done.search(text)
        ended = re.search(r"(?:罚款?|立案|查封|取缔|断电|处罚)(?:了|完毕|到位)?$", text)
        if found is None or (self.after.search(text) and not ended):
            return False
        since = max(found.start(), text.rfind("已", found.start(), found.end()))
        before = re.sub(r"按[^,]{0,8}?(?:要求|通知|令|预案|指令)", "", text[since : found.end()])
        if re.search(r"请(?!领导|放心|各位领导)|要求你|一半|部分|差不多|快[办好完弄]", text):
            return False
        if words.has("future", words.without("benign", text)) and not re.search(
            r"已|完毕|[完好掉]了|到位了", text
        ):
            return False
        if re.search(r"(?:没|未|不|还在|正在|尚未|别|莫)[^,]{0,4}$", text[: found.start()]):
            return False
        if not re.search(r"已|了|均|全|完毕|责令", text[: found.end()]) and re.search(
            r"(?:通知|让|叫|喊|催|要求|联系|告诉)[^,]{0,8}$", text[: found.start()]
        ):
            return False
        finished = re.search(
            r"完毕|完成|[完好掉]了|到位|停了|拆除|熄|灭|结|封|罚", found[0] + text[found.end() :]
        )
        return bool(finished) or not words.has("dispatching", before)


def grammar(words: Words) -> Grammar:
    """The grammar of a set of words, built once."""
    return _grammar(words)


@lru_cache(maxsize=8)
def _grammar(words: Words) -> Grammar:
    any_ = words.any
    departments = "|".join(word for word in words.kinds["unit"].split("|") if len(word) > 1)
    titles = "|".join(word for word in words.kinds["title"].split("|") if len(word) > 1)
    name = rf"(?:[老小阿]?(?:{any_('surname')})[一-龥]{{1,2}}|[老小阿](?:{any_('surname')})|(?:{any_('surname')})(?:{any_('title')}))"
    organ = rf"(?:x{{1,3}})?[^\W\d_a-z请让叫催等待若如凡没未不无谁哪别勿问据只仅曾怕盼]{{1,10}}?(?:{any_('unit')})"
    organ = rf"(?:{organ}|{departments})"
    number = rf"(?:第?{NUMBER}(?:号令?|号|#|令)?(?:[、,和及与至到/\s-]*第?{NUMBER}(?:号令?|号)?)*)"
    task = rf"(?:(?:{any_('pronoun')}|{organ}|您|领导|市里|贵办)?(?:发来的|下发的|发的|派的|交办的|的)?(?:\d{{1,2}}月\d{{1,2}}[日号])?(?:此|该|本|这个|上述|以上|那个|这条)?{number}?(?:号)?(?:这?[一两二三四五六几]个)?(?:{any_('order')})?(?:{any_('order')})?(?:令|内容)?)"
    surnames = set(words.kinds["surname"].split("|"))
    plants = set(words.kinds["unit"].split("|")) | surnames
    matter = "|".join(
        rf"(?<![一-龥]){word}{f'(?:{titles})?' if word in surnames else ''}(?=[收已都$])"
        if word in plants
        else (word if len(word) > 1 else f"{word}(?=[收已都均也我们的代签了啦!~]|$)")
        for word in words.kinds["matter"].split("|")
    )
    deputy = rf"(?:(?:{any_('deputy')})(?:{name}|{organ}|{any_('title')}|他|她|我们?)?(?:回一下|签|回|签收)?)"
    head = rf"(?:{titles}|{any_('pronoun', 'adverb', 'courtesy', 'filler', 'particle')}|{organ}|{name}|{task}|{deputy}|值班员?|副?班长|的|在此|[、:/+()\s-])"
    verb = rf"(?:{any_('receipt')})"
    rest = rf"(?:{any_('action', 'pronoun')}|现在|这就)[^?]*"
    tail = rf"(?:{titles}|{any_('particle', 'courtesy', 'adverb')}|{verb}|(?<=[\s、:/(】@-])(?:{organ}(?:{name})?|{name})|{task}|没有?(?:问题|毛病|意见|异议|二话|说的|的说|啥说的|话说)|无(?:异议|意见|疑问)|明白|好的|ok|照办|遵照执行|[、:/()【】\s-]|\d{{2,4}}[.年/-]\d{{1,2}}[.月/-]\d{{1,2}}[日号]?|\d{{1,2}}[./]\d{{1,2}}(?!\d)|\d{{1,2}}[:点]\d{{0,2}}分?|\+?1(?!\d))"
    modals = words.kinds["modal"].split("|")
    modal_long = "|".join(word for word in modals if len(word) > 1)
    modal_short = "|".join(word for word in modals if len(word) == 1)
    return Grammar(
        words=words,
        receipt=Chain(re.compile(head), re.compile(verb), re.compile(tail), re.compile(rest), many=True),
        formula=Chain(
            re.compile(head),
            re.compile(rf"(?:{any_('formula')})"),
            re.compile(rf"(?:{any_('particle', 'title', 'courtesy')}|\s)"),
            None,
            many=False,
        ),
        slogan=re.compile(r"收到(?:二字|两个字|不等于|不代表|≠|不能代替|只是|不是)"),
        word=re.compile(rf"收到|签收|{any_('receipt')}"),
        denied=re.compile(
            rf"{patterns.NOT}{patterns.SOON}(?:收到|接到|签收|收着|收悉|受到(?:通知|令|任务))|收不到|接不到|{patterns.NOT}№|查[不无]到?[^,]{{0,4}}№|{patterns.NOT}(?:看|见|瞅)(?:到|着|见)[^,]{{0,2}}№|{patterns.NOT}(?:收|见)(?:着|过)?(?:{any_('order')}|附件|文件)|{any_('absent')}"
        ),
        again=re.compile(rf"收到了?{GAP}(?:我们?|俺们?|本县|这边|咱们?)[^,]{{0,4}}(?:没有|没收|没见|没接)"),
        double=re.compile(
            rf"(?:并?不是|并非|不会|哪能|怎么会|不可能|谁[说讲]|没有(?=[没未]))(?:说|我|我们)?{patterns.NOT}(?:收到|接到|签收)"
        ),
        unseen=re.compile(
            rf"(?:并?不是|并非|没有(?=[没未不]))(?:说|我|我们)?(?:{patterns.NOT}|不)(?:看见?到?|见到?|回复?|理|想回|听见?|管)(?:群|消息)?"
        ),
        firm=re.compile(
            r"(?:绝|决|保证|确保|坚决|绝对|一定|必|务必|力争|争取|做到)(?:都|会|全)?(?:不|无|没有?|零)(?!了|归|属|是|收|行|可能|配合|签|认|干|停|同意|能|去|办|该|在|执行)[一-龥]{0,10}"
            r"|(?:若|如|要是|遇|遇到)?(?:有|不|没)[一-龥]{0,10}?(?:再|及时|随时|另行?|单独|会)[一-龥]{0,4}(?:问|请教|请示|报|联系|沟通|说|汇报|咨询|反馈|讨教|打扰|麻烦)[一-龥]{0,4}"
            r"|(?:不用|别|不要|甭|莫|不必|无需|勿)(?:再|老|一直|总)?(?:催|打|喊|@|艾特|急|担心|吵|骂|问|叫|提醒|通知|说|挂念|惦记|着急|操心|发|刷|call)[一-龥]{0,5}"
            r"|(?:凡是?|哪家|谁家?|谁要|哪个|若|如|要是|对)?[^,归属收签我俺咱]{0,6}(?:没有?|不|未|仍|敢|拒不)(?!归|属|收|签|是|在|行|能)[一-龥]{1,6}?(?:的|就)?(?:企业|单位|工地|户|裸土)?(?:一律|立即|马上|坚决|强制|抓紧|逐[一个家]|移交|依法|直接|就|当场|从严|严肃|全部|今天)[一-龥]{0,8}"
            r"|对?拒不[一-龥]{1,4}的[^,归]{0,14}|(?:稍后|马上|这就|已|我|立即|回头|^)(?:就|去|会|再)?转(?:给|交|呈|告|报|办)(?!错)[一-龥]{0,8}"
            r"|[一-龥]{0,2}不[睡吃喝回歇]也[一-龥]{0,8}|再[一-龥]{1,4}也[一-龥]{0,5}|(?<!申)请求?[一-龥]{0,2}(?:消防|交警|公安|城管|乡镇|镇里|村里|供电|专家|派出所|气象|住建|民警)[^,]{0,4}(?:支援|配合|一同|一起|一块|协助|帮忙|到场|联动|前往|参与)"
            r"|不[一-龥]{1,6}?(?:绝|坚决|就|誓)?不(?:收兵|收队|撤人?|下班|回家|睡|休息|罢休|离开|走人|收工|放过|放手|松手|收手|下山|合眼)"
            r"|(?:不|没)(?:到|用|出|超过?)(?:[一二两三四五六七八九十半几\d]+)(?:个)?(?:分钟|小时|钟头|天)"
            r"|没(?:有)?(?:啥|什么)?(?:问题|毛病|意见|异议|二话|说的|话说|的说|疑问|含糊)|无(?:异议|意见|疑问|条件)"
            r"|(?:一[个户家处人件台点丝毫]|半点|丝毫|任何)(?:都|也)?(?:不|无|没)(?!收|归|是|属|在)[一-龥]{1,4}|移[交送](?:公安|司法|检察)"
            r"|已经?(?:转|交办|派)(?:给|到|办|发|交|派)?(?!错|走|串)[一-龥]{0,8}"
        ),
        later=re.compile(
            rf"(?:{any_('later')})(?!\d|[一二两三四五六七八九十]+点(?:前|之前)|前|之前|下班|交接)[^,?]{{0,8}}?(?:{any_('deed')})"
            r"|(?:解封|通车|路通|天亮|化雪|雪停|风停|雾散|到货|来电|批复|审批|签字|开门|放行)(?:以?后|之后|了)(?:就|再|才|马上)?(?:去|办|弄|处理|过去|停|查|来|安排|上)|(?:完|了|后)[^,]{0,4}再(?:说|议|讲)"
            r"|(?:散|吃完?饭?|睡醒|换|修|拉|卸|装|送|交|接|开|忙|处理|弄|搞|干)(?:完|好|了|罢)(?:这[^,]{0,4})?(?:就|再|才)(?:去|办|弄|处理|过去|停|查|来)"
            r"|(?:回来|回去|回头|忙完|开完会|散会|下山|到家|修好|弄完这|搞完这|完了|结束|处理完这|下班|交完班)(?:后|以后|之后|了)?(?:就|再|才|马上)?(?:去|办|弄|处理|安排|查|过去|落实|说|停|看)"
            rf"|(?:要|得|需要?|等到?|估计|只能|怕是?|改到?|推到|放到|拖到|恐怕|可能)(?:是|得|要|到)?(?:{any_('later')})(?!前|之前)"
            r"|(?:才|再)(?:能|可以|行|有)?(?:去|办|弄|处理|过去|停|查|到位|出车|派|安排|动|到|回|完成|上山|进场|施工)(?!\S*[群线])"
        ),
        unable=re.compile(
            r"(?:去|办|来|到|赶|做|完|弄|搞|整|报|停|查|出|过|上|下|回|处理|安排|完成|核实|落实|反馈|关|撤|拉|干|交)不(?:了|成|完|上|过去|过来|到|出|出去|开|下来|动|及|出来|回来|过)"
            r"|(?:没法|无法|没办法|没能力|不能|没时间|没空|不方便|不便|很难|难以)[^,]{0,6}(?:去|办|来|到|赶|完成|落实|停|报|查|处理|核实|安排|反馈|前往|出)"
            r"|(?:车|设备|仪器|机器|炉)子?[^,]{0,3}(?:在修|坏|送修|送检|检修|保养|抛锚|借出|没油|故障)"
            r"|(?:今天|今晚|今日|今儿个?|目前|眼下|暂时)[^,]{0,4}(?:没人|没车|没空|不行|够呛|悬|没戏)"
            r"|(?:人手?|车辆?|时间|设备|司机|力量|人员)(?:都|也|太|实在|有点|真|还|暂时|确实|又)*(?:不够|不足|不在|紧张|紧|没到|没有|没回|坏了|有限|调不|赶不|来不)"
            r"|(?<!不)(?:晚|迟|慢)(?:上|个|到)?[一二两俩三四五六七八九十半几\d]+(?:来|多)?个?(?:半)?(?:小时|钟头|分钟|天|刻钟)|车[^,到]{0,3}(?:陷|翻|趴窝|熄火|打不着|打滑|滑沟|追尾|剐蹭|没气)"
            r"|^(?:明早|明天|明日|明晚|后天|下午|晚上|下周[一二三四五]?)(?:再)?(?:去|办|弄|报|交)?(?:行|中|成|可以|好)(?:吗|不|么|嘛)\??$"
            r"|(?:时间|工期)(?:太|有点|实在)?(?:短|紧|赶|仓促)|(?:来不|赶不|等不|顾不|抽不|腾不|忙不|走不|脱不)(?:及|上|过来|了|开|出|成)"
        ),
        elsewhere=re.compile(
            r"(?:点位?|企业|厂子?|工厂|工地|地方|位置|项目|路段|站|这儿|这里|那边|这块|地界|地段|片区|地址|窑|矿|村)(?:早就?|已经?|其实|应该|好像|实际|明明|去年|今年|应)*(?:是|归|属于?|在|划|划给|划到|算|划归|搬到?|迁到?|移交)(?!我|俺|咱|本|第|哪|不|否)[^,?]{1,10}?(?:的$|县|区|市|镇|乡|局|辖|境内|地界|管|地盘|那边)(?:了|的|吧)*(?:呀|啊|哈|呢)*$"
            r"|(?:是|在|属于?|归)(?!我|俺|咱|本|哪|谁|不|否)[^,?]{1,8}(?:的?地界|的?地盘|境内|辖区|界内|的活儿?|管的)(?:了|的|吧)*$"
            r"|(?:属于?|归)(?!我|俺|咱|本|不|哪|谁|第|实|重|什|正|应|口)[^,?]{1,8}(?:县|区|镇|乡|局|部门|管|大队|辖区|街道)(?:的|了|管)*$"
            r"|(?:事儿?|活儿?|问题|情况|种)[^,?]{0,3}(?:得|该|应|要)?(?:找|归|问|属|由)(?!我|俺|咱|本|企业|题|厂|哪|谁|什)"
            r"|(?:我们?|俺们?|咱们?|这儿?|这里|我县|本县)[^,?]{0,4}哪(?:里|儿)?(?:来的|有)[^,?]{0,8}(?:厂|企业|公司|窑|站|工地|矿)"
            r"|(?:我们?|俺们?|咱们?|我县|我区|我镇|我局|本县|本区|辖区|这儿|这里|这边|本地|境内|县里|镇上|区里)(?:这|这里|这儿|这边|内|县|区|镇|里|也|根本|压根|早就?|现在|可)*(?:没有?|无)(?:这个?|该|此|那个?|什么|啥|叫|你们?说的|家|任何|一家|您说的)*[^,]{0,8}?(?:厂|企业|公司|窑|站|场|工地|项目|路|村|点|矿|单位|地方|小区|街|地)(?:的|啊|呀|呢|哈|吧)*$"
            r"|(?:这|此|该)(?:个|件|条|项|种)?(?:事儿?|活儿?|任务|问题|工作|情况|业务|职能|得|要)?(?:得|应该?|要|该|需|可|请|建议|你们?|您|麻烦|还是)+(?:找|问|归|转|联系|由|派|让|去找|交给?|给)(?!我|俺|咱|本|企业|厂|一?下?领导)[^,?]{1,8}"
            r"|(?:不归|不属于?|不由|不在|不该由?|不应该?由?|非)(?:我|俺|咱|本|这|我们)?[^,?]{0,8}(?:管|负责|辖区?|职责|职能|范围|境内|处理|权限|区域|地界|地盘|县|区|镇|局|单位|部门|业务|主管|分管)"
            r"|(?:没有?|无|不具备|缺乏)(?:这个?|此|该|相应|相关|任何|这项|那个)?(?:执法|处罚|管辖|监管|审批|行政|处置|查处)?(?:权限?|职能|职责|资格|资质|手段)(?!力|衡|威)"
            r"|(?:请|建议|麻烦|应|该|烦请|望|可|申请)(?:你们|您|贵办|攻坚办|改|重新?|另)?(?:改?派|转|移交|交由|退|划转|转交|转派|转办|移送|联系|找|调整)(?:给|至|到)?(?!我|俺|咱|达|告|发|下)[^,?]{0,8}(?:县|区|镇|局|委|支队|大队|部门|单位|城管|交警|住建|公安|交通|环卫|应急|农业|水利|工信|辖区|其他|别人|别的|回|件|北渠|平沙|安岭)"
        ),
        vow=re.compile(
            r"(?:坚决|保证|一定|严格|认真|全力|确保|坚定|按要求|按时|按令|遵照|不折不扣|抓好|全面|切实)+(?:贯彻|落实|执行|完成|照办|办好|办理|服从|做到|做好|抓好|配合|遵守|遵照|办到)+(?:到位|好|任务|要求|指令|命令|指示|部署|调度令|工作|精神|下去|不误)*"
        ),
        sees=re.compile(rf"(?:{patterns.NOT}|不)(?:看|见|瞅|瞧|翻|刷|找)(?:见|到|着|过)?"),
        resend=re.compile(
            r"(?:再|重新?|补)(?:发|转|推|传|给|下|派)(?:一?[次下遍回份]|我|给|过来|个|群里)?|发(?:我|俺|一)?[一个]?[下遍份次]"
        ),
        promise=re.compile(r"(?:今晚|今天|今夜|连夜|现在|马上|立即|立刻|这就)"),
        earlier=re.compile(
            rf"(?:昨[天日晚]|前[天日晚]|上周[一二三四五六日天]?|周[一二三四五六日天]|星期[一二三四五六日天]|礼拜[一二三四五六日天]|月初|月底|上次|上回|上个?月|之前|以前|早先|前几天|上一[个条次批]|上批|前期|头天|大前天|那天)[^,№]{{0,4}}?(?:[收接]到?|下|发|派|交办|签收?)?(?:的那?[个条份件张]?|那[个条份件张])[^,№]{{0,6}}?(?:{any_('order')}|事|活儿?|$)"
        ),
        thing=re.compile(
            r"(?:我|我们|刚刚?|今天|早上|下午|终于|已经?|都)*收到(?:了)?(?:[一两二三四五六七八九十几半\d]+(?:箱|袋|盒|瓶|桶|车|批|封|包|束|筐|吨|斤|套|件|台|块钱|元|万)[一-龥]{1,8}|[一-龥]{2,7})(?:了|啦|[~!])*"
        ),
        stand_in=re.compile(
            rf"(?:[代替]|代为|帮|代表|受)(?:(?:我们?|俺们?|咱们?)(?={titles}|{name}))?(?:他|她|其|领导|局长|主任|{name}|{organ}|{any_('title')})?(?:委托)?(?:代)?(?:签收|接收|收到|签了?收?|收|回复?|接)(?:一下|个|了|好|到|一声)*(?:{any_('particle')}|~)*$"
        ),
        dont=re.compile(
            rf"(?:{any_('dont')})(?:都|光|只|老|再|在群里|一直|单独)*(?:只会|光会|光|只)?(?:回复?|发|刷屏?|打|点|说|复制)*收到"
        ),
        tally=re.compile(
            rf"(?:收到|签收|回复|反馈)了?[一二三四五六七八九十两几\d]+(?:家|个(?:县|区|单位|企业|乡镇))|{any_('tally')}"
        ),
        unsure=re.compile(r"(?:不知道|不清楚|不确定|不晓得).{0,8}收到"),
        tomorrow=re.compile(
            r"(?:明天|明早|明日|明晨|明儿|明晚|稍后|晚点|随后|下午|晚上|中午|回头|稍晚|傍晚)[^,]{0,8}(?:报|反馈|回复|出结果|给结果|回话|汇报|告知|回音|交差|结果|信儿|答复)"
        ),
        asked=re.compile(
            r"(?<!不管)(?<!不论)(?<!无论)(?<![时动])([停罚查管来去关办封报交签拆算限要给带写盖洒退罚改])不\1(?![一-龥]{0,6}[都也])|^有[一-龥]{1,4}没$|[要能行可用算][一-龥]{0,8}不$|^[^了过有派带来去]*(?<![这那好十前后近头])几[张份个家人遍天次台条页成种项](?:人|呢|啊)?$|都[^,]{0,2}(?:收到|到位|办完|办好|停|回|签|回复)了?没$|^[一-龥]{2,16}还是[一-龥]{2,10}$|收到[^,]{0,6}没有?$|收到了?(?:没|没有|吗|嘛|么|不|否|冇|木|木有|伐|咩|没得|没有呀)(?:了|啊|呀|呢|哦|$)|(?:了|到|看见|见)没有?(?:啊|呀|呢|哈|哦)?$|(?:收到|看到|看见|接到|签收|收着|见着)[^,]{0,10}(?:没有?|冇|不)$|"
            r"(?:了|过|是|要|能|行|算|用|该|对)(?:吗|么|嘛|呢)(?:$|[?,。])|^(?:是|不是|就是|应该是).{1,20}吧$"
        ),
        indirect=re.compile(
            rf"(?:{modal_long}|(?<![替代帮给])(?:{any_('third')})(?!好))[一-龥]{{0,4}}(?:收到|签收|接到)|(?<![委协联代开])(?:{modal_short})[一-龥]?(?:收到|签收|接到)|(?:收到|签收|接到|收悉)(?:{any_('negtail')}|{any_('partial')}|的(?!$|[呢哈啊~]))|"
            rf"(?:收到|接到|接收到?|签收)了?{GAP}(?:以?后|时|之后|起)(?!面)|(?:{any_('partial')})收到|(?:收到|签收)了?的(?:话|人|同志|单位|县|企业)|"
            rf"(?<![№号令一二三四五六七八九十两几\d])[一二三四五六七八九十两几\d]+(?:个(?!令|任务|单|通知)|家|份|条|人)[一-龥]{{0,4}}收到|收到了?[一二三四五六七八九十两几\d]+(?:个|家|份|条|人|起|张)"
        ),
        done=re.compile(
            rf"(?:已经?|均|全部?|都|业已|现已|早已){GAP}(?:{any_('result')})|(?:{any_('result')})(?:了|完毕|完成|完了?|好了?|掉了?|到位|干净|结束|两遍|一遍|结案|成功|整改)|"
            rf"(?:停|关|灭|拆|盖|洗|扫|清|撤|封|罚|换|修|改|查|办|弄|做|处理|整|拉|运|断|降|熄|压|堵|搬|铲|埋|浇|喷|开|扣|拦|核实|核查|检查|排查|巡查|拖|劝|抓|洒|冲|贴|约谈|苫|掐|截|赶|浇|拔|卸|锁)(?:完|好|掉|毕|净|住|死|光|妥|利索)?(?:了|啦|咧|完毕)|"
            rf"(?:{any_('ended')})$|已经?(?:停|关(?!注)|拆|封|灭|撤|断|盖|罚|熄)|(?:完毕|到位)$|[三两几\d]+家(?:已|全|都)?停"
            r"|(?:火|烟|窑|炉|线|机|炉子|窑子|火点|明火|炉火|窑火)(?:都|全|已经?|也|早)?(?:灭|停|熄|散|关|断)(?:了|$)"
            r"|(?:扣|截|拖|劝|赶|抓|浇|铲|埋|收|归|贴|装|接|通|补|填|冲|淋|压|撤|散|移|带|拘|约谈|缴|拦|停|关|封|清|盖|拆|洗|扫|查|改|整|处理|办|弄|搞|修|换|罚)(?:下|住|走|停|离|回|掉|完|好|净|干净|到位|开|清楚|妥|死|牢|严)(?:了|来了|$)"
            r"|(?:劝|撵|轰|赶|拉|拖|搬|运|清|收|带|押|请)(?:回|走|离|散|开)[去来]?了|[设搭架铺竖垒砌补](?:好|完|上|起来)了|(?:洒|冲|清|扫|喷|巡)[一-龥]?[一-龥]?[一二两三四五六七八九十几\d]+(?:遍|次|趟|轮)|已(?:清|扫|冲|洗|扣|修|换|改|办|降|拦|填|补|埋|查|停|关)$"
            r"|[了过][一二两三四五六七八九十几\d]+(?:多)?(?:遍|趟|轮|处|台|辆|起|吨|斤|袋|块|堆|户|公里|米|亩|车)(?:[一-龥]{1,3})?(?:了|$)|(?:已经?|都|也|全)(?:干净|恢复|正常|达标|降)|(?:干净|恢复|正常|达标|平息|消除)了|(?:罚单|罚款|处罚单|通知书|整改单|处罚)(?:已经?|也|都)?(?:开|下|交|缴|贴|送达|下达)(?:了|$)"
        ),
        after=re.compile(
            r"上报(?:县|市|区|镇|领导|政府|主任|局长|书记)|(?:停产|整改|停工|处置)(?:准备|方案|计划|通知|前)|完(?:就|了)?(?:反馈|上报|报|回复)|(?:通知|传达|部署|安排|要求)(?:到位|完毕)|(?:完|毕|结|好|成|后)(?:后|之后|以后|再|就|即|第一时间|立即|马上)[^,]{0,6}(?:报|反馈|回复|汇报|告知|说)"
        ),
        going=re.compile(any_("going")),
        foreign=re.compile(
            rf"(?:{matter})(?!{any_('unit')}|{titles}|业)(?:[一-龥]{{0,3}})?(?:已|都|均|也|我)*(?:收到|收悉|接收|已收|签收|收妥|代收)|(?:收到|接到|收悉|接收到?)了?[^,]{{0,12}}?(?:{matter})(?!令|通知|报告|联系|告知)|(?:你|你们|您)(?:报|交|寄)[一-龥]{{0,8}}收到|代收(?!到|了|$|[,哈啊]|一下|个)"
        ),
        short=Chain(
            re.compile(r"(?!)"),
            re.compile(any_("short")),
            re.compile(any_("particle", "title", "courtesy")),
            None,
            many=False,
        ),
        yes=Chain(
            re.compile(any_("nod", "short", "filler", "courtesy", "particle", "title")),
            re.compile(any_("nod", "short", "filler", "courtesy")),
            re.compile(any_("particle", "title")),
            None,
            many=False,
        ),
        upon=re.compile(rf"(?:收到|接到|接)[^,]{{0,16}}(?:{any_('order')}|{NUMBER}号?|令)后"),
        homophone=Chain(
            re.compile(r"(?!)"),
            re.compile(any_("homophone")),
            re.compile(rf"(?:{any_('particle', 'title')})|\s"),
            None,
            many=True,
        ),
    )
