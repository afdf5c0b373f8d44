"""A city's own words for its mails: kept, put back to the standard, and tried out on oneself."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from accounts import doorbell
from accounts import permissions as doors
from accounts.actors import Actor
from accounts.models import Organization
from accounts.querysets import lock
from accounts.refusals import Refusal
from contracts import permissions
from contracts.services import evidence
from contracts.services.editing import check_edit, put
from notifications import outbox, tasks, wordings
from notifications.models import MailWording
from notifications.words import Own, checking, samples, standard


class WordingRefused(Refusal):
    """Words that cannot be used; `problems` says why, part by part."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("".join(problems.values()))
        self.problems = problems


@transaction.atomic
def change(city: Organization, template: str, *, own: Own, edit_number: int, actor: Actor, at: datetime) -> MailWording:
    """Use these words from now on, for mails that have not left yet too; words equal to the standard follow it.

    The log keeps the words before and after. Raises WordingRefused, and Overtaken when someone saved in between.
    """
    doors.check(permissions.can_administer, actor)
    own = _apart(template, own)
    _check(template, own)
    begun, _ = MailWording.unscoped.get_or_create(tenant=city, template=template)
    row: MailWording = lock(begun)
    check_edit(row, edit_number=edit_number)
    changes = put(row, asdict(own))
    if changes:
        row.edit_number += 1
        row.save(update_fields=[*changes, "edit_number"])
        evidence.record_in("city", "mail.worded", subject=f"mail:{template}", actor=actor, at=at, changes=changes)
    return row


def send_sample(city: Organization, template: str, *, own: Own, actor: Actor, at: datetime) -> None:
    """Mail these words, with sample values, to the person who tries them out. Raises WordingRefused."""
    doors.check(permissions.can_administer, actor)
    _check(template, own)
    with transaction.atomic():
        sample = outbox.drafted(
            tenant=city,
            key=f"sample:{template}:{actor.email}:{at.isoformat()}",
            to=actor.email,
            template=template,
            context=samples.context(template),
            link=samples.link(template),
            code=samples.code(template),
            thread="city",
            at=at,
            about=wordings.SAMPLE,
        )
        sample.own_words, sample.next_attempt_at = asdict(samples.marked(template, own)), at
        sample.save()
        doorbell.ring(tasks.deliver)
        evidence.record_in("city", "mail.sampled", subject=f"mail:{template}", actor=actor, at=at, to=actor.email)


def _apart(template: str, own: Own) -> Own:
    """Keep only what differs from the standard, so that the rest follows it when it is improved."""
    said = standard.of(template)
    return Own("" if own.subject == said.subject else own.subject, "" if own.lead == said.lead else own.lead, own.note)


def _check(template: str, own: Own) -> None:
    if problems := checking.problems(template, own):
        raise WordingRefused(problems)
