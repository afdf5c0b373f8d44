"""The door for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from config.safety import gate  # noqa: E402  Django の支度が済むまで import できない

gate.refuse_unsafe()
