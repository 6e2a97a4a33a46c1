"""Addresses of papers."""

from django.urls import path

from lantian_web.bulletins import views

urlpatterns = [
    path("", views.bulletins, name="bulletins"),
    path("<str:pk>/", views.bulletin, name="bulletin"),
    path("<str:pk>/rows/", views.rows, name="bulletin_rows"),
    path("<str:pk>/file.<str:ext>", views.file, name="bulletin_file"),
]
