"""Addresses of the mails that staff look after."""

from django.urls import path

from contracts.views.mails import acting, lists, showing

urlpatterns = [
    path("mails/", lists.mail_list, name="mail_list"),
    path("mails/<int:delivery_id>/", showing.mail, name="mail"),
    path("mails/<int:delivery_id>/resend/", acting.mail_resend, name="mail_resend"),
    path("mails/<int:delivery_id>/correct/", acting.mail_correct, name="mail_correct"),
    path("mails/<int:delivery_id>/recall/", acting.mail_recall, name="mail_recall"),
    path("cases/<int:case_id>/mails/", showing.case_mails, name="case_mails"),
    path("downloads/", lists.downloads, name="downloads"),
    path("downloads/<int:step_id>/resend/", lists.download_resend, name="download_resend"),
]
