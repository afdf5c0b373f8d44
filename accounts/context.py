from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts import navigation, sitting
from accounts.models import Role


def page(request: HttpRequest) -> dict[str, Any]:
    """Give every page its asker, its municipality and its ways on."""
    actor = getattr(request, "actor", None)
    menu = navigation.items_for(actor, request.path)
    return {
        "actor": actor,
        "idle_warning": int(settings.SITTING_WARNING.total_seconds()),
        "sitting_left": sitting.left(request, at=timezone.now()) if actor and actor.is_staff else None,
        "city": getattr(request, "city", None),
        "visit": getattr(request, "visit", None),
        "test_certificate": settings.TEST_CERTIFICATE,
        "role_labels": [role.label for role in Role if actor and role in actor.roles],
        "nav_items": menu,
        "nav_here": navigation.here(menu),
    }
