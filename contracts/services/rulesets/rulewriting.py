"""Write the next version of a city's rules: one draft, several hands, nothing overwritten (R123)."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from accounts import permissions as doors
from accounts.actors import Actor
from accounts.models import Department, Organization
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import permissions, rules
from contracts.dates import wareki
from contracts.models import RuleDraft, RuleSet
from contracts.services import evidence
from contracts.services.editing import Overtaken
from contracts.services.rulesets import rulebooks

THREAD = "city"
# 名称は市のもの、版の名と施行日は公開のときに決める。「city」は開設のときだけ読む。
SETTLED_LATER = ("version", "effective_date")
NOT_WRITTEN = ("name", *SETTLED_LATER, "city")
GONE = "この下書きは、ほかの管理者が公開したか、取りやめました。規程のページからご確認ください。"
OVERTAKEN = "他の管理者が先に保存しました。あなたの変更は、まだ保存されていません。"


class DraftGone(Refusal):
    """The draft was published or given up in the meantime."""


class DraftRefused(Refusal):
    """The draft cannot take this, or cannot be published so."""


def newest(city: Organization) -> RuleSet | None:
    """Find the version that will be in force once all versions are; of one day, that with the highest number."""
    found: RuleSet | None = RuleSet.unscoped.filter(tenant=city).order_by("-effective_date", "-number").first()
    return found


@transaction.atomic
def begin(city: Organization, *, actor: Actor, at: datetime) -> RuleDraft:
    """Start the draft of the next version from the newest one, or return the draft that is there."""
    doors.check(permissions.can_administer, actor)
    city = lock(city)
    if (draft := RuleDraft.unscoped.filter(tenant=city).first()) is not None:
        return draft  # type: ignore[no-any-return]
    # きょうの版から始めると、これから始まる版の変更を取り消してしまう。
    base = newest(city)
    data = {key: value for key, value in base.data.items() if key != "city"} if base else {"name": city.name}
    made: RuleDraft = RuleDraft.unscoped.create(
        tenant=city, base=base, data=data, updated_by_id=actor.user_id, updated_at=at
    )
    _record("rules.draft_begun", made, actor=actor, at=at, base=base.number if base else None)
    return made


@transaction.atomic
def change(draft: RuleDraft, *, actor: Actor, at: datetime, edit_number: int, data: Mapping[str, Any]) -> RuleDraft:
    """Save the draft as it should now read, perhaps still incomplete.

    Raises Overtaken when someone saved after `edit_number`, DraftGone when there is no draft any more.
    """
    return _write(_open(draft, actor, edit_number), data, actor=actor, at=at, action="rules.draft_changed")


@transaction.atomic
def load(city: Organization, *, actor: Actor, at: datetime, edit_number: int, data: Mapping[str, Any]) -> RuleDraft:
    """Put the rules of a file, already checked, in place of what the draft holds; the city keeps its name.

    `edit_number` is that of the draft the person saw, 0 when there was none. Raises Overtaken.
    """
    draft = _open(begin(city, actor=actor, at=at), actor, edit_number)
    mine = {key: value for key, value in data.items() if key != "city"} | {"name": city.name}
    return _write(draft, mine, actor=actor, at=at, action="rules.draft_loaded")


@transaction.atomic
def discard(draft: RuleDraft, *, actor: Actor, at: datetime, edit_number: int) -> None:
    """Give up the draft as the person saw it; raises Overtaken or DraftGone."""
    draft = _open(draft, actor, edit_number)
    _record("rules.draft_discarded", draft, actor=actor, at=at, changes=_labels(draft.base, draft.data))
    draft.delete()


def finished(draft: RuleDraft, *, version: str, effective_date: date) -> dict[str, Any]:
    """Give the draft the name and the first day of its version; without a name, the day names it."""
    name = version or f"{wareki(effective_date)}適用版"
    return {**draft.data, "version": name, "effective_date": effective_date.isoformat()}


def prepare(draft: RuleDraft, *, at: datetime, version: str, effective_date: date) -> rulebooks.Edition:
    """Check that the draft can be published from a day on, and say what that changes; write nothing.

    Raises RulesRefused when the rules cannot be as they are, DraftRefused for a day before that of another version
    and for rules that are those of that day already.
    """
    data = finished(draft, version=version, effective_date=effective_date)
    last = newest(draft.tenant)
    if last is not None and effective_date < last.effective_date:
        raise DraftRefused(
            f"第{last.number}版が{wareki(last.effective_date)}から適用されます。それより前の日からは公開できません。"
            "同じ日からにすると、新しく公開した版を使います。"
        )
    edition = rulebooks.prepare(draft.tenant, data=data, effective_date=effective_date, at=at)
    if edition.changes and all(change.path in SETTLED_LATER for change in edition.changes):
        raise DraftRefused("その日に適用される版と同じ内容です。どこかを変えてから公開してください。")
    return edition


@transaction.atomic
def publish(
    draft: RuleDraft, *, actor: Actor, at: datetime, edit_number: int, version: str, effective_date: date
) -> RuleSet:
    """Make the draft the city's next version, from a day on; the draft is gone then. Cases keep their version (R123).

    Raises as prepare does, and Overtaken when someone saved after `edit_number`.
    """
    city = lock(draft.tenant)
    draft = _open(draft, actor, edit_number)
    edition = prepare(draft, at=at, version=version, effective_date=effective_date)
    draft.delete()
    return rulebooks.publish(city, data=edition.data, effective_date=effective_date, actor=actor, at=at)


def problems(draft: RuleDraft) -> tuple[str, ...]:
    """List why the draft cannot be published yet; () when only the day and the name are missing."""
    today = {"version": draft.tenant.name, "effective_date": "2000-01-01"}
    if wrong := rules.problems({**draft.data, **today}):
        return wrong
    known = Department.unscoped.filter(tenant=draft.tenant).values_list("name", flat=True)
    missing = sorted(rules.departments(draft.data).difference(known))
    return tuple(f"{draft.tenant.name}に「{name}」がありません。先に課を登録してください。" for name in missing)


def changes(base: RuleSet | None, data: Mapping[str, Any]) -> tuple[rules.Change, ...]:
    """List what a draft changes in a version, leaving out what publishing settles."""
    found = rules.differences(base.data if base else {}, data)
    return tuple(change for change in found if change.path not in SETTLED_LATER)


def _open(draft: RuleDraft, actor: Actor, edit_number: int) -> RuleDraft:
    doors.check(permissions.can_administer, actor)
    try:
        draft = lock(draft)
    except RuleDraft.DoesNotExist as gone:
        raise DraftGone(GONE) from gone
    if draft.edit_number != edit_number:
        raise Overtaken(OVERTAKEN)
    return draft


def _write(draft: RuleDraft, data: Mapping[str, Any], *, actor: Actor, at: datetime, action: str) -> RuleDraft:
    labels = [change.label for change in rules.differences(draft.data, data)]
    if dict(data) == draft.data:
        return draft
    draft.data = dict(data)
    draft.edit_number += 1
    draft.updated_by_id = actor.user_id  # type: ignore[assignment]
    draft.updated_at = at
    draft.save(update_fields=["data", "edit_number", "updated_by", "updated_at"])
    _record(action, draft, actor=actor, at=at, changes=labels)
    return draft


def _labels(base: RuleSet | None, data: Mapping[str, Any]) -> list[str]:
    return [change.label for change in changes(base, data)]


def _record(action: str, draft: RuleDraft, *, actor: Actor, at: datetime, **data: Any) -> None:
    evidence.record_in(THREAD, action, subject=f"rule_draft:{draft.pk}", actor=actor, at=at, **data)
