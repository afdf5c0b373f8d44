"""How a guarantee comes in: what a city wants to be given, and the subject of the mail that brings it (R113, R115)."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from contracts.rules import choices, defaults
from contracts.rules.errors import RuleError
from contracts.rules.nodes import Field, OneOf, Rules, Table, Text, optional

KEY_ONLY, KEY_AND_SCREEN, PRINTED_NOTICE, ANY = choices.POLICIES
# 提出するものの定めごとに、どの種類でも求める書類。「any」は問わない。
PAPERS = MappingProxyType(
    {
        KEY_ONLY: frozenset({"notice"}),
        KEY_AND_SCREEN: frozenset({"notice", "certificate_screen"}),
        PRINTED_NOTICE: frozenset({"notice"}),
    }
)
ON_PAPER = frozenset({"bring", "post", "fax"})
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
FINDS_THE_CASE = frozenset({"number", "title"})

WAYS: Mapping[str, Field] = {
    "policy": optional(
        "提出するもの",
        OneOf(choices.POLICIES),
        "空けておくと、提出書類に保証証書があれば両方、なければお知らせだけとします。",
    ),
    "subjects": optional(
        "電子メールの件名",
        Table({key: optional(label, Text(longest=200)) for key, label in choices.GUARANTEE_TYPES.items()}),
        "差し込める値：" + "、".join(f"{{{key}}}（{label}）" for key, label in choices.SUBJECT_PARTS.items()),
    ),
}


def guarantee_policy(rules: Rules) -> str:
    """Tell what the city wants to be given (a key of POLICIES); where it does not say, its papers say it."""
    scope = rules["guarantee"]
    both = any("certificate_screen" in papers for papers in scope.get("papers", {}).values())
    policy: str = scope.get("policy", KEY_AND_SCREEN if both else KEY_ONLY)
    return policy


def mail_subjects(rules: Rules) -> Mapping[str, str]:
    """Give the template of the subject for each type the city takes, its own or the usual one."""
    own, usual = rules["guarantee"].get("subjects", {}), defaults.known("guarantee")["subjects"]
    return {key: own.get(key, usual[key]) for key in rules["guarantee"].get("types", ())}


def validate_ways(rules: Rules) -> None:
    """Refuse a policy that its papers or channels contradict, and a subject that no case could be found by."""
    scope = rules["guarantee"]
    policy = scope.get("policy", ANY)
    for type_ in scope["types"]:
        if policy in PAPERS and set(scope["papers"][type_]) != PAPERS[policy]:
            raise RuleError(
                f"「guarantee」の「papers」（提出書類）の「{type_}」が、"
                f"「policy」（提出するもの）の「{choices.POLICIES[policy]}」と合いません。"
            )
    if policy == PRINTED_NOTICE and not ON_PAPER.intersection(scope["channels"]):
        raise RuleError("「guarantee」の「channels」（提出方法）に、印刷したお知らせを受け取る方法がありません。")
    if policy == PRINTED_NOTICE and "upload" in scope["channels"]:
        raise RuleError("「guarantee」の「channels」（提出方法）の「upload」では、印刷したお知らせを受け取れません。")
    for type_, template in scope.get("subjects", {}).items():
        _check_subject(f"「guarantee」の「subjects」（電子メールの件名）の「{type_}」", template)


def _check_subject(what: str, template: str) -> None:
    named = PLACEHOLDER.findall(template)
    for name in named:
        if name not in choices.SUBJECT_PARTS:
            raise RuleError(f"{what}にある「{{{name}}}」は差し込めません。使えるのは{_parts()}です。")
    if not FINDS_THE_CASE.intersection(named):
        raise RuleError(f"{what}に、案件を見分ける「{{number}}」か「{{title}}」を入れてください。")


def _parts() -> str:
    return "、".join(choices.SUBJECT_PARTS)
