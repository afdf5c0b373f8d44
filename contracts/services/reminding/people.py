"""Who is told in a city on a day: those who hold their roles on it, read once."""

from collections.abc import Iterable
from datetime import date
from functools import cached_property

from accounts.models import Delegation, Membership, Organization, Role, User


class Roster:
    """The people of a house on a day (JST)."""

    def __init__(self, house: Organization, *, on: date) -> None:
        self._house, self._on = house, on

    @cached_property
    def _posts(self) -> list[Membership]:
        held = Membership.unscoped.filter(tenant=self._house, user__is_active=True).held_on(self._on)
        return list(held.select_related("user").order_by("user_id", "pk"))

    @cached_property
    def _present(self) -> frozenset[int]:
        return frozenset(post.user_id for post in self._posts)

    @cached_property
    def _deputies(self) -> dict[int, User]:
        entries = Delegation.unscoped.filter(
            tenant=self._house, first_date__lte=self._on, last_date__gte=self._on, delegate__is_active=True
        )
        return {entry.principal_id: entry.delegate for entry in entries.select_related("delegate")}

    def holders(self, role: str, *, department_id: int | None = None) -> list[User]:
        """List who holds a role, in one department if one is named."""
        places = [post for post in self._posts if post.role == role]
        return [post.user for post in places if department_id is None or post.department_id == department_id]

    def deputies_of(self, people: Iterable[User]) -> list[User]:
        """List who decides in the stead of some people that day (代決)."""
        return [self._deputies[user.pk] for user in people if user.pk in self._deputies]

    def chiefs(self, department_id: int) -> list[User]:
        """List the approvers of a department; where it has none, those of no department, or else the administrators."""
        approvers = [post for post in self._posts if post.role == Role.APPROVER]
        own = [post.user for post in approvers if post.department_id == department_id]
        general = [post.user for post in approvers if post.department_id is None]
        return own or general or self.holders(Role.ADMINISTRATOR)

    def present(self, people: Iterable[User], *, department_id: int) -> list[User]:
        """Keep those who hold a role that day, each once; where nobody is left, the chiefs of the department."""
        here = list({user.pk: user for user in people if user.pk in self._present}.values())
        return here or self.chiefs(department_id)
