"""After the conclusion: amendments under an electronic parent, corrections, and what they leave of the original."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from accounts.refusals import MovedOn
from contracts.models import ArchiveEntry, Contract, ContractKind
from contracts.services.cases import amending, registering
from contracts.services.cases.amending import AmendmentRefused
from contracts.services.editing import Overtaken
from contracts.services.signatures import ending
from contracts.services.versions import approving, drafting, sheets
from contracts.services.versions.drafting import DraftRefused
from contracts.states import CaseState, ContractState, VersionState
from contracts.terms import Correction, Terms
from signing import pages
from tests.stories import Story

pytestmark = pytest.mark.django_db


def amend(story: Story, **values):
    return amending.amend(
        story.case,
        actor=story.drafter,
        at=timezone.now(),
        signatory=story.signatory,
        **{"reason": "地質の相違による設計変更"} | values,
    )


def edit(story: Story, version, *, edit_number: int = 0, **values):
    return drafting.change(
        version,
        actor=story.drafter,
        at=timezone.now(),
        edit_number=edit_number,
        signatory=story.signatory,
        sheet=replace(sheets.sheet_of(version), **values),
    )


def carry_through(story: Story, version):
    drafting.submit(version, actor=story.drafter, at=timezone.now())
    approving.approve(version, actor=story.approver, at=timezone.now())
    story.sign_all()
    version.refresh_from_db()
    return version


def test_an_amendment_changes_price_and_period_and_needs_no_new_consent(tosu):
    tosu.concluded()
    before = tosu.case.amount
    version = amend(tosu)
    ends = version.work_ends_date + timedelta(days=30)
    edit(tosu, version, amount=before + 1_100_000, work_ends_date=ends)

    carry_through(tosu, version)

    contract = Contract.unscoped.get(case=tosu.case, kind=ContractKind.AMENDMENT)
    tosu.case.refresh_from_db()
    assert (contract.label, contract.state) == ("第1回変更契約", ContractState.IN_FORCE)
    assert (tosu.case.amount, tosu.case.work_ends_date) == (before + 1_100_000, ends)
    assert tosu.case.state == CaseState.CONCLUDED
    entry = ArchiveEntry.unscoped.get(version=version)
    assert (entry.amount, entry.stamp_duty_saved) == (before + 1_100_000, 200)
    assert entry.title == f"{tosu.case.title}（第1回変更契約）"


def test_the_printed_amendment_shows_what_stood_before_and_what_stands_now(tosu):
    tosu.concluded()
    version = edit(tosu, amend(tosu), amount=tosu.case.amount + 2_200_000)
    drafting.submit(version, actor=tosu.drafter, at=timezone.now())

    document = version.documents.get(order=1)
    text = "".join(pages.text(_content(document), page=n + 1) for n in range(document.pages))

    assert document.title == "工事請負変更契約書（第１回）"
    assert "11,000,000円" in text
    assert "13,200,000円" in text
    assert "地質の相違による設計変更" in text


def _content(document) -> bytes:
    from contracts.reading import content_of

    return content_of(document)


def test_an_amendment_that_changes_nothing_is_refused(tosu):
    tosu.concluded()

    with pytest.raises(DraftRefused, match="変更する条件がありません"):
        drafting.submit(amend(tosu), actor=tosu.drafter, at=timezone.now())


def test_a_case_on_paper_is_amended_on_paper_and_the_refusal_says_so(tosu):
    at = timezone.now()
    registering.switch_to_paper(tosu.case, actor=tosu.drafter, at=at, contract_date=timezone.localdate(at))

    with pytest.raises(AmendmentRefused, match="変更契約も紙で締結してください"):
        amend(tosu)


def test_an_amendment_waits_for_its_parent_to_be_in_force(tosu):
    tosu.sent()

    with pytest.raises(AmendmentRefused, match="まだ成立していない"):
        amend(tosu)


def test_an_amendment_needs_a_reason(tosu):
    tosu.concluded()

    with pytest.raises(AmendmentRefused, match="理由を入力"):
        amend(tosu, reason="　")


def test_only_one_agreement_of_a_case_is_under_way_at_a_time(tosu):
    tosu.concluded()
    amend(tosu)

    with pytest.raises(DraftRefused, match="すでに起案されています"):
        amend(tosu, kind=ContractKind.CORRECTION)


def test_the_second_amendment_starts_from_the_first(tosu):
    tosu.concluded()
    carry_through(tosu, edit(tosu, amend(tosu), amount=tosu.case.amount + 1_000_000))

    second = amend(tosu, reason="追加工事")

    assert second.contract.label == "第2回変更契約"
    assert second.amount == 12_000_000


def test_a_correction_agreement_states_the_slip_and_leaves_the_terms_alone(tosu):
    tosu.concluded()
    version = amend(tosu, kind=ContractKind.CORRECTION, reason="工事場所の誤記")
    slip = Correction(item="工事場所", wrong="鳥栖市宿町地内", right="鳥栖市元町地内")
    terms = replace(Terms.from_json(version.terms), corrections=(slip,))
    edit(tosu, version, terms=terms)

    carry_through(tosu, version)

    tosu.case.refresh_from_db()
    assert version.state == VersionState.CONCLUDED
    assert version.contract.label == "第1回訂正合意"
    assert tosu.case.amount == 11_000_000


def test_a_correction_without_a_slip_is_refused(tosu):
    tosu.concluded()
    version = amend(tosu, kind=ContractKind.CORRECTION, reason="工事場所の誤記")

    with pytest.raises(DraftRefused, match="誤りと正しい内容"):
        drafting.submit(version, actor=tosu.drafter, at=timezone.now())


def test_the_second_of_two_editors_is_told_and_overwrites_nothing(tosu):
    tosu.accepted()
    version = drafting.draft(tosu.case, actor=tosu.drafter, at=timezone.now(), signatory=tosu.signatory)
    edit(tosu, version, amount=12_000_000)

    with pytest.raises(Overtaken, match="先に保存しました"):
        edit(tosu, version, amount=13_000_000)

    version.refresh_from_db()
    assert version.amount == 12_000_000


def test_a_contract_date_before_today_is_refused_as_backdating(tosu):
    tosu.accepted()
    version = drafting.draft(tosu.case, actor=tosu.drafter, at=timezone.now(), signatory=tosu.signatory)

    with pytest.raises(DraftRefused, match="今日より前にすることはできません"):
        edit(tosu, version, contract_date=timezone.localdate() - timedelta(days=1))


def drop(story: Story, contract: Contract, reason: str = "設計変更の中止"):
    return amending.drop(contract, actor=story.drafter, at=timezone.now(), reason=reason)


def test_an_abandoned_amendment_is_dropped_and_the_next_takes_its_number_but_nothing_else_of_it(tosu):
    tosu.concluded()
    version = edit(tosu, amend(tosu), amount=99_000_000)
    drafting.discard(version, actor=tosu.drafter, at=timezone.now())

    dropped = drop(tosu, version.contract)
    again = amend(tosu)

    assert (dropped.state, dropped.drop_reason) == (ContractState.DROPPED, "設計変更の中止")
    assert (again.contract.label, again.number, again.amount) == ("第1回変更契約", 1, 11_000_000)
    assert again.contract_id != dropped.pk
    carry_through(tosu, edit(tosu, again, amount=12_000_000))
    assert amend(tosu).contract.label == "第2回変更契約"


def test_a_recalled_correction_is_dropped_too(tosu):
    tosu.concluded()
    version = amend(tosu, kind=ContractKind.CORRECTION, reason="工事場所の誤記")
    slip = Correction(item="工事場所", wrong="鳥栖市宿町地内", right="鳥栖市元町地内")
    edit(tosu, version, terms=replace(Terms.from_json(version.terms), corrections=(slip,)))
    drafting.submit(version, actor=tosu.drafter, at=timezone.now())
    approving.approve(version, actor=tosu.approver, at=timezone.now())
    ending.recall(version, actor=tosu.drafter, at=timezone.now(), reason="誤記ではなかった")

    assert drop(tosu, version.contract).state == ContractState.DROPPED


def test_a_change_is_not_dropped_while_a_version_of_it_is_alive(tosu):
    tosu.concluded()
    version = amend(tosu)

    with pytest.raises(AmendmentRefused, match="手続きの途中の版"):
        drop(tosu, version.contract)


def test_dropping_a_change_needs_a_reason(tosu):
    tosu.concluded()
    version = drafting.discard(amend(tosu), actor=tosu.drafter, at=timezone.now())

    with pytest.raises(AmendmentRefused, match="理由を入力"):
        drop(tosu, version.contract, reason="　")


def test_neither_the_original_nor_what_was_concluded_is_dropped(tosu):
    tosu.sent()
    ending.recall(tosu.version, actor=tosu.drafter, at=timezone.now(), reason="単価の見直し")
    original = Contract.unscoped.get(case=tosu.case)

    with pytest.raises(MovedOn):
        drop(tosu, original)
    with pytest.raises(DatabaseError, match="only_a_change_is_dropped"), transaction.atomic():
        Contract.unscoped.filter(pk=original.pk).update(state=ContractState.DROPPED, drop_reason="不要")
