from django.urls import path

from guarantees.views import desk, lists, submitting

urlpatterns = [
    path("<slug:city>/l/<int:link_id>/guarantee/", submitting.guarantee_form, name="guarantee_form"),
    path("cases/<int:case_id>/guarantees/new/", submitting.guarantee_new, name="guarantee_new"),
    path("guarantees/", lists.guarantee_list, name="guarantee_list"),
    path("guarantees/<int:guarantee_id>/", desk.guarantee_page, name="guarantee"),
    path("guarantees/<int:guarantee_id>/reveal/", desk.reveal, name="guarantee_reveal"),
    path("guarantees/<int:guarantee_id>/check/", desk.check, name="guarantee_check"),
    path("guarantees/<int:guarantee_id>/accept/", desk.accept, name="guarantee_accept"),
    path("guarantees/<int:guarantee_id>/reject/", desk.reject, name="guarantee_reject"),
]
