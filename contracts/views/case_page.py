"""The page that tells a case's story."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from django.db.models import FilteredRelation, Prefetch, Q, prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.permissions import only_looks, requires
from accounts.requests import ActorRequest
from audit.models import Event
from contracts import hooks, permissions, story
from contracts.models import (
    AccessLink,
    ApprovalAct,
    ApprovalStep,
    Case,
    Contractor,
    ContractVersion,
    Decision,
    Document,
    Purpose,
    Revision,
    SignerChange,
    SigningCode,
    SigningStep,
)
from contracts.services.mails import shielding
from contracts.services.signatures.people import with_readings
from contracts.services.versions import approving
from contracts.shield import Doubt
from contracts.states import ENDED_VERSIONS, ApprovalState, VersionState
from contracts.story.firms import FirmConsent, firm_consents, firms_of, places_of
from contracts.views.case_list import days_left
from contracts.views.mails import showing

EVENTS = 100
# 話の筋に要らない出来事。操作ログには全部ある。
ASIDES = ("mail.sent", "link.opened")


@require_safe
@requires(permissions.can_read)
def case(request: ActorRequest, case_id: int) -> HttpResponse:
    """Tell the story of a case: where it stands, what is next, and everything that happened."""
    related = ("contractor", "department", "registered_by", "rule_set", "tenant")
    shown = get_object_or_404(Case.objects.visible_to(request.actor).select_related(*related), pk=case_id)
    places = places_of(shown, actor=request.actor)
    consents = firm_consents(shown, places=places, actor=request.actor)
    scene = _scene(shown, firms_of(shown, places), consents, request)
    panels = [(panel, panel.context(shown, request)) for panel in hooks.case_panels]
    can = story.allowed(scene, actor=request.actor)
    context = {
        "case": shown,
        "scene": scene,
        "stage": story.stage_of(scene),
        "chapter": story.chapter(scene, actor=request.actor),
        "can": can,
        "doubts": _doubts(scene, can),
        **showing.panel(shown, request),
        "days_left": days_left(shown),
        "firm_consents": consents,
        "agreements": _agreements(scene, request),
        **_line(scene, panels),
        **_sealing(scene, request),
        "panels": [render_to_string(panel.template, told, request) for panel, told in panels],
        "parts": [(panel.anchor, panel.label) for panel, told in panels if panel.is_there(told)],
    }
    return render(request, "contracts/cases/case.html", context)


def _line(scene: story.Scene, panels: Sequence[tuple[hooks.Panel, dict[str, Any]]]) -> dict[str, Any]:
    """Put what happened and what comes next on one line; the log has what is older."""
    happened = Event.objects.of_thread(scene.case.tenant_id, scene.case.thread).exclude(action__in=ASIDES)
    events = list(happened[: EVENTS + 1])
    days = [
        story.Moment(day.title, "next", on=day.on, note=day.note) for panel, told in panels for day in panel.ahead(told)
    ]
    ahead = story.ahead(scene, days)
    return {
        "line": story.line(reversed(events[:EVENTS]), ahead, known=scene.case.title, milestones=hooks.milestones),
        "older_events": len(events) > EVENTS,
    }


def _doubts(scene: story.Scene, can: Mapping[str, bool]) -> dict[str, list[Doubt]]:
    """Look twice at the addresses to which the page's buttons would send a link."""
    found = {"invite": shielding.of_invitation(scene.case)} if can["invite"] else {}
    if scene.version is not None and can.get("edit"):
        found["submit"] = shielding.of_version(scene.version)
    return found


def _sealing(scene: story.Scene, request: ActorRequest) -> dict[str, Any]:
    """Tell how far the sealing is, if any is under way."""
    version = scene.version
    if version is None:
        return {}
    return {
        "sealing": story.sealing_of(version, actor=request.actor, at=timezone.now()),
        "sealing_url": reverse("version_sealing", args=[version.pk]),
        "page": request.path,
        "may_retry": permissions.can_retry(request.actor),
    }


def _scene(
    case: Case, firms: Sequence[Contractor], consents: Sequence[FirmConsent], request: ActorRequest
) -> story.Scene:
    agreements = _versions_of(case, request)
    scene = story.Scene(
        case=case,
        today=timezone.localdate(),
        firms=firms,
        consents=[each.consent for each in consents if each.consent is not None and each.firm in firms],
        agreements=agreements,
    )
    return replace(scene, approval=_turn(scene, request))


def _versions_of(case: Case, request: ActorRequest) -> list[story.Agreement]:
    """Read the contracts of a case with their versions, the newest first; of those not signed yet, who is to sign."""
    rows = _versions(request).filter(contract__case=case).order_by("-contract_id", "-number")
    versions: list[ContractVersion] = list(rows)
    _read_wishes([v for v in versions if v.state == VersionState.SENT], request)
    for version in versions:
        version.contract.case = case
    return [story.Agreement(one[0].contract, one) for one in _by_contract(versions)]


def _by_contract(versions: Sequence[ContractVersion]) -> list[list[ContractVersion]]:
    return [list(some) for _pk, some in groupby(versions, key=lambda version: version.contract_id)]


def _read_wishes(sent: Sequence[ContractVersion], request: ActorRequest) -> None:
    """Read, where the parties are asked to sign, their wishes for another signer and the codes they were given."""
    changes = Prefetch("steps__changes", SignerChange.objects.visible_to(request.actor).order_by("-pk"))
    codes = Prefetch("steps__codes", SigningCode.objects.visible_to(request.actor))
    prefetch_related_objects(sent, changes, codes)


def _versions(request: ActorRequest) -> Any:
    actor = request.actor
    revisions = Prefetch("revisions", Revision.objects.visible_to(actor).order_by("number"))
    documents = Document.objects.visible_to(actor).order_by("order").prefetch_related(revisions)
    acts = ApprovalAct.objects.visible_to(actor).select_related("user", "on_behalf_of").order_by("at", "pk")
    route = ApprovalStep.objects.visible_to(actor).select_related("department").order_by("order")
    steps = with_readings(SigningStep.objects.visible_to(actor)).order_by("order")
    people = ("contract", "drafted_by", "approved_by", "signatory", "late_allowed_by", "certificate")
    filed = FilteredRelation("archive_entries", condition=Q(archive_entries__is_current=True))
    rows = ContractVersion.objects.visible_to(actor).annotate(filed=filed).select_related(*people, "filed")
    return rows.prefetch_related(
        Prefetch("documents", documents),
        Prefetch("steps", steps),
        Prefetch("approval_steps", route.prefetch_related(Prefetch("acts", acts))),
    )


def _turn(scene: story.Scene, request: ActorRequest) -> story.Turn | None:
    """Tell whose turn it is in the internal approval, and whether it is the reader's."""
    route = scene.version.approval_steps.all() if scene.version else ()
    step = next((step for step in route if step.state == ApprovalState.OPEN), None)
    if step is None:
        return None
    assert scene.version is not None  # noqa: S101 - 段は版にある
    step.version = scene.version
    mine, principal = approving.standing(step, actor=request.actor, on=scene.today)
    passed = sum(act.decision == Decision.PASSED for act in step.acts.all())
    return story.Turn(step, passed=passed, mine=mine, principal=principal)


def _agreements(scene: story.Scene, request: ActorRequest) -> list[dict[str, Any]]:
    """Give each contract of the case what its card shows."""
    handovers = _handovers(scene, request)
    return [
        {
            "contract": each.contract,
            "version": each.version,
            "former": each.former,
            "tone": story.contract_tone(each.contract, each.version),
            "may_drop": permissions.can_drop(request.actor, each.contract) and each.version.state in ENDED_VERSIONS,
            "handovers": handovers.get(each.version.pk, ()),
            "to_see": _to_see(each.version, scene, request),
        }
        for each in scene.agreements
    ]


def _to_see(version: ContractVersion, scene: story.Scene, request: ActorRequest) -> list[ApprovalStep]:
    """List the steps of 閲覧 at which this person may note that they have read the contract; auditors note nothing."""
    if only_looks(request.actor):
        return []
    return [s for s in version.approval_steps.all() if approving.may_see(s, actor=request.actor, on=scene.today)]


def _handovers(scene: story.Scene, request: ActorRequest) -> dict[int, list[tuple[AccessLink, str]]]:
    """Map each concluded version to its parties' download links: who has not fetched the documents yet (R71)."""
    concluded = [each.version for each in scene.agreements if each.version.state == VersionState.CONCLUDED]
    if not concluded:
        return {}
    links = AccessLink.objects.visible_to(request.actor).filter(step__version__in=concluded, purpose=Purpose.DOWNLOAD)
    living = list(links.filter(revoked_at__isnull=True).select_related("step").order_by("step__order"))
    return {
        version.pk: [(link, _fate(link)) for link in living if link.step.version_id == version.pk]
        for version in concluded
    }


def _fate(link: AccessLink) -> str:
    if link.step is not None and link.step.downloaded_at is not None:
        return "taken"
    return "waiting" if link.is_live(at=timezone.now()) else "expired"
