"""Play the story from award to archive against the running system: through its own pages and its own mails."""

import json
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
from django.utils import timezone

from config.demo.browser import Browser, Page, PageSurprise
from config.demo.guarantees import accept_guarantee, change_guarantee, paper_city, refuse_guarantee
from config.demo.mailbox import PATIENCE, Mailbox
from config.demo.specification import specification_pdf
from config.demo.story import FIRM, FIRM_EMAIL, TITLE, Story
from config.demo.summary import CERTIFICATE, summarise
from config.demo.telling import correct, documents_of, mistype, morning, put_away, take_out

TOKYO = ZoneInfo("Asia/Tokyo")


def play(*, base_url: str, mailbox: Path, out: Path, say: Callable[[str], None]) -> None:
    """Play every step, printing one line each with the time it took; leave the PDFs and summary.json in `out`.

    Raises PageSurprise, MailMissing or RuntimeError at the first step that does not go as told.
    """
    out.mkdir(parents=True, exist_ok=True)
    now = timezone.now().astimezone(TOKYO)
    rows = json.loads((out / "accounts.json").read_text())
    story = Story(
        base_url=base_url,
        mailbox=Mailbox(mailbox),
        out=out,
        say=say,
        accounts={row["email"]: row for row in rows},
        today=now.date(),
        number=f"鳥建工第{now:%Y%m%d-%H%M%S}号",
    )
    began = time.monotonic()
    for number, (name, step) in enumerate(STEPS, start=1):
        at = time.monotonic()
        told = step(story)
        story.timings[name] = round(time.monotonic() - at, 3)
        say(f"{number:2}/{len(STEPS)} {name}: {told}（{story.timings[name]:.1f} 秒）")
    total = {"合計": round(time.monotonic() - began, 3)}
    summarise(number=story.number, out=out, played_on=story.today, seconds=story.timings | total)


def register_case(story: Story) -> str:
    """1. Register the awarded case; the page judges it and counts the deadline."""
    _let_links_live(story, "14日")  # 途中で止められた前回が、短い期間を残しているかもしれない
    starts = story.today + timedelta(days=14)
    if (starts.month, starts.day) == (4, 1):
        starts += timedelta(days=1)
    story.works = starts, starts + timedelta(days=150)
    form = story.desk("kian").get("/cases/new/").form()
    page = form.submit(
        number=story.number,
        title=TITLE,
        place="鳥栖市神辺町地内",
        kind="construction",
        procurement_method="open_tender",
        announced_date=_wareki(story.today - timedelta(days=30)),
        awarded_date=story.today.isoformat(),
        contractor=form.choice("contractor", FIRM),
        amount="２７，５００，０００円",
        work_starts_date=starts.isoformat(),
        work_ends_date=story.works[1].isoformat(),
        department=form.choice("department", "建設課"),
    )
    page.says("対象", "契約締結期限", "落札日")
    story.case_url = page.url
    return f"{story.number} は電子契約の対象。期限の数え方も表示"


def _wareki(day: date) -> str:
    return f"令和{day.year - 2018}年{day.month}月{day.day}日"


def give_consent(story: Story) -> str:
    """3. The awardee is invited by mail, fills 様式第1号, and the city accepts it."""
    story.case("kian").post("/invite/").says("承諾書")
    mail = story.mailbox.wait(to=FIRM_EMAIL, subject="承諾書")
    landing = story.firm.get(mail.link).says("鳥栖市", TITLE)
    form = landing.post("/consent/").form()
    preview = form.submit(
        contact_department="総務部",
        contact_title="主任",
        contact_name="川﨑　花子",
        contact_phone="0942-00-1234",
        methods_agreed="on",
        authority_declared="on",
    )
    preview.form().submit(press="提出する").says("承諾書を提出しました")
    story.mailbox.wait(to="kian@tosu.example.jp", subject="承諾書")
    address = next(a for a in story.case("kian").tree.xpath("//main//a/@href") if a.startswith("/consents/"))
    story.desk("kian").get(address).post("/accept/").says("承諾済")
    return "様式第1号を受け取り、承諾を確認"


def draft_contract(story: Story) -> str:
    """4. Draft the contract: its terms, a preview, an uploaded specification; submitting it freezes them all."""
    form = story.case("kian")
    address = next(a for a in form.tree.xpath("//main//a/@href") if a.endswith("/draft/"))
    drafting = story.desk("kian").get(address).form()
    page = drafting.submit(signatory=drafting.choice("signatory", "署名"))
    page.says("当初契約の起案", "遅延損害金")
    address = next(a for a in page.tree.xpath("//main//a/@href") if a.endswith("/documents/add/"))
    upload = ("特記仕様書.pdf", specification_pdf("特記仕様書", 12), "application/pdf")
    page = (
        story.desk("kian").get(address).form().submit(kind="specification", title="特記仕様書", files={"file": upload})
    )
    page.says("特記仕様書")
    story.case("kian").post("/submit/").says("庁内承認待ち", "工事請負契約書", "SHA-256")
    return "条件を定め、契約書を作成し、仕様書とともに凍結して決裁を依頼"


def approve(story: Story) -> str:
    """5. A second person approves, and the request for signature goes out."""
    story.mailbox.wait(to="shonin@tosu.example.jp", subject="承認")
    story.case("shonin").post("/approve/").says("署名依頼中")
    return "別の職員が承認し、署名依頼を送信"


def contractor_signs(story: Story) -> str:
    """6. The contractor opens the link, reads, and signs without an account."""
    mail = story.mailbox.wait(to=FIRM_EMAIL, subject=f"鳥栖市様 より{TITLE}への署名依頼が届いています")
    landing = story.firm.get(mail.link).says("鳥栖市", TITLE, "確認する")
    reading = landing.post("/sign/").says("契約書", "完了する")
    confirm = reading.post("/sign/confirm/").says("署名手続きを完了する")
    confirm.post("/sign/finish/").says("署名")
    story.mailbox.wait(to="shomei@tosu.example.jp", subject="署名", seconds=PATIENCE)
    return "「完了する」→「署名手続きを完了する」。worker が二文書に署名とタイムスタンプ"


def _approve_and_sign(story: Story) -> None:
    """Do steps 5 to 7 again for the next agreement of the case."""
    for step in (approve, contractor_signs, city_signs):
        step(story)


def city_signs(story: Story) -> str:
    """7. The city's signatory signs; the worker seals to B-LTA, re-verifies, and the contract is concluded."""
    page = story.case("shomei")
    address = next(a for a in page.tree.xpath("//main//a/@href") if "/sign/" in a)
    reading = story.desk("shomei").get(address).says("完了する")
    confirm = reading.post("/confirm/").says("署名手続きを完了する")
    confirm.post("/finish/")
    until = time.monotonic() + PATIENCE
    while "契約が締結されました" not in story.desk("shomei").get(address + "progress/").text:
        if time.monotonic() > until:
            raise PageSurprise(f"{PATIENCE:.0f} 秒待っても締結済になりません: {story.case('kian').text[:400]}")
        time.sleep(0.3)
    story.case("kian").says("締結済", "契約確定日時")
    return "パスワードと認証アプリで署名。検証のうえ締結済"


def download(story: Story) -> str:
    """8. Both parties get the notice; the download page, and the page after the link has run out."""
    mail = story.mailbox.wait(to=FIRM_EMAIL, subject="電子署名完了のお知らせ", seconds=PATIENCE)
    story.mailbox.wait(to="shomei@tosu.example.jp", subject="電子署名完了のお知らせ")
    page = _certified(story.firm, story.firm.get(mail.link).post("/download/"))
    page.says("全ての手続きが完了しました", "署名の進行状況")
    forms = documents_of(page)
    for form in forms:
        _save(story, page.post(form.get("action")).response, CERTIFICATE if CERTIFICATE in form.text_content() else "")
    put_away(page)
    _show_expired(story)
    return f"{len(forms)} 文書（合意締結証明書を含む）をダウンロード。期限切れの画面も確認"


def _certified(firm: Browser, page: Page) -> Page:
    """Open the page of the documents again until the certificate stands on it."""
    until = time.monotonic() + PATIENCE
    while f"{CERTIFICATE}を作っています" in page.text:
        if time.monotonic() > until:
            raise PageSurprise(f"{PATIENCE:.0f} 秒待っても{CERTIFICATE}ができません。")
        time.sleep(0.5)
        page = firm.get(page.url)
    return page


def _show_expired(story: Story) -> None:
    _let_links_live(story, "2秒")
    story.case("kian").post("/links/")
    mail = story.mailbox.wait(to=FIRM_EMAIL, subject="電子署名完了のお知らせ")
    _let_links_live(story, "14日")
    time.sleep(2.2)
    expired = Browser(story.base_url).get(mail.link)
    expired.says("ダウンロードの有効期限が切れています。署名依頼元にご連絡ください。", status=410)


def _let_links_live(story: Story, lifetime: str) -> None:
    page = story.desk("kanri").get("/settings/")
    page.form().submit(download_lifetime=lifetime).says("設定を変えました")


def _save(story: Story, response: httpx.Response, name: str = "") -> Path:
    if not response.content.startswith(b"%PDF-"):
        raise PageSurprise(f"PDF を受け取れませんでした（{response.status_code} {response.url}）。")
    number = len(list(story.out.glob(f"{story.number}_*.pdf"))) + 1
    path = story.out / f"{story.number}_{number}{name and f'_{name}'}.pdf"
    path.write_bytes(response.content)
    return path


def audit(story: Story) -> str:
    """13. An auditor finds the contract by date × counterparty × amount, verifies and downloads it."""
    desk = story.desk("kansa")
    form = desk.get("/archive/").form()
    query = form.element.form_values()
    typed = dict(query) | {
        "first_date": story.today.isoformat(),
        "last_date": (story.today + timedelta(days=1)).isoformat(),
        "party": "高崎吉建設",
        "least_amount": "20,000,000",
        "most_amount": "30,000,000",
    }
    found = desk.get("/archive/?" + str(httpx.QueryParams(typed))).says(story.number)
    page = desk.get(story.case_url)
    documents = {a for a in page.tree.xpath("//main//a/@href") if "/documents/" in a and a.endswith("/")}
    page = desk.get(min(documents, key=lambda address: (len(address), address)))
    page.post("/verify/").says("署名済みであり、すべての署名が有効です。")
    content = page.post("/download/").response.content
    public = Browser(story.base_url).get("/verify/")
    public.form(action="/verify/").submit(files={"file": ("契約書.pdf", content, "application/pdf")}).says(
        "署名済みであり、すべての署名が有効です。"
    )
    found.says(FIRM)
    return "契約日×取引先×金額で発見し、検証とダウンロード"


def amend(story: Story) -> str:
    """14. The design changes: 第1回変更契約 under the concluded contract, with the same consent, signed by both."""
    desk = story.desk("kian")
    address = next(a for a in story.case("kian").tree.xpath("//main//a/@href") if a.endswith("/amend/"))
    form = desk.get(address).form()
    signatory = form.choice("signatory", "署名")
    page = form.submit(kind="amendment", reason="地質の相違による設計変更", signatory=signatory)
    page.form().submit(press="保存する", amount="２９，７００，０００円").says("保存しました")
    story.case("kian").post("/submit/").says("庁内承認待ち", "工事請負変更契約書（第１回）")
    _approve_and_sign(story)
    story.case("kian").says("第1回変更契約", "29,700,000円")
    return "承諾を引き継ぎ、220万円の増額を両者が署名して締結"


def read_log(story: Story) -> str:
    """18. The operation log shows every step: who, when, from where."""
    page = story.desk("kansa").get("/log/?" + str(httpx.QueryParams({"number": story.number})))
    page.says("検証のうえ締結を確定", "署名を指示", "承諾書を提出", "案件を登録", "+09:00", "127.0.0.1")
    return "すべての手順が、誰が・いつ・どこからとともに記録"


STEPS: tuple[tuple[str, Callable[[Story], str]], ...] = (
    ("案件の登録", register_case),
    ("宛先の打ち間違い", mistype),
    ("承諾書", give_consent),
    ("起案", draft_contract),
    ("庁内承認と署名依頼", approve),
    ("受注者の署名", contractor_signs),
    ("市の署名と締結", city_signs),
    ("完了通知とダウンロード", download),
    ("保管と受注者の窓口", take_out),
    ("1円足りない契約保証", refuse_guarantee),
    ("契約保証", accept_guarantee),
    ("臼杵市の紙の契約と電子保証", paper_city),
    ("監査", audit),
    ("変更契約", amend),
    ("変更の保証", change_guarantee),
    ("不達と宛先の訂正", correct),
    ("朝のお知らせ", morning),
    ("操作ログ", read_log),
)
