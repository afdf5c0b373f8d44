"""The chapters about mails: one comes back, one gathers a morning, and one opens what the contractor put away."""

import re
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

from django.conf import settings

from config.demo.browser import Form, Page, PageSurprise
from config.demo.cast import FIRMS
from config.demo.mailbox import PATIENCE
from config.demo.story import FIRM_EMAIL, TITLE, Story

TYPO_FIRM, TYPO_EMAIL = FIRMS[1][0], f"{FIRMS[1][4]}@kensetsu.example.jp"
# メールの部品は、名が unknown で始まる宛先を、受け取った後で「宛先不明」として返す
MISTYPED = TYPO_EMAIL.replace(FIRMS[1][4], f"unknown-{FIRMS[1][4]}")
TYPO_TITLE = "大木川 護岸補修工事"
DOCUMENT = re.compile(r"/download/\d+/$")
CODE = re.compile(r"\d{4}-\d{4}")
DAYS_AHEAD = 14


def mistype(story: Story) -> str:
    """2. Another case: the firm's address was written down wrong, and the request for its consent goes there."""
    desk = story.desk("kian")
    entry = desk.get("/register/").follow(TYPO_FIRM)
    desk.get(entry.url + "edit/").form().submit(email=MISTYPED).says(MISTYPED)
    starts = story.works[0]
    form = desk.get("/cases/new/").form()
    case = form.submit(
        number=story.number.replace("工第", "河第"),
        title=TYPO_TITLE,
        kind="construction",
        procurement_method="designated_tender",
        announced_date=(story.today - timedelta(days=20)).isoformat(),
        awarded_date=story.today.isoformat(),
        contractor=form.choice("contractor", TYPO_FIRM),
        amount="12,100,000",
        work_starts_date=starts.isoformat(),
        work_ends_date=(starts + timedelta(days=90)).isoformat(),
        department=form.choice("department", "建設課"),
    )
    story.mistyped_url = case.url
    _checked(case.form(action="/invite/")).says("承諾書の提出を待っています")
    return f"{TYPO_FIRM} の宛先を {MISTYPED} と登録したまま、承諾書を依頼"


def _checked(form: Form, **typed: str) -> Page:
    """Send a form, with the tick that it asks for where an address has come back before."""
    ticked = {"addresses_checked": "on"} if "addresses_checked" in form.element.fields else {}
    return form.send(typed | ticked)


def correct(story: Story) -> str:
    """16. The mail came back: staff find it in their inbox, put the address right, and the old link is dead."""
    desk = story.desk("kian")
    mail = _lost(story).follow("届いていないメールを確かめる").says("不達", MISTYPED, "5.1.1")
    form = mail.follow("宛先を直して送り直す").form(action="/correct/")
    done = _checked(form, email=TYPO_EMAIL, reason="不達のため電話で確かめたところ、名簿の誤りでした。")
    done.says(f"{TYPO_EMAIL} へ送りました")
    desk.get(mail.url).says("無効")
    arrived = story.mailbox.wait(to=TYPO_EMAIL, subject="承諾書")
    story.office(TYPO_EMAIL).get(arrived.link).says("鳥栖市", TYPO_TITLE)
    desk.get(story.mistyped_url).says(TYPO_EMAIL)
    return f"{MISTYPED} は宛先不明。受信箱から宛先を直し、新しいリンクが {TYPO_EMAIL} に届く"


def _lost(story: Story) -> Page:
    """Look into the inbox until the notice has been fetched from the mailbox of the return path."""
    until = time.monotonic() + PATIENCE
    while "届いていないメールを確かめる" not in (page := story.desk("kian").get("/inbox/")).text:
        if time.monotonic() > until:
            raise PageSurprise(f"{PATIENCE:.0f} 秒待っても、不達が受信箱に現れません: {page.text[:400]}")
        time.sleep(1)
    return page


def morning(story: Story) -> str:
    """17. A morning to come: the firm that has not answered yet is reminded once, of all that waits for it."""
    day = _next_morning(story)
    _reminders("--on", day, "--city", "tosu")
    mail = story.mailbox.wait(to=TYPO_EMAIL, subject="鳥栖市からのお願い")
    inbox = story.office(TYPO_EMAIL).get(mail.link).says("受注者の窓口").post("/inbox/").says(TYPO_TITLE)
    inbox.post("/links/").says("電子契約利用承諾書")
    story.mailbox.wait(to="kian@tosu.example.jp", subject="けさのお知らせ")
    return f"{day} の朝のお知らせを一人に一通。受注者は窓口から承諾書へ"


def _next_morning(story: Story) -> str:
    """Find the first morning on which the firm would be told something."""
    for days in range(2, DAYS_AHEAD + 1):
        day = (story.today + timedelta(days=days)).isoformat()
        told = _reminders("--on", day, "--city", "tosu", "--dry-run", "--json")
        if TYPO_EMAIL in told:
            return day
    raise PageSurprise(f"{DAYS_AHEAD} 日のうちに {TYPO_EMAIL} へのお知らせがありません。")


def _reminders(*asked: str) -> str:
    command = [sys.executable, "manage.py", "reminders", *asked]
    done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"reminders が失敗しました。\n{done.stdout}{done.stderr}")
    return done.stdout


def put_away(page: Page) -> None:
    """Press 「むすびで保管」 on the page of the documents (R67)."""
    page.post("/keep/").says("この契約は、あなたの窓口に保管しています。")


def documents_of(page: Page) -> list[Any]:
    """List the forms that hand out one document each."""
    return [form for form in page.tree.xpath("//main//form") if DOCUMENT.search(form.get("action") or "")]


def take_out(story: Story) -> str:
    """9. The link has run out; the contractor opens its inbox with a code from a mail, and takes the contract."""
    office = story.office(f"{FIRM_EMAIL} の別の端末")
    asked = office.get("/tosu/inbox/").form().submit(email=FIRM_EMAIL)
    mail = story.mailbox.wait(to=FIRM_EMAIL, subject="受注者の窓口を開くコード")
    found = CODE.search(mail.text)
    if found is None:
        raise PageSurprise(f"メールにコードがありません: {mail.text[:400]}")
    inbox = asked.form().submit(code=found[0]).says("受注者の窓口", "保管している契約（", TITLE)
    documents = inbox.form(action="/kept/").send({}).says("全ての手続きが完了しました")
    taken = documents.post(documents_of(documents)[0].get("action")).response.content
    if not taken.startswith(b"%PDF-"):
        raise PageSurprise("保管した契約を受け取れませんでした。")
    return "期限が過ぎた後も、メールで届くコードで窓口を開き、保管した契約を受け取る"
