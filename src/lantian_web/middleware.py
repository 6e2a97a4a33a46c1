"""What no request may carry, and response headers that no page may forget."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

__all__ = ["content_policy", "no_nul"]

# MapLibre starts its worker from a blob; nothing else leaves this origin.
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'self'; form-action 'self'"
)


def content_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Set the content security policy on every response."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    return middleware


def no_nul(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Refuse fields with a NUL: no person types one, and PostgreSQL holds none."""

    def middleware(request: HttpRequest) -> HttpResponse:
        fields = [request.path, *(text for _, found in request.GET.lists() for text in found)]
        fields += [text for _, found in request.POST.lists() for text in found]
        if any("\0" in str(text) for text in fields):
            return HttpResponseBadRequest()
        return get_response(request)

    return middleware
