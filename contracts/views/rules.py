"""The rules of a city for those who work by them: every version in words, and what changed between two."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from accounts.permissions import requires
from accounts.requests import ActorRequest
from contracts import permissions, rules, ruletext
from contracts.comparison import runs
from contracts.dates import wareki
from contracts.models import Case, RuleDraft, RuleSet
from contracts.rules import files

# これより短い値どうしは、語ごとに比べるより、並べたほうが読める。
SHORT = 60


@require_safe
@requires(permissions.can_read)
def rule_book(request: ActorRequest) -> HttpResponse:
    """Show the version in force today, and the list of all versions."""
    versions = _versions(request)
    today = timezone.localdate()
    current = next((each for each in versions if each.effective_date <= today), None)
    counted = Case.objects.visible_to(request.actor).values("rule_set").annotate(many=Count("pk"))
    started = {row["rule_set"]: row["many"] for row in counted}
    context = {
        "rule_set": current,
        "rows": [(each, _standing(each, current, versions), started.get(each.pk, 0)) for each in _by_number(versions)],
        "draft": RuleDraft.objects.visible_to(request.actor).select_related("updated_by").first(),
        "may_write": permissions.can_administer(request.actor),
    }
    return render(request, "contracts/rules/book.html", context | _told(current))


@require_safe
@requires(permissions.can_read)
def rule_set(request: ActorRequest, rule_set_id: int) -> HttpResponse:
    """Show one version as a person reads it."""
    found = get_object_or_404(RuleSet.objects.visible_to(request.actor), pk=rule_set_id)
    versions = _versions(request)
    current = next((each for each in versions if each.effective_date <= timezone.localdate()), None)
    context = {"rule_set": found, "standing": _standing(found, current, versions)}
    return render(request, "contracts/rules/version.html", context | _told(found))


@require_safe
@requires(permissions.can_read)
def rule_compare(request: ActorRequest) -> HttpResponse:
    """Show what changed between any two versions; without a choice, between the last two."""
    versions = _by_number(_versions(request))
    by_pk = {str(each.pk): each for each in versions}
    after = by_pk.get(request.GET.get("after", ""), next(iter(versions), None))
    previous = next((each for each in versions if after is not None and each.number < after.number), after)
    before = by_pk.get(request.GET.get("before", ""), previous)
    found = rules.differences(before.data, after.data) if before and after else ()
    context = {"versions": versions, "before": before, "after": after, "changes": shown(found)}
    return render(request, "contracts/rules/compare.html", context)


@require_safe
@requires(permissions.can_read)
def rule_file(request: ActorRequest, rule_set_id: int) -> HttpResponse:
    """Hand out a version as one readable file."""
    found = get_object_or_404(RuleSet.objects.visible_to(request.actor), pk=rule_set_id)
    name = f"{request.city.name}_規程_第{found.number}版.toml"
    disposition = content_disposition_header(True, name) or "attachment"  # noqa: FBT003
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return HttpResponse(files.write(found.data), content_type="application/toml; charset=utf-8", headers=headers)


def shown(changes: Sequence[rules.Change]) -> list[dict[str, Any]]:
    """Give each change what its page needs: short values side by side, long texts run by run."""
    return [
        {
            "label": change.label,
            "before": change.before,
            "after": change.after,
            "runs": [] if _is_short(change) else runs.difference(change.before, change.after).runs,
        }
        for change in changes
    ]


def _is_short(change: rules.Change) -> bool:
    return all(len(side) <= SHORT and "\n" not in side for side in (change.before, change.after))


def _told(version: RuleSet | None) -> dict[str, Any]:
    if version is None:
        return {}
    return {"card": rules.card(version.data), "blocks": ruletext.describe(version.data)}


def _versions(request: ActorRequest) -> list[RuleSet]:
    """List the versions, those that begin last first; of one day, the newest number first, for it is the one used."""
    rows = RuleSet.objects.visible_to(request.actor).select_related("published_by").defer("published_by__password")
    return list(rows.order_by("-effective_date", "-number"))


def _by_number(versions: Sequence[RuleSet]) -> list[RuleSet]:
    return sorted(versions, key=lambda each: each.number, reverse=True)


def _standing(each: RuleSet, current: RuleSet | None, versions: Sequence[RuleSet]) -> tuple[str, str]:
    """Say in a word, with its tone, whether a version is in force, to come, or replaced."""
    if current is not None and each.pk == current.pk:
        return "適用中", "success"
    of_its_day = next(one for one in versions if one.effective_date == each.effective_date)
    if each.effective_date > timezone.localdate() and each.pk == of_its_day.pk:
        return f"{wareki(each.effective_date)}から", "info"
    return ("適用終了", "neutral") if each.pk == of_its_day.pk else ("差替え済み", "neutral")
