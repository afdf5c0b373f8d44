"""The next version of the rules at the administrator's desk: page by page, previewed, then published."""

import re
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Department
from accounts.permissions import requires
from accounts.refusals import Refusal
from accounts.requests import ActorRequest
from contracts import permissions, rulepages, rules, ruletext
from contracts.dates import wareki
from contracts.forms import rules as forms
from contracts.forms.rulefields import Offer
from contracts.forms.rulefile import PublishForm, RuleFileForm
from contracts.models import RuleDraft, RuleSet
from contracts.rulepages import Page
from contracts.rules.nodes import Table
from contracts.services.editing import Overtaken
from contracts.services.rulesets import rulepreview, rulewriting
from contracts.views.answers import edit_number_of
from contracts.views.rules import shown

SAVE = "save"


@require_POST
@requires(permissions.can_administer)
def rule_draft_begin(request: ActorRequest) -> HttpResponse:
    """Start the draft of the next version, or open the one that is there."""
    rulewriting.begin(request.city, actor=request.actor, at=timezone.now())
    return redirect("rule_draft")


@require_safe
@requires(permissions.can_administer)
def rule_draft(request: ActorRequest) -> HttpResponse:
    """Show the pages of the draft, what each changes so far, and what is still missing."""
    draft = _draft(request)
    if draft is None:
        return redirect("rules")
    changes = rulewriting.changes(draft.base, draft.data)
    context = {
        "draft": draft,
        "pages": [_entry(page, draft.data, changes) for page in rulepages.contents()],
        "problems": _problems(draft),
        "changes": len(changes),
        "overtaken_base": _newer_than_base(draft),
    }
    return render(request, "contracts/rules/draft.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_administer)
def rule_draft_page(request: ActorRequest, where: str) -> HttpResponse:
    """Edit one page of the draft; buttons of the rows post and show the page again, saving nothing."""
    draft = _draft(request)
    if draft is None:
        return _gone(request)
    page = _page(where.strip("/"), draft)
    if page.is_shelf:
        return _shelf(request, draft, page)
    offer = Offer(draft.data, tuple(_departments(request)))
    if request.method != "POST":
        typed = forms.typed_from(Table(page.fields), rulepages.value(page, draft.data), offer)
        return _edit(request, draft, page, _form(page, typed, offer, checked=False))
    typed = forms.typed_in(Table(page.fields), "", request.POST, offer)
    if (act := request.POST.get("act", SAVE)) != SAVE:
        forms.rearrange(typed, act)
        return _edit(request, draft, page, _form(page, typed, offer, checked=False))
    form = _form(page, typed, offer, checked=True)
    if not form.is_valid():
        return _edit(request, draft, page, form, status=422)
    return _save(request, draft, page, form)


def _save(request: ActorRequest, draft: RuleDraft, page: Page, form: forms.RulesForm) -> HttpResponse:
    mine = rulepages.put(page, draft.data, form.value)
    try:
        rulewriting.change(
            draft, actor=request.actor, at=timezone.now(), edit_number=edit_number_of(request), data=mine
        )
    except Overtaken:
        conflict = {"conflict": shown(rules.differences(draft.data, mine)), "edit_number": draft.edit_number}
        return _edit(request, draft, page, form, status=409, **conflict)
    messages.success(request, f"「{page.label}」を下書きに保存しました。公開するまで、判定には使われません。")
    return redirect("rule_draft_page", where=page.over[-1].where) if page.over else redirect("rule_draft")


def _shelf(request: ActorRequest, draft: RuleDraft, page: Page) -> HttpResponse:
    """List the entries of a shelf; POST puts them in another order or takes one out."""
    items = rulepages.entries(page, draft.data)
    if request.method == "POST":
        forms.rearrange({"entries": items}, request.POST.get("act", ""))
        rulewriting.change(
            draft,
            actor=request.actor,
            at=timezone.now(),
            edit_number=edit_number_of(request),
            data=rulepages.rearranged(page, draft.data, items),
        )
        return redirect("rule_draft_page", where=page.where)
    context = {
        "draft": draft,
        "page": page,
        "entries": [(f"{page.where}/{place}", rulepages.name(page, each)) for place, each in enumerate(items)],
        "new": f"{page.where}/{rulepages.NEW}",
    }
    return render(request, "contracts/rules/shelf.html", context)


def _edit(
    request: ActorRequest, draft: RuleDraft, page: Page, form: forms.RulesForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    number = edit_number_of(request) if request.method == "POST" else draft.edit_number
    context = {"draft": draft, "page": page, "form": form, "edit_number": number} | more
    return render(request, "contracts/rules/edit.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_administer)
def rule_draft_load(request: ActorRequest) -> HttpResponse:
    """Take the rules of a file into the draft, in place of what it held."""
    draft = _draft(request)
    form = RuleFileForm(request.POST, request.FILES) if request.method == "POST" else RuleFileForm()
    if form.is_bound and form.is_valid():
        try:
            rulewriting.load(
                request.city,
                actor=request.actor,
                at=timezone.now(),
                edit_number=edit_number_of(request),
                data=form.data_read,
            )
        except Refusal as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, "ファイルの規則を下書きに読み込みました。違いを確かめてから公開してください。")
            if (name := form.data_read["name"]) != request.city.name:
                messages.warning(request, f"{name}の規則です。自治体の名称は{request.city.name}に替えました。")
            return redirect("rule_draft")
    context = {"form": form, "draft": draft, "edit_number": draft.edit_number if draft else 0}
    return render(request, "contracts/rules/load.html", context, status=422 if form.errors else 200)


@require_POST
@requires(permissions.can_administer)
def rule_draft_discard(request: ActorRequest) -> HttpResponse:
    """Give up the draft."""
    draft = _draft(request)
    if draft is None:
        return _gone(request)
    rulewriting.discard(draft, actor=request.actor, at=timezone.now(), edit_number=edit_number_of(request))
    messages.success(request, "下書きを取りやめました。適用中の規程は変わりません。")
    return redirect("rules")


@require_safe
@requires(permissions.can_administer)
def rule_draft_preview(request: ActorRequest) -> HttpResponse:
    """Show what the draft changes: in words, on the contractor's card, and for the last hundred cases."""
    draft = _draft(request)
    if draft is None:
        return redirect("rules")
    newest = _newest(request)
    context: dict[str, Any] = {
        "draft": draft,
        "newest": newest,
        "problems": _problems(draft),
        "changes": shown(rulewriting.changes(newest, draft.data)),
    }
    if not context["problems"]:
        context["card"] = rules.card(draft.data)
        if newest is not None:
            after = rulewriting.finished(draft, version="", effective_date=timezone.localdate())
            context["preview"] = rulepreview.preview(actor=request.actor, before=newest.data, after=after)
    return render(request, "contracts/rules/preview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(permissions.can_administer)
def rule_draft_publish(request: ActorRequest) -> HttpResponse:
    """Ask for the first day and the name, show what will change, and publish when that is confirmed."""
    draft = _draft(request)
    if draft is None:
        return _gone(request)
    form = PublishForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"draft": draft, "form": form, "problems": _problems(draft)}
    if form.is_bound and form.is_valid():
        try:
            if request.POST.get("confirmed"):
                return _publish(request, draft, form)
            edition = rulewriting.prepare(draft, at=timezone.now(), **form.cleaned_data)
        except Refusal as refused:
            form.add_error(None, ruletext.plainly(str(refused)))
        else:
            context |= {"edition": edition, "changes": shown(edition.changes), "number": _next_number(request)}
            return render(request, "contracts/rules/confirm.html", context)
    return render(request, "contracts/rules/publish.html", context, status=422 if form.errors else 200)


def _publish(request: ActorRequest, draft: RuleDraft, form: PublishForm) -> HttpResponse:
    made = rulewriting.publish(
        draft, actor=request.actor, at=timezone.now(), edit_number=edit_number_of(request), **form.cleaned_data
    )
    when = "から適用します" if made.effective_date > timezone.localdate() else "からの規程として、いまから使います"
    messages.success(request, f"第{made.number}版「{made.name}」を公開しました。{wareki(made.effective_date)}{when}。")
    return redirect("rules")


def _draft(request: ActorRequest) -> RuleDraft | None:
    rows = RuleDraft.objects.visible_to(request.actor).select_related("base", "updated_by", "tenant")
    found: RuleDraft | None = rows.first()
    return found


def _gone(request: ActorRequest) -> HttpResponse:
    if request.method == "POST":
        raise rulewriting.DraftGone(rulewriting.GONE)
    return redirect("rules")


def _page(where: str, draft: RuleDraft) -> Page:
    try:
        return rulepages.find(where, draft.data)
    except LookupError as missing:
        raise Http404 from missing


def _form(page: Page, typed: Any, offer: Offer, *, checked: bool) -> forms.RulesForm:
    return forms.RulesForm(page.fields, typed, offer=offer, required=page.required, checked=checked)


def _departments(request: ActorRequest) -> Any:
    return Department.objects.visible_to(request.actor).order_by("name").values_list("name", flat=True)


def _newest(request: ActorRequest) -> RuleSet | None:
    found: RuleSet | None = RuleSet.objects.visible_to(request.actor).order_by("-effective_date", "-number").first()
    return found


def _next_number(request: ActorRequest) -> int:
    last = RuleSet.objects.visible_to(request.actor).order_by("-number").first()
    return last.number + 1 if last else 1


def _newer_than_base(draft: RuleDraft) -> RuleSet | None:
    """Find a version that was published past this draft: the draft would take its changes back."""
    newest = rulewriting.newest(draft.tenant)
    return newest if newest is not None and newest.pk != draft.base_id else None


def _problems(draft: RuleDraft) -> list[tuple[str, str]]:
    """Pair each problem, in words, with the page to mend it on ("" where no page is named)."""
    pages = {page.where for page in rulepages.contents()}
    found = []
    for problem in rulewriting.problems(draft):
        keys = re.findall("「([a-z]+)」", problem)
        found.append((ruletext.plainly(problem), next((key for key in keys if key in pages), "")))
    return found


def _entry(page: Page, data: rules.Rules, changes: tuple[rules.Change, ...]) -> dict[str, Any]:
    """Say of a page of the contents how many changes it holds so far, and whether there is anything on it."""
    inner = [_entry(each, data, changes) for each in page.inner]
    prefixes = [".".join(map(str, (*page.keys, key))) for key in page.fields]
    mine = [change for change in changes if any(_starts(change.path, prefix) for prefix in prefixes)]
    return {"page": page, "inner": inner, "changes": len(mine), "note": rulepages.note(page, data)}


def _starts(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith((f"{prefix}.", f"{prefix}["))
