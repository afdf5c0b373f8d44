"""Nothing of a city is in code: a sixth, invented one is set up by a rule file alone, and plays the story in it."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from accounts import actors, tenancy
from accounts.actors import Actor
from accounts.models import Department, Organization, Role, User
from accounts.services import members
from accounts.services.members import Post
from contracts import presets
from contracts.models import AccessLink, Case, Consent, Contractor, ImportKind, Purpose
from contracts.reading import content_of
from contracts.rules.files import read
from contracts.services.cases import registering
from contracts.services.consents import consenting
from contracts.services.register import importing
from contracts.services.register.import_rows import digest
from contracts.services.signatures import concluding, signing
from contracts.services.signatures.timing import TimeRefused
from contracts.services.versions import approving, drafting
from contracts.states import CaseState, ContractState, VersionState
from guarantees import guidance
from signing import setup
from tests import factories
from tests.contracts.paperwork import text_of
from tests.stories import Story
from vault import files

ROOT = Path(settings.BASE_DIR)
FILE = ROOT / "tests/cities/kaku.toml"
FIRMS = (
    "登録番号,商号又は名称,住所,代表者の役職,代表者名,メールアドレス\r\n"
    "K-1,㈱橋本橋梁𠮷,架空県架空市川べり2番地,代表取締役,橋本　わたる,keiyaku@hashimoto.example.jp\r\n"
)
WHY_LATE = "大雨で署名者が登庁できなかったため"


@pytest.fixture
def city(db: None) -> Organization:
    """Set the city up as whoever runs the installation does."""
    call_command("rules", "import", str(FILE), "--create")
    row = Organization.objects.get(slug="kaku")
    tenancy.set_tenant(row.pk)
    return row


def person(city: Organization, *, by: Actor, name: str, role: Role, department: str, title: str = "") -> User:
    post = Post(Department.unscoped.get(tenant=city, name=department), title=title)
    address = f"{role}.{User.objects.count()}@kaku.example.jp"
    return members.add(actor=by, at=timezone.now(), email=address, name=name, roles=[role], post=post)


@pytest.fixture
def people(city: Organization) -> dict[str, User]:
    """Register the staff: the first administrator by the shell, everyone else by the administrator."""
    first = person(city, by=actors.system(city.pk), name="運用　一郎", role=Role.ADMINISTRATOR, department="お金の課")
    by = factories.actor(first, city)
    posts = {
        "起案　花子": (Role.DRAFTER, "橋づくり課", "主査"),
        "確認　課長": (Role.APPROVER, "橋づくり課", "課長"),
        "承認　一": (Role.APPROVER, "お金の課", "課長"),
        "承認　二": (Role.APPROVER, "お金の課", "補佐"),
        "承認　三": (Role.APPROVER, "お金の課", "係長"),
        "架空　橋子": (Role.SIGNATORY, "お金の課", "架空市長"),
    }
    return {
        name: person(city, by=by, name=name, role=role, department=department, title=title)
        for name, (role, department, title) in posts.items()
    }


@pytest.fixture
def clerk(city: Organization, people: dict[str, User]) -> Actor:
    return factories.actor(people["起案　花子"], city)


@pytest.fixture
def firm(clerk: Actor) -> Contractor:
    """Take the register in from its file."""
    job = importing.preview(
        actor=clerk, at=timezone.now(), kind=ImportKind.REGISTER, name="名簿.csv", content=FIRMS.encode("utf-8-sig")
    )
    importing.apply(job, actor=clerk, at=timezone.now(), seen=digest(job.report))
    return Contractor.unscoped.get(registration_number="K-1")


def case_of(clerk: Actor, firm: Contractor, **values: object) -> Case:
    """Register a case awarded just before a week of holidays, and long ago."""
    typed = {
        "number": "橋第1号",
        "title": "夢の大橋架替工事",
        "place": "架空市川べり",
        "kind": "construction",
        "procurement_method": "open_tender",
        "announced_date": date(2025, 4, 7),
        "awarded_date": date(2025, 4, 28),
        "amount": 55_000_000,
        "work_starts_date": date(2025, 5, 20),
        "work_ends_date": date(2027, 3, 31),
    }
    department = Department.unscoped.get(tenant_id=clerk.tenant_id, name="橋づくり課")
    return registering.register(
        actor=clerk, at=timezone.now(), contractor=firm, department=department, **(typed | values)
    )


def test_the_city_counts_and_judges_by_its_own_rules(clerk, firm):
    case = case_of(clerk, firm)
    # 4/28、4/30、5/1、5/2、（連休と市の閉庁日 5/7）、5/8、5/9
    assert case.conclusion_deadline_date == date(2025, 5, 9)
    assert "落札日 4/28(月)" in case.deadline_working
    assert case.econtract_verdict["eligible"]

    small = case_of(clerk, firm, number="橋第2号", amount=900_000)
    negotiated = case_of(clerk, firm, number="橋第3号", procurement_method="negotiated")
    festival = case_of(clerk, firm, number="橋第4号", traits=["spring"])
    early = case_of(clerk, firm, number="橋第5号", announced_date=date(2025, 3, 31))

    assert not any(case.econtract_verdict["eligible"] for case in (small, negotiated, festival, early))
    assert "春まつりの仕事" in festival.econtract_verdict["decided_by"]
    assert "話し合い" in negotiated.econtract_verdict["decided_by"]


def test_the_story_is_played_to_its_end_with_the_citys_own_words(city, people, clerk, firm):
    told = Story(
        tenant=city,
        drafter=clerk,
        approver=factories.actor(people["承認　一"], city),
        signatory=people["架空　橋子"],
        case=case_of(clerk, firm),
    )
    consent_of(told)
    version = drafting.draft(told.case, actor=clerk, at=timezone.now(), signatory=told.signatory)
    drafting.submit(version, actor=clerk, at=timezone.now())

    approve_by_two_of_three(told, people)
    sign_late_with_a_reason(told)

    told.case.refresh_from_db()
    contract = told.version.contract
    assert (told.version.state, contract.state) == (VersionState.CONCLUDED, ContractState.IN_FORCE)
    assert told.case.state == CaseState.CONCLUDED
    read_the_paper(told)
    invited = AccessLink.unscoped.filter(case=told.case, purpose=Purpose.GUARANTEE)
    assert invited.count() == 1
    assert guidance.department(told.case, type_="contract").name == "お金の課"


def consent_of(told: Story) -> None:
    """Have the firm consent on the city's own form, with a contact who looks first."""
    consenting.invite(told.case, actor=told.drafter, at=timezone.now())
    consent = Consent.unscoped.get(case=told.case)
    assert consent.statement == "架空市との次のお約束を、電子で結ぶことをお受けします。"
    assert [line["topic"] for line in consent.methods] == ["架空市のやり方"]
    answers = told.answers() | {"contact_email": "tanto@hashimoto.example.jp"}
    holder = told.holder(Purpose.CONSENT)
    consent = consenting.submit(consent, actor=holder, at=timezone.now(), answers=answers)
    consenting.accept(consent, actor=told.drafter, at=timezone.now())
    form = text_of(files.read(consent.paper))
    assert all(own in form for own in ("架空様式第7号", "電子でのお約束をお受けする書", "架空市長", "橋のたもとの窓口"))


def approve_by_two_of_three(told: Story, people: dict[str, User]) -> None:
    """Pass the route for five million and more: the head of the department, then two of the three."""

    def approve(name: str) -> str:
        actor = factories.actor(people[name], told.tenant)
        return str(approving.approve(told.version, actor=actor, at=timezone.now()).state)

    with pytest.raises(approving.ApprovalRefused, match="橋づくり課長の確認"):
        approve("承認　一")
    assert approve("確認　課長") == VersionState.IN_APPROVAL
    assert approve("承認　一") == VersionState.IN_APPROVAL
    assert approve("承認　三") == VersionState.SENT


def sign_late_with_a_reason(told: Story) -> None:
    """Let the contact look; a signature after the deadline waits for the head's reason."""
    signing.confirm(told.step(1), actor=told.holder(Purpose.SIGN), at=timezone.now())
    with pytest.raises(TimeRefused, match="期限後の締結を認める理由"):
        signing.instruct(told.step(2), actor=told.holder(Purpose.SIGN), at=timezone.now(), authentication="リンク")
    approving.allow_late(told.version, actor=told.approver, at=timezone.now(), reason=WHY_LATE)
    for order in (2, 3):
        step = told.step(order)
        actor = told.holder(Purpose.SIGN) if step.user is None else factories.actor(step.user, told.tenant)
        signing.instruct(step, actor=actor, at=timezone.now(), authentication="リンク")
        told.seal()
    assert concluding.conclude(told.version, at=timezone.now(), trust=setup.trust()), told.version.waiting_reason


def read_the_paper(told: Story) -> None:
    """Find the city's clauses, terms and names in the signed bytes."""
    printed = text_of(content_of(told.version.documents.get(order=1)))
    for own in (
        "土木の仕事",
        "架空市の橋のお約束",
        "（川をたいせつに）",
        "は、川の水をにごらせない。",
        "おくれた日については、年3.7パーセントの割合による。",
        "争いは架空県建設工事紛争審査会がさばく。",
        "魚の通り道をふさがない。",
        "川まつりの日",
        "契約保証金は、橋の長さにより免除する。",
        "架空市長",
        "架空橋子",
        "㈱橋本橋梁𠮷",
    ):
        assert own in printed, own


# 市の名は、データとデモだけにある ----------------------------------------------------------------

APPS = ("accounts", "audit", "config", "contracts", "guarantees", "notifications", "signing", "vault")
DATA = (ROOT / "contracts/presets", ROOT / "config/demo")
SOURCES = sorted(
    path
    for place in (*APPS, "templates", "static")
    for path in (ROOT / place).rglob("*")
    if path.suffix in {".py", ".html", ".txt", ".css", ".js"} and not any(path.is_relative_to(data) for data in DATA)
)


def names_of_cities() -> re.Pattern[str]:
    """Match the names and marks of the preset cities and of the invented ones."""
    cities = {slug: presets.load(slug) for slug in presets.available()}
    cities |= {path.stem: read(path.read_text()) for path in FILE.parent.glob("*.toml")}
    names = {data["name"].removesuffix("市") for data in cities.values()}
    marks = rf"\b(?:{'|'.join(cities)})\b"
    return re.compile("|".join([*names, marks]))


def test_no_source_of_the_product_names_a_city():
    named = names_of_cities()
    assert all(named.search(word) for word in ("鳥栖", "臼杵", "都城", "松山", "四万十", "架空", "tosu"))

    found = {str(path.relative_to(ROOT)): named.findall(path.read_text()) for path in SOURCES}

    assert {path: words for path, words in found.items() if words} == {}
