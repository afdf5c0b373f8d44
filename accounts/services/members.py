"""The people of a city: who joins, which roles they hold from when to when, who leaves.

Roles are terms with a first and a last day (JST, both count); a term is ended, never erased, unless it has not begun.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts import permissions
from accounts.actors import Actor
from accounts.kana import check_reading
from accounts.models import Department, Membership, Organization, Role, User
from accounts.querysets import lock
from accounts.refusals import Refusal
from accounts.services import evidence, passwords, sittings


class PeopleRefused(Refusal):
    """A member or a role cannot be registered or changed this way."""


@dataclass(frozen=True)
class Post:
    """Where and until when a role is held: 所属・役職・任期、署名者はその根拠."""

    department: Department | None
    title: str = ""
    basis: str = ""
    starts_date: date | None = None
    ends_date: date | None = None


@transaction.atomic
def add(
    *, actor: Actor, at: datetime, email: str, name: str, roles: Iterable[str], post: Post, name_kana: str = ""
) -> User:
    """Register a person with their roles, and mail them the link with which they choose their password.

    Raises PeopleRefused for an address of a domain that nobody in the city has, or one that is in use: what the
    refusal says never tells whether the address is known in another city.
    """
    permissions.check(permissions.can_register_members, actor)
    roles = sorted(set(roles))
    if not roles:
        raise PeopleRefused("役割を一つ以上選んでください。")
    city = Organization.objects.get(pk=actor.tenant_id)
    _check_roles(roles, city=city)
    email = email.strip().lower()
    check_address(email, actor=actor)
    user = User.objects.create_user(email=email, name=name, name_kana=check_reading(name_kana))
    held = [_hold(user, role=role, post=post, actor=actor) for role in roles]
    passwords.send_link(user, tenant=city, at=at)
    evidence.record(
        "people.member_added",
        actor=actor,
        at=at,
        thread=evidence.thread_of(user),
        subject=f"user:{user.pk}",
        person=evidence.about(user),
        roles=[evidence.described(membership) for membership in held],
    )
    return user


def _check_roles(roles: Iterable[str], *, city: Organization) -> None:
    if strangers := set(roles) - set(Role.of(city.kind)):
        names = "、".join(Role(each).label for each in sorted(strangers))
        raise PeopleRefused(f"{city.name}（{city.get_kind_display()}）には置けない役割です：{names}。")


def check_address(email: str, *, actor: Actor) -> None:
    """Refuse an address of a domain that nobody in the city has, or one that is in use (PeopleRefused)."""
    # 断りの文から、よその市に登録があるかどうかを知られないように、先にドメインで断る（docs/adr を参照）。
    members = Membership.unscoped.filter(tenant_id=actor.tenant_id)
    domain = email.rpartition("@")[2]
    if not actor.is_system and not members.filter(user__email__iendswith=f"@{domain}").exists():
        raise PeopleRefused(
            f"「{domain}」のアドレスは登録できません。いまの職員と同じドメインのアドレスを入力してください。"
            "新しいドメインを使うときは、むすびの運用者に最初の一人の登録をご依頼ください。"
        )
    known = User.objects.filter(email__iexact=email).first()
    if known is None:
        return
    if members.filter(user=known).exists():
        raise PeopleRefused("このアドレスの職員は、すでに一覧にあります。その職員のページで役割を加えてください。")
    raise PeopleRefused("このアドレスは、ここからは登録できません。むすびの運用者にご確認ください。")


def _hold(user: User, *, role: str, post: Post, actor: Actor) -> Membership:
    membership = Membership(tenant_id=actor.tenant_id, user=user, role=role)
    _place(membership, post)
    membership.save(force_insert=True)
    return membership


def _place(membership: Membership, post: Post) -> None:
    if post.starts_date and post.ends_date and post.ends_date < post.starts_date:
        raise PeopleRefused("任期の末日が就任日より前になっています。")
    membership.department, membership.title = post.department, post.title
    membership.basis = post.basis if membership.role == Role.SIGNATORY else ""
    membership.starts_date, membership.ends_date = post.starts_date, post.ends_date


@transaction.atomic
def give_role(user: User, *, actor: Actor, at: datetime, role: str, post: Post) -> Membership:
    """Give a member one more role; raises PeopleRefused for a role they have on record already."""
    permissions.check(permissions.can_register_members, actor)
    _check_roles([role], city=Organization.objects.get(pk=actor.tenant_id))
    if Membership.unscoped.filter(tenant_id=actor.tenant_id, user=user, role=role).exists():
        raise PeopleRefused(
            "この役割はすでに記録されています。任期を改めるときは、その役割の「変える」を押してください。"
        )
    membership = _hold(user, role=role, post=post, actor=actor)
    sittings.end_for(user, actor=actor)
    _record("people.role_given", membership, actor=actor, at=at, after=evidence.described(membership))
    return membership


def _record(action: str, membership: Membership, *, actor: Actor, at: datetime, **data: object) -> None:
    evidence.record(
        action,
        actor=actor,
        at=at,
        thread=evidence.thread_of(membership.user),
        subject=f"membership:{membership.pk}",
        person=evidence.about(membership.user),
        **data,
    )


@transaction.atomic
def change_role(membership: Membership, *, actor: Actor, at: datetime, edit_number: int, post: Post) -> Membership:
    """Change where, as what and until when a role is held. Nothing is written when nothing changes.

    `edit_number` is the one the asker has seen: raises PeopleRefused when someone else was faster, and where the
    city would be left without an administrator.
    """
    permissions.check(permissions.can_register_members, actor)
    membership = _locked(membership)
    if membership.edit_number != edit_number:
        raise PeopleRefused(
            "ほかの運用管理者が、先にこの役割を変えました。いまの内容を確かめてから、やり直してください。"
        )
    before = evidence.described(membership)
    _place(membership, post)
    after = evidence.described(membership)
    if after == before:
        return membership
    membership.edit_number += 1
    membership.save()
    _keep_administered(membership, today=timezone.localdate(at))
    sittings.end_for(membership.user, actor=actor)
    ended = bool(after["ends_date"]) and after["ends_date"] != before["ends_date"]
    action = "people.role_ended" if ended else "people.role_changed"
    _record(action, membership, actor=actor, at=at, before=before, after=after)
    return membership


def _locked(membership: Membership) -> Membership:
    if membership.role == Role.ADMINISTRATOR:
        # 二人の運用管理者が同時に互いの役割を終えても、一人は残るように。
        rows = Membership.unscoped.filter(tenant_id=membership.tenant_id, role=Role.ADMINISTRATOR)
        list(rows.select_for_update().order_by("pk"))
    return lock(membership)


def _keep_administered(membership: Membership, *, today: date) -> None:
    """Refuse a change after which some day from now on would find the city without an administrator."""
    if membership.role != Role.ADMINISTRATOR:
        return
    rows = Membership.unscoped.filter(tenant_id=membership.tenant_id, role=Role.ADMINISTRATOR, user__is_active=True)
    ends = rows.filter(ends_date__gte=today).values_list("ends_date", flat=True)
    days = {today, *(last_day + timedelta(days=1) for last_day in ends if last_day)}
    if not all(rows.held_on(day).exists() for day in days):
        raise PeopleRefused(
            "運用管理者のいない日ができるため、この役割は終えられません。"
            "先に、後任の職員に運用管理者の役割を加えてください。"
        )


@transaction.atomic
def withdraw_role(membership: Membership, *, actor: Actor, at: datetime) -> None:
    """Take back a role whose term has not begun; raises PeopleRefused once it has."""
    permissions.check(permissions.can_register_members, actor)
    membership = _locked(membership)
    if membership.starts_date is None or membership.starts_date <= timezone.localdate(at):
        raise PeopleRefused("始まった役割は取りやめられません。任期の末日を入れて終えてください。")
    before, pk = evidence.described(membership), membership.pk
    membership.delete()
    _keep_administered(membership, today=timezone.localdate(at))
    membership.pk = pk
    _record("people.role_withdrawn", membership, actor=actor, at=at, before=before)


@transaction.atomic
def leave(user: User, *, actor: Actor, at: datetime, last_date: date) -> list[Membership]:
    """End every role of a person on a day (転出・退職): terms that end earlier stay, those not begun are taken back.

    Raises PeopleRefused when nothing is left to end, or where the city would be left without an administrator.
    """
    permissions.check(permissions.can_register_members, actor)
    rows = Membership.unscoped.filter(tenant_id=actor.tenant_id, user=user).select_related("user", "department")
    open_ = [row for row in rows.order_by("pk") if row.ends_date is None or row.ends_date > last_date]
    if not open_:
        raise PeopleRefused("この日より後まで続く役割はありません。")
    ended = [_end(row, last_date=last_date, today=timezone.localdate(at)) for row in map(_locked, open_)]
    sittings.end_for(user, actor=actor)
    evidence.record(
        "people.left",
        actor=actor,
        at=at,
        thread=evidence.thread_of(user),
        subject=f"user:{user.pk}",
        person=evidence.about(user),
        last_date=last_date.isoformat(),
        roles=[row.get_role_display() for row in ended],
    )
    return ended


def _end(membership: Membership, *, last_date: date, today: date) -> Membership:
    if membership.starts_date is not None and membership.starts_date > last_date:
        if membership.starts_date <= today:
            raise PeopleRefused(f"{membership.get_role_display()}の就任日より前の日では終えられません。")
        membership.delete()
    else:
        membership.ends_date = last_date
        membership.edit_number += 1
        membership.save(update_fields=["ends_date", "edit_number"])
    _keep_administered(membership, today=today)
    return membership


@transaction.atomic
def rename(user: User, *, actor: Actor, at: datetime, name: str, seen: str, name_kana: str = "") -> User:
    """Correct a person's name and its reading; `seen` is the name the asker saw.

    Contracts keep the name they were signed under.
    """
    permissions.check(permissions.can_register_members, actor)
    user = User.objects.select_for_update().get(pk=user.pk)
    if user.name != seen:
        raise PeopleRefused("ほかの運用管理者が、先に氏名を変えました。いまの氏名を確かめてください。")
    before, after = _called(user), (name, check_reading(name_kana))
    if before == after:
        return user
    user.name, user.name_kana = after
    user.save(update_fields=["name", "name_kana"])
    evidence.record(
        "people.renamed",
        actor=actor,
        at=at,
        thread=evidence.thread_of(user),
        subject=f"user:{user.pk}",
        before=_said(before),
        after=_said(after),
    )
    return user


def _called(user: User) -> tuple[str, str]:
    return user.name, user.name_kana


def _said(called: tuple[str, str]) -> str:
    name, kana = called
    return f"{name}（{kana}）" if kana else name
