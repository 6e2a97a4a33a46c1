"""Each kind of channel against servers that answer as the real ones do, on good days and on bad ones."""

from __future__ import annotations

import base64
import email
import email.policy
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.lantian_web import cast
from tests.lantian_web.notices.robots import Post, Robots, mailing, serving

from lantian.errors import DataError
from lantian.periods import to_ms
from lantian_web.notices.channels import kinds, port_of
from lantian_web.notices.channels.port import MARKDOWN, TEXT, Answer, Letter, Line, Outcome, Robot, called
from lantian_web.notices.rules import limits

NUMBER = "M20261207-0001"
LETTER = Letter(
    NUMBER, "北县 2 件", [Line("2026-1207-0001 新任务", "https://x/1")], Line("清单", "https://x/")
)
DAY = date(2026, 12, 7)


@pytest.fixture
def platform(settings: Any) -> Iterator[Robots]:
    settings.NOTICE_HOSTS = frozenset({"127.0.0.1"})
    with serving(Robots()) as made:
        yield made


def send(kind: str, address: str, handles: list[str], secret: str = "", timeout: float = 0.4) -> Answer:
    port = port_of(kind)
    form = port.form(LETTER, port.style(handles))
    most = replace(limits(kind, DAY), timeout=timeout)
    return port.send(Robot(address, secret), form, NUMBER, handles, cast.SIGNED, most)


def test_every_folder_is_a_channel_with_its_limits() -> None:
    assert kinds() == ("dingtalk", "mail", "wecom")
    for kind in kinds():
        assert limits(kind, DAY).per_window == 20


class TestWeCom:
    def test_people_known_by_number_are_called_in_a_text(self, platform: Robots) -> None:
        answer = send("wecom", platform.wecom("k"), ["13800000001", "zhang"])
        assert answer.outcome is Outcome.SENT
        [post] = platform.said
        assert post.payload["msgtype"] == TEXT
        assert post.payload["text"]["mentioned_mobile_list"] == ["13800000001"]
        assert post.payload["text"]["mentioned_list"] == ["zhang"]
        assert post.number == NUMBER
        assert "https://x/" in post.text

    def test_people_known_by_user_id_are_called_in_markdown(self, platform: Robots) -> None:
        send("wecom", platform.wecom("k"), ["zhang", "li"])
        [post] = platform.said
        assert post.payload["msgtype"] == MARKDOWN
        assert post.text.endswith("<@zhang><@li>")
        assert "[2026-1207-0001](https://x/1)" in post.text

    def test_the_size_is_what_the_platform_counts(self) -> None:
        port = port_of("wecom")
        form = port.form(LETTER, MARKDOWN)
        assert port.size(form, ["zhang"]) == len((form.text + "\n<@zhang>").encode())

    @pytest.mark.parametrize(
        "address",
        [
            "https://qyapi.weixin.qq.com/cgi-bin/webhook/send",  # no key
            "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k",  # in clear
            "https://qyapi.weixin.qq.com:8443/send?key=k",
            "https://qyapi.weixin.qq.com.example/send?key=k",
            "https://qyapi.weixin.qq.com@example.org/send?key=k",
            "http://169.254.169.254/latest?key=k",
            "http://localhost:8000/?key=k",
            "file:///etc/passwd?key=k",
            "https://[::1]:99999/?key=k",
        ],
    )
    def test_no_other_address_is_spoken_to(self, address: str, settings: Any) -> None:
        settings.NOTICE_HOSTS = frozenset()
        with pytest.raises(DataError):
            port_of("wecom").check(Robot(address))

    def test_an_inner_relay_needs_the_operators_word(self, settings: Any) -> None:
        address = "http://relay.inner:8080/cgi-bin/webhook/send?key=k"
        settings.NOTICE_HOSTS = frozenset({"relay.inner:8080"})
        port_of("wecom").check(Robot(address))
        settings.NOTICE_HOSTS = frozenset({"relay.inner:8081"})
        with pytest.raises(DataError):
            port_of("wecom").check(Robot(address))


class TestDingTalk:
    def test_a_post_is_signed_and_people_are_called_in_the_text(self, platform: Robots) -> None:
        answer = send("dingtalk", platform.dingtalk("t"), ["13800000001", "uid7"], secret="SECabc")
        assert answer.outcome is Outcome.SENT
        [post] = platform.said
        asked = parse_qs(urlsplit(post.path).query)
        wanted = hmac.new(b"SECabc", f"{to_ms(cast.SIGNED)}\nSECabc".encode(), hashlib.sha256).digest()
        assert asked["timestamp"] == [str(to_ms(cast.SIGNED))]
        assert asked["sign"] == [base64.b64encode(wanted).decode()]
        assert post.payload["at"] == {"atMobiles": ["13800000001"], "atUserIds": ["uid7"], "isAtAll": False}
        assert "@13800000001 @uid7" in post.text

    def test_without_a_secret_nothing_is_signed(self, platform: Robots) -> None:
        send("dingtalk", platform.dingtalk("t"), [])
        assert "sign" not in platform.said[0].path


class TestAnswers:
    @pytest.mark.parametrize(
        ("reply", "outcome"),
        [
            ((200, '{"errcode":0}'), Outcome.SENT),
            ((200, '{"errcode":45009,"errmsg":"api freq out of limit"}'), Outcome.THROTTLED),
            ((200, '{"errcode":-1,"errmsg":"system busy"}'), Outcome.UNREACHED),
            ((200, '{"errcode":40058,"errmsg":"exceed max length"}'), Outcome.REFUSED),
            ((200, "<html>log in first</html>"), Outcome.UNSURE),
            ((200, "[]"), Outcome.UNSURE),
            ((200, '{"ok":true}'), Outcome.UNSURE),
            ((200, ""), Outcome.UNSURE),
            ((200, "\x00\xff" * 5000), Outcome.UNSURE),
            ((429, "slow down"), Outcome.THROTTLED),
            ((500, "oops"), Outcome.UNSURE),
            ((502, "bad gateway"), Outcome.UNSURE),
            ((403, "no"), Outcome.REFUSED),
            ((302, "over there"), Outcome.REFUSED),
            ("drop", Outcome.UNSURE),
            ("late", Outcome.UNSURE),
        ],
    )
    def test_what_an_answer_means(self, platform: Robots, reply: Any, outcome: Outcome) -> None:
        platform.behaviour = lambda post: reply
        assert send("wecom", platform.wecom("k"), []).outcome is outcome
        assert [post.path for post in platform.got] == ["/cgi-bin/webhook/send?key=k"]

    def test_where_nobody_listens_nothing_was_delivered(self, platform: Robots) -> None:
        with serving(Robots()) as gone:
            address = gone.wecom("k")
        assert send("wecom", address, []).outcome is Outcome.UNREACHED

    def test_dingtalk_says_it_otherwise(self, platform: Robots) -> None:
        for code in ("130101", "410100"):
            platform.behaviour = lambda post, code=code: (200, f'{{"errcode":{code},"status":1111}}')  # type: ignore[misc]
            answer = send("dingtalk", platform.dingtalk("t"), [])
            assert (answer.outcome, answer.pause_s) == (Outcome.THROTTLED, 600)

    def test_a_secret_that_is_echoed_is_hidden(self, platform: Robots) -> None:
        platform.behaviour = lambda post: (200, f'{{"errcode":93000,"errmsg":"bad url {post.path}"}}')
        answer = send("wecom", platform.wecom("key-that-nobody-may-read"), [])
        assert "key-that-nobody-may-read" not in answer.words
        platform.behaviour = lambda post: (200, "SECabcdef and " + post.path)
        answer = send("dingtalk", platform.dingtalk("token-that-nobody-may-read"), [], secret="SECabcdef")
        assert "nobody-may-read" not in answer.words
        assert "SECabcdef" not in answer.words


class TestMail:
    @pytest.fixture
    def post(self, settings: Any) -> Iterator[Post]:
        with mailing(Post()) as made:
            settings.NOTICE_HOSTS = frozenset({f"127.0.0.1:{made.port}"})
            yield made

    def address(self, post: Post, to: str = "list@b.example") -> str:
        return f"smtp+plain://127.0.0.1:{post.port}?from=lantian@b.example&to={to}"

    def test_a_letter_in_chinese_with_a_lasting_id(self, post: Post) -> None:
        for _ in range(2):
            assert send("mail", self.address(post), ["wang@b.example"]).outcome is Outcome.SENT
        sender, to, raw = post.taken[0]
        assert "lantian@b.example" in sender
        assert to == ("<wang@b.example>",)
        letter = email.message_from_bytes(raw, policy=email.policy.default)
        assert letter["Subject"] == f"北县 2 件 {NUMBER}"
        assert letter["List-Id"] == "<lantian.b.example>"
        assert "新任务 https://x/1" in letter.get_content()
        ids = {email.message_from_bytes(row[2])["Message-ID"] for row in post.taken}
        assert ids == {f"<{NUMBER}@b.example>"}

    def test_who_has_no_address_is_reached_by_the_list(self, post: Post) -> None:
        send("mail", self.address(post), [])
        assert post.taken[0][1] == ("<list@b.example>",)
        assert send("mail", self.address(post, to=""), []).outcome is Outcome.REFUSED

    @pytest.mark.parametrize(
        ("rcpt", "data", "outcome"),
        [
            ("450 busy", "250 taken", Outcome.UNREACHED),
            ("550 unknown", "250 taken", Outcome.REFUSED),
            ("250 fine", "451 later", Outcome.UNREACHED),
            ("250 fine", "554 spam", Outcome.REFUSED),
            ("250 fine", "drop", Outcome.UNSURE),
        ],
    )
    def test_what_an_answer_means(self, post: Post, rcpt: str, data: str, outcome: Outcome) -> None:
        post.rcpt, post.data = rcpt, data
        assert send("mail", self.address(post), ["wang@b.example"]).outcome is outcome

    def test_where_nobody_listens_nothing_was_delivered(self, post: Post) -> None:
        address = self.address(Post(port=1))
        assert send("mail", address, ["wang@b.example"]).outcome is Outcome.UNREACHED

    @pytest.mark.parametrize(
        "address",
        [
            "https://127.0.0.1:25?from=a@b",
            "smtp://127.0.0.1:25",
            "smtp://user:password@127.0.0.1:25?from=a@b",
            "smtp://elsewhere:25?from=a@b",
            "smtp://127.0.0.1:25?from=a@b%0d%0aBcc:x@y",
        ],
    )
    def test_no_other_address_is_taken(self, post: Post, address: str) -> None:
        with pytest.raises(DataError):
            port_of("mail").check(Robot(address))

    def test_a_header_cannot_be_smuggled_in(self, post: Post) -> None:
        assert send("mail", self.address(post), ["a@b\r\nBcc: x@y"]).outcome is Outcome.REFUSED
        assert post.taken == []


def test_text_of_people_calls_nobody_and_links_nowhere() -> None:
    said = called("see [here](http://evil) <@all> @13800000000\n\n# head `x` *b*")
    assert not set(said) & set("[]()<>*`#@\n")
