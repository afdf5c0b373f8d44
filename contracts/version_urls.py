"""Addresses for staff about a case's story, and the versions of its contracts with their documents."""

from django.urls import path

from contracts.views import approving, case_page, documents, drafting, sealing, versions

urlpatterns = [
    path("cases/<int:case_id>/", case_page.case, name="case"),
    path("cases/<int:case_id>/draft/", drafting.case_draft, name="case_draft"),
    path("versions/<int:version_id>/edit/", drafting.version_edit, name="version_edit"),
    path("versions/<int:version_id>/discard/", drafting.version_discard, name="version_discard"),
    path("versions/<int:version_id>/documents/add/", drafting.document_add, name="document_add"),
    path("documents/<int:document_id>/move/", drafting.document_move, name="document_move"),
    path("documents/<int:document_id>/remove/", drafting.document_remove, name="document_remove"),
    path("versions/<int:version_id>/submit/", drafting.version_submit, name="version_submit"),
    path("versions/<int:version_id>/preview/", versions.version_preview, name="version_preview"),
    path("versions/<int:version_id>/preview/<int:page>.webp", versions.version_preview_page, name="preview_page"),
    path("versions/<int:version_id>/compare/", versions.version_compare, name="version_compare"),
    path("versions/<int:version_id>/findings/", versions.version_findings, name="version_findings"),
    path("versions/<int:version_id>/approve/", approving.version_approve, name="version_approve"),
    path("versions/<int:version_id>/return/", approving.version_return, name="version_return"),
    path("versions/<int:version_id>/late/", approving.version_allow_late, name="version_allow_late"),
    path("approvals/<int:approval_id>/see/", approving.approval_see, name="approval_see"),
    path("versions/<int:version_id>/sealing/", sealing.version_sealing, name="version_sealing"),
    path("versions/<int:version_id>/retry/", sealing.version_retry, name="version_retry"),
    path("versions/<int:version_id>/recall/", drafting.version_recall, name="version_recall"),
    path("versions/<int:version_id>/links/<int:step_id>/", drafting.link_reissue, name="link_reissue"),
    path("documents/<int:document_id>/", documents.document, name="document"),
    path("documents/<int:document_id>/pages/<int:page>.webp", documents.document_page, name="document_page"),
    path("documents/<int:document_id>/download/", documents.document_download, name="document_download"),
    path("documents/<int:document_id>/received/", documents.document_received, name="document_received"),
    path("documents/<int:document_id>/copy/", documents.document_copy, name="document_copy"),
    path("documents/<int:document_id>/verify/", documents.document_verify, name="document_verify"),
    path("documents/<int:document_id>/versions/<int:number>/", documents.document_version, name="document_version"),
    path("versions/<int:version_id>/verify/", documents.version_verify, name="version_verify"),
]
