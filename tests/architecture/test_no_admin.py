"""There is no admin: nothing looks at the rows of all cities past their pages."""

from django.apps import apps
from django.urls import get_resolver


def test_no_admin_is_installed_and_no_address_leads_to_one():
    prefixes = {str(entry.pattern) for entry in get_resolver().url_patterns}

    assert not apps.is_installed("django.contrib.admin")
    assert not any(prefix.startswith("admin") for prefix in prefixes)
