from django.urls import path

from guarantees.advances import views

urlpatterns = [
    path("cases/<int:case_id>/advances/", views.advances, name="advances"),
    path("cases/<int:case_id>/advances/claim/", views.claim, name="advance_claim"),
    path("cases/<int:case_id>/advances/certify/", views.certify, name="advance_certify"),
    path("cases/<int:case_id>/advances/basis/", views.basis, name="advance_basis"),
    path("cases/<int:case_id>/advances/ask/<str:kind>/", views.ask, name="advance_ask"),
    path("advances/<int:advance_id>/settle/", views.settle, name="advance_settle"),
    path("advances/<int:advance_id>/cancel/", views.cancel, name="advance_cancel"),
]
