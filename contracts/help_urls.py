"""Addresses of the pages that help: where to begin, what to do when people cannot get through, what may be found."""

from django.urls import path

from contracts.views import crawlers, outage, starting

urlpatterns = [
    path("start/", starting.start, name="start"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("sitemap.xml", crawlers.sitemap, name="sitemap"),
    path("outage/", outage.outage, name="outage"),
    path("outage/kits/", outage.outage_kits, name="outage_kits"),
    path("cases/<int:case_id>/kit/", outage.case_kit, name="case_kit"),
]
