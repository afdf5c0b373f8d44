"""Addresses of the pages that help staff: where to begin, and what to do when people cannot get through."""

from django.urls import path

from contracts.views import outage

urlpatterns = [
    path("outage/", outage.outage, name="outage"),
    path("cases/<int:case_id>/kit/", outage.case_kit, name="case_kit"),
]
