"""Which case and which institution papers speak of, and what about them does not fit (R89)."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Q

from accounts.actors import Actor
from contracts import rules as city_rules
from contracts.folding import search_key
from contracts.models import Case
from contracts.states import CaseState
from guarantees import guidance
from guarantees.facts import CertificateFacts, NoticeFacts
from guarantees.models import Arrival, Channel, Guarantee, Institution
from guarantees.rules import names, subjects
from guarantees.rules.lines import UNREAD, Finding, Line
from guarantees.services import matching

MOST = 20
# これより短い語は、どの案件にも当たる
SHORTEST = 4
WORDS = re.compile(r"[^\s【】「」『』［］\[\]()（）:：,、。/／_＿]+")
RELATED = ("contractor", "department", "rule_set", "tenant")


def cases(actor: Actor, *, subject: str = "", address: str = "", title: str = "") -> list[Case]:
    """List the contracted cases that a mail or a notice may be about, the likeliest first; at most MOST.

    They are named by the subject (as the city wants it, by number or by title), by the title on the notice, or by
    nothing but the address of the sender.
    """
    if not (subject or address or title):
        return []
    narrowed = (
        _contracted(actor).filter(_named(subject, address, title)).select_related(*RELATED).order_by("-registered_at")
    )
    scored = [(_score(case, subject, address, title), case) for case in narrowed[: MOST * 10]]
    return [case for score, case in sorted(scored, key=lambda each: -each[0]) if score][:MOST]


def told_by(arrival: Arrival) -> dict[str, str]:
    """Give what an arrival tells about its case, as `cases` takes it."""
    title = arrival.notice_facts.work_title or arrival.certificate_facts.work_title or ""
    return {
        "subject": arrival.mail.get("subject", ""),
        "address": arrival.mail.get("address", ""),
        "title": title,
    }


def search(actor: Actor, words: str) -> list[Case]:
    """List the contracted cases in which all words occur (number, title, contractor), newest first; at most MOST."""
    rows = _contracted(actor)
    for key in filter(None, map(search_key, words.split())):
        rows = rows.filter(search_key__contains=key)
    return list(rows.select_related(*RELATED).order_by("-registered_at")[:MOST])


def only(found: list[Case], *, subject: str, title: str) -> Case | None:
    """Give the case that the papers surely mean: named by them, and no other is."""
    named = [case for case in found if _score(case, subject, "", title)]
    return named[0] if len(named) == 1 else None


def _contracted(actor: Actor) -> Any:
    return Case.objects.visible_to(actor).filter(state__in=[CaseState.CONCLUDED, CaseState.PAPER])


def _named(subject: str, address: str, title: str) -> Q:
    plain = subjects.plain(subject)
    asked = Q(number__in=WORDS.findall(plain) + WORDS.findall(subject))
    for text in (title, *WORDS.findall(plain)):
        if len(key := search_key(text)) >= SHORTEST:
            asked |= Q(search_key__contains=key)
    return asked | Q(contractor__email__iexact=address) if address else asked


def _score(case: Case, subject: str, address: str, title: str) -> int:
    templates = city_rules.mail_subjects(case.rule_set.data)
    about = (guidance.subject_of(case, type_=type_) for type_ in templates)
    if any(subjects.fits(template, subject, each) for template, each in zip(templates.values(), about, strict=True)):
        return 4
    if subject and subjects.mentions(subject, number=case.number, title=case.title):
        return 3
    if title and search_key(title) == search_key(case.title):
        return 2
    return 1 if address and address.casefold() == case.contractor.email.casefold() else 0


def types(case: Case, *, subject: str) -> tuple[str, ...]:
    """List the types of guarantee that the subject of a mail about a case may tell of."""
    templates = city_rules.mail_subjects(case.rule_set.data)
    named = {type_: city_rules.GUARANTEE_TYPES[type_] for type_ in templates}
    return subjects.types(templates, subject, names=named)


def institution(actor: Actor, *, guarantor: str | None, branch: str | None = None) -> Institution | None:
    """Find the institution that a paper names; None where none or several bear the name."""
    if not guarantor:
        return None
    written = search_key(guarantor)
    known = [each for each in Institution.objects.visible_to(actor) if search_key(each.name) in written]
    at_branch = [each for each in known if branch and each.branch and search_key(each.branch) in search_key(branch)]
    found = at_branch or known
    return found[0] if len(found) == 1 else None


def doubts(
    case: Case, *, notice: NoticeFacts, certificate: CertificateFacts, bank: Institution | None, on: date
) -> tuple[str, ...]:
    """Say what on the papers does not fit the case, each in a sentence: wrong city, wrong work, wrong institution."""
    draft = Guarantee(
        tenant_id=case.tenant_id,
        case=case,
        type=notice.type or "contract",
        institution=bank or Institution(tenant_id=case.tenant_id),
        channel=Channel.UPLOAD,
    )
    asked = matching.expected(draft, on=on)
    lines = (
        names.beneficiary(certificate.beneficiary, notice.orderer, asked),
        names.work_title(certificate.work_title, notice.work_title, asked),
        names.applicant(certificate.applicant_name, asked),
    )
    return tuple(_said(lines)) + _unknown(case, notice=notice, known=bank is not None)


def _said(lines: tuple[Line | None, ...]) -> Iterator[str]:
    wrong = {Finding.SHORT, Finding.UNSURE}
    yield from (line.text for line in lines if line and line.outcome in wrong and line.text != UNREAD)


def _unknown(case: Case, *, notice: NoticeFacts, known: bool) -> tuple[str, ...]:
    if known or not notice.guarantor:
        return ()
    return (
        f"お知らせの保証機関「{notice.guarantor}」を、{case.tenant.name}の保証機関の一覧から決められませんでした。"
        "一覧からお選びください。",
    )
