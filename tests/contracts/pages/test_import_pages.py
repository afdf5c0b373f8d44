"""Files of rows in the browser: chosen, looked through, then taken in or given up; and what goes back out."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import Role
from audit.models import Event
from contracts.models import Case, Contractor, ImportJob
from contracts.states import ImportState
from tests import factories
from tests.stories import written

pytestmark = pytest.mark.django_db
HEAD = "登録番号,商号又は名称,住所,代表者の役職,代表者名,メールアドレス"


def row(number: str, name: str = "", email: str = "a@firm.example.jp") -> str:
    return f"{number},{name or f'㈱髙﨑{number}組'},鳥栖市宿町1,代表取締役,髙﨑　𠮷男,{email}"


def csv_file(*lines: str, encoding: str = "utf-8-sig") -> dict:
    return {"file": SimpleUploadedFile("名簿.csv", "\r\n".join(lines).encode(encoding), "text/csv")}


@pytest.fixture
def clerk(tosu, desk):
    return desk(tosu.tenant, Role.DRAFTER)


def upload(client, *lines: str, name: str = "register_import", **how):
    return client.post(reverse(name), csv_file(*lines, **how), follow=True)


def test_a_file_is_read_shown_row_by_row_and_then_taken_in(tosu, clerk):
    factories.contractor(tosu.tenant, name="旧名", registration_number="2", address="鳥栖市宿町1")

    page = upload(clerk, HEAD, row("1"), row("2"), row("3", "=1+1"))

    text = page.content.decode()
    assert "まだ何も取り込んでいません" in text
    assert "正しい2行だけを取り込む" in text
    assert "「=」で始まる値は" in text
    job = ImportJob.unscoped.get()
    changed = clerk.get(reverse("import_report", args=[job.pk]), {"outcome": "changed"}).content.decode()
    assert "<del>旧名</del>" in changed
    assert "<ins>㈱髙﨑2組</ins>" in changed
    seen = page.context["seen"]
    done = clerk.post(reverse("import_apply", args=[job.pk]), {"seen": seen}, follow=True).content.decode()
    assert "新規 1件、変更 1件です" in done
    assert Contractor.unscoped.filter(name__in=["㈱髙﨑1組", "㈱髙﨑2組"]).count() == 2
    assert clerk.post(reverse("import_apply", args=[job.pk]), {"seen": seen}).status_code == 409


def test_a_file_in_cp932_says_so_and_one_in_another_encoding_is_refused(clerk):
    assert "Shift_JIS（CP932）" in upload(clerk, HEAD, row("1").replace("𠮷", "吉"), encoding="cp932").content.decode()

    page = upload(clerk, HEAD, row("1", "新星建設").replace("髙﨑　𠮷男", "新星"), encoding="euc_jp")

    assert page.status_code == 422
    assert "文字コードが UTF-8" in page.content.decode()


def test_a_wrong_header_names_the_columns_and_keeps_no_file(clerk):
    page = upload(clerk, HEAD.replace("住所", "所在地") + ",登録番号", row("1"))

    text = page.content.decode()
    assert page.status_code == 422
    assert "見出しに足りない列があります: 住所。" in text
    assert "見出しに同じ列が二つ以上あります: 登録番号。" in text
    assert "見出しに知らない列があります: 所在地。" in text
    assert not ImportJob.unscoped.exists()


def test_a_file_is_given_up_and_the_upload_lists_what_became_of_it(clerk):
    upload(clerk, HEAD, row("1"))
    job = ImportJob.unscoped.get()

    page = clerk.post(reverse("import_discard", args=[job.pk]), follow=True)

    assert "取りやめました" in page.content.decode()
    job.refresh_from_db()
    assert job.state == ImportState.DISCARDED
    assert not Contractor.unscoped.filter(registration_number="1").exists()


def test_when_the_register_changed_meanwhile_the_person_is_told_and_sees_the_new_report(tosu, clerk):
    seen = upload(clerk, HEAD, row("1")).context["seen"]
    job = ImportJob.unscoped.get()
    factories.contractor(tosu.tenant, name="先に登録", registration_number="1", address="鳥栖市宿町1")

    page = clerk.post(reverse("import_apply", args=[job.pk]), {"seen": seen}, follow=True).content.decode()

    assert "登録の内容が変わったため、まだ何も取り込んでいません" in page
    assert "<del>先に登録</del>" in page
    assert Contractor.unscoped.get(registration_number="1").name == "先に登録"


def test_a_long_report_is_paged_and_reading_it_writes_nothing(clerk):
    upload(clerk, HEAD, *(row(str(number)) for number in range(120)))
    job = ImportJob.unscoped.get()
    before = written()

    page = clerk.get(reverse("import_report", args=[job.pk]), {"outcome": "new", "page": "3"})

    assert [row["line"] for row, _, _ in page.context["rows"]] == list(range(102, 122))
    assert written() == before


def test_cases_come_in_by_file_with_their_verdict(tosu, clerk):
    factories.contractor(tosu.tenant, name="㈱髙﨑建設", registration_number="第1号")
    head = "工事番号,工事名,区分,調達方法,公告日,落札日,落札者,請負代金額,工期の始期,工期の終期,担当課"
    good = '鳥工77,舗装工事,建設工事,一般競争入札,R8.3.2,R8.3.6,株式会社高崎建設,"1,000,000",R8.4.10,R8.9.30,建設課'

    page = upload(clerk, head, good, good.replace("鳥工77", "鳥工78").replace("R8.3.6", "R8.2.30"), name="case_import")
    job = ImportJob.unscoped.get()
    new = clerk.get(reverse("import_report", args=[job.pk]), {"outcome": "new"}).content.decode()

    assert "という日付はありません" in page.content.decode()
    assert "対象: 鳥栖市の電子契約の条件を" in new
    assert "契約締結期限 令和8年3月11日" in new
    clerk.post(reverse("import_apply", args=[job.pk]), {"seen": page.context["seen"]})
    assert Case.unscoped.get(number="鳥工77").is_eligible
    assert not Case.unscoped.filter(number="鳥工78").exists()


def test_an_administrator_takes_in_no_cases(tosu, desk, clerk):
    head = "工事番号,工事名,区分,調達方法,公告日,落札日,落札者,請負代金額,工期の始期,工期の終期,担当課"
    upload(clerk, head, "1,2,3,4,5,6,7,8,9,10,11", name="case_import")
    job = ImportJob.unscoped.get()

    answer = desk(tosu.tenant, Role.ADMINISTRATOR).post(reverse("import_apply", args=[job.pk]))

    assert answer.status_code == 403


@pytest.mark.parametrize(("name", "first"), [("register_template", "登録番号"), ("case_template", "工事番号")])
def test_a_template_holds_the_headings_and_can_be_read_back(clerk, name, first):
    handed = clerk.get(reverse(name))

    assert handed.content.decode("utf-8-sig").startswith(first)
    assert "filename*=utf-8''" in handed["Content-Disposition"]


def test_the_register_goes_out_and_comes_back_unchanged(tosu, clerk):
    factories.contractor(tosu.tenant, name="㈱髙﨑𠮷建設", registration_number="第1号", phone="+81-942")
    factories.contractor(tosu.tenant, name="甲JV", is_joint_venture=True)

    page = clerk.get(reverse("register_export")).content.decode()
    handed = clerk.post(reverse("register_export"), {"encoding": "UTF-8"}).content
    again = clerk.post(
        reverse("register_import"), {"file": SimpleUploadedFile("戻り.csv", handed, "text/csv")}, follow=True
    )

    assert "「𠮷」" in page
    assert "U+20BB7" in page
    assert "甲JV" not in handed.decode("utf-8-sig")
    assert "'+81-942" in handed.decode("utf-8-sig")
    counts = ImportJob.unscoped.get().report["counts"]
    assert (counts["new"], counts["changed"], counts["refused"]) == (0, 0, 0), again.content.decode()
    assert Event.objects.filter(action="register.exported").count() == 1
    lossy = clerk.post(reverse("register_export"), {"encoding": "Shift_JIS（CP932）"}).content
    assert "㈱髙﨑〓建設" in lossy.decode("cp932")
