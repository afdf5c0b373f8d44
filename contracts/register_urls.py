"""Addresses of the register of firms, and of the files of rows that come in."""

from django.urls import path

from contracts.views import imports, register, ventures

urlpatterns = [
    path("register/", register.register_list, name="register"),
    path("register/new/", register.contractor_new, name="contractor_new"),
    path("register/search/", register.contractor_search, name="contractor_search"),
    path("register/import/", imports.register_import, name="register_import"),
    path("register/template/", imports.register_template, name="register_template"),
    path("register/export/", imports.register_export, name="register_export"),
    path("register/<int:contractor_id>/", register.contractor, name="contractor"),
    path("register/<int:contractor_id>/edit/", register.contractor_edit, name="contractor_edit"),
    path("register/<int:contractor_id>/standing/", register.contractor_standing, name="contractor_standing"),
    path("register/<int:contractor_id>/authorities/add/", ventures.authority_add, name="contractor_authority_add"),
    path("register/authorities/<int:authority_id>/end/", ventures.authority_end, name="contractor_authority_end"),
    path("register/ventures/<int:venture_id>/members/", ventures.venture_members, name="venture_members"),
    path("register/ventures/<int:venture_id>/members/add/", ventures.venture_add, name="venture_add"),
    path("cases/import/", imports.case_import, name="case_import"),
    path("cases/template/", imports.case_template, name="case_template"),
    path("imports/<int:import_id>/", imports.import_report, name="import_report"),
    path("imports/<int:import_id>/apply/", imports.import_apply, name="import_apply"),
    path("imports/<int:import_id>/discard/", imports.import_discard, name="import_discard"),
]
