"""The whole life of keys, played through the pages of all sides, with everything that comes out written down."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from unittest.mock import patch
from wsgiref.simple_server import WSGIRequestHandler, make_server

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.wsgi import get_wsgi_application
from django.db import connections, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.html import strip_tags

from accounts import tenancy
from accounts.models import Role
from contracts.models import AccessLink, Case, Purpose
from contracts.services import links
from guarantees import tasks
from guarantees.issuing.services import correspondents, entering, noticing
from guarantees.models import Arrival, Guarantee, Institution, InstitutionKind
from guarantees.models.issuing import Application, Correspondent, IssuedCertificate
from guarantees.services import institutions
from notifications.tasks import deliver
from tests import factories
from tests.guarantees.conftest import contracted
from tests.guarantees.incoming import certificate, mailed, notice
from tests.guarantees.issuing.conftest import Books
from vault import fields

TYPED = "Typed-Key-5kQ8"
MAILED = "Mailed-Key-7wZ2"
WAITING = "Waiting-Key-2bJ7"
SENDER = "keiyaku@takasaki.example.jp"
BROUGHT = "Brought-Key-3xV9"
PASSWORD = "Insured-Word-4mR6"
ADDRESS = "https://web.hoken.example.jp/view/Insured-Address-8tY1"
GUESSED = "Guess-Key-6hN4"
WORK = {"work_title": "市道〇〇線道路改良工事", "work_from": "2026/3/15", "work_until": "2099/9/30"}
# 試験をいつ動かしても、保証期間が終わっていないように
WORK_ENDS = date(2099, 9, 30)


@dataclass(frozen=True)
class Answer:
    """One answer of the product to somebody's browser or machine."""

    name: str
    asked: str
    status: int
    head: bytes
    body: bytes
    kept_nowhere: bool


class Witness(Client):
    """A browser that writes every answer down."""

    def __init__(self, answers: list[Answer]) -> None:
        super().__init__()
        self.answers = answers

    def request(self, **request: Any) -> HttpResponse:
        response = super().request(**request)
        asked = f"{request['PATH_INFO']}?{request.get('QUERY_STRING', '')}"
        head = f"{response.headers}{response.cookies}".encode()
        kept_nowhere = "no-store" in response.headers.get("Cache-Control", "")
        name = resolve(request["PATH_INFO"]).url_name or ""
        body = b"".join(response) if response.streaming else response.content
        self.answers.append(Answer(name, asked, response.status_code, head, body, kept_nowhere))
        return response

    def done(self, address: str, data: dict[str, Any] | None = None, **more: Any) -> HttpResponse:
        """Send a form that must be taken, and look at the page it leads to."""
        response = self.post(address, data or {}, **more)
        assert response.status_code == 302, " ".join(strip_tags(response.content.decode()).split())
        self.get(response["Location"])
        return response


@dataclass
class Played:
    """What came out of the story, and the cities it happened in."""

    secrets: dict[str, str] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    cities: list[int] = field(default_factory=list)


class Log(logging.Handler):
    """Everything that any logger says, down to DEBUG, with its arguments and tracebacks."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self.lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{self.format(record)} {record.args!r} {vars(record)!r}")


@contextmanager
def listening(lines: list[str]) -> Iterator[None]:
    root, handler = logging.getLogger(), Log(lines)
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(before)
        root.removeHandler(handler)


class Handler(WSGIRequestHandler):
    def log_message(self, words: str, *args: object) -> None:
        logging.getLogger("django.server").info(words, *args)


@contextmanager
def served() -> Iterator[str]:
    """Put the product behind a socket, as a guarantor's instance stands; what it would log is logged."""
    done = threading.Event()
    with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Handler) as server:
        server.timeout = 0.1

        def serve() -> None:
            while not done.is_set():
                server.handle_request()
            connections.close_all()

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            done.set()
            thread.join()


def file(dropped: Any) -> SimpleUploadedFile:
    return SimpleUploadedFile(dropped.name, dropped.content)


class Story:
    """Each step is one thing that people do with a key."""

    def __init__(self, address: str) -> None:
        self.played = Played()
        with transaction.atomic():
            self.books = Books()
            self.token = correspondents.connect(self.books.city, actor=self.books.underwriter, at=timezone.now())
            self.case = contracted(work_ends_date=WORK_ENDS)
            self.tosu = self.case.tenant
            self.officer = factories.member(self.tosu, Role.GUARANTEE_OFFICER, Role.DRAFTER)
            self.auditor = factories.member(self.tosu, Role.AUDITOR, Role.ADMINISTRATOR)
            self._institutions(address)
            self.brought_case = contracted("usuki", on=date(2025, 4, 1), work_ends_date=WORK_ENDS)
            self.usuki = self.brought_case.tenant
            self.usuki_officer = factories.member(self.usuki, Role.GUARANTEE_OFFICER)
        self.played.cities = [self.books.guarantor.pk, self.tosu.pk, self.usuki.pk]
        self.played.secrets = {
            "入力したキー": TYPED,
            "メールのキー": MAILED,
            "登録前のキー": WAITING,
            "持参したキー": BROUGHT,
            "閲覧用パスワード": PASSWORD,
            "閲覧用URL": ADDRESS,
            "間違えたキー": GUESSED,
            "接続用の合言葉": self.token,
        }

    def _institutions(self, address: str) -> None:
        admin = factories.staff(self.tosu, Role.ADMINISTRATOR)
        self.institution = Institution.unscoped.get(tenant=self.tosu)
        sealed = fields.seal(self.token, tenant_id=self.tosu.pk, context=self.institution.token_context)
        page = reverse("issuing_api", kwargs={"guarantor": self.books.guarantor.slug})
        # 試験の照会先だけは http。製品の画面は https しか受け付けない。
        Institution.unscoped.filter(pk=self.institution.pk).update(
            registry_url=address + page, sealed_registry_token=sealed
        )
        self.insurer = institutions.keep(
            None, actor=admin, at=timezone.now(), kind=InstitutionKind.INSURER, name="見本損害保険株式会社"
        )

    def browser(self, user: Any = None) -> Witness:
        client = Witness(self.played.answers)
        if user is not None:
            client.force_login(user)
        return client

    def correspondent(self, row: Correspondent) -> tuple[Witness, str]:
        with tenancy.acting_for(self.books.guarantor.pk):
            link = entering.make(row, at=timezone.now()).removeprefix(settings.BASE_URL)
        client = self.browser()
        client.get(link)
        return client, client.done(link)["Location"]

    def contractor(self, case: Case) -> tuple[Witness, str]:
        at, firm = timezone.now(), case.contractor
        with tenancy.acting_for(case.tenant_id):
            link = links.issue(
                purpose=Purpose.GUARANTEE,
                case=case,
                name=firm.name,
                email=firm.email,
                at=at,
                expires_at=at + timedelta(days=1),
            )
        client = self.browser()
        return client, client.done(link.removeprefix(settings.BASE_URL))["Location"]

    def worker(self) -> None:
        """Let the worker's tasks do what waits: seal, announce, erase, send."""
        for task in (tasks.issue, tasks.sweep, deliver):
            task()

    def guarantee(self, number: str) -> Guarantee:
        with tenancy.acting_for(self.tosu.pk):
            return Guarantee.unscoped.select_related("case").get(number=number)

    def play(self) -> Played:
        with listening(self.played.log):
            for step in (
                self.issue,
                self.guess,
                self.hand_in,
                self.check,
                self.mistype,
                self.mail_in,
                self.insure,
                self.bring,
                self.look_around,
            ):
                step()
                self.worker()
        return self.played

    def issue(self) -> None:
        """The firm applies, the guarantor issues, the firm looks at the key and takes the notice."""
        firm, home = self.correspondent(self.books.firm)
        wish = WORK | {"price": "100,000,000", "amount": "40,000,000", "deposit_bank": "〇〇銀行 △△支店"}
        firm.done(f"{home}apply/", wish | {"type": "advance", "orderer": self.books.city.pk})
        desk = self.browser(self.books.user)
        with tenancy.acting_for(self.books.guarantor.pk):
            application = Application.unscoped.get()
        desk.done(reverse("issuing_issue", args=[application.pk]))
        self.worker()
        with tenancy.acting_for(self.books.guarantor.pk):
            self.issued = IssuedCertificate.unscoped.select_related("tenant", "application").get()
            self.played.secrets["発行したキー"] = noticing.key_of(self.issued)
        assert self.issued.pdf_id, self.issued.last_error
        own = f"{home}certificates/{self.issued.pk}/"
        for page in (home, own, reverse("issuing_certificate", args=[self.issued.pk])):
            (desk if page.startswith("/issuing/") else firm).get(page)
        firm.post(f"{own}key/")
        firm.post(f"{own}pdf/")
        self.notice = notice_pdf = firm.post(f"{own}notice/").content
        assert notice_pdf.startswith(b"%PDF")
        self.certificate_pdf = firm.post(f"{own}pdf/").content

    def guess(self) -> None:
        """The city's clerk guesses wrong on the guarantor's page, then right; its system asks with a wrong key, too."""
        city, home = self.correspondent(self.books.city)
        number, key = self.issued.number, self.played.secrets["発行したキー"]
        city.done(home, {"number": number, "key": GUESSED})
        city.post(home, {"number": "", "key": GUESSED})
        city.done(home, {"number": number, "key": key})
        api = reverse("issuing_api", kwargs={"guarantor": self.books.guarantor.slug})
        head = {"Authorization": f"Bearer {self.token}"}
        for tried in (GUESSED, key):
            machine = self.browser()
            question = {"number": number, "key": tried}
            assert machine.post(api, question, content_type="application/json", headers=head).status_code == 200

    def hand_in(self) -> None:
        """The contractor drops the certificate by mistake, then the notice, looks it over and hands it in."""
        client, page = self.contractor(self.case)
        wrong = SimpleUploadedFile("保証証書.pdf", self.certificate_pdf)
        assert client.post(f"{page}drop/", {"notice": wrong}).status_code == 422
        right = SimpleUploadedFile("認証キー等のお知らせ.pdf", self.notice)
        there = client.done(f"{page}drop/", {"notice": right})["Location"]
        client.post(there, {"type": "", "institution": "", "number": self.issued.number})
        typed = {"type": "advance", "institution": self.institution.pk, "number": self.issued.number}
        client.done(there, typed)
        self.own = client, page

    def check(self) -> None:
        """A clerk looks at the key, opens the notice, asks the guarantor over HTTP, and accepts."""
        desk, row = self.browser(self.officer), self.guarantee(self.issued.number)
        desk.get(reverse("guarantee", args=[row.pk]))
        desk.post(reverse("guarantee_reveal", args=[row.pk]), {"reveal-reason": ""})
        desk.post(reverse("guarantee_reveal", args=[row.pk]), {"reveal-reason": "電子証書を閲覧するため"})
        with tenancy.acting_for(self.tosu.pk):
            paper = row.papers.get(slot="notice")
        at = reverse("guarantee_file", args=[row.pk, paper.pk])
        desk.get(at)
        desk.post(at, {"reason": "読み違いを確かめるため"})
        desk.done(reverse("guarantee_ask", args=[row.pk]))
        row = self.guarantee(self.issued.number)
        unsure = {f"settle-{line['name']}": "確かめた" for line in row.findings if line["outcome"] == "unsure"}
        desk.done(reverse("guarantee_accept", args=[row.pk]), unsure)
        assert self.guarantee(self.issued.number).state == "deemed_deposited"

    def mistype(self) -> None:
        """The contractor types another guarantee: with a wrong number, twice, and once too often."""
        client, page = self.own
        typed = {"type": "contract", "institution": self.institution.pk, "key": TYPED}
        assert client.post(page, typed | {"number": "番号"}).status_code == 422
        assert client.post(page, typed | {"number": self.issued.number}).status_code == 422
        client.done(page, typed | {"number": "2070000101"})
        desk, row = self.browser(self.officer), self.guarantee("2070000101")
        desk.done(reverse("guarantee_reject", args=[row.pk]), {"reject-reason": "番号をご確認ください。"})

    def mail_in(self) -> None:
        """A clerk has a mail read whose subject, sender and files tell the key, too; another one is left lying."""
        desk = self.browser(self.officer)
        for number, key in (("2070000404", WAITING), ("2070000202", MAILED)):
            words = {"subject": f"【前払金保証】{self.case.number} 認証キー {key}", "sender": f"{key} <{SENDER}>"}
            paper = notice(f"お知らせ_{key}.pdf", number=number, key=key)
            letter = replace(mailed(self.case, paper, **words), name=f"{key}.eml")
            data = {"files": file(letter), "channel": "email"}
            there = desk.done(reverse("guarantee_receive"), data)["Location"]
        desk.get(reverse("guarantee_receive"))
        typed = {"type": "advance", "institution": self.institution.pk, "number": "2070000202"}
        desk.done(there, typed | {"channel": "email", "papers": ["notice"], "case": self.case.pk})

    def insure(self) -> None:
        """The contractor types the address and the password of an insurer."""
        client, page = self.own
        typed = {"institution": self.insurer.pk, "number": "SJ-2026-0001", "url": ADDRESS, "key": PASSWORD}
        assert client.post(f"{page}address/", typed | {"number": ""}).status_code == 422
        client.done(f"{page}address/", typed)
        desk, row = self.browser(self.officer), self.guarantee("SJ-2026-0001")
        desk.post(reverse("guarantee_reveal", args=[row.pk]), {"reveal-reason": "電子証券を閲覧するため"})

    def bring(self) -> None:
        """In Usuki a clerk reads both papers that were brought, and hands them in."""
        desk = self.browser(self.usuki_officer)
        told = {"number": "2070000303", "orderer": "臼杵市長"}
        shown = {"number": "2070000303", "beneficiary": "臼杵市長", "amount": 20_000_000, "price": 50_000_000}
        papers = [file(notice(key=BROUGHT, **told)), file(certificate(**shown))]
        data = {"files": papers, "channel": "bring", "case": self.brought_case.pk}
        there = desk.done(reverse("guarantee_receive"), data)["Location"]
        with tenancy.acting_for(self.usuki.pk):
            institution = Institution.unscoped.get(tenant=self.usuki)
            assert Arrival.unscoped.filter(tenant=self.usuki).exists()
        typed = {"type": "advance", "institution": institution.pk, "number": "2070000303", "clause_set_used": "on"}
        desk.done(there, typed | {"channel": "bring", "papers": ["notice", "certificate_screen"]})

    def look_around(self) -> None:
        """Everybody looks at everything there is to see of it."""
        with tenancy.acting_for(self.tosu.pk):
            rows = list(Guarantee.unscoped.filter(tenant=self.tosu).values_list("pk", flat=True))
            assert AccessLink.unscoped.exists()
        for user in (self.officer, self.auditor):
            desk = self.browser(user)
            for name in ("home", "guarantee_list", "guarantee_usage", "guarantee_usage_file", "archive", "log"):
                desk.get(reverse(name))
            desk.get(reverse("case", args=[self.case.pk]))
            for pk in rows:
                desk.get(reverse("guarantee", args=[pk]))
        client, page = self.own
        client.get(page)
        self.browser(self.books.user).get(reverse("issuing"))

    def complete(self, *, later: timedelta = timedelta(days=4_000)) -> None:
        """What is open is refused, the works are completed, and when the term is over the sweep erases the keys."""
        desk = self.browser(self.officer)
        for number in ("2070000202", "SJ-2026-0001"):
            at = reverse("guarantee_reject", args=[self.guarantee(number).pk])
            desk.done(at, {"reject-reason": "取り下げの申出がありました。"})
        day = timezone.localdate().isoformat()
        desk.done(reverse("guarantee_complete", args=[self.case.pk]), {"completed_date": day})
        with patch.object(timezone, "now", return_value=timezone.now() + later):
            tasks.sweep()
