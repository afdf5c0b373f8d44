from django.urls import include, path

from guarantees.views import deciding, desk, life, lists, reports, submitting

urlpatterns = [
    path("", include("guarantees.issuing.urls")),
    path("", include("guarantees.advances.urls")),
    path("<slug:city>/l/<int:link_id>/guarantee/", submitting.guarantee_form, name="guarantee_form"),
    path("cases/<int:case_id>/guarantees/new/", submitting.guarantee_new, name="guarantee_new"),
    path("cases/<int:case_id>/guarantees/want/", life.want, name="guarantee_want"),
    path("cases/<int:case_id>/guarantees/paper/", life.paper, name="guarantee_paper"),
    path("cases/<int:case_id>/guarantees/complete/", life.complete, name="guarantee_complete"),
    path("guarantees/<int:guarantee_id>/dismiss/", life.dismiss, name="guarantee_dismiss"),
    path("guarantees/<int:guarantee_id>/release/", life.release, name="guarantee_release"),
    path("guarantees/", lists.guarantee_list, name="guarantee_list"),
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
