"""Papers that are dropped are read and kept aside, their key sealed, until somebody hands them in (R88, R90)."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts import actors, tenancy
from accounts import permissions as doors
from accounts.actors import Actor
from accounts.models import Organization
from accounts.querysets import lock
from contracts.models import Case
from contracts.rules import ways
from contracts.services import evidence
from guarantees import bundles, eml, guidance, permissions, reading
from guarantees.bundles import Bundle, Paper
from guarantees.facts import NoticeFacts
from guarantees.hushing import hush
from guarantees.models import Arrival, Attachment, Channel, Guarantee, Institution, PaperSlot
from guarantees.services import finding, keeping, submitting
from guarantees.services.refusals import GuaranteeRefused
from vault import fields

LIFE = timedelta(days=7)
MOST_FILES = 10
MOST_WAITING = 20
THREAD = "guarantees"
TYPE_INSTEAD = "お知らせに間違いないときは、お手元のお知らせを見ながら、画面に入力して登録してください。"
NO_MORE = "この書類は、すでに登録されたか、破棄されています。"


@dataclass(frozen=True)
class Dropped:
    """A file as a person chose it; `as_certificate` when it was put where the certificate goes."""

    name: str
    content: bytes = field(repr=False)
    as_certificate: bool = False


@transaction.atomic
def bring(
    dropped: Sequence[Dropped],
    *,
    city: Organization,
    actor: Actor,
    at: datetime,
    channel: Channel,
    case: Case | None = None,
) -> list[Arrival]:
    """Read dropped PDFs, or a saved mail and its PDFs, and keep one arrival for each certificate.

    Without a case, the one that the papers surely mean is found. Raises GuaranteeRefused or MailRefused with what to
    choose instead: for what is no notice, and for a certificate alone where the city takes only the notice (R113).
    """
    doors.check(permissions.can_submit, actor)
    if not actor.is_staff and Arrival.objects.visible_to(actor).count() >= MOST_WAITING:
        raise GuaranteeRefused("登録していない書類がたまっています。先に、登録するか破棄してください。")
    mail, papers = _unpacked(dropped, city=city, actor=actor)
    made = _bundles(papers, mail=mail)
    about = case or _meant(made, mail=mail, actor=actor)
    letter = _mail_file(dropped, mail=mail)
    mail, letter, made = _hushed(mail, letter, made)
    return [
        _keep(each, city=city, mail=mail, letter=letter, case=about, channel=channel, actor=actor, at=at)
        for each in _admitted(made, case=about, mailed=mail is not None)
    ]


@transaction.atomic
def complete(
    arrival: Arrival, dropped: Sequence[Dropped], *, city: Organization, actor: Actor, at: datetime
) -> Arrival:
    """Put a missing or better paper to those that arrived; raises GuaranteeRefused like bring."""
    doors.check(permissions.can_submit, actor)
    arrival = _locked(arrival)
    _, papers = _unpacked(dropped, city=city, actor=actor)
    _, _, bundled = _hushed(None, None, _bundles(papers, mail=None))
    made = _admitted(bundled, case=arrival.case, mailed=False)
    if len(made) != 1:
        raise GuaranteeRefused("保証ごとに、一件ずつ選んでください。")
    _put(arrival, made[0], actor=actor, at=at)
    arrival.remarks = list(made[0].remarks)
    arrival.save()
    _record("guarantee.papers_read", arrival, actor=actor, at=at)
    return arrival


@sensitive_variables("key")
@transaction.atomic
def finish(
    arrival: Arrival,
    *,
    case: Case,
    actor: Actor,
    at: datetime,
    type_: str,
    institution: Institution,
    number: str,
    channel: Channel,
    key: str = "",
    papers: Collection[str] = (),
    clause_set_used: bool = False,
) -> Guarantee:
    """Hand in what arrived; without a typed key, the one that was read. The papers move to the guarantee.

    Raises GuaranteeRefused as submitting does, and when somebody else was quicker.
    """
    arrival = _locked(arrival)
    if arrival.case_id not in {None, case.pk} and not actor.is_staff:
        raise GuaranteeRefused(NO_MORE)
    there = dict(Attachment.unscoped.filter(arrival=arrival).order_by("pk").values_list("slot", "sha256"))
    guarantee = submitting.submit(
        case,
        actor=actor,
        at=at,
        type_=type_,
        institution=institution,
        number=number,
        key=key or key_of(arrival),
        channel=channel,
        notice=arrival.notice_facts if arrival.notice else None,
        papers={*papers, *there},
        clause_set_used=clause_set_used,
        remarks=_sender_remarks(arrival, case),
        received=list(there.values()),
    )
    Attachment.unscoped.filter(arrival=arrival).update(arrival=None, guarantee=guarantee)
    arrival.delete()
    return guarantee


@transaction.atomic
def discard(arrival: Arrival, *, actor: Actor, at: datetime) -> None:
    """Throw away what arrived, with its key and its bytes."""
    doors.check(permissions.can_submit, actor)
    _discard(_locked(arrival), actor=actor, at=at)


def discard_next(*, tenant_id: int, at: datetime) -> bool:
    """Throw away what a municipality was brought longest ago and nobody handed in; False when nothing is due."""
    with tenancy.acting_for(tenant_id):
        rows = Arrival.unscoped.select_for_update(of=("self",), skip_locked=True).select_related("case")
        arrival = rows.filter(due_at__lte=at).order_by("due_at", "pk").first()
        if arrival is None:
            return False
        _discard(arrival, actor=actors.system(tenant_id), at=at)
    return True


def key_of(arrival: Arrival) -> str:
    """Open the key that was read; "" where none was."""
    if arrival.sealed_key is None:
        return ""
    return fields.unseal(arrival.sealed_key, tenant_id=arrival.tenant_id, context=arrival.key_context)


def _discard(arrival: Arrival, *, actor: Actor, at: datetime) -> None:
    _record("guarantee.papers_discarded", arrival, actor=actor, at=at)
    keeping.give_up(Attachment.unscoped.filter(arrival=arrival).select_related("file"))
    arrival.delete()


def _locked(arrival: Arrival) -> Arrival:
    try:
        return lock(arrival, "case__tenant", "case__contractor", "case__rule_set")
    except Arrival.DoesNotExist as gone:
        raise GuaranteeRefused(NO_MORE) from gone


def _unpacked(dropped: Sequence[Dropped], *, city: Organization, actor: Actor) -> tuple[eml.Mail | None, list[Paper]]:
    """Open the mail, if one was dropped, and let every PDF be read."""
    if not 0 < len(dropped) <= MOST_FILES:
        raise GuaranteeRefused(_("ファイルを、一度に%(most)s件まで選んでください。") % {"most": MOST_FILES})
    for each in dropped:
        keeping.check_size(len(each.content), most=city.max_file_bytes)
    mails = [each for each in dropped if _is_mail(each) and actor.is_staff]
    if len(mails) > 1:
        raise GuaranteeRefused("電子メールは、一通ずつ選んでください。")
    mail = eml.read(mails[0].content, most_bytes=city.max_file_bytes) if mails else None
    loose = [each for each in dropped if each not in mails]
    loose += [Dropped(each.name, each.content) for each in mail.pdfs[:MOST_FILES]] if mail else []
    return mail, [Paper(each.name, each.content, reading.read(each.content), each.as_certificate) for each in loose]


def _is_mail(dropped: Dropped) -> bool:
    return eml.looks_like_mail(dropped.content, name=dropped.name)


def _mail_file(dropped: Sequence[Dropped], *, mail: eml.Mail | None) -> Dropped | None:
    return next((each for each in dropped if _is_mail(each)), None) if mail else None


def _bundles(papers: Sequence[Paper], *, mail: eml.Mail | None) -> tuple[Bundle, ...]:
    found = bundles.bundle(papers)
    if found:
        return found
    if mail is not None:
        return (Bundle(),)
    raise GuaranteeRefused("".join([papers[0].reading.why, TYPE_INSTEAD]))


def _admitted(made: Sequence[Bundle], *, case: Case | None, mailed: bool) -> list[Bundle]:
    """Leave out certificates where the city takes none; refuse where nothing else came (R113)."""
    policy = ways.guarantee_policy(case.rule_set.data) if case else ways.ANY
    if policy in {ways.KEY_AND_SCREEN, ways.ANY}:
        return list(made)
    notices = [replace(each, certificate=None) for each in made if each.notice is not None or mailed]
    if not notices:
        assert case is not None  # noqa: S101 - 方針は案件から読んだ
        raise GuaranteeRefused(guidance.not_the_certificate(case))
    return notices


def _meant(made: Sequence[Bundle], *, mail: eml.Mail | None, actor: Actor) -> Case | None:
    """Find the case that the papers surely mean."""
    subject, address = (mail.subject, mail.address) if mail else ("", "")
    title = next((each.title for each in made if each.title), "")
    found = finding.cases(actor, subject=subject, address=address, title=title)
    return finding.only(found, subject=subject, title=title)


def _keep(
    made: Bundle,
    *,
    city: Organization,
    mail: eml.Mail | None,
    letter: Dropped | None,
    case: Case | None,
    channel: Channel,
    actor: Actor,
    at: datetime,
) -> Arrival:
    arrival: Arrival = Arrival.unscoped.create(
        tenant=city,
        case=case,
        link_id=actor.link_id,
        brought_by_id=actor.user_id,
        channel=Channel.EMAIL if mail else channel,
        mail=_head(mail),
        remarks=[*made.remarks, *_mail_remarks(mail, made)],
        made_at=at,
        due_at=at + LIFE,
    )
    _put(arrival, made, actor=actor, at=at)
    if letter is not None:
        keeping.keep(arrival, slot=PaperSlot.MAIL, name=letter.name, content=letter.content, actor=actor, at=at)
    arrival.save()
    _record("guarantee.papers_read", arrival, actor=actor, at=at)
    return arrival


def _put(arrival: Arrival, made: Bundle, *, actor: Actor, at: datetime) -> None:
    """Put papers to an arrival, in the place of those of the same kind, and seal the key."""
    for slot, paper in ((PaperSlot.NOTICE, made.notice), (PaperSlot.CERTIFICATE, made.certificate)):
        if paper is not None:
            keeping.give_up(Attachment.unscoped.filter(arrival=arrival, slot=slot).select_related("file"))
            keeping.keep(arrival, slot=slot, name=paper.name, content=paper.content, actor=actor, at=at)
    if made.notice is not None:
        _take_notice(arrival, made.notice_facts)
    if made.has_certificate:
        arrival.certificate = made.certificate_facts.to_json()


@sensitive_variables("facts", "key")
def _take_notice(arrival: Arrival, facts: NoticeFacts) -> None:
    key = submitting.plain(facts.key or "")
    arrival.notice, arrival.key_length = facts.to_json(), len(key)
    arrival.sealed_key = fields.seal(key, tenant_id=arrival.tenant_id, context=arrival.key_context) if key else None


@sensitive_variables("keys")
def _hushed(
    mail: eml.Mail | None, letter: Dropped | None, made: Sequence[Bundle]
) -> tuple[eml.Mail | None, Dropped | None, tuple[Bundle, ...]]:
    """Mask the keys that were read where people wrote them, too: the subject, the sender, the names of the files."""
    keys = [each.notice_facts.key or "" for each in made]

    def named(paper: Paper | None) -> Paper | None:
        return replace(paper, name=hush(paper.name, keys)) if paper else None

    if mail is not None:
        mail = replace(mail, subject=hush(mail.subject, keys), sender=hush(mail.sender, keys))
    if letter is not None:
        letter = replace(letter, name=hush(letter.name, keys))
    return mail, letter, tuple(Bundle(named(each.notice), named(each.certificate)) for each in made)


def _head(mail: eml.Mail | None) -> dict[str, Any]:
    if mail is None:
        return {}
    sent_at = mail.sent_at.isoformat() if mail.sent_at else ""
    return {"subject": mail.subject, "sender": mail.sender, "address": mail.address, "sent_at": sent_at}


def _mail_remarks(mail: eml.Mail | None, made: Bundle) -> Iterator[str]:
    if mail is None:
        return
    if mail.packed:
        yield f"圧縮されたファイル（{'、'.join(mail.packed)}）は開けません。中の PDF を取り出して、加えてください。"
    elif made.notice is None:
        yield "お知らせの PDF が添付されていません。メールを見ながら入力してください。"


def _sender_remarks(arrival: Arrival, case: Case) -> list[str]:
    address = arrival.mail.get("address", "")
    if not address or address.casefold() == case.contractor.email.casefold():
        return []
    return [f"差出人（{address}）は、受注者の登録されたアドレスではありません。"]


def _record(action: str, arrival: Arrival, *, actor: Actor, at: datetime) -> None:
    papers = Attachment.unscoped.filter(arrival=arrival).order_by("pk").values_list("slot", "name", "sha256")
    about: dict[str, Any] = {
        "channel": arrival.channel,
        "number": arrival.notice.get("number") or "",
        "sender": arrival.mail.get("sender", ""),
        "papers": [" ".join(paper) for paper in papers],
    }
    subject = f"arrival:{arrival.pk}"
    if arrival.case is not None:
        evidence.record(action, arrival.case, subject=subject, actor=actor, at=at, **about)
    else:
        evidence.record_in(THREAD, action, subject=subject, actor=actor, at=at, **about)
