"""Cases: the list, the registration, and the page that tells a case's story."""

import json
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import OuterRef, Prefetch, Q, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from audit.models import Event
from contracts import hooks, permissions, rules, story
from contracts.forms.staff import CaseForm, PaperForm
from contracts.models import AccessLink, Case, Consent, ContractVersion, Document, Purpose, Revision, SigningStep
from contracts.services import consenting, registering
from contracts.states import CaseState

PER_PAGE = 50
EVENTS = 50
# 話の筋に要らない出来事。操作ログには全部ある。
ASIDES = ("mail.sent", "link.opened")
FAILURES = {"document.seal_postponed", "step.declined", "contract.recalled"}


@require_safe
@requires(permissions.can_read)
def case_list(request: ActorRequest) -> HttpResponse:
    """List the city's cases, newest first, by state and words."""
    state, words = request.GET.get("state", ""), request.GET.get("words", "").strip()
    rows = Case.objects.visible_to(request.actor).select_related("contractor", "department", "consent")
    if state in CaseState.values:
        rows = rows.filter(state=state)
    for word in words.split():
        rows = rows.filter(Q(number__icontains=word) | Q(title__icontains=word) | Q(contractor__name__icontains=word))
    versions = ContractVersion.objects.visible_to(request.actor).filter(contract__case=OuterRef("pk"))
    newest = versions.order_by("-number").values("state")[:1]
    rows = rows.annotate(version_state=Subquery(newest)).order_by("-registered_at", "-pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(case, _stage(case), _days_left(case)) for case in page],
        "states": CaseState.choices,
        "state": state,
        "words": words,
        "may_register": permissions.can_register(request.actor),
    }
    return render(request, "contracts/cases/list.html", context)


def _stage(case: Any) -> story.Stage:
    consent = getattr(case, "consent", None)
    return story.stage(case, consent_state=consent and consent.state, version_state=case.version_state)


def _days_left(case: Case) -> int | None:
    """Count the days until the deadline of a case that is still open; None when none runs."""
    if case.conclusion_deadline_date is None or case.state not in story.OPEN_CASES:
        return None
    return rules.days_left(case.conclusion_deadline_date, timezone.localdate())


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_register)
def case_new(request: ActorRequest) -> HttpResponse:
    """Register a case; its page then says whether it may be contracted electronically, and until when."""
    form = CaseForm(request.POST or None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        try:
            case = registering.register(actor=request.actor, at=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "案件を登録しました。判定と契約締結期限をご確認ください。")
            return redirect("case", case_id=case.pk)
    return render(request, "contracts/cases/new.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@requires(permissions.can_read)
def case(request: ActorRequest, case_id: int) -> HttpResponse:
    """Tell the story of a case: where it stands, what is next, and everything that happened."""
    related = ("contractor", "department", "registered_by", "rule_set", "tenant")
    shown = get_object_or_404(Case.objects.visible_to(request.actor).select_related(*related), pk=case_id)
    return render(request, "contracts/cases/case.html", _story(shown, request))


def _story(case: Case, request: ActorRequest) -> dict[str, Any]:
    versions = _versions(case, request)
    scene = _scene(case, versions, request)
    happened = Event.objects.of_thread(case.tenant_id, case.thread).exclude(action__in=ASIDES)
    events = list(happened[: EVENTS + 1])
    return {
        "case": case,
        "scene": scene,
        "stage": story.stage_of(scene),
        "chapter": story.chapter(scene, actor=request.actor),
        "marks": story.marks(scene),
        "can": story.allowed(scene, actor=request.actor),
        "days_left": _days_left(case),
        "handovers": _handovers(scene, request),
        "former": [version for version in versions if version is not scene.version],
        "events": [_told(event) for event in events[:EVENTS]],
        "more_events": len(events) > EVENTS,
        "panels": [render_to_string(p.template, p.context(case, request), request) for p in hooks.case_panels],
    }


def _versions(case: Case, request: ActorRequest) -> list[ContractVersion]:
    revisions = Prefetch("revisions", Revision.objects.visible_to(request.actor).order_by("number"))
    documents = Document.objects.visible_to(request.actor).order_by("order").prefetch_related(revisions)
    steps = SigningStep.objects.visible_to(request.actor).order_by("order")
    rows = ContractVersion.objects.visible_to(request.actor).filter(contract__case=case)
    rows = rows.select_related("contract", "drafted_by", "approved_by")
    return list(rows.prefetch_related(Prefetch("documents", documents), Prefetch("steps", steps)).order_by("-number"))


def _scene(case: Case, versions: list[ContractVersion], request: ActorRequest) -> story.Scene:
    consent = Consent.objects.visible_to(request.actor).filter(case=case).first()
    newest = versions[0] if versions else None
    return story.Scene(case=case, consent=consent, version=newest, steps=list(newest.steps.all()) if newest else [])


def _handovers(scene: story.Scene, request: ActorRequest) -> list[tuple[AccessLink, str]]:
    """List each party's download link and how far it got: who has not fetched the documents yet (R71)."""
    version, case = scene.version, scene.case
    if version is None or version.concluded_at is None:
        return []
    links = AccessLink.objects.visible_to(request.actor).filter(step__version=version, purpose=Purpose.DOWNLOAD)
    receipts = Event.objects.of_thread(case.tenant_id, case.thread).filter(action="document.downloaded")
    takers = set(receipts.values_list("actor_name", flat=True))
    living = links.filter(revoked_at__isnull=True).order_by("step__order")
    return [(link, _fate(link, takers)) for link in living]


def _fate(link: AccessLink, takers: set[str]) -> str:
    if f"{link.name} <{link.email}>" in takers:
        return "taken"
    return "waiting" if link.is_live(at=timezone.now()) else "expired"


def _told(event: Event) -> tuple[Event, str, str, str]:
    """Tell an event in short: who, a word of explanation, and whether it went well. The log has it in full."""
    data = json.loads(event.data)
    note = str(data.get("reason") or data.get("title") or data.get("to") or "")
    return event, event.actor_name.partition(" <")[0], note, "failed" if event.action in FAILURES else "done"


@require_POST
@requires(permissions.can_register)
def case_invite(request: ActorRequest, case_id: int) -> HttpResponse:
    """Ask the awardee for the consent form, or send the request again."""
    invited = get_object_or_404(Case.objects.visible_to(request.actor), pk=case_id)
    consenting.invite(invited, actor=request.actor, at=timezone.now())
    messages.success(request, f"{invited.contractor.name}へ承諾書の依頼メールを送りました。提出をお待ちください。")
    return redirect("case", case_id=case_id)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_switch_to_paper)
def case_paper(request: ActorRequest, case_id: int) -> HttpResponse:
    """Record that a case was contracted on paper."""
    switched = get_object_or_404(Case.objects.visible_to(request.actor), pk=case_id)
    form = PaperForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            registering.switch_to_paper(switched, actor=request.actor, at=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "紙の契約として記録しました。承諾書と署名依頼は無効になりました。")
            return redirect("case", case_id=case_id)
    context = {"form": form, "case": switched}
    return render(request, "contracts/cases/paper.html", context, status=422 if form.errors else 200)
