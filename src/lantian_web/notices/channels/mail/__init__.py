"""Mail by SMTP. One message goes to one person (or to the channel's own list) and shows nobody else's address.

Address: `smtps://user@host:465?from=a@b&to=list@b` (TLS at once), `smtp://…:587?…` (STARTTLS) or, for a relay inside
the house only, `smtp+plain://…:25?…`. The secret is the password. The Message-ID is made of the number and stays the
same however often it is sent: most mail systems show a second copy once.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from urllib.parse import parse_qs, unquote, urlsplit

from lantian.errors import DataError
from lantian_web.notices.channels.port import TEXT, Answer, Form, Letter, Outcome, Robot, called
from lantian_web.notices.channels.web import check_host, hidden
from lantian_web.notices.rules import Limits

__all__ = ["PORT"]

PORTS = {"smtps": 465, "smtp": 587, "smtp+plain": 25}


@dataclass(frozen=True, slots=True)
class Account:
    """The parts of a mail address line."""

    scheme: str
    host: str
    port: int
    user: str
    sender: str
    to: tuple[str, ...]

    @property
    def domain(self) -> str:
        """Of the sender."""
        return self.sender.rpartition("@")[2]


def _account(address: str) -> Account:
    parts = urlsplit(address)
    asked = parse_qs(parts.query)
    try:
        port = parts.port or PORTS[parts.scheme]
    except (KeyError, ValueError):
        raise DataError(
            "a mail address begins with smtps://, smtp:// or smtp+plain://", field="address"
        ) from None
    sender = asked.get("from", [""])[0]
    to = tuple(part.strip() for part in asked.get("to", [""])[0].split(",") if part.strip())
    if not parts.hostname or parts.password or not all("@" in name for name in (sender, *to)):
        raise DataError("a mail address names host and ?from=…, and keeps the password out", field="address")
    if any(ord(letter) < 32 for name in (sender, *to) for letter in name):
        raise DataError("a mail address stands on one line", field="address")
    return Account(parts.scheme, parts.hostname, port, unquote(parts.username or ""), sender, to)


def _message(account: Account, form: Form, number: str, to: Sequence[str], at: datetime) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = f"{form.title} {number}"
    message["From"] = account.sender
    message["To"] = ", ".join(to)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{number}@{account.domain}>"
    message["List-Id"] = f"<lantian.{account.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(form.text, charset="utf-8", cte="base64")
    return message


def _connected(account: Account, secret: str, timeout: float) -> smtplib.SMTP:
    if account.scheme == "smtps":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(account.host, account.port, timeout=timeout, context=context)
    else:
        server = smtplib.SMTP(account.host, account.port, timeout=timeout)
    try:
        server.ehlo_or_helo_if_needed()
        if account.scheme == "smtp":
            server.starttls(context=ssl.create_default_context())
        if account.user:
            server.login(account.user, secret)
    except BaseException:
        server.close()
        raise
    return server


@dataclass(frozen=True, slots=True)
class Mail:
    """The port."""

    kind: str = "mail"
    personal: bool = True
    telephones: bool = False

    def check(self, robot: Robot) -> None:
        """DataError unless the operator allows the host."""
        account = _account(robot.address)
        if not check_host(account.host, account.port):
            raise DataError(
                f"{account.host} is none of the hosts that may be spoken to (LANTIAN_NOTICE_HOSTS)",
                field="address",
            )

    def style(self, handles: Sequence[str]) -> str:
        """Plain text."""
        return TEXT

    def form(self, letter: Letter, style: str) -> Form:
        """The letter; each line with its own address."""
        return Form(style, letter.title, _with_addresses(letter))

    def size(self, form: Form, handles: Sequence[str]) -> int:
        """Bytes of the text."""
        return len(form.text.encode())

    def send(
        self, robot: Robot, form: Form, number: str, handles: Sequence[str], at: datetime, limits: Limits
    ) -> Answer:
        """One attempt. Until the text is handed over nothing can have been delivered; after that it may."""
        account = _account(robot.address)
        to = [handle for handle in handles if "@" in handle] or list(account.to)
        if not to:
            return Answer(Outcome.REFUSED, code="no_address", words="nobody to send it to")
        try:
            message = _message(account, form, number, to, at)
            server = _connected(account, robot.secret, limits.timeout)
        except ValueError as error:
            return Answer(Outcome.REFUSED, code="no_message", words=hidden(str(error), robot))
        except (smtplib.SMTPException, OSError) as error:
            return _failed(error, robot, handed_over=False)
        try:
            refused = server.send_message(message, account.sender, to)
        except (smtplib.SMTPException, OSError) as error:
            return _failed(error, robot, handed_over=True)
        finally:
            server.close()
        words = hidden(f"refused: {', '.join(refused)}" if refused else "", robot)
        return Answer(Outcome.SENT, 250, "250", words)


def _with_addresses(letter: Letter) -> str:
    lines = [f"{called(line.text)} {line.url}".strip() for line in letter.lines]
    foot = [f"{called(letter.foot.text)} {letter.foot.url}".strip()] if letter.foot else []
    return "\n".join([f"{called(letter.title)} {letter.number}", "", *lines, "", *foot]).strip() + "\n"


def _failed(error: Exception, robot: Robot, *, handed_over: bool) -> Answer:
    words = hidden(str(error), robot)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = {code for code, _ in error.recipients.values()}
        later = all(400 <= code < 500 for code in codes)
        return Answer(Outcome.UNREACHED if later else Outcome.REFUSED, max(codes), str(max(codes)), words)
    if isinstance(error, smtplib.SMTPResponseException):
        status = int(error.smtp_code)
        outcome = Outcome.UNREACHED if status < 500 else Outcome.REFUSED
        return Answer(outcome, max(status, 0), str(status), words)
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Answer(Outcome.REFUSED, code=type(error).__name__, words=words)
    outcome = Outcome.UNSURE if handed_over else Outcome.UNREACHED
    return Answer(outcome, code=type(error).__name__, words=words)


PORT = Mail()
