"""What comes to whom: told where nothing waits yet, so that a new colleague knows what to look for, and where."""

from dataclasses import dataclass

from accounts.actors import Actor
from accounts.models import Role


@dataclass(frozen=True)
class Lesson:
    """What one role does here and what comes to it, and a page to begin with: the name of its address and its label."""

    role: Role
    text: str
    url_name: str
    label: str


# 上のアプリが、その役割のものを足す
LESSONS = [
    Lesson(
        Role.DRAFTER,
        "落札者が決まった案件を登録し、承諾書を依頼します。承諾書が届いたとき、起案や送り直しが要るときに、ここに並びます。",
        "case_list",
        "案件を見る",
    ),
    Lesson(
        Role.APPROVER,
        "決裁の順番が来た契約がここに並び、メールでもお知らせします。留守にするときは代決を決めておけます。",
        "delegation_list",
        "代決を決める",
    ),
    Lesson(
        Role.SIGNATORY,
        "受注者の署名が済んだ契約がここに並びます。署名には認証アプリのコードが要りますので、先に登録してください。",
        "mfa_index",
        "認証アプリを登録する",
    ),
    Lesson(
        Role.ADMINISTRATOR,
        "市の規程、職員の役割、メールの差出人を決めます。廃棄の承認や、届かなかったメールの知らせもここに並びます。",
        "rules",
        "規程を見る",
    ),
]


def of(actor: Actor) -> list[Lesson]:
    """List what somebody with these roles should know, in the order of the roles."""
    order = list(Role)
    return sorted((each for each in LESSONS if each.role in actor.roles), key=lambda each: order.index(each.role))
