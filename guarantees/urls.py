from django.urls import include, path

from guarantees.views import deciding, desk, institutions, life, lists, papers, receiving, reports, submitting

BY_LINK = "<slug:city>/l/<int:link_id>/guarantee/"

urlpatterns = [
    path("", include("guarantees.issuing.urls")),
    path("", include("guarantees.advances.urls")),
    path(BY_LINK, submitting.guarantee_form, name="guarantee_form"),
    path(f"{BY_LINK}drop/", submitting.guarantee_drop, name="guarantee_drop"),
    path(f"{BY_LINK}address/", submitting.guarantee_address, name="guarantee_address"),
    path(f"{BY_LINK}arrivals/<int:arrival_id>/", submitting.guarantee_arrival, name="guarantee_arrival"),
    path(f"{BY_LINK}arrivals/<int:arrival_id>/more/", submitting.guarantee_arrival_more, name="guarantee_arrival_more"),
    path(
        f"{BY_LINK}arrivals/<int:arrival_id>/discard/",
        submitting.guarantee_arrival_discard,
        name="guarantee_arrival_discard",
    ),
    path(f"{BY_LINK}<int:guarantee_id>/papers/", papers.guarantee_own_papers, name="guarantee_own_papers"),
    path(f"{BY_LINK}<int:guarantee_id>/papers/<int:paper_id>/", papers.guarantee_own_file, name="guarantee_own_file"),
    path(
        f"{BY_LINK}<int:guarantee_id>/papers/<int:paper_id>/remove/",
        papers.guarantee_own_remove,
        name="guarantee_own_remove",
    ),
    path("cases/<int:case_id>/guarantees/new/", receiving.guarantee_new, name="guarantee_new"),
    path("guarantees/receive/", receiving.guarantee_receive, name="guarantee_receive"),
    path("guarantees/received/<int:arrival_id>/", receiving.guarantee_received, name="guarantee_received"),
    path(
        "guarantees/received/<int:arrival_id>/more/",
        receiving.guarantee_received_more,
        name="guarantee_received_more",
    ),
    path(
        "guarantees/received/<int:arrival_id>/discard/",
        receiving.guarantee_received_discard,
        name="guarantee_received_discard",
    ),
    path("guarantees/<int:guarantee_id>/route/", papers.guarantee_route, name="guarantee_route"),
    path("guarantees/<int:guarantee_id>/papers/<int:paper_id>/", papers.guarantee_file, name="guarantee_file"),
    path("cases/<int:case_id>/guarantees/want/", life.want, name="guarantee_want"),
    path("cases/<int:case_id>/guarantees/paper/", life.paper, name="guarantee_paper"),
    path("cases/<int:case_id>/guarantees/complete/", life.complete, name="guarantee_complete"),
    path("guarantees/<int:guarantee_id>/dismiss/", life.dismiss, name="guarantee_dismiss"),
    path("guarantees/<int:guarantee_id>/release/", life.release, name="guarantee_release"),
    path("guarantees/", lists.guarantee_list, name="guarantee_list"),
    path("guarantees/institutions/", institutions.institution_list, name="institution_list"),
    path("guarantees/institutions/new/", institutions.institution_new, name="institution_new"),
    path("guarantees/institutions/<int:institution_id>/", institutions.institution_edit, name="institution_edit"),
    path("guarantees/usage/", reports.guarantee_usage, name="guarantee_usage"),
    path("guarantees/usage.csv", reports.guarantee_usage_file, name="guarantee_usage_file"),
    path("guarantees/adopters/", reports.guarantee_adopters, name="guarantee_adopters"),
    path("guarantees/adopters/replace/", reports.guarantee_adopters_replace, name="guarantee_adopters_replace"),
    path("<slug:city>/adopters/", reports.city_adopters, name="city_adopters"),
    path("guarantees/<int:guarantee_id>/", desk.guarantee_page, name="guarantee"),
    path("guarantees/<int:guarantee_id>/reveal/", desk.reveal, name="guarantee_reveal"),
    path("guarantees/<int:guarantee_id>/check/", desk.check, name="guarantee_check"),
    path("guarantees/<int:guarantee_id>/compare/", desk.compare, name="guarantee_compare"),
    path("guarantees/<int:guarantee_id>/ask/", desk.ask, name="guarantee_ask"),
    path("guarantees/<int:guarantee_id>/read/", desk.read, name="guarantee_read"),
    path("guarantees/<int:guarantee_id>/accept/", deciding.accept, name="guarantee_accept"),
    path("guarantees/<int:guarantee_id>/reject/", deciding.reject, name="guarantee_reject"),
]
