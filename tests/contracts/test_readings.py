"""Names with their readings: typed once, shown above the name, and enough to find it by."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from contracts import register
from contracts.archive import searching
from contracts.archive.asking import Wanted
from contracts.archive.called import Readings
from contracts.folding import search_key
from contracts.models import Archived, ArchiveEntry, Authority, Basis, Contractor, ImportKind, Purpose
from contracts.readings import pieces
from contracts.services.register import enlisting, exporting, importing
from contracts.services.register.import_rows import digest
from contracts.tables import UTF8
from tests import factories
from tests.contracts.links.conftest import enter
from tests.stories import Story, story

FIRM = {
    "name": "株式会社髙﨑建設",
    "name_kana": "タカサキケンセツ",
    "representative_name": "髙﨑　一郎",
    "representative_kana": "タカサキ　イチロウ",
}


@pytest.mark.parametrize(
    ("name", "kana", "read"),
    [
        ("株式会社髙﨑建設", "タカサキケンセツ", [("株式会社", ""), ("髙﨑建設", "タカサキケンセツ")]),
        ("髙﨑建設㈱", "タカサキケンセツ", [("髙﨑建設", "タカサキケンセツ"), ("㈱", "")]),
        ("髙﨑　一郎", "タカサキ　イチロウ", [("髙﨑", "タカサキ"), ("\u3000", ""), ("一郎", "イチロウ")]),
        ("株式会社髙﨑", "カブシキガイシャタカサキ", [("株式会社髙﨑", "カブシキガイシャタカサキ")]),
        ("髙﨑一郎", "タカサキ　イチロウ", [("髙﨑一郎", "タカサキ　イチロウ")]),
        ("株式会社", "カブシキ", [("株式会社", "カブシキ")]),
    ],
)
def test_a_name_is_read_word_by_word_and_its_legal_form_stands_bare(name, kana, read):
    assert pieces(name, kana) == read


@pytest.fixture
def tosu(db) -> Story:
    return story()


def known(told: Story) -> Contractor:
    """Let the register say how the awardee's name, and that of whoever signs for it, is read."""
    firm = told.case.contractor
    enlisting.correct(firm, actor=told.drafter, at=timezone.now(), edit_number=firm.edit_number, **FIRM)
    told.case.refresh_from_db()
    return told.case.contractor


def test_a_firm_is_found_by_the_reading_of_its_name_and_so_are_its_cases(tosu):
    firm = known(tosu)

    for words in ("たかさき", "ﾀｶｻｷｹﾝｾﾂ", "タカサキ"):
        assert list(register.search(words, actor=tosu.drafter)) == [firm]
    assert "タカサキケンセツ" in tosu.case.search_key


def test_the_form_keeps_kana_of_any_sort_and_refuses_all_else(tosu, client):
    client.force_login(factories.member(tosu.tenant, Role.DRAFTER))
    firm = tosu.case.contractor
    typed = {name: getattr(firm, name) for name in enlisting.FIELDS} | {"edit_number": firm.edit_number}
    address = reverse("contractor_edit", args=[firm.pk])

    refused = client.post(address, typed | {"name_kana": "髙﨑"})
    saved = client.post(address, typed | {"name_kana": "たかさきけんせつ", "representative_kana": "ﾖｼｵ"})

    assert refused.status_code == 422
    assert "カタカナかひらがな" in refused.content.decode()
    assert saved.status_code == 302
    firm.refresh_from_db()
    assert (firm.name_kana, firm.representative_kana) == ("タカサキケンセツ", "ヨシオ")


def test_readings_go_out_with_the_register_and_come_in_again(tosu):
    known(tosu)
    content = exporting.export_register(actor=tosu.drafter, at=timezone.now(), encoding=UTF8)
    changed = content.decode("utf-8-sig").replace("タカサキケンセツ", "たかざきけんせつ").encode()

    press = {"actor": tosu.drafter, "at": timezone.now()}
    job = importing.preview(kind=ImportKind.REGISTER, name="名簿.csv", content=changed, **press)
    importing.apply(job, seen=digest(job.report), **press)

    assert ["フリガナ", "タカサキケンセツ", "タカザキケンセツ"] in job.report["rows"][0]["changes"]
    assert [firm.name_kana for firm in register.search("たかざき", actor=tosu.drafter)] == ["タカザキケンセツ"]


def test_the_signer_reads_the_firm_and_the_city_reads_the_people_with_their_readings(tosu, client):
    known(tosu)
    tosu.signatory.name_kana = "ショメイ"
    tosu.signatory.save()
    address = enter(client, tosu.sent().address(Purpose.SIGN))
    digest_page = client.get(address).content.decode()
    client.force_login(factories.member(tosu.tenant, Role.DRAFTER))
    case_page = client.get(reverse("case", args=[tosu.case.pk])).content.decode()

    ruby = "株式会社<ruby>髙﨑建設<rp>（</rp><rt>タカサキケンセツ</rt><rp>）</rp></ruby>"
    assert ruby in digest_page
    assert ruby in case_page
    assert "<rt>イチロウ</rt>" in case_page.partition('id="steps-')[2]
    assert "<rt>ショメイ</rt>" in case_page.partition('id="steps-')[2]


def test_where_no_reading_is_known_the_name_stands_alone(tosu, client):
    tosu.sent()
    client.force_login(factories.member(tosu.tenant, Role.DRAFTER))

    assert "<ruby>" not in client.get(reverse("case", args=[tosu.case.pk])).content.decode()


def test_whoever_signs_by_the_authority_register_is_read_as_it_says(tosu, client):
    tosu.sent()
    step = tosu.step(1)
    firm = {"tenant_id": step.tenant_id, "contractor_id": step.contractor_id}
    Authority.unscoped.create(
        name=step.name, name_kana="ヨシダ", title=step.title, email=step.email, basis=Basis.AGENT, **firm
    )
    client.force_login(factories.member(tosu.tenant, Role.DRAFTER))

    assert "<rt>ヨシダ</rt>" in client.get(reverse("case", args=[tosu.case.pk])).content.decode()


def filed(told: Story, party: str) -> ArchiveEntry:
    return ArchiveEntry.unscoped.create(
        tenant=told.tenant,
        what=Archived.CONTRACT,
        subject=f"test:{party}",
        concluded_date=timezone.localdate(),
        fiscal_year=2026,
        amount=1,
        number="1",
        title="工事",
        title_key="工事",
        party=party,
        party_key=search_key(party),
    )


def test_the_archive_is_asked_by_the_reading_that_the_register_tells_today(tosu, client):
    wanted, other = filed(tosu, "㈱髙﨑建設"), filed(tosu, "高松建設")
    assert not searching.search(Wanted(words=("たかさき",)), actor=tosu.drafter).entries
    known(tosu)

    for asked in (Wanted(words=("たかさき",)), Wanted(parties=("ﾀｶｻｷ",)), Wanted(words=("建設", "たかさき"))):
        found = searching.search(Readings(tosu.drafter).into(asked), actor=tosu.drafter)
        assert [entry.party for entry in found.entries] == [wanted.party]
    client.force_login(factories.member(tosu.tenant, Role.AUDITOR))
    page = client.get("/archive/", {"q": "たかさき"}).content.decode()
    assert wanted.party in page
    assert other.party not in page


def test_the_register_is_asked_once_however_many_readings_are_typed(tosu, django_assert_num_queries):
    known(tosu)
    asked = Wanted(words=("たかさき", "けんせつ", "どこにも"), parties=("ﾀｶｻｷ",))
    readings = Readings(tosu.drafter)

    with django_assert_num_queries(1):
        found = readings.into(asked)
        relaxed = readings.into(Wanted(words=("たかさき",)))

    firm = search_key("株式会社髙﨑建設")
    assert found.called == (("たかさき", firm), ("けんせつ", firm), ("ﾀｶｻｷ", firm))
    assert relaxed.called == (("たかさき", firm),)


def test_a_member_of_staff_is_found_by_the_reading_of_their_name(tosu, client):
    client.force_login(factories.member(tosu.tenant, Role.ADMINISTRATOR))
    person = factories.member(tosu.tenant, Role.DRAFTER, name="渡邉󠄂　花子")
    typed = {"name": person.name, "seen": person.name, "name_kana": "わたなべ　はなこ"}

    client.post(reverse("person", args=[person.pk]), typed)

    person.refresh_from_db()
    assert person.name_kana == "ワタナベ　ハナコ"
    assert person.name in client.get(reverse("people"), {"words": "わたなべ"}).content.decode()
