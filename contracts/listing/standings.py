"""How far a case has come, in the columns of the board, as the database tells it in one expression."""

from typing import Any

from django.db.models import Case as Choose
from django.db.models import CharField, Exists, OuterRef, Subquery, TextChoices, Value, When
from django.db.models.functions import Coalesce

from accounts.actors import Actor
from contracts.models import Consent, ContractKind, ContractVersion
from contracts.states import CaseState, ConsentState, VersionState
from contracts.story.stages import SLOWEST_FIRST


class Standing(TextChoices):
    """The columns of the board from left to right; the last three are ends."""

    EXCLUDED = "excluded", "電子契約の対象外"
    ASKING = "asking", "承諾書"
    DRAFTING = "drafting", "起案"
    APPROVING = "approving", "庁内承認"
    SIGNING = "signing", "署名"
    SEALING = "sealing", "封印"
    VOTING = "voting", "議決待ち"
    CONCLUDED = "concluded", "締結済"
    PAPER = "paper", "紙で契約"
    LAPSED = "lapsed", "不成立"


OPEN = "open"
ENDS = {
    Standing.CONCLUDED: CaseState.CONCLUDED,
    Standing.PAPER: CaseState.PAPER,
    Standing.LAPSED: CaseState.LAPSED,
}
# ここにない状態の版（起案中と、差戻し・却下・取下げ・期限切れの後）は、次の版の起案を待つ
OF_VERSION = {
    VersionState.IN_APPROVAL: Standing.APPROVING,
    VersionState.SENT: Standing.SIGNING,
    VersionState.ALL_SIGNED: Standing.SEALING,
    VersionState.SEAL_WAITING: Standing.SEALING,
    VersionState.CONCLUDED: Standing.VOTING,
}


def standing(actor: Actor) -> Any:
    """Tell of each case in which column it stands; each subquery is asked only where the one before says nothing."""
    text = CharField()
    ended = (When(state=state, then=Value(end)) for end, state in ENDS.items())
    moved = Choose(
        *(When(state=state, then=Value(place)) for state, place in OF_VERSION.items()),
        default=Value(Standing.DRAFTING),
        output_field=text,
    )
    agreed = Choose(
        When(state=ConsentState.ACCEPTED, then=Value(Standing.DRAFTING)),
        default=Value(Standing.ASKING),
        output_field=text,
    )
    judged = Choose(
        When(econtract_verdict__eligible=True, then=Value(Standing.ASKING)),
        default=Value(Standing.EXCLUDED),
        output_field=text,
    )
    version, consent = newest_version(actor).annotate(at=moved), slowest_consent(actor).annotate(at=agreed)
    going_on = Coalesce(Subquery(version.values("at")[:1]), Subquery(consent.values("at")[:1]), judged)
    return Choose(*ended, default=going_on, output_field=text)


def newest_version(actor: Actor) -> Any:
    """Query the versions of the original contract of the outer case, the newest first."""
    rows = ContractVersion.objects.visible_to(actor)
    return rows.filter(contract__case=OuterRef("pk"), contract__kind=ContractKind.ORIGINAL).order_by("-number")


def slowest_consent(actor: Actor) -> Any:
    """Query the last consents of the firms of the outer case, the one furthest behind first."""
    rows = Consent.objects.visible_to(actor)
    newer = rows.filter(case=OuterRef("case"), contractor=OuterRef("contractor"), pk__gt=OuterRef("pk"))
    rank = Choose(*(When(state=state, then=Value(place)) for place, state in enumerate(SLOWEST_FIRST)))
    return rows.filter(~Exists(newer), case=OuterRef("pk")).order_by(rank)
