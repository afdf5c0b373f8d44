"""The chapters about guarantees: one is refused, one asked for over HTTP, one brought on paper, one changed."""

from datetime import date, timedelta

from config.demo import guarantor
from config.demo.browser import Browser, Page, PageSurprise
from config.demo.cast import FIRMS
from config.demo.guarantor import Notice
from config.demo.story import FIRM, FIRM_EMAIL, TITLE, Story

PRICE, NEEDED = 27_500_000, 2_750_000
RAISED, NEEDED_NOW = 29_700_000, 2_970_000
PAPER_FIRM, PAPER_EMAIL = FIRMS[2][0], f"{FIRMS[2][4]}@kensetsu.example.jp"
PAPER_TITLE = "市道うすき線 舗装補修工事"
SHORT = "契約保証の額が1円足りません。請負代金額の10分の1以上の保証をご提出ください。"


def refuse_guarantee(story: Story) -> str:
    """10. The contractor applies for one yen too little; the city reads so at the guarantor, and says why not."""
    works = guarantor.visit(story, story.firm, name=FIRM).says("保証工事一覧")
    story.certificates = works.url
    notice = _apply(story, amount=NEEDED - 1)
    invited = story.mailbox.wait(to=FIRM_EMAIL, subject="電子保証の提出のご案内")
    window = story.firm.get(invited.link).post("/guarantee/")
    story.window = window.url
    _hand_in(window, notice)
    page = _ask(story).says("不足あり", "必要な額 2,750,000円 に 1円 足りません。")
    page.form(action="/reject/").send({"reject-reason": SHORT}).says("保証を受理しないことにしました")
    told = story.mailbox.wait(to=FIRM_EMAIL, subject="保証を受理できませんでした")
    if SHORT not in told.text:
        raise PageSurprise(f"受理しない理由がメールにありません: {told.text[:400]}")
    story.case("kian").says("不受理", "提出待ち")
    return f"{notice.number} は 1円の不足。理由を伝えて不受理とし、提出を待ち続ける"


def accept_guarantee(story: Story) -> str:
    """11. Applied for again: underwritten, sealed, dropped as a notice; the desk asks over HTTP, compares, accepts."""
    notice = _apply(story, amount=NEEDED)
    _hand_in(story.firm.get(story.window), notice)
    _accept(story, _ask(story))
    story.guaranteed = notice.number
    return f"{notice.number} のお知らせを読み取って受付。保証機関に照会し、署名を検証して受理"


def change_guarantee(story: Story) -> str:
    """15. The price went up: the missing yen are asked for by mail, and a change certificate answers."""
    asked = story.mailbox.wait(to=FIRM_EMAIL, subject="保証の変更のお願い")
    window = story.firm.get(asked.link).post("/guarantee/").says("220,000円")
    works = story.firm.get(story.certificates)
    guarantor.apply_for_change(works, story.guaranteed, price=f"{RAISED:,}", amount=f"{NEEDED_NOW:,}")
    guarantor.underwrite(story)
    notice = guarantor.take_notice(story, story.firm, email=FIRM_EMAIL)
    _hand_in(window, notice)
    _accept(story, _ask(story).says("（変更）"))
    story.case("kian").says(notice.number, "変更済")
    return f"不足の22万円をメールで求め、（変更）の証書 {notice.number} を受理。{story.guaranteed} は変更済"


def _apply(story: Story, *, amount: int) -> Notice:
    starts, ends = story.works
    guarantor.apply(
        story.firm.get(story.certificates),
        orderer="鳥栖市",
        type="contract",
        work_title=TITLE,
        price=f"{PRICE:,}",
        amount=f"{amount:,}",
        work_from=starts,
        work_until=ends,
    )
    guarantor.underwrite(story)
    return guarantor.take_notice(story, story.firm, email=FIRM_EMAIL)


def _hand_in(window: Page, notice: Notice) -> None:
    """Drop the notice on the city's page, look over what was read of it, and register that; no page shows the key."""
    drop = window.form(action="/drop/")
    read = drop.submit(files={"notice": ("認証キー等のお知らせ.pdf", notice.pdf, "application/pdf")})
    read.says("読み取った内容の確認", notice.number, TITLE)
    done = read.form().submit(press="保証を登録する").says("受け付けました", notice.number)
    if any(notice.key in page.response.text for page in (read, done)):
        raise PageSurprise("認証キーが画面に出ています。")


def _ask(story: Story) -> Page:
    """The department that it was routed to opens it from the mail, and asks the guarantor for the certificate."""
    arrived = story.mailbox.wait(to="keiyaku@tosu.example.jp", subject="保証が届きました")
    page = story.desk("hosho").get(arrived.link).says("照合待ち")
    return page.post("/ask/").says("照合しました")


def _accept(story: Story, page: Page) -> None:
    page.says("すべて適合しています").post("/accept/").says("保証を受理しました")
    story.mailbox.wait(to=FIRM_EMAIL, subject="保証を受理しました")


def paper_city(story: Story) -> str:
    """12. The other city: a contract on paper, both papers brought to the desk, checked by eye at the portal (R95)."""
    case_url = _contract_on_paper(story)
    notice = _apply_for_paper(story)
    desk = story.desk("hosho", "usuki")
    form = desk.get(case_url).follow("受け取った保証を登録する").form()
    page = form.submit(
        type="contract",
        institution=form.choice("institution", guarantor.NAME),
        number=notice.number,
        key=notice.key,
        channel="bring",
        papers=["notice", "certificate_screen"],
        clause_set_used="on",
    ).says("照合待ち")
    page = page.form(action="/reveal/").send({"reveal-reason": "電子証書を閲覧して契約と照合するため"})
    _look_at_portal(story, number=notice.number, key=page.said("認証キー"))
    seen = dict.fromkeys(("same_type", "same_number", "same_beneficiary", "same_work_title"), "on")
    typed = {"amount": "1,000,000", "guaranteed_until": _days(story)[1].isoformat()}
    page = page.form(action="/check/").send(seen | typed)
    page.says("照合しました", "適合").post("/accept/").says("保証を受理しました")
    story.mailbox.wait(to=PAPER_EMAIL, subject="保証を受理しました")
    return f"紙の契約に、お知らせと証書の画面が持参され、{notice.number} を閲覧画面で照合して受理"


def _days(story: Story) -> tuple[date, date]:
    return story.today + timedelta(days=10), story.today + timedelta(days=90)


def _contract_on_paper(story: Story) -> str:
    desk = story.desk("kian", "usuki")
    starts, ends = _days(story)
    form = desk.get("/cases/new/").form()
    case = form.submit(
        number=story.number.replace("鳥建", "臼建"),
        title=PAPER_TITLE,
        kind="construction",
        procurement_method="designated_tender",
        announced_date=(story.today - timedelta(days=20)).isoformat(),
        awarded_date=story.today.isoformat(),
        contractor=form.choice("contractor", PAPER_FIRM),
        amount="10,000,000",
        work_starts_date=starts.isoformat(),
        work_ends_date=ends.isoformat(),
        department=form.choice("department", "建設課"),
    ).says("対象外")
    address = next(each for each in case.tree.xpath("//main//a/@href") if each.endswith("/paper/"))
    desk.get(address).form().submit(contract_date=story.today.isoformat()).says("紙で契約")
    return case.url


def _apply_for_paper(story: Story) -> Notice:
    firm: Browser = story.office(PAPER_EMAIL)
    starts, ends = _days(story)
    guarantor.apply(
        guarantor.visit(story, firm, name=PAPER_FIRM),
        orderer="臼杵市",
        type="contract",
        work_title=PAPER_TITLE,
        price="10,000,000",
        amount="1,000,000",
        work_from=starts,
        work_until=ends,
    )
    guarantor.underwrite(story)
    return guarantor.take_notice(story, firm, email=PAPER_EMAIL)


def _look_at_portal(story: Story, *, number: str, key: str) -> None:
    """Open the certificate as D-Sure would show it: number and key in, the certificate and its seal out (R91)."""
    portal = guarantor.visit(story, story.office("keiyaku@usuki.example.jp"), name="臼杵市長")
    seen = portal.form().submit(number=number, key=key)
    seen.says("保証機関の電子署名は有効です", PAPER_TITLE, "1,000,000円")
