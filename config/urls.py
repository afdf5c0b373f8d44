from django.conf import settings
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from accounts.enrolling import second_factor_due
from accounts.password_link import password_link
from config import accessibility, gallery, violations

handler400, handler500 = "config.failing.bad_request", "config.failing.server_error"
MAILED_KEY = r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$"

urlpatterns = [
    re_path(MAILED_KEY, password_link, name="account_reset_password_from_key"),
    path("accounts/second-factor/", second_factor_due, name="second_factor_due"),
    # allauth の頁では、第二要素なしにアドレスを足せてしまう
    path("accounts/email/", RedirectView.as_view(pattern_name="address"), name="account_email"),
    path("accounts/", include("allauth.urls")),
    path("accessibility/", accessibility.show, name="accessibility"),
    path("api/", include("config.api")),
    path("csp/", violations.csp_report, name="csp_report"),
    *([path("gallery/", gallery.show, name="gallery")] if settings.DEBUG or settings.MAILBOX_URL else []),
    path("language/", set_language, name="set_language"),
    path("people/", include("contracts.people_urls")),
    path("", include("guarantees.urls")),
    path("", include("contracts.urls")),
    path("", include("accounts.federation.urls")),
]
