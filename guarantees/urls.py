from django.urls import path

from guarantees import views

urlpatterns = [
    path("<slug:city>/l/<int:link_id>/guarantee/", views.guarantee_form, name="guarantee_form"),
    path("cases/<int:case_id>/guarantees/new/", views.guarantee_new, name="guarantee_new"),
    path("guarantees/", views.guarantee_list, name="guarantee_list"),
    path("guarantees/<int:guarantee_id>/", views.guarantee_page, name="guarantee"),
    path("guarantees/<int:guarantee_id>/reveal/", views.reveal, name="guarantee_reveal"),
    path("guarantees/<int:guarantee_id>/check/", views.check, name="guarantee_check"),
    path("guarantees/<int:guarantee_id>/accept/", views.accept, name="guarantee_accept"),
    path("guarantees/<int:guarantee_id>/reject/", views.reject, name="guarantee_reject"),
]
