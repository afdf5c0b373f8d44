"""Drawn sets that live in their address: whoever opens it sees the same set again, and nothing is kept."""

from dataclasses import dataclass
from datetime import date

from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import hands_out, requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts import permissions
from contracts.archive import drawing
from contracts.archive.drawing import Draw
from contracts.forms.archive import ArchiveForm
from contracts.forms.desk import DrawForm, KeepForm
from contracts.models import DrawRule
from contracts.services.auditing import packing, sets
from contracts.views.desk import asking
from signing import setup

PAGE = 50
RULES = ("rule", "size", "seed", "above", "of", "upto", "on")
FIRST = {"rule": DrawRule.SAMPLE, "size": 30}
STALE = "抽出の条件を読み取れませんでした。抽出の画面からやり直してください。"


@dataclass(frozen=True)
class Drawn:
    """A set as its address says it."""

    asked: ArchiveForm
    form: DrawForm
    draw: Draw
    question: QueryDict

    @property
    def address(self) -> str:
        return self.question.urlencode()


@require_safe
@requires(permissions.can_read)
def archive_draw(request: ActorRequest) -> HttpResponse:
    """Choose how to draw from the answers of a question, and see what is drawn; the address holds all of it."""
    if "rule" not in request.GET:
        return _choosing(request, DrawForm(initial=FIRST | {"seed": get_random_string(8)}))
    if "upto" not in request.GET:
        return _settled(request)
    drawn = _drawn(request)
    ids = drawing.drawn(drawn.draw, actor=request.actor)
    page = Paginator(ids, PAGE).get_page(request.GET.get("page"))
    context = {
        "drawn": drawn,
        "conditions": asking.conditions(drawn.asked, asking.question_of(request.GET)),
        "population": drawing.population(drawn.draw, actor=request.actor),
        "count": len(ids),
        "page": page,
        "entries": drawing.entries(list(page.object_list), actor=request.actor),
        "keep_form": KeepForm() if permissions.can_keep_audit_sets(request.actor) else None,
    }
    return render(request, "contracts/desk/drawn.html", context)


@require_POST
@requires(permissions.can_read)
@hands_out
def archive_pack(request: ActorRequest) -> HttpResponse:
    """Hand out the pack of the set that the address draws."""
    drawn = _drawn(request)
    entries = drawing.entries(drawing.drawn(drawn.draw, actor=request.actor), actor=request.actor)
    return asking.handed(
        packing.of_entries(
            entries,
            title=drawn.form.told,
            question=drawn.address,
            actor=request.actor,
            at=timezone.now(),
            trust=setup.trust(),
        )
    )


@require_POST
@requires(permissions.can_keep_audit_sets)
def audit_set_keep(request: ActorRequest) -> HttpResponse:
    """Keep the set that the address draws under a name."""
    drawn, form = _drawn(request), KeepForm(request.POST)
    if not form.is_valid():
        raise Refusal("抽出の名前を100文字以内で入力してください。")
    kept = sets.keep(
        drawn.draw,
        name=form.cleaned_data["name"],
        question=drawn.address,
        rule=DrawRule(drawn.form.cleaned_data["rule"]),
        told=drawn.form.told,
        actor=request.actor,
        at=timezone.now(),
    )
    return redirect("audit_set", kept.pk)


def _choosing(request: ActorRequest, form: DrawForm) -> HttpResponse:
    question = asking.question_of(request.GET)
    asked = asking.asked(request, question, today=timezone.localdate())
    context = {
        "form": form,
        "hidden": [(name, value) for name, values in question.lists() for value in values],
        "conditions": asking.conditions(asked, question),
        "question": question.urlencode(),
        "total": drawing.population(Draw(asked.wanted, drawing.last_entry(request.actor)), actor=request.actor),
    }
    return render(request, "contracts/desk/draw.html", context, status=422 if form.errors else 200)


def _settled(request: ActorRequest) -> HttpResponse:
    """Write into the address up to which entry and as of which day is drawn, so that it draws the same for ever."""
    form = DrawForm(request.GET)
    if not form.is_valid():
        return _choosing(request, form)
    question = asking.question_of(request.GET)
    for name in RULES:
        if value := request.GET.get(name, "").strip():
            question[name] = value
    question["upto"] = str(drawing.last_entry(request.actor))
    question["on"] = timezone.localdate().isoformat()
    return redirect(f"{reverse('archive_draw')}?{question.urlencode()}")


def _drawn(request: ActorRequest) -> Drawn:
    """Read a set from the address; raises Refusal when it says none."""
    form, question = DrawForm(request.GET), asking.question_of(request.GET)
    if not form.is_valid() or form.cleaned_data["upto"] is None:
        raise Refusal(STALE)
    asked = asking.asked(request, question, today=_day(request.GET.get("on", "")))
    whole = question.copy()
    for name in RULES:
        if value := request.GET.get(name, "").strip():
            whole[name] = value
    return Drawn(asked, form, form.draw(asked.wanted), whole)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise Refusal(STALE) from wrong
