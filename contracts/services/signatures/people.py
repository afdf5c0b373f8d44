"""Who may sign on a day: terms of office on both sides are looked up before a signature is taken (R3)."""

from datetime import date
from typing import Any

from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from accounts.models import Membership, Role, User
from accounts.refusals import Refusal
from contracts.dates import said, wareki
from contracts.models import Authority, SigningStep


class TermRefused(Refusal):
    """The person's term of office does not cover the day."""


def signatory_title(user: User, *, tenant_id: int) -> str:
    """Give the title under which a member of staff signs."""
    titles = Membership.unscoped.filter(tenant_id=tenant_id, user=user, role=Role.SIGNATORY)
    return titles.values_list("title", flat=True).first() or ""


def check_signatory(user: User, *, tenant_id: int, on: date) -> None:
    """Refuse a member of staff who may not sign for the city on a day (JST); raises TermRefused."""
    held = Membership.unscoped.filter(tenant_id=tenant_id, user=user, role=Role.SIGNATORY)
    if not held.exists():
        raise TermRefused("署名者に選んだ職員は署名の役割を持っていません。")
    if not held.held_on(on).exists():
        raise TermRefused(
            f"{user.name}さんの署名者としての任期は、{wareki(on)}を含みません。署名者を選び直してください。"
        )


def with_readings(steps: Any) -> Any:
    """Give each step the `reading` of its name, where the member of staff or the register of that name tells one."""
    known = Authority.unscoped.filter(contractor=OuterRef("contractor"), name=OuterRef("name")).exclude(name_kana="")
    told = [
        When(~Q(**{kana: ""}), then=F(kana), **{name: F("name")})
        for name, kana in (
            ("user__name", "user__name_kana"),
            ("contractor__agent_name", "contractor__agent_kana"),
            ("contractor__representative_name", "contractor__representative_kana"),
        )
    ]
    entered = Coalesce(Subquery(known.order_by("-pk").values("name_kana")[:1]), Value(""))
    return steps.annotate(reading=Case(*told, default=entered))


def check_authority(step: SigningStep, *, on: date) -> None:
    """Refuse a signature by someone whose term does not cover the day (JST); raises TermRefused.

    A contractor's person who is not in the authority register has no dated term, and the consent alone speaks.
    """
    if step.user is not None:
        check_signatory(step.user, tenant_id=step.tenant_id, on=on)
        return
    terms = list(Authority.unscoped.filter(contractor_id=step.contractor_id, name=step.name, email__iexact=step.email))
    if terms and not any(term.holds_on(on) for term in terms):
        words = _(
            "%(title)s %(name)s 様の契約締結権限の期間は、%(day)sを含みません。"
            "後任の方への署名者の変更を、依頼元にご連絡ください。"
        )
        raise TermRefused(words % {"title": step.title, "name": step.name, "day": said(on)})
