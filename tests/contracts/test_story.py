"""The main job at the service level, with the real TSA and the real vault; and how its page tells every state of it."""

from datetime import date
from typing import Any

import pytest

from accounts.actors import Actor, ActorKind
from accounts.models import Role, User
from contracts import story
from contracts.models import ArchiveEntry, Case, Consent, Contract, ContractKind, Contractor, ContractVersion, RuleSet
from contracts.reading import content_of
from contracts.states import CaseState, ConsentState, VersionState
from signing import setup
from signing.verification import verify
from tests import stories


@pytest.mark.django_db
def test_a_contract_goes_from_award_to_concluded_with_every_document_at_b_lta():
    tosu = stories.story("tosu")

    tosu.concluded()

    tosu.case.refresh_from_db()
    assert (tosu.version.state, tosu.case.state) == (VersionState.CONCLUDED, CaseState.CONCLUDED)
    assert tosu.version.fixed_at == tosu.step(2).signed_at
    for document in tosu.version.documents.all():
        report = verify(content_of(document), trust=setup.trust())
        assert (report.level, len(report.signatures), len(report.timestamps)) == ("PAdES-B-LTA", 2, 1)
    assert ArchiveEntry.unscoped.get(version=tosu.version).amount == tosu.case.amount


def case_as(**values: Any) -> Case:
    """Make a case in hand, not in the database, under a rule that warns after the deadline."""
    rule_set = RuleSet(data={"deadline": {"late_policy": "warn"}})
    known = {"registered_by": User(name="登録者"), "econtract_verdict": {"eligible": True}, "state": "contracting"}
    return Case(**{"rule_set": rule_set, "conclusion_deadline_date": date(2026, 3, 11)} | known | values)


def scene_of(version_state: str, *, on: date = date(2026, 3, 10), **values: Any) -> story.Scene:
    """Make the scene of a case whose firm has consented and whose contract has one version."""
    kind, case = values.pop("kind", ContractKind.ORIGINAL), case_as(**values.pop("case", {}))
    firm = Contractor(pk=1, name="髙﨑建設")
    consent = Consent(contractor=firm, state=ConsentState.ACCEPTED, authority_name="髙﨑　𠮷男")
    number = 0 if kind == ContractKind.ORIGINAL else 1
    contract = Contract(case=case, kind=kind, number=number, **values.pop("contract", {}))
    made = ContractVersion(pk=7, contract=contract, number=1, state=version_state, drafted_by=User(name="起案者"))
    for name, value in values.items():
        setattr(made, name, value)
    made._prefetched_objects_cache = {"steps": []}
    agreements = [story.Agreement(contract, [made])]
    return story.Scene(case=case, today=on, firms=[firm], consents=[consent], agreements=agreements)


def reader(*roles: Role, user_id: int = 5) -> Actor:
    return Actor(kind=ActorKind.STAFF, tenant_id=1, name="読む人", user_id=user_id, roles=frozenset(roles))


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("draft", "契約の条件と文書をそろえてください"),
        ("in_approval", "庁内の承認を待っています"),
        ("sent", "電子署名とタイムスタンプを付けています"),
        ("all_signed", "電子署名とタイムスタンプを付けています"),
        ("seal_waiting", "封印を待っています"),
        ("concluded", "締結しました"),
        ("returned", "契約書をもう一度起案してください"),
        ("declined", "契約書をもう一度起案してください"),
        ("recalled", "契約書をもう一度起案してください"),
        ("expired", "契約書をもう一度起案してください"),
        ("discarded", "契約書をもう一度起案してください"),
    ],
)
def test_every_state_of_a_version_has_its_chapter_and_mark(state, told):
    scene = scene_of(state, end_reason="金額が違います。")

    chapter = story.chapter(scene, actor=reader(Role.DRAFTER))

    assert told in chapter.title
    assert story.stage_of(scene).label in {*VersionState.labels, "議決待ち"}
    if scene.living is None:
        assert "第1版は" in chapter.text
        assert "金額が違います。" in chapter.text
        assert story.allowed(scene, actor=reader(Role.DRAFTER))["draft"]


@pytest.mark.parametrize("state", VersionState.values)
def test_a_change_that_ended_leaves_the_contract_as_it_was(state):
    scene = scene_of(state, kind=ContractKind.AMENDMENT, case={"state": "concluded"})

    chapter = story.chapter(scene, actor=reader(Role.DRAFTER))

    assert chapter.title.startswith("第1回変更契約")
    assert (scene.living is None) == ("契約は前の内容のまま有効です" in chapter.text)
    assert story.allowed(scene, actor=reader(Role.DRAFTER))["amend"] == (scene.living is None or state == "concluded")


def test_a_provisional_contract_waits_for_the_council_and_then_stands_or_falls():
    waiting = scene_of("concluded", contract={"is_provisional": True, "state": "council_pending"})
    fallen = scene_of(
        "concluded", contract={"is_provisional": True, "state": "lapsed"}, case={"state": CaseState.LAPSED}
    )

    assert "議会の議決を待っています" in story.chapter(waiting, actor=reader()).title
    assert story.stage_of(waiting).label == "議決待ち"
    assert [mark.state for mark in story.marks(waiting)][-2:] == ["done", "now"]
    assert "否決され" in story.chapter(fallen, actor=reader()).title
    assert story.stage_of(fallen).label == "不成立"
    assert story.marks(fallen)[-1].state == "failed"


def test_after_the_deadline_a_reason_is_missing_until_an_approver_gives_it():
    late = scene_of("in_approval", on=date(2026, 3, 12))
    in_time, signed = scene_of("in_approval"), scene_of("all_signed", on=date(2026, 3, 12))
    given = scene_of("in_approval", on=date(2026, 3, 12), late_reason="大雨のため。")

    assert [scene.needs_late_reason for scene in (late, in_time, signed, given)] == [True, False, False, False]
    assert story.allowed(late, actor=reader(Role.APPROVER))["allow_late"]
    assert not story.allowed(late, actor=reader(Role.DRAFTER))["allow_late"]
    assert scene_of("in_approval", on=date(2026, 3, 12), kind=ContractKind.AMENDMENT).lateness is None


def test_the_slowest_firm_of_a_joint_venture_tells_where_the_consents_stand():
    quick, slow = Contractor(pk=1, name="甲建設"), Contractor(pk=2, name="乙土木")
    given = [Consent(contractor=quick, state="accepted"), Consent(contractor=slow, state="invited")]
    case = case_as(state="registered")
    scene = story.Scene(case=case, today=date(2026, 3, 1), firms=[quick, slow], consents=given)
    half = story.Scene(case=case, today=date(2026, 3, 1), firms=[quick, slow], consents=given[:1])

    assert story.stage_of(scene).label == "承諾書の提出待ち"
    assert "乙土木へ依頼のメールを送りました" in story.chapter(scene, actor=reader()).text
    assert "甲建設" not in story.chapter(scene, actor=reader()).text
    assert "乙土木へ、様式第1号" in story.chapter(half, actor=reader()).text
    assert not half.all_consented
    assert story.allowed(half, actor=reader(Role.DRAFTER))["invite"]
