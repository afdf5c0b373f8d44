from django.http import HttpRequest

from accounts.actors import Actor
from accounts.models import Organization


class ActorRequest(HttpRequest):
    """A request whose asker and municipality are known."""

    actor: Actor
    city: Organization
