from django.conf import settings
from django.urls import include, path

from config import gallery

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    *([path("gallery/", gallery.show, name="gallery")] if settings.DEBUG or settings.MAILBOX_URL else []),
    path("people/", include("contracts.people_urls")),
    path("", include("guarantees.urls")),
    path("", include("contracts.urls")),
]
