"""Reading and signing without an account: two presses, once, in turn."""

import pytest
from django.utils import timezone

from contracts.dates import wareki, yen
from contracts.models import Purpose, SigningJob
from contracts.services.cases import registering
from contracts.services.signatures import ending
from contracts.states import StepState, VersionState
from tests.contracts.links.conftest import enter
from tests.stories import Story, written

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(tosu: Story, browser) -> str:
    return enter(browser, tosu.sent().address(Purpose.SIGN))


def test_the_digest_in_words_stands_above_the_documents(tosu, browser, page):
    html = browser.get(page).content.decode()

    case = tosu.case
    for words in (
        case.title,
        yen(case.amount),
        wareki(case.work_starts_date),
        wareki(case.conclusion_deadline_date),
        "鳥栖市",
    ):
        assert words in html
    assert html.index("請負代金額") < html.index('class="tabs"') < html.index("data-viewer")
    assert html.count('aria-current="page"') == 1


def test_each_document_has_its_tab_its_pages_as_images_and_their_text(tosu, browser, page):
    contract, specification = tosu.version.documents.order_by("order")

    html = browser.get(page).content.decode()
    other = browser.get(f"{page}?document={specification.pk}").content.decode()

    assert "請負代金" in html[html.index("data-viewer") :]  # 文字で読める
    assert other.count("data-page=") == specification.pages == 2
    for number in range(1, contract.pages + 1):
        image = browser.get(page.replace("sign/", f"documents/{contract.pk}/pages/{number}.webp"))
        assert (image["Content-Type"], image.content[:4]) == ("image/webp", b"RIFF")
        assert "private" in image["Cache-Control"]
    assert browser.get(page.replace("sign/", f"documents/{contract.pk}/pages/999.webp")).status_code == 404


def test_reading_writes_nothing(tosu, browser, page):
    before = written()

    browser.get(page)
    browser.get(page.replace("sign/", f"documents/{tosu.version.documents.first().pk}/pages/1.webp"))
    browser.get(f"{page}confirm/")

    assert written() == before


def test_two_presses_with_the_labels_of_the_guide_sign_every_document_once(tosu, browser, page):
    assert ">完了する<" in browser.get(page).content.decode().replace("\n", "").replace("  ", "")

    confirm = browser.post(f"{page}confirm/").content.decode()
    assert "署名手続きを完了する" in confirm
    assert tosu.step(1).state == StepState.REQUESTED
    for _ in range(2):
        answer = browser.post(f"{page}finish/")
        assert (answer.status_code, answer["Location"]) == (302, page)

    assert tosu.step(1).state == StepState.INSTRUCTED
    assert SigningJob.unscoped.filter(step=tosu.step(1)).count() == 2
    end = browser.get(page).content.decode()
    for words in (
        "署名手続きを完了しました",
        "鳥栖市",
        wareki(tosu.case.conclusion_deadline_date),
        "電子署名完了のお知らせ",
    ):
        assert words in end


def test_the_instruction_records_from_where_and_how_the_person_was_known(tosu, browser, page):
    browser.post(f"{page}finish/", headers={"user-agent": "iPhone"})

    step = tosu.step(1)
    assert (step.instructed_ip, step.instructed_agent) == ("127.0.0.1", "iPhone")
    assert "リンク" in step.authentication


def test_a_get_of_the_buttons_pages_decides_nothing(tosu, browser, page):
    assert browser.get(f"{page}confirm/").status_code == 302
    assert browser.get(f"{page}finish/").status_code == 405
    assert browser.get(f"{page}decline/").status_code == 405
    assert tosu.step(1).state == StepState.REQUESTED


def test_declining_needs_a_reason_and_ends_the_request(tosu, browser, page):
    without = browser.post(f"{page}decline/", {"reason": "  "})
    assert without.status_code == 422
    assert "署名できない理由を入力してください" in without.content.decode()

    browser.post(f"{page}decline/", {"reason": "金額が見積と違います"})

    assert (tosu.step(1).state, tosu.version.state) == (StepState.DECLINED, VersionState.DECLINED)
    assert "署名しないと回答しました" in browser.get(page).content.decode()
    assert browser.post(f"{page}finish/").status_code == 302
    assert tosu.step(1).state == StepState.DECLINED


def test_a_request_that_was_taken_back_says_so_and_takes_no_signature(tosu, browser, page):
    ending.recall(tosu.version, actor=tosu.drafter, at=timezone.now(), reason="仕様書の差替え")

    seen = browser.get(page)
    assert (seen.status_code, "取り下げられました" in seen.content.decode()) == (410, True)
    assert browser.post(f"{page}confirm/").status_code == 302
    assert browser.post(f"{page}finish/").status_code == 302
    assert tosu.step(1).state == StepState.CANCELLED
    image = page.replace("sign/", f"documents/{tosu.version.documents.first().pk}/pages/1.webp")
    assert browser.get(image).status_code == 404


def test_a_case_that_went_to_paper_says_so(tosu, browser, page):
    registering.switch_to_paper(tosu.case, actor=tosu.drafter, at=timezone.now(), contract_date=timezone.localdate())

    assert "紙の契約書で締結する" in browser.get(page).content.decode()


def test_past_the_deadline_the_page_says_why_it_takes_no_signature(tosu, browser, page):
    case = tosu.case
    case.conclusion_deadline_date = case.awarded_date.replace(year=case.awarded_date.year - 1)
    case.save(update_fields=["conclusion_deadline_date"])

    html = browser.get(page).content.decode()
    refused = browser.post(f"{page}finish/")

    assert "今は署名できません" in html
    assert "契約締結期限" in html
    assert refused.status_code == 409
    assert "遡及" in refused.content.decode()
    assert tosu.step(1).state == StepState.REQUESTED
