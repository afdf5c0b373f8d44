from django.urls import path

from guarantees.issuing.views import api

urlpatterns = [
    path("<slug:guarantor>/certificates/view/", api.issuing_api, name="issuing_api"),
]
