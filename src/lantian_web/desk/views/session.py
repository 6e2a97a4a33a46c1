"""Coming in, going out, day and night."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from lantian_web.desk.viewer import viewer

__all__ = ["Login", "theme"]

YEAR_S = 365 * 24 * 3600


class Login(LoginView):
    """The log-in page; says so when too many failures have locked it."""

    template_name = "login.html"
    redirect_authenticated_user = True

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        if not getattr(self.request, "axes_locked_out", False):
            return super().form_invalid(form)
        # The page below says it in the city's words; axes would answer in plain English.
        self.request.axes_locked_out = False  # type: ignore[attr-defined]
        minutes = int(float(settings.AXES_COOLOFF_TIME) * 60)
        context = self.get_context_data(form=form) | {
            "locked": _(
                "Locked after %(n)d failures. Try again in %(minutes)d minutes, or ask the system manager."
            )
            % {"n": settings.AXES_FAILURE_LIMIT, "minutes": minutes}
        }
        return self.render_to_response(context, status=429)

    def get_default_redirect_url(self) -> str:
        """A plant manager's first page is the plant, a county dispatcher's the county."""
        who = viewer(self.request)
        if who.dispatcher and not who.analyst and who.areas:
            return redirect("county").url
        if who.manager and who.plants:
            return redirect("plant", who.plants[0]).url
        return super().get_default_redirect_url()


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember day or night, and go back to where it was asked."""
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = redirect(back)
    chosen = request.POST.get("theme", "")
    if chosen in ("day", "night"):
        response.set_cookie("theme", chosen, max_age=YEAR_S, samesite="Lax", secure=request.is_secure())
    return response
