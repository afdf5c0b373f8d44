"""Addresses of the auditor's desk."""

from django.urls import path

from contracts.views.desk import drawing, exporting, sets

urlpatterns = [
    path("archive/export/", exporting.archive_export, name="archive_export"),
    path("archive/draw/", drawing.archive_draw, name="archive_draw"),
    path("archive/draw/pack/", drawing.archive_pack, name="archive_pack"),
    path("archive/draw/keep/", drawing.audit_set_keep, name="audit_set_keep"),
    path("archive/sets/", sets.audit_sets, name="audit_sets"),
    path("archive/sets/<int:set_id>/", sets.audit_set, name="audit_set"),
    path("archive/sets/<int:set_id>/pack/", sets.audit_set_pack, name="audit_set_pack"),
    path("archive/sets/<int:set_id>/items/<int:order>/", sets.audit_mark, name="audit_mark"),
    path("cases/<int:case_id>/pack/", sets.case_pack, name="case_pack"),
]
