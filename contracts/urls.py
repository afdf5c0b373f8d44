"""Addresses for staff; those of the mailed links follow at the end."""

from django.urls import include, path

from contracts.views import archive, cases, consents, documents, drafting, home, log, settings, signing

urlpatterns = [
    path("", home.home, name="home"),
    path("cases/", cases.case_list, name="case_list"),
    path("cases/new/", cases.case_new, name="case_new"),
    path("cases/<int:case_id>/", cases.case, name="case"),
    path("cases/<int:case_id>/invite/", cases.case_invite, name="case_invite"),
    path("cases/<int:case_id>/paper/", cases.case_paper, name="case_paper"),
    path("cases/<int:case_id>/draft/", drafting.case_draft, name="case_draft"),
    path("consents/<int:consent_id>/accept/", consents.consent_accept, name="consent_accept"),
    path("consents/<int:consent_id>/return/", consents.consent_return, name="consent_return"),
    path("consents/<int:consent_id>/paper/", consents.consent_paper, name="consent_paper"),
    path("consents/<int:consent_id>/paper/pages/<int:page>.webp", consents.consent_page, name="consent_page"),
    path("consents/<int:consent_id>/paper/download/", consents.consent_download, name="consent_download"),
    path("versions/<int:version_id>/documents/add/", drafting.document_add, name="document_add"),
    path("versions/<int:version_id>/submit/", drafting.version_submit, name="version_submit"),
    path("versions/<int:version_id>/approve/", drafting.version_approve, name="version_approve"),
    path("versions/<int:version_id>/return/", drafting.version_return, name="version_return"),
    path("versions/<int:version_id>/recall/", drafting.version_recall, name="version_recall"),
    path("versions/<int:version_id>/links/<int:step_id>/", drafting.link_reissue, name="link_reissue"),
    path("documents/<int:document_id>/", documents.document, name="document"),
    path("documents/<int:document_id>/pages/<int:page>.webp", documents.document_page, name="document_page"),
    path("documents/<int:document_id>/download/", documents.document_download, name="document_download"),
    path("documents/<int:document_id>/verify/", documents.document_verify, name="document_verify"),
    path("sign/<int:step_id>/", signing.sign_step, name="sign_step"),
    path("sign/<int:step_id>/confirm/", signing.sign_confirm, name="sign_confirm"),
    path("sign/<int:step_id>/finish/", signing.sign_finish, name="sign_finish"),
    path("sign/<int:step_id>/progress/", signing.sign_progress, name="sign_progress"),
    path("archive/", archive.archive, name="archive"),
    path("log/", log.log, name="log"),
    path("settings/", settings.city_settings, name="city_settings"),
    path("", include("contracts.link_urls")),
]
