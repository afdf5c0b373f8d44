"""Celery: only the doorbell. What must be done is a row; losing a message loses time, not work."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("musubi")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
