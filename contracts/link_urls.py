"""Addresses for people without an account: mailed links, the pages behind them, a city's rules, the public verifier."""

from django.urls import path, re_path

from contracts.views import (
    across,
    anchors,
    consent_address,
    consent_form,
    consent_standing,
    contractor_change,
    contractor_codes,
    contractor_signing,
    download,
    guide,
    inbox,
    links,
    records,
    renewing,
    verify,
)

# 秘密の部分は 256 ビットの token_urlsafe。形の違うものは探しもしない。
PURPOSES = "consent|sign|download|guarantee|address|standing"
LANDING = rf"^(?P<city>[-a-zA-Z0-9_]+)/(?P<purpose>{PURPOSES})/(?P<token>[-a-zA-Z0-9_]{{1,200}})/$"
OPENED = "<slug:city>/l/<int:link_id>/"
INBOX = "<slug:city>/i/<int:inbox_id>/"
INBOX_LANDING = r"^(?P<city>[-a-zA-Z0-9_]+)/inbox/(?P<token>[-a-zA-Z0-9_]{20,200})/$"

urlpatterns = [
    path("log/anchors/", anchors.public_anchors, name="public_anchors"),
    path("log/anchors/<int:first>/list.json", anchors.anchor_list, name="anchor_list"),
    path("log/anchors/<int:number>/token.tst", anchors.anchor_token, name="anchor_token"),
    path("verify/", verify.public_verify, name="public_verify"),
    path("verify/version/", verify.public_version, name="public_version"),
    path("verify/acrobat/", verify.acrobat, name="acrobat"),
    path("verify/trial-root.cer", verify.trial_root, name="trial_root"),
    path("inboxes/", across.across_enter, name="across_enter"),
    path("inboxes/code/", across.across_code, name="across_code"),
    path("inboxes/mine/", across.across_cities, name="across"),
    path("inboxes/mine/join/", across.across_join, name="across_join"),
    path("inboxes/mine/part/", across.across_part, name="across_part"),
    path("inboxes/mine/records/", records.across_records, name="across_records"),
    path("inboxes/mine/leave/", across.across_leave, name="across_leave"),
    path("<slug:city>/rules/", guide.city_rules, name="city_rules"),
    path("<slug:city>/guide/", guide.city_guide, name="city_guide"),
    path("<slug:city>/checklist/", guide.city_checklist, name="city_checklist"),
    path("<slug:city>/about/", guide.city_about, name="city_about"),
    path("<slug:city>/outage/", guide.city_outage, name="city_outage"),
    path("<slug:city>/records/", guide.city_records, name="city_records"),
    path(f"{OPENED}consent/", consent_form.consent_form, name="consent_form"),
    path(f"{OPENED}consent/copy/", consent_form.consent_copy, name="consent_copy"),
    path(f"{OPENED}address/", consent_address.consent_address, name="consent_address"),
    path(f"{OPENED}standing/", consent_standing.consent_standing, name="consent_standing"),
    path(f"{OPENED}standing/copy/", consent_standing.standing_copy, name="standing_copy"),
    path(f"{OPENED}standing/authority/", consent_standing.standing_authority, name="standing_authority"),
    path(f"{OPENED}sign/", contractor_signing.contractor_sign, name="contractor_sign"),
    path(f"{OPENED}sign/code/", contractor_codes.contractor_code, name="contractor_code"),
    path(f"{OPENED}sign/code/send/", contractor_codes.contractor_code_send, name="contractor_code_send"),
    path(f"{OPENED}sign/confirm/", contractor_signing.contractor_confirm, name="contractor_confirm"),
    path(f"{OPENED}sign/finish/", contractor_signing.contractor_finish, name="contractor_finish"),
    path(f"{OPENED}sign/checked/", contractor_signing.contractor_checked, name="contractor_checked"),
    path(f"{OPENED}sign/progress/", contractor_signing.contractor_progress, name="contractor_progress"),
    path(f"{OPENED}sign/change/", contractor_change.contractor_change, name="contractor_change"),
    path(f"{OPENED}sign/decline/", contractor_signing.contractor_decline, name="contractor_decline"),
    path(
        f"{OPENED}sign/documents/<int:document_id>/read/",
        contractor_signing.contractor_read,
        name="contractor_read",
    ),
    path(
        f"{OPENED}documents/<int:document_id>/pages/<int:page>.webp",
        contractor_signing.contractor_page,
        name="contractor_page",
    ),
    path(f"{OPENED}download/", download.contractor_download, name="contractor_download"),
    path(f"{OPENED}download/records/", records.contractor_records, name="contractor_records"),
    path(f"{OPENED}download/keep/", download.contractor_keep, name="contractor_keep"),
    path(f"{OPENED}download/renew/", renewing.download_renew, name="download_renew"),
    path(f"{OPENED}download/renew/send/", renewing.download_renew_send, name="download_renew_send"),
    path(f"{OPENED}download/<int:document_id>/", download.contractor_document, name="contractor_document"),
    path("<slug:city>/inbox/", inbox.inbox_enter, name="inbox_enter"),
    path("<slug:city>/inbox/code/", inbox.inbox_code, name="inbox_code"),
    re_path(INBOX_LANDING, inbox.inbox_landing, name="inbox_landing"),
    path(INBOX, inbox.inbox, name="inbox"),
    path(f"{INBOX}links/<int:link_id>/", inbox.inbox_open, name="inbox_open"),
    path(f"{INBOX}kept/<int:kept_id>/", inbox.inbox_take, name="inbox_take"),
    path(f"{INBOX}records/", records.inbox_records, name="inbox_records"),
    path(f"{INBOX}leave/", inbox.inbox_leave, name="inbox_leave"),
    re_path(LANDING, links.link_landing, name="link_landing"),
]
