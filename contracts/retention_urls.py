"""Addresses of how long records are kept, of their disposal, and of contracts concluded elsewhere."""

from django.urls import path

from contracts.views import elsewhere
from contracts.views.retention import disposals, shelves

urlpatterns = [
    path("retention/", shelves.retention, name="retention"),
    path("retention/<int:custody_id>/", shelves.custody, name="custody"),
    path("retention/<int:custody_id>/completed/", shelves.custody_complete, name="custody_complete"),
    path("retention/<int:custody_id>/hold/", shelves.custody_hold, name="custody_hold"),
    path("retention/holds/<int:hold_id>/release/", shelves.hold_release, name="hold_release"),
    path("retention/disposals/", disposals.disposals, name="disposals"),
    path("retention/disposals/new/", disposals.disposal_new, name="disposal_new"),
    path("retention/disposals/<int:disposal_id>/", disposals.disposal, name="disposal"),
    path("retention/disposals/<int:disposal_id>/approve/", disposals.disposal_approve, name="disposal_approve"),
    path("retention/disposals/<int:disposal_id>/withdraw/", disposals.disposal_withdraw, name="disposal_withdraw"),
    path("retention/records/", disposals.disposal_records, name="disposal_records"),
    path("retention/records/file/", disposals.disposal_records_file, name="disposal_records_file"),
    path("retention/records/<int:record_id>/", disposals.disposal_record, name="disposal_record"),
    path("elsewhere/import/", elsewhere.elsewhere_import, name="elsewhere_import"),
    path("elsewhere/template/", elsewhere.elsewhere_template, name="elsewhere_template"),
    path("elsewhere/<int:foreign_id>/", elsewhere.foreign_contract, name="foreign_contract"),
    path("elsewhere/<int:foreign_id>/pages/<int:page>.webp", elsewhere.foreign_page, name="foreign_page"),
    path("elsewhere/<int:foreign_id>/download/", elsewhere.foreign_download, name="foreign_download"),
    path("elsewhere/<int:foreign_id>/verify/", elsewhere.foreign_verify, name="foreign_verify"),
]
