"""The chapter about the guarantee: issued by the guarantor, dropped on a phone, asked for at the desk."""

from datetime import timedelta
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from config.demo import guarantor
from config.demo.cast import FIRMS
from tests.journeys.people import fill, press

if TYPE_CHECKING:
    from tests.journeys.story import Story

FIRM, FIRM_EMAIL = FIRMS[0][0], f"{FIRMS[0][4]}@kensetsu.example.jp"
KEY_LENGTH = 10


def register(story: "Story", *, title: str) -> None:
    """The contractor gets a 前払金保証 and drops its notice; staff have it shown, compare and accept it."""
    phone = story.town.phone()
    _apply(story, phone, title=title)
    _issue(story)
    notice, key = _take_notice(story, phone)
    _hand_in(story, phone, notice)
    assert key not in phone.content()
    _look_at_the_desk(story)
    story.case("kian", "case_guaranteed")


def _apply(story: "Story", phone: Page, *, title: str) -> None:
    desk = story.town.open("/correspondents/", story.town.desk(guarantor.UNDERWRITER, guarantor.SLUG), "correspondents")
    desk.get_by_role("link", name=FIRM).click()
    story.town.look(desk, "correspondent")
    press(desk, "画面のリンクを送る")
    story.town.open(story.mailed(to=FIRM_EMAIL, subject="電子保証のご案内"), phone, "landing_issuing")
    press(phone, "確認する")
    story.town.look(phone, "issuing_client")
    phone.get_by_role("link", name="保証を申し込む").click()
    starts = story.today + timedelta(days=14)
    phone.get_by_role("radio", name="前払金保証", exact=True).check()
    fill(
        phone,
        orderer="鳥栖市長",
        work_title=title,
        price="２７，５００，０００",
        amount="11,000,000",
        work_from=(starts + timedelta(days=starts.month == 4 and starts.day == 1)).isoformat(),
        work_until=(starts + timedelta(days=150)).isoformat(),
    )
    press(phone, "申し込む")
    expect(phone.get_by_role("alert")).to_contain_text("金融機関")
    story.town.look(phone, "issuing_apply_refused")
    fill(phone, deposit_bank="見本銀行 鳥栖支店")
    press(phone, "申し込む")
    expect(phone.get_by_text("お申込みを受け付けました")).to_be_visible()
    story.town.look(phone, "issuing_applied")


def _issue(story: "Story") -> None:
    desk = story.town.desk(guarantor.UNDERWRITER, guarantor.SLUG)
    link = story.mailed(to=guarantor.EMAIL, subject="保証の申込みが届きました")
    story.town.open("/issuing/", desk, "issuing")
    story.town.open(link, desk, "issuing_application")
    press(desk, "引き受けて証書を発行する")
    expect(desk.get_by_text("引き受けました").first).to_be_visible()
    story.town.look(desk, "issuing_certificate")


def _take_notice(story: "Story", phone: Page) -> tuple[bytes, str]:
    link = story.mailed(to=FIRM_EMAIL, subject="電子証書・認証キー登録のお知らせ")
    story.town.open(link, phone, "landing_issuing")
    press(phone, "確認する")
    story.town.look(phone, "issuing_certificates")
    phone.locator("#certificates").get_by_role("link").first.click()
    story.town.look(phone, "issuing_own")
    press(phone, "認証キーを表示する")
    key = phone.locator("main strong.mono").inner_text()
    assert len(key) == KEY_LENGTH
    story.town.look(phone, "issuing_key")
    with phone.expect_download() as handed:
        press(phone, "お知らせ（PDF）をダウンロードする")
    return handed.value.path().read_bytes(), key


def _hand_in(story: "Story", phone: Page, notice: bytes) -> None:
    story.town.open(story.mailed(to=FIRM_EMAIL, subject="電子保証の提出のご案内"), phone, "landing_guarantee")
    press(phone, "確認する")
    story.town.look(phone, "guarantee_form")
    press(phone, "読み取る")
    expect(phone.get_by_role("alert").first).to_contain_text("ファイルを選んでください")
    story.town.look(phone, "guarantee_drop_refused")
    upload = {"name": "認証キー等のお知らせ.pdf", "mimeType": "application/pdf", "buffer": notice}
    phone.locator("[name=notice]").set_input_files(upload)
    press(phone, "読み取る")
    expect(phone.get_by_role("heading", name="読み取った内容の確認")).to_be_visible()
    story.town.look(phone, "guarantee_arrival")
    press(phone, "保証を登録する")
    expect(phone.get_by_text("受け付けました").first).to_be_visible()
    story.town.look(phone, "guarantee_registered")


def _look_at_the_desk(story: "Story") -> None:
    desk = story.town.desk("kian")
    story.town.open(story.mailed(to="kensetsu@tosu.example.jp", subject="保証が届きました"), desk, "guarantee")
    for name in ("種類", "保証契約番号", "被保証者", "工事名"):
        desk.get_by_label(f"契約と同じ（{name}）").check()
    fill(desk, amount="99,000,000", guaranteed_until=(story.today + timedelta(days=166)).isoformat())
    expect(desk.locator("#outcome-amount")).to_contain_text("超えています")
    fill(desk, amount="11,000,000")
    expect(desk.locator("#outcome-amount")).to_contain_text("適合")
    story.town.look(desk, "guarantee_desk")
    press(desk, "照会して照合する")
    expect(desk.get_by_text("照合しました")).to_be_visible()
    expect(desk.get_by_text("すべて適合しています")).to_be_visible()
    story.town.look(desk, "guarantee_checked")
    press(desk, "保証を受理する")
    expect(desk.get_by_text("保証を受理しました")).to_be_visible()
    story.town.look(desk, "guarantee_accepted")
