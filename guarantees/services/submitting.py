"""A guarantee comes in by its number and key; the key is sealed at once."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from accounts import permissions as doors
from accounts.actors import Actor
from contracts import rules as city_rules
from contracts.models import Case
from contracts.rules import ways
from contracts.services import evidence
from guarantees import guidance, messages, permissions
from guarantees.facts import NoticeFacts
from guarantees.models import Channel, CredentialKind, Guarantee, Institution
from guarantees.rules import papers as papers_asked
from guarantees.services import expecting, routing
from guarantees.services.refusals import GuaranteeRefused
from guarantees.states import GuaranteeState
from vault import fields

NUMBER = re.compile(r"[0-9A-Za-z-]{4,32}")
# 損害保険会社の閲覧用URLとパスワード。パスワードの字種は発行元が決める
PASSWORD = re.compile(r"[!-~]{4,64}")
ADDRESS = re.compile(r"https://[!-~]{4,500}")
DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−ーｰ", "-"))
THERE = "この保証契約番号はすでに登録されています。番号をご確認ください。"
GONE = "この保証契約番号の保証は、すでに変更または返還・解除されています。番号をご確認ください。"


def plain(typed: str) -> str:
    """Trim a number or key, and fold full-width characters and the many dashes to half-width."""
    return unicodedata.normalize("NFKC", typed).translate(DASHES).strip()


@sensitive_variables("key", "url")
@transaction.atomic
def submit(
    case: Case,
    *,
    actor: Actor,
    at: datetime,
    type_: str,
    institution: Institution,
    number: str,
    key: str,
    channel: Channel,
    url: str = "",
    notice: NoticeFacts | None = None,
    papers: Collection[str] = (),
    clause_set_used: bool = False,
    remarks: Sequence[str] = (),
    received: Sequence[str] = (),
) -> Guarantee:
    """Take a guarantee by 保証契約番号 and 認証キー; the key is sealed at once and never shown in clear (R87, R124).

    With `url`, the key is the password of that address (損害保険会社の閲覧用URLとパスワード). `notice` is what its
    reader found; `papers` and `clause_set_used` are what a clerk saw when the papers came by mail or by hand
    (R115, R117), `remarks` what the reader of the papers warns of, `received` the SHA-256 of the files that came.
    Raises GuaranteeRefused when the case is outside the rules, a paper is missing, the values cannot be a number and a
    key, or the same certificate is already there.
    """
    doors.check(permissions.can_submit, actor)
    expecting.check_case(case, type_=type_)
    another_way = _channel_warnings(case, actor=actor, channel=channel)
    _check_papers(case, actor=actor, type_=type_, papers=papers, by_address=bool(url))
    _check_clauses(case, actor=actor, clause_set_used=clause_set_used)
    number = plain(number)
    if not NUMBER.fullmatch(number):
        raise GuaranteeRefused("保証契約番号は、お知らせに記載の番号を英数字で入力してください。")
    warnings = [
        *remarks,
        *another_way,
        *_warnings(institution, number=number),
    ]
    guarantee = expecting.awaited(case, type_=type_, at=at, number=number)
    guarantee.institution, guarantee.number = institution, number
    _check_number(guarantee)
    _seal(guarantee, key=key, url=url)
    guarantee.notice = notice.to_json() if notice else {}
    if not_asked := expecting.bounds(case, type_=type_).why_not:
        warnings.append(not_asked)
    guarantee.channel, guarantee.warnings = channel, warnings
    guarantee.submitted_by, guarantee.submitted_at = actor.name, at
    guarantee.move_to(GuaranteeState.SUBMITTED)
    _save(guarantee)
    evidence.record(
        "guarantee.submitted",
        case,
        subject=f"guarantee:{guarantee.pk}",
        actor=actor,
        at=at,
        type=type_,
        institution=str(institution),
        number=number,
        channel=channel,
        papers=sorted(papers),
        **({"received": list(received)} if received else {}),
    )
    routing.by_rules(guarantee, at=at)
    messages.guarantee_received(guarantee, at=at)
    return guarantee


def _check_papers(case: Case, *, actor: Actor, type_: str, papers: Collection[str], by_address: bool) -> None:
    """Hold to what the city wants to be given; an insurer's address and password come without a notice (R113, R115)."""
    rules = case.rule_set.data
    policy = ways.guarantee_policy(rules)
    if policy == ways.PRINTED_NOTICE and not actor.is_staff:
        words = _("%(city)sへは、お知らせを印刷したものをご提出ください。")
        raise GuaranteeRefused(words % {"city": case.tenant.name})
    # 画面では、お知らせの番号とキーを入力すれば、お知らせを出したのと同じ。
    asked = policy == ways.KEY_AND_SCREEN or (actor.is_staff and policy != ways.ANY)
    required = city_rules.required_papers(rules, type_) if asked and not by_address else ()
    if missing := papers_asked.missing(required, papers):
        names = _("、").join(_(guidance.PAPERS[paper]) for paper in missing)
        raise GuaranteeRefused(_("必要な書類がそろっていません。不足している書類：%(names)s") % {"names": names})


def _check_clauses(case: Case, *, actor: Actor, clause_set_used: bool) -> None:
    clauses = guidance.clause_set(case)
    if clauses and actor.is_staff and not clause_set_used:
        raise GuaranteeRefused(f"当初契約書が{clauses}を使っていることを確かめてください。")


def _channel_warnings(case: Case, *, actor: Actor, channel: Channel) -> list[str]:
    """Hold contractors to the city's ways; a clerk may take another way, which is then noted (R118)."""
    taken = case.rule_set.data["guarantee"]["channels"]
    names = [guidance.CHANNELS[way] for way in taken]
    if not actor.is_staff and (channel != Channel.UPLOAD or channel not in taken):
        words = _("%(city)sでは、画面からの登録を受け付けていません。提出方法は%(ways)sです。")
        raise GuaranteeRefused(words % {"city": case.tenant.name, "ways": _("、").join(_(way) for way in names)})
    if actor.is_staff and channel == Channel.UPLOAD:
        raise GuaranteeRefused("受け取った方法を選んでください。")
    if channel in taken:
        return []
    return [f"定められた提出方法（{'、'.join(names)}）と異なり、{Channel(channel).label}で受け取りました。"]


def _warnings(institution: Institution, *, number: str) -> list[str]:
    if institution.usual_number and not re.fullmatch(institution.usual_number, number):
        return [f"{institution.name}の見慣れた番号の形と異なります。お知らせの番号と見比べてください。"]
    return []


def _check_number(guarantee: Guarantee) -> None:
    """Refuse a number that is taken; only a change certificate may bear that of the one it changes (R106)."""
    others = Guarantee.unscoped.filter(institution=guarantee.institution, number=guarantee.number)
    states = set(others.exclude(pk__in=_chain(guarantee)).values_list("state", flat=True))
    states.discard(GuaranteeState.REJECTED)
    if states & {GuaranteeState.CHANGED, GuaranteeState.RELEASED}:
        raise GuaranteeRefused(GONE)
    if states:
        raise GuaranteeRefused(THERE)


def _chain(guarantee: Guarantee) -> list[int]:
    found, row = [], guarantee.amends
    while row is not None:
        found.append(row.pk)
        row = row.amends
    return found


@sensitive_variables("key", "url")
def _seal(guarantee: Guarantee, *, key: str, url: str) -> None:
    """Seal what opens the certificate, after a look at its shape."""
    if not url:
        key = plain(key)
        if not NUMBER.fullmatch(key):
            raise GuaranteeRefused("認証キーは、お知らせに記載のキーを英数字で入力してください。")
        guarantee.credential = CredentialKind.KEY
    else:
        key, url = key.strip(), url.strip()
        if not PASSWORD.fullmatch(key):
            raise GuaranteeRefused("パスワードは、案内に記載のとおりに入力してください。")
        if not ADDRESS.fullmatch(url):
            raise GuaranteeRefused("閲覧用URLは、https:// で始まるアドレスを入力してください。")
        guarantee.credential = CredentialKind.URL_PASSWORD
        guarantee.sealed_url = fields.seal(url, tenant_id=guarantee.tenant_id, context=guarantee.url_context)
    guarantee.sealed_key = fields.seal(key, tenant_id=guarantee.tenant_id, context=guarantee.key_context)


def _save(guarantee: Guarantee) -> None:
    try:
        with transaction.atomic():
            guarantee.save()
    except IntegrityError as clash:
        if "one_open_guarantee_per_number" not in str(clash):
            raise
        raise GuaranteeRefused(THERE) from clash
