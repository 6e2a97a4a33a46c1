"""Addresses of the console."""

from django.contrib.auth.views import LogoutView
from django.urls import path, re_path

from lantian_web.desk.views import air, case, desk, imports, lists, map, plants, rows, session

KIND = r"(?P<kind>tasks|findings)"
PK = r"(?P<pk>[\w-]+)"

urlpatterns = [
    path("", desk.desk, name="desk"),
    path("desk/decide/", desk.decide, name="decide"),
    path("desk/sparks.json", desk.sparks, name="sparks"),
    path("desk/air.json", desk.air, name="air"),
    path("tasks/", lists.tasks, name="tasks"),
    path("tasks/<str:pk>/", case.case, name="case"),
    path("tasks/<str:pk>/act/", case.act, name="act"),
    path("findings/<str:pk>/", case.finding, name="finding"),
    re_path(rf"^{KIND}/{PK}/power\.json$", case.power, name="power"),
    re_path(rf"^{KIND}/{PK}/power\.svg$", case.power_svg, name="power_svg"),
    re_path(rf"^{KIND}/{PK}/evidence/$", case.evidence, name="evidence"),
    path("orders/", lists.orders, name="orders"),
    path("orders/<str:pk>/", lists.order, name="order"),
    path("map/", map.map_page, name="map"),
    path("map/layer.json", map.layer, name="layer"),
    path("map/plants/<str:pk>/", map.card, name="map_card"),
    path("air/", air.area, name="area_now"),
    path("air/<str:pk>/", air.area, name="area"),
    path("air/<str:pk>/<slug:name>.json", air.area_chart, name="area_chart"),
    path("targets/", air.targets, name="targets"),
    path("targets/<slug:name>.json", air.targets_chart, name="targets_chart"),
    path("targets/targets.<slug:form>", air.targets_file, name="targets_file"),
    path("ranking/", air.ranking, name="ranking"),
    path("ranking/places.json", air.ranking_chart, name="ranking_chart"),
    path("plants/<str:pk>/", plants.plant, name="plant"),
    path("rows/<str:kind>/<str:pk>/", rows.rows, name="rows"),
    path("import/", imports.imports, name="imports"),
    path("import/commit/", imports.import_commit, name="import_commit"),
    path("import/refused.csv", imports.import_refused, name="import_refused"),
    path("import/<str:pk>/", imports.import_receipt, name="import_receipt"),
    path("import/<str:pk>/refused.csv", imports.refused, name="import_refused_rows"),
    path("login/", session.Login.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("theme/", session.theme, name="theme"),
]
