"""Addresses for staff; those of the mailed links follow at the end."""

from django.urls import include, path

from contracts.views import (
    amending,
    archive,
    case_forms,
    case_list,
    cases,
    consent_mailed,
    consents,
    home,
    log,
    settings,
    signing,
)

urlpatterns = [
    path("", home.home, name="home"),
    path("cases/", case_list.case_list, name="case_list"),
    path("cases/new/", case_forms.case_new, name="case_new"),
    path("cases/<int:case_id>/edit/", case_forms.case_edit, name="case_edit"),
    path("cases/<int:case_id>/invite/", cases.case_invite, name="case_invite"),
    path("cases/<int:case_id>/paper/", cases.case_paper, name="case_paper"),
    path("cases/<int:case_id>/amend/", amending.case_amend, name="case_amend"),
    path("contracts/<int:contract_id>/vote/", amending.contract_vote, name="contract_vote"),
    path("steps/<int:step_id>/reassign/", amending.step_reassign, name="step_reassign"),
    path("consents/<int:consent_id>/accept/", consents.consent_accept, name="consent_accept"),
    path("consents/<int:consent_id>/return/", consents.consent_return, name="consent_return"),
    path("cases/<int:case_id>/firms/<int:firm_id>/consent/", consent_mailed.consent_mailed, name="consent_mailed"),
    path("consents/<int:consent_id>/ask/", consents.consent_ask, name="consent_ask"),
    path("consents/<int:consent_id>/withdraw/", consents.consent_withdraw, name="consent_withdraw"),
    path("consents/<int:consent_id>/authority/", consents.consent_authority, name="consent_authority"),
    path("consents/<int:consent_id>/paper/", consents.consent_paper, name="consent_paper"),
    path("consents/<int:consent_id>/paper/pages/<int:page>.webp", consents.consent_page, name="consent_page"),
    path("consents/<int:consent_id>/paper/download/", consents.consent_download, name="consent_download"),
    path("sign/<int:step_id>/", signing.sign_step, name="sign_step"),
    path("sign/<int:step_id>/confirm/", signing.sign_confirm, name="sign_confirm"),
    path("sign/<int:step_id>/finish/", signing.sign_finish, name="sign_finish"),
    path("sign/<int:step_id>/progress/", signing.sign_progress, name="sign_progress"),
    path("archive/", archive.archive, name="archive"),
    path("log/", log.log, name="log"),
    path("settings/", settings.city_settings, name="city_settings"),
    path("", include("contracts.version_urls")),
    path("", include("contracts.register_urls")),
    path("", include("contracts.rules_urls")),
    path("", include("contracts.link_urls")),
]
