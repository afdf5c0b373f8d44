"""The longest names and titles that people may type, worn by everyone and everything in the scene."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Department, Membership, Organization, User
from contracts.models import Authority, Case, Consent, Contractor, ForeignContract
from tests import factories, stories

TITLE = "令和8年度社会資本整備総合交付金事業市道元町線外三路線に係る髙橋橋ほか十二橋補修・耐震補強工事（第十二工区）"
FIRM = "佐賀県東部広域総合土木・髙﨑𠮷建設・株式会社濵田組・ＳＡＧＡＮコンストラクション特定建設工事共同企業体"
PLACE = "佐賀県鳥栖市宿町字高橋1118番地先から同市元町字本鳥栖2345番地6先まで"
BRANCH = "佐賀支店鳥栖営業所第一工事部橋梁・構造物課契約係"
PERSON = "勅使河原龍之介左衛門佐　アレクサンドリーナ貴美子"
POST = "建設部公共施設長寿命化推進室橋りょう維持管理担当課長補佐兼契約事務取扱主任"
CITY = "佐賀県東部上下水道・環境施設・消防・介護保険・後期高齢者医療広域連合"
NUMBER = "令和8年度　社総交地債　第100-2-1号　道元町線　鳥工"
MAILBOX = "keiyaku.tantou.dai-ichi-eigyoubu.koukyou-jigyou@saga-touren-kensetsu-kyoudou-kigyoutai.example.jp"
MOST_YEN = 98_765_432_100


def full(model: type[Any], name: str, words: str) -> str:
    """Repeat words until the column that keeps them is full."""
    length = model._meta.get_field(name).max_length
    return (words * (length // len(words) + 1))[:length].strip()


def wear(patch: pytest.MonkeyPatch) -> None:
    """Have the factories give the longest names where nobody asks for others."""
    patch.setattr(factories, "contractor", _given(factories.contractor, _firm(), unlike=("name", "email")))
    patch.setattr(factories, "case", _given(factories.case, _work(), unlike=("number",)))
    patch.setattr(factories, "foreign", _given(factories.foreign, _elsewhere()))
    patch.setattr(factories, "member", _given(factories.member, {"name": full(User, "name", PERSON)}))
    patch.setattr(factories, "NAMES", {"tosu": full(Organization, "name", CITY)[:-20]})
    patch.setattr(factories, "DEPARTMENTS", [full(Department, "name", f"{each}{POST}") for each in ("第一", "第二")])
    patch.setattr(stories, "CONTACT", {name: full(Consent, name, PERSON) for name in stories.CONTACT})


def rename() -> None:
    """Lengthen what the factories give no name, once the scene stands."""
    Membership.unscoped.update(title=full(Membership, "title", POST))
    Authority.unscoped.update(title=full(Authority, "title", POST), name=full(Authority, "name", PERSON))
    Organization.objects.update(mayor_name=full(Organization, "mayor_name", PERSON))


def _firm() -> dict[str, Any]:
    firm = {"address": PLACE, "representative_title": POST, "representative_name": PERSON, "branch": BRANCH}
    filled = {name: full(Contractor, name, words) for name, words in firm.items()}
    return filled | {"name": full(Contractor, "name", FIRM)[:-4], "email": MAILBOX}


def _work() -> dict[str, Any]:
    filled = {"title": full(Case, "title", TITLE), "place": full(Case, "place", PLACE)}
    return filled | {"number": full(Case, "number", NUMBER)[:-4], "amount": MOST_YEN}


def _elsewhere() -> dict[str, Any]:
    return {"title": full(ForeignContract, "title", TITLE), "party": full(ForeignContract, "party", FIRM)}


def _given(make: Callable[..., Any], values: dict[str, Any], *, unlike: tuple[str, ...] = ()) -> Callable[..., Any]:
    """Make with these values unless others are asked for; a number in front makes the `unlike` ones differ."""
    numbers = itertools.count(1)

    def dressed(*args: Any, **asked: Any) -> Any:
        number = next(numbers)
        return make(*args, **values | {name: f"{number}{values[name]}" for name in unlike} | asked)

    return dressed
