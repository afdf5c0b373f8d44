"""Addresses of single sign-on."""

from django.urls import path

from accounts.federation import posted, views

urlpatterns = [
    path("sign-on/", views.sign_on, name="sign_on"),
    path("<slug:city>/sign-on/", views.city_sign_on, name="city_sign_on"),
    path("<slug:city>/sign-on/callback/", views.city_callback, name="city_callback"),
    path("<slug:city>/sign-on/saml/acs/", posted.city_acs, name="city_acs"),
    path("<slug:city>/sign-on/saml/metadata/", posted.city_sp_metadata, name="city_sp_metadata"),
    path("<slug:city>/sign-on/saml/<str:token>/", posted.city_acs_finish, name="city_acs_finish"),
]
