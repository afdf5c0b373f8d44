"""The habits of this project, where a machine can see whether they are kept."""

import ast
import importlib
import re
from pathlib import Path

import allauth
import pytest
from django.apps import apps
from django.conf import settings

from accounts.querysets import AskedManager, TenantQuerySet
from accounts.refusals import Refusal

ROOT = Path(settings.BASE_DIR)
APPS = ("accounts", "audit", "config", "contracts", "guarantees", "notifications", "outgoing", "signing", "vault")
CODE = sorted(path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)
SERVICES = [p for p in CODE if "services" in p.parts or p.name in {"services.py", "outbox.py", "journal.py"}]
WRITTEN = sorted(
    path
    for place in (*APPS, "templates", "static", "tests", "scripts", "docs")
    for path in (ROOT / place).rglob("*")
    if path.suffix in {".py", ".html", ".txt", ".css", ".js", ".toml", ".md", ".sh"}
)
# contracts.hooks が呼ぶので、形がほかと違う。
CALLED_BY_HOOKS = {"on_amended", "on_contracted"}
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())
# 画面ではなく、紙・メール・通信なしで開く一式のひな型
NOT_SERVED = {"pdf", "notifications", "packs"}
PAGES = [path for path in TEMPLATES if path.suffix == ".html" and not NOT_SERVED & set(path.parts)]
MAILS = sorted({path.parent for path in (ROOT / "templates/notifications").rglob("words.toml")})
# 様式の部品や枠。中身だけを差し替えるので、三つの文書を持たない。
MAIL_PARTS = re.compile(r"_\w+|base")
JAPANESE = "[぀-ヿ一-鿿]"
NAMED = re.compile(r"[\w/{}.()-]+\.(?:html|txt|toml)")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SERVICES, ids=name_of)
def test_a_service_is_told_the_time(path):
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]

    asked = [call.lineno for call in calls if getattr(call.func, "attr", "") in {"now", "today", "utcnow"}]

    assert asked == []


@pytest.mark.parametrize("path", SERVICES, ids=name_of)
def test_a_service_takes_one_row_and_then_keywords(path):
    functions = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
    public = [node for node in functions if not node.name.startswith("_")]

    crowded = {node.name for node in public if "at" in {arg.arg for arg in node.args.args[1:]}}

    assert crowded <= CALLED_BY_HOOKS


# links.py は、リンクの持ち主を、まだだれでもない人から見分けるところ。
VIEWS_AND_FORMS = [p for p in CODE if {"views", "forms"} & set(p.parts) and p.name != "links.py"]


@pytest.mark.parametrize("path", VIEWS_AND_FORMS, ids=name_of)
def test_pages_ask_for_rows_on_someones_behalf(path):
    assert ".unscoped" not in path.read_text()


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_a_file_fits_in_a_head(path):
    assert len(path.read_text().splitlines()) <= 400


def test_every_row_of_a_municipality_is_asked_for_on_someones_behalf():
    models = [m for m in apps.get_models() if any(f.name == "tenant" for f in m._meta.get_fields())]

    assert len(models) >= 15
    for model in models:
        assert isinstance(model._meta.default_manager, AskedManager), model
        assert issubclass(model._default_manager._queryset_class, TenantQuerySet), model
        assert model._meta.base_manager_name == "unscoped", model


def refusals_in(path: Path) -> list[tuple[int, str]]:
    """List the literal texts with which a module refuses people."""
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"))
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if not (isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name)):
            continue
        kind = getattr(module, node.exc.func.id, None)
        if isinstance(kind, type) and issubclass(kind, Refusal):
            found += [(node.lineno, text) for arg in node.exc.args if (text := literal(arg))]
    return found


def literal(node: ast.expr) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def test_people_are_refused_in_whole_japanese_sentences():
    texts = [(name_of(path), *found) for path in CODE if "management" not in path.parts for found in refusals_in(path)]

    assert len(texts) > 20
    assert [entry for entry in texts if not re.search(f"{JAPANESE}.*([。）：]|: )$", entry[2])] == []


def test_nothing_is_left_for_later():
    unfinished = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")

    left = [name_of(path) for path in WRITTEN if unfinished.search(path.read_text())]

    assert left == []


def test_every_template_is_used():
    written = [path.read_text() for path in CODE]
    written += [path.read_text() for path in TEMPLATES]
    patterns = {re.sub(r"\\\{[^}]*\}", "[^/]+", re.escape(name)) for text in written for name in NAMED.findall(text)}
    used = re.compile("|".join(patterns))
    components = set(re.findall(r"<c-([a-z0-9-]+)", "".join(written)))
    foreign = Path(allauth.__file__).parent / "templates"

    def is_used(path: Path) -> bool:
        name = str(path.relative_to(ROOT / "templates"))
        if path.parent.name == "components" and path.stem.replace("_", "-") in components:
            return True
        if path.parent in MAILS or re.fullmatch(r"[45]\d\d(_csrf)?\.html", name):
            return True
        return used.fullmatch(name) is not None or (foreign / name).exists()

    assert [name_of(path) for path in TEMPLATES if not is_used(path)] == []


@pytest.mark.parametrize("directory", MAILS, ids=name_of)
def test_every_mail_has_its_words_and_its_facts_and_is_sent(directory):
    senders = "".join(path.read_text() for path in CODE if path.name != "tellings.py")

    assert {path.name for path in directory.iterdir()} == {"words.toml", "body.txt"}
    assert re.search(rf'["/]{directory.name}"', senders)


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_pages_carry_no_inline_script_or_style_and_every_post_its_token(path):
    text = path.read_text()

    assert re.findall(r"<[^>]*\s(?:style|on[a-z]+)=|<style|<script(?![^>]*\ssrc=)|javascript:", text) == []
    for form in re.findall(r"<form\b[^>]*method=\"post\".*?</form>", text, re.S):
        assert "{% csrf_token %}" in form
