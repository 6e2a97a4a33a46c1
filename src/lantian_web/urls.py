"""All addresses: pages, papers, the read API."""

from django.urls import URLPattern, URLResolver, include, path

from lantian_web.api import api

_operations, _app, _namespace = api.urls
for _pattern in _operations:
    # The API answers 401 in JSON by itself; a redirect to the log-in page helps no program.
    setattr(_pattern.callback, "login_required", False)  # noqa: B010 - views are typed as plain functions

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("lantian_web.desk.urls")),
    path("bulletins/", include("lantian_web.bulletins.urls")),
    path("api/", (_operations, _app, _namespace)),
]
