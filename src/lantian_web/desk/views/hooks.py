"""Where chats send their messages by themselves. Whoever is not the chat learns nothing: not even that it is here.

No text of a message gets into a log or an error; what is refused is logged with the reason alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.contrib.auth.decorators import login_not_required
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from lantian.errors import DataError, RightsError
from lantian.periods import local_day, to_ms
from lantian_web.desk.context import moment
from lantian_web.replies import dingtalk, wecom
from lantian_web.replies.commands import take
from lantian_web.replies.inlets import crowded
from lantian_web.replies.looking import Said
from lantian_web.replies.models import Inlet, InletKind
from lantian_web.replies.rules import rule, span

__all__ = ["hook"]

log = structlog.get_logger()
ODD = timedelta(days=400)


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "POST"])
def hook(request: HttpRequest, key: str) -> HttpResponse:
    """One message of a chat, or its question whether this is the right address."""
    inlet = Inlet.objects.filter(key=key, active=True).first()
    if inlet is None:
        raise Http404
    wall = timezone.now()
    try:
        if request.method == "GET":
            return _echo(request, inlet, wall)
        return _post(request, inlet, wall)
    except RightsError as error:
        return _refused(inlet, str(error), 403)
    except DataError as error:
        return _refused(inlet, error.reason, 400)
    except OperationalError:  # the chat sends it again
        return _refused(inlet, "registry busy", 503)


def _refused(inlet: Inlet, why: str, status: int) -> HttpResponse:
    log.warning("hook refused", inlet=inlet.pk, why=why, status=status)
    return HttpResponse(status=status)


def _echo(request: HttpRequest, inlet: Inlet, wall: datetime) -> HttpResponse:
    """WeCom asks for the decrypted echo before it sends anything; others ask nothing."""
    if inlet.kind != InletKind.WECOM:
        raise Http404
    echo = request.GET.get("echostr", "")
    _signed(request, inlet, echo, wall)
    return HttpResponse(wecom.opened(echo, inlet.aes_key, inlet.receiver), content_type="text/plain")


def _signed(request: HttpRequest, inlet: Inlet, cipher: str, wall: datetime) -> None:
    asked = request.GET
    age = span("request_age", local_day(to_ms(wall)))
    wecom.check(
        inlet.secret,
        asked.get("timestamp", ""),
        asked.get("nonce", ""),
        cipher,
        asked.get("msg_signature", ""),
        wall,
        age,
    )


def _post(request: HttpRequest, inlet: Inlet, wall: datetime) -> HttpResponse:
    on = local_day(to_ms(wall))
    most = rule("request_size", on)
    declared = request.headers.get("Content-Length", "")
    if not (declared.isascii() and declared.isdigit()) or int(declared[:18]) > most:
        return _refused(inlet, "size", 413)
    body = request.read(most + 1)
    if len(body) > most:
        return _refused(inlet, "size", 413)
    if inlet.kind == InletKind.DINGTALK:
        headers = request.headers
        age = span("request_age", on)
        dingtalk.check(headers.get("timestamp", ""), headers.get("sign", ""), inlet.secret, wall, age)
        said = dingtalk.said_in(body)
        answer: HttpResponse = JsonResponse(dingtalk.ANSWER)
    else:
        cipher = wecom.cipher_in(body)
        _signed(request, inlet, cipher, wall)
        said = wecom.said_in(wecom.opened(cipher, inlet.aes_key, inlet.receiver))
        answer = HttpResponse(wecom.ANSWER, content_type="text/plain")
    if crowded(inlet, wall, rule("request_rate", on)):
        return _refused(inlet, "rate", 429)
    if said is not None:
        now = moment(request)
        take(_played(said, now, wall), inlet.area_id, now, inlet=inlet)
    return answer


def _played(said: Said, now: datetime, wall: datetime) -> Said:
    """The message's time on the play clock: as long ago there as here. The two clocks are one where nothing is played."""
    sent = said.sent_at or wall
    if abs(wall - sent) > ODD:  # no time at all: a person looks at it
        return Said(said.sender, said.text, None, said.kind, said.handle, said.group)
    return Said(said.sender, said.text, now - (wall - sent), said.kind, said.handle, said.group)
