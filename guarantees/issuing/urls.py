from django.urls import path

from guarantees.issuing.views import api, applicant, books, desk, doors, orderer

CLIENT = "<slug:guarantor>/client/<int:link_id>/"
ORDERER = "<slug:guarantor>/view/<int:link_id>/"
urlpatterns = [
    path("issuing/", desk.issuing, name="issuing"),
    path("issuing/applications/<int:application_id>/", desk.issuing_application, name="issuing_application"),
    path("issuing/applications/<int:application_id>/issue/", desk.issuing_issue, name="issuing_issue"),
    path("issuing/applications/<int:application_id>/decline/", desk.issuing_decline, name="issuing_decline"),
    path("issuing/certificates/<int:certificate_id>/", desk.issuing_certificate, name="issuing_certificate"),
    path(
        "issuing/certificates/<int:certificate_id>/pdf/", desk.issuing_certificate_pdf, name="issuing_certificate_pdf"
    ),
    path("issuing/certificates/<int:certificate_id>/cancel/", desk.issuing_cancel, name="issuing_cancel"),
    path("correspondents/", books.issuing_correspondents, name="issuing_correspondents"),
    path("correspondents/new/", books.issuing_correspondent_new, name="issuing_correspondent_new"),
    path("correspondents/<int:correspondent_id>/", books.issuing_correspondent, name="issuing_correspondent"),
    path(
        "correspondents/<int:correspondent_id>/edit/",
        books.issuing_correspondent_edit,
        name="issuing_correspondent_edit",
    ),
    path("correspondents/<int:correspondent_id>/invite/", books.issuing_invite, name="issuing_invite"),
    path("correspondents/<int:correspondent_id>/connect/", books.issuing_connect, name="issuing_connect"),
    path("correspondents/locks/<int:tries_id>/unlock/", books.issuing_unlock, name="issuing_unlock"),
    path("<slug:guarantor>/enter/", doors.issuing_enter, name="issuing_enter"),
    path("<slug:guarantor>/enter/<str:token>/", doors.issuing_landing, name="issuing_landing"),
    path(CLIENT, applicant.issuing_client, name="issuing_client"),
    path(CLIENT + "apply/", applicant.issuing_apply, name="issuing_apply"),
    path(CLIENT + "certificates/<int:certificate_id>/", applicant.issuing_own, name="issuing_own"),
    path(CLIENT + "certificates/<int:certificate_id>/pdf/", applicant.issuing_own_pdf, name="issuing_own_pdf"),
    path(CLIENT + "certificates/<int:certificate_id>/key/", applicant.issuing_key, name="issuing_key"),
    path(CLIENT + "certificates/<int:certificate_id>/notice/", applicant.issuing_notice, name="issuing_notice"),
    path(CLIENT + "certificates/<int:certificate_id>/change/", applicant.issuing_change, name="issuing_change"),
    path(ORDERER, orderer.issuing_view, name="issuing_view"),
    path(ORDERER + "<int:certificate_id>/", orderer.issuing_viewed, name="issuing_viewed"),
    path(ORDERER + "<int:certificate_id>/pdf/", orderer.issuing_viewed_pdf, name="issuing_viewed_pdf"),
    path("<slug:guarantor>/certificates/view/", api.issuing_api, name="issuing_api"),
]
