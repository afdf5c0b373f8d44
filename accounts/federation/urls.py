"""Addresses of single sign-on."""

from django.urls import path

from accounts.federation import views

urlpatterns = [
    path("sign-on/", views.sign_on, name="sign_on"),
    path("<slug:city>/sign-on/", views.city_sign_on, name="city_sign_on"),
    path("<slug:city>/sign-on/callback/", views.city_callback, name="city_callback"),
]
