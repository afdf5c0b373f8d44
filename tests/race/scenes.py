"""The scenes of the races: who stands where, with which page open, when both press."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from accounts.models import Role
from contracts.dates import JST
from contracts.models import AccessLink, Purpose
from notifications.models import MailPolicy
from tests import factories
from tests.contracts.coded import made, wrong
from tests.race import stage
from tests.race.stage import Ids, Scene
from tests.stories import Story

NEW_EMAIL = "kouken@takasaki.example.jp"
# 三人のうち二人の承認
TWO_OF_THREE = {
    "routes": [
        {
            "name": "二人の承認",
            "documents": ["original"],
            "from_amount": 0,
            "steps": [{"kind": "approve", "label": "承認", "role": "approver", "need": 2}],
        }
    ]
}


def _user(told: Story, role: Role) -> int:
    return int(factories.member(told.tenant, role).pk)


def _drafter(told: Story) -> int:
    assert told.drafter.user_id is not None
    return told.drafter.user_id


def _contractor(told: Story) -> Ids:
    return {"step": told.step(1).pk, "link": stage.link_of(told)}


# 署名を求められた受注者と、ほかの人 ---------------------------------------------------------------


def asked(*, of_version: bool = False, of_case: bool = False, **right: object) -> Callable[[], Scene]:
    """Ask the contractor to sign, and let a drafter do something about the version or the case."""

    def scene() -> Scene:
        told = stage.sent()
        ids: Ids = {"user": _drafter(told), **right}
        ids |= {"version": told.version.pk} if of_version else {"case": told.case.pk} if of_case else {}
        return Scene(told, _contractor(told), ids)

    return scene


def asked_twice() -> Scene:
    told = stage.sent()
    return Scene(told, _contractor(told), _contractor(told))


def guessing() -> Scene:
    """Let two browsers behind one link try a wrong code each."""
    levels = [{"from_amount": 0, "level": "access_code"}]
    told = stage.sent(rules={"signing": {"levels": levels}})
    tried = _contractor(told) | {"code": wrong(made(told))}
    return Scene(told, tried, tried)


def asked_and_reassigned() -> Scene:
    told = stage.sent()
    right: Ids = {"step": told.step(1).pk, "user": _drafter(told), "email": NEW_EMAIL}
    return Scene(told, _contractor(told), right)


def asked_and_asking(*, answered_by_left: bool | None = None) -> Callable[[], Scene]:
    """Let the signer name another one, or let the department answer what they named: against the signature, or both."""

    def scene() -> Scene:
        told = stage.sent()
        signs = _contractor(told)
        if answered_by_left is None:
            return Scene(told, signs, signs | {"email": NEW_EMAIL})
        answers: Ids = {"change": stage.change_asked(told, NEW_EMAIL), "user": _drafter(told)}
        return Scene(told, answers if answered_by_left else signs, answers | {"user": _user(told, Role.DRAFTER)})

    return scene


def asked_at_the_last_second() -> Scene:
    told = stage.sent()
    over = told.version.expires_at
    assert over is not None
    left = _contractor(told) | {"at": over - timedelta(seconds=1)}
    return Scene(told, left, {"version": told.version.pk, "at": over})


def asked_and_withdrawing() -> Scene:
    told = stage.sent()
    right: Ids = {"consent": told.consent.pk, "link": stage.link_of(told, Purpose.STANDING)}
    return Scene(told, _contractor(told), right)


def entering(*, signs: bool) -> Callable[[], Scene]:
    """Open the mail's link in one browser while another signs, or the city recalls."""

    def scene() -> Scene:
        told = stage.sent()
        left: Ids = {"link": stage.link_of(told)}
        right = _contractor(told) if signs else {"version": told.version.pk, "user": _drafter(told)}
        return Scene(told, left, right)

    return scene


def members() -> Scene:
    """Ask the first member of a joint venture; the representative is next."""
    told = stage.joint_venture_sent()
    left = _contractor(told)
    return Scene(told, left, {"step": told.step(2).pk, "link": left["link"]})


def city_twice() -> Scene:
    told = stage.city_asked()
    ids: Ids = {"step": told.step(2).pk, "user": told.signatory.pk}
    return Scene(told, ids, ids)


def sealing_and_recalling() -> Scene:
    told = stage.instructed()
    return Scene(told, {}, {"version": told.version.pk, "user": _drafter(told)})


def concluding_twice() -> Scene:
    told = stage.really_sealed()
    ids: Ids = {"version": told.version.pk}
    return Scene(told, ids, ids)


# 庁内 --------------------------------------------------------------------------------------------


def approving(*, need_two: bool = False) -> Callable[[], Scene]:
    def scene() -> Scene:
        told = stage.submitted(approvers=3, rules={"approval": TWO_OF_THREE} if need_two else None)
        version = told.version.pk
        left, right = ({"version": version, "user": user} for user in stage.approvers(told)[:2])
        return Scene(told, left, right)

    return scene


def approved_by_one_person_twice() -> Scene:
    told = stage.submitted(approvers=3, rules={"approval": TWO_OF_THREE})
    ids: Ids = {"version": told.version.pk, "user": stage.approvers(told)[0]}
    return Scene(told, ids, ids)


def draft_of(*, left_edits: bool = False, right_edits: bool = False) -> Callable[[], Scene]:
    """Give a draft to two drafters; those who edit it write different prices."""

    def scene() -> Scene:
        told = stage.drafted()
        left: Ids = {"version": told.version.pk, "user": _drafter(told)}
        right: Ids = {"version": told.version.pk, "user": _user(told, Role.DRAFTER)}
        left |= {"amount": 12_000_000} if left_edits else {}
        right |= {"amount": 13_000_000} if right_edits else {}
        return Scene(told, left, right)

    return scene


def to_draft(story: Callable[[], Story]) -> Callable[[], Scene]:
    """Let two drafters open a version of the same case."""

    def scene() -> Scene:
        told = story()
        left: Ids = {"case": told.case.pk, "user": _drafter(told), "signatory": told.signatory.pk}
        return Scene(told, left, left | {"user": _user(told, Role.DRAFTER)})

    return scene


def dropped_or_amended() -> Scene:
    """Let one drafter drop an abandoned amendment while another takes it up again."""
    told = stage.concluded()
    ids: Ids = {"case": told.case.pk, "user": _user(told, Role.DRAFTER), "signatory": told.signatory.pk}
    return Scene(told, {"contract": stage.amendment_abandoned(told), "user": _drafter(told)}, ids)


def submitting_and_withdrawing() -> Scene:
    told = stage.drafted()
    left: Ids = {"version": told.version.pk, "user": _drafter(told)}
    return Scene(told, left, {"consent": told.consent.pk, "user": _drafter(told)})


def voting() -> Scene:
    told = stage.concluded(rules={"econtract": {"council": "provisional"}}, needs_council=True)
    left: Ids = {"contract": stage.contract_of(told), "user": _drafter(told), "passed": True}
    return Scene(told, left, left | {"user": _user(told, Role.DRAFTER), "passed": False})


def voting_or_to_paper() -> Scene:
    scene = voting()
    return replace(scene, right={"case": scene.story.case.pk, "user": scene.left["user"]})


# 承諾と保証 --------------------------------------------------------------------------------------


def consent_checked() -> Scene:
    told = stage.consented()
    left: Ids = {"consent": told.consent.pk, "user": _drafter(told)}
    return Scene(told, left, left | {"user": _user(told, Role.DRAFTER)})


def invited_and_answering() -> Scene:
    told = stage.begin().invited()
    left: Ids = {"consent": told.consent.pk, "user": _drafter(told)}
    return Scene(told, left, {"consent": told.consent.pk, "link": stage.link_of(told, Purpose.CONSENT)})


def consent_opened() -> Scene:
    """Open the consent's link while the department registers its withdrawal."""
    told = stage.consented()
    left: Ids = {"link": stage.link_of(told, Purpose.CONSENT)}
    return Scene(told, left, {"consent": told.consent.pk, "user": _drafter(told)})


def invited_again() -> Scene:
    told = stage.joint_venture().invited()
    last = AccessLink.unscoped.filter(case=told.case, purpose=Purpose.CONSENT).latest("pk")
    return Scene(told, {"link": last.pk}, {"case": told.case.pk, "user": _drafter(told)})


def on_paper() -> Scene:
    """Contract on paper; the 契約保証 is awaited, and two clerks are at their desks."""
    told = stage.contracted_on_paper()
    left: Ids = {"case": told.case.pk, "user": _drafter(told)}
    return Scene(told, left, left | {"user": _user(told, Role.GUARANTEE_OFFICER)})


def checked_before_a_change() -> Scene:
    """Have a 契約保証 checked at the price of now, while a drafter has the form of a change open."""
    told, guarantee = stage.checked_guarantee(type_="contract")
    officer = _user(told, Role.GUARANTEE_OFFICER)
    return Scene(told, {"guarantee": guarantee, "user": officer}, {"case": told.case.pk, "user": _drafter(told)})


def guarantee_checked() -> Scene:
    told, guarantee = stage.checked_guarantee()
    left: Ids = {"guarantee": guarantee, "user": _drafter(told)}
    return Scene(told, left, left | {"user": _user(told, Role.GUARANTEE_OFFICER)})


# 引継ぎ、取込み、規程 --------------------------------------------------------------------------------


def handing_over() -> Scene:
    told = stage.city_asked()
    to = factories.member(told.tenant, Role.SIGNATORY, name="後任　一郎")
    left: Ids = {"giver": told.signatory.pk, "to": to.pk, "user": _user(told, Role.ADMINISTRATOR)}
    return Scene(told, left, {"step": told.step(2).pk, "user": told.signatory.pk})


def to_paper_or_drafted() -> Scene:
    told = stage.begin().accepted()
    left: Ids = {"case": told.case.pk, "user": _drafter(told)}
    return Scene(told, left, left | {"user": _user(told, Role.DRAFTER), "signatory": told.signatory.pk})


def importing() -> Scene:
    told = stage.begin()
    left: Ids = {"job": stage.import_read(told), "user": _drafter(told)}
    return Scene(told, left, left | {"user": _user(told, Role.DRAFTER)})


def rules_begun() -> Scene:
    told = stage.begin()
    left: Ids = {"user": _user(told, Role.ADMINISTRATOR)}
    return Scene(told, left, {"user": _user(told, Role.ADMINISTRATOR)})


def rules_in_two_hands(*, publishes: bool = False) -> Callable[[], Scene]:
    """Let two administrators write at one draft of the rules, or one of them publish it."""

    def scene() -> Scene:
        told = stage.begin()
        administrator = factories.staff(told.tenant, Role.ADMINISTRATOR)
        draft = stage.rules_changed(told, administrator)
        left: Ids = {"draft": draft, "user": administrator.user_id} | ({} if publishes else {"days": 6})
        return Scene(told, left, {"draft": draft, "user": _user(told, Role.ADMINISTRATOR), "days": 7})

    return scene


# 朝の催促 ------------------------------------------------------------------------------------------


def morning_twice() -> Scene:
    """The eve of the deadline, an office day: the one who registered the case is told, and the chief."""
    days = {"announced_date": date(2026, 2, 10), "awarded_date": date(2026, 3, 6)}
    works = {"work_starts_date": date(2026, 3, 20), "work_ends_date": date(2026, 9, 30)}
    told = stage.begin(**days, **works)
    MailPolicy.unscoped.create(tenant=told.tenant)  # 行がまだなければ、それを作ることが二人を並ばせてしまう
    ids: Ids = {"at": datetime(2026, 3, 10, 8, tzinfo=JST)}
    return Scene(told, ids, ids)
