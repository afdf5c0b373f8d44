"""The story from award to archive, played in browsers against the running system."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.utils import timezone
from playwright.sync_api import Locator, Page, Request, expect

from config.demo.cast import FIRMS
from config.demo.specification import specification_pdf
from tests.journeys import guarantee
from tests.journeys.people import DESK, PATIENCE, PHONE, Town, fill, press, reach

FIRM, FIRM_EMAIL = FIRMS[0][0], f"{FIRMS[0][4]}@kensetsu.example.jp"
TITLE = "市道神辺・永吉線 道路改良工事（第2工区）"
VALID = "署名済みであり、すべての署名が有効です。"


@dataclass
class Story:
    """One case on its way, and the papers that come out of it."""

    town: Town
    at: datetime = field(default_factory=timezone.localtime)
    case_url: str = ""
    papers: list[bytes] = field(default_factory=list)
    certificate: bytes = b""

    @property
    def number(self) -> str:
        return f"鳥建工第{self.at:%Y%m%d-%H%M%S}号"

    @property
    def today(self) -> date:
        return self.at.date()

    def case(self, mailbox: str, name: str) -> Page:
        return self.town.open(self.case_url, self.town.desk(mailbox), name)

    def mailed(self, *, to: str, subject: str) -> str:
        return self.town.mailbox.wait(to=to, subject=subject, seconds=PATIENCE / 1000).link


def play(town: Town) -> Story:
    """Play steps 1 to 10."""
    story = Story(town)
    _let_links_live(story, "14日")  # 途中で止められた前回が、短い期間を残しているかもしれない
    for step in STEPS:
        step(story)
    return story


def register_case(story: Story) -> None:
    """1. Staff register the awarded case; the page judges it and counts the deadline."""
    desk = story.town.desk("kian")
    story.town.look(desk, "home")
    story.town.open("/cases/new/", desk, "case_new")
    starts = story.today + timedelta(days=14)
    fill(
        desk,
        number=story.number,
        title=TITLE,
        place="鳥栖市神辺町地内",
        kind="建設工事",
        procurement_method="一般競争入札",
        announced_date=(story.today - timedelta(days=30)).isoformat(),
        awarded_date=story.today.isoformat(),
        contractor=FIRM,
        amount="２７，５００，０００",
        work_starts_date=(starts + timedelta(days=starts.month == 4 and starts.day == 1)).isoformat(),
        work_ends_date=(starts + timedelta(days=150)).isoformat(),
        department="建設課",
    )
    press(desk, "案件を登録する")
    expect(desk.get_by_text("案件を登録しました")).to_be_visible()
    story.case_url = desk.url
    expect(desk.get_by_text("契約締結期限").first).to_be_visible()
    story.town.look(desk, "case_registered")


@contextmanager
def _number_falls(town: Town, mailbox: str) -> Iterator[None]:
    """Watch the number of what waits in a second window, which nobody reloads, while it is worked off in the first."""
    window = town.desk(mailbox).context.new_page()
    town.open("/inbox/", window, "inbox")
    inbox = window.get_by_role("link", name="受信箱")
    expect(inbox).to_contain_text("1件")
    expect(window).to_have_title(re.compile(r"^\(1\) 受信箱"))
    yield
    asked: list[Request] = []
    window.on("request", lambda request: asked.append(request))
    window.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    window.evaluate("htmx.trigger('#inbox', 'look')")
    assert asked == [], "a window that nobody sees asks nothing"
    window.evaluate("Object.defineProperty(document, 'hidden', {value: false, configurable: true})")
    window.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(inbox).not_to_contain_text("件")
    expect(window).to_have_title(re.compile(r"^受信箱"))
    window.close()


def give_consent(story: Story) -> None:
    """2. The awardee fills 様式第1号 on a phone; staff accept it."""
    with _number_falls(story.town, "kian"):
        press(story.town.desk("kian"), "承諾書の提出を依頼する")
    phone = story.town.phone()
    story.town.open(story.mailed(to=FIRM_EMAIL, subject="承諾書"), phone, "landing_consent")
    press(phone, "確認する")
    press(phone, "書面を確かめる")
    expect(phone.get_by_role("alert")).to_be_visible()
    story.town.look(phone, "consent_refused")
    fill(
        phone,
        contact_department="総務部",
        contact_title="主任",
        contact_name="川﨑　花子",
        contact_phone="0942-00-1234",
    )
    phone.locator("[name=methods_agreed]").check()
    phone.locator("[name=authority_declared]").check()
    story.town.look(phone, "consent")
    press(phone, "書面を確かめる")
    expect(phone.get_by_role("heading", name="この書面で提出します")).to_be_visible()
    story.town.look(phone, "consent_preview")
    press(phone, "承諾書を提出する")
    expect(phone.get_by_role("heading", name="承諾書を提出しました")).to_be_visible()
    story.town.look(phone, "consent_done")
    story.mailed(to="kian@tosu.example.jp", subject="承諾書")
    desk = story.case("kian", "case_consent")
    desk.get_by_role("link", name="承諾書を読んで確認する").click()
    desk.wait_for_url("**/paper/")
    story.town.look(desk, "consent_paper")
    press(desk, "承諾を確認する")


def draft_contract(story: Story) -> None:
    """3. Staff fill in the front sheet, see it as it will print, and add the specification."""
    desk = story.town.desk("kian")
    desk.get_by_role("link", name="契約書を起案する").click()
    story.town.look(desk, "draft_new")
    fill(desk, signatory="署名")
    press(desk, "起案を始める")
    fill(desk, payments_0_when="契約成立時", payments_0_amount="１，０００万円")
    press(desk, "保存する")
    expect(desk.get_by_role("alert")).to_contain_text("金額として読めません")
    story.town.look(desk, "draft_refused")
    fill(desk, payments_0_amount="１０，０００，０００")
    press(desk, "支払の行を増やす")
    expect(desk.locator("[name=payments_2_when]")).to_be_visible()
    press(desk, "保存して契約書を見る")
    expect(desk.get_by_text("ページを点検")).to_be_visible()
    story.town.look(desk, "draft_preview")
    desk.get_by_role("link", name="条件を直す").click()
    desk.get_by_role("link", name="文書を加える").click()
    story.town.look(desk, "document_add")
    fill(desk, kind="仕様書", title="特記仕様書")
    upload = {"name": "特記仕様書.pdf", "mimeType": "application/pdf", "buffer": specification_pdf("特記仕様書", 4)}
    desk.locator("[name=file]").set_input_files(upload)
    press(desk, "文書を加える")
    expect(desk.get_by_role("link", name="特記仕様書")).to_be_visible()
    story.town.look(desk, "draft")
    press(desk, "庁内の承認を依頼する")
    expect(desk.get_by_text("凍結時の SHA-256").first).to_be_visible()


def approve(story: Story) -> None:
    """4. A second person reads and approves."""
    desk = story.case("shonin", "case_approval")
    desk.get_by_role("link", name="特記仕様書").first.click()
    story.town.look(desk, "document_frozen")
    story.case("shonin", "")
    press(desk, "承認する（可）")
    expect(desk.get_by_text("決裁が済み、受注者へ署名を依頼しました")).to_be_visible()


def contractor_signs(story: Story) -> None:
    """5. The contractor reads on a phone and walks by keyboard; a browser without JavaScript signs."""
    link = story.mailed(to=FIRM_EMAIL, subject=f"鳥栖市様 より{TITLE}への署名依頼が届いています")
    phone = story.town.phone()
    story.town.open(link, phone, "landing_sign")
    press(phone, "確認する")
    story.town.look(phone, "sign")
    press(phone, "読みました。次の文書へ")
    expect(phone.get_by_role("tab", name="特記仕様書 まだ")).to_have_attribute("aria-selected", "true")
    reach(phone, "完了する")
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", name="署名手続きを完了しますか")).to_be_visible()
    story.town.look(phone, "sign_confirm")
    reach(phone, "署名手続きを完了する")
    plain = story.town.phone(javascript=False)
    plain.goto(link)
    for label in ("確認する", "完了する", "署名手続きを完了する"):
        press(plain, label)
    expect(plain.get_by_role("heading", name="署名手続きを完了しました")).to_be_visible()
    press(phone, "署名手続きを完了する")
    expect(phone.get_by_role("heading", name="署名手続きを完了しました")).to_be_visible()
    story.town.look(phone, "sign_done")


def city_signs(story: Story) -> None:
    """6. The city's signatory is notified, signs with a second factor, and watches the conclusion."""
    story.mailed(to="shomei@tosu.example.jp", subject="署名")
    desk = story.case("shomei", "case_turn")
    desk.get_by_role("link", name="文書を確認して署名する").click()
    story.town.look(desk, "city_sign")
    reach(desk, "完了する")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name="署名手続きを完了しますか")).to_be_visible()
    story.town.look(desk, "city_confirm")
    press(desk, "署名手続きを完了する")
    expect(desk.get_by_text("契約が締結されました")).to_be_visible(timeout=PATIENCE)
    story.town.look(desk, "city_progress")
    expect(story.case("kian", "case_concluded").get_by_text("契約確定日時").first).to_be_visible()


def download(story: Story) -> None:
    """7. The contractor downloads; a link whose life was seconds says that it has run out."""
    phone = story.town.phone()
    story.town.open(story.mailed(to=FIRM_EMAIL, subject="電子署名完了のお知らせ"), phone, "landing_download")
    press(phone, "確認する")
    expect(phone.get_by_role("heading", name="全ての手続きが完了しました")).to_be_visible()
    certificate = phone.get_by_role("button", name=re.compile(r"^ダウンロード\s*（合意締結証明書）"))
    until = time.monotonic() + PATIENCE / 1000
    while not certificate.is_visible() and time.monotonic() < until:
        phone.reload()
    story.town.look(phone, "download")
    *papers, story.certificate = [
        _handed(phone, button) for button in phone.get_by_role("button", name=re.compile(r"^ダウンロード\s*（")).all()
    ]
    story.papers += papers
    _let_links_live(story, "1秒")
    desk = story.case("kian", "")
    desk.get_by_role("button", name="送り直す").first.click()
    link = story.mailed(to=FIRM_EMAIL, subject="電子署名完了のお知らせ")
    _let_links_live(story, "14日")
    expired = phone.get_by_role("heading", name="有効期限切れ")
    phone.goto(link)
    until = time.monotonic() + PATIENCE / 1000
    while not expired.is_visible() and time.monotonic() < until:
        phone.reload()
    expect(expired).to_be_visible()
    story.town.look(phone, "expired")


def _handed(page: Page, button: Locator) -> bytes:
    with page.expect_download() as handed:
        button.click()
    return bytes(handed.value.path().read_bytes())


def _let_links_live(story: Story, lifetime: str) -> None:
    desk = story.town.open("/settings/", story.town.desk("kanri"), "settings")
    desk.locator("[name=download_lifetime]").fill(lifetime)
    press(desk, "設定を変える")
    expect(desk.get_by_text("設定を変えました")).to_be_visible()


def register_guarantee(story: Story) -> None:
    """8. The contractor registers a 前払金保証; staff check and accept it."""
    guarantee.register(story, title=TITLE)


def audit(story: Story) -> None:
    """9. An auditor finds the contract, verifies it, downloads it; anyone verifies it; the log shows it all."""
    desk = story.town.desk("kansa")
    desk.get_by_text("条件を細かく指定する").click()
    fill(
        desk,
        first_date=story.today.isoformat(),
        last_date=(story.today + timedelta(days=1)).isoformat(),
        party="高崎吉建設",
        least_amount="20,000,000",
        most_amount="30,000,000",
    )
    press(desk, "探す")
    expect(desk.get_by_role("link", name="取引先 高崎吉建設 を外す")).to_be_visible()
    row = desk.get_by_role("row").filter(has_text=story.number)
    story.town.look(desk, "archive")
    row.get_by_role("link").click()
    desk.get_by_role("link", name="工事請負契約書").first.click()
    story.town.look(desk, "document")
    with desk.expect_download() as handed:
        press(desk, "ダウンロード")
    story.papers.append(handed.value.path().read_bytes())
    press(desk, "署名を検証する")
    expect(desk.get_by_text(VALID).first).to_be_visible()
    story.town.look(desk, "verified")
    _verify_in_public(story)
    _read_the_rules(story)
    story.town.open("/archive/long-life/", desk, "long_life")
    expect(desk.get_by_text("見守っている文書")).to_be_visible()
    story.town.open("/figures/", desk, "figures")
    expect(desk.get_by_role("heading", name="課ごとの電子契約率")).to_be_visible()
    story.town.open(f"/log/?number={story.number}", desk, "log")
    expect(desk.get_by_text("検証のうえ締結を確定").first).to_be_visible()


def _verify_in_public(story: Story) -> None:
    anyone = story.town.phone()
    story.town.open("/verify/", anyone, "verify_form")
    paper = {"name": "契約書.pdf", "mimeType": "application/pdf", "buffer": story.papers[0]}
    anyone.locator("#id_file").set_input_files(paper)
    press(anyone, "検証する")
    expect(anyone.get_by_text(VALID).first).to_be_visible()
    story.town.look(anyone, "verify")
    story.town.open("/verify/acrobat/", anyone, "acrobat")


def _read_the_rules(story: Story) -> None:
    anyone = story.town.phone()
    for city in ("usuki", "tosu"):
        for page in ("about", "records", "guide", "rules"):
            story.town.open(f"/{city}/{page}/", anyone, f"{city}_{page}")
    anyone.get_by_label("前に契約した市町村").select_option("usuki")
    press(anyone, "違いに印を付ける")
    expect(anyone.get_by_text("臼杵市と違います").first).to_be_visible()
    story.town.look(anyone, "rules_compared")


def operate(story: Story) -> None:
    """10. An operator says why, and finds the contract among those of all municipalities, at a desk and on a phone."""
    page = story.town.open("/platform/archive/", story.town.desk("tanto", "unei"), "platform_archive")
    for size in (DESK, PHONE):
        page.set_viewport_size(size)
        fill(page, party="高崎吉建設", title="神辺", reason="契約の相手方からの照会に答えるため")
        press(page, "記録して探す")
        expect(page.get_by_role("row").filter(has_text=TITLE).first).to_be_visible()
        fill(page, reason="")
    story.town.look(page, "platform_found")


STEPS = (
    register_case,
    give_consent,
    draft_contract,
    approve,
    contractor_signs,
    city_signs,
    download,
    register_guarantee,
    audit,
    operate,
)
