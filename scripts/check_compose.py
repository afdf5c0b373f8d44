"""docker-compose.yml が設定と食い違わないことを確かめる。

settings が読まない変数、足りない変数、既定値のある秘密、表の所有者の権限を持つ常駐のもの、健康診断のないもの、
root で動くもの、書ける容器、限りのないもの、外から部品へ届く網を挙げる。
"""

import ast
import re
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
# 既定値では本番が動かないもの。SECRET_KEY のように既定値のないものは settings から分かる。
PRODUCTION = {
    "BASE_URL", "DATABASE_URL", "DATABASE_OPS_URL", "REDIS_URL", "EMAIL_URL", "MAIL_FROM", "OPERATORS",
    "VAULT_MASTER_KEYSET",
    "TSA_URLS", "SIGNING_PKCS12", "SIGNING_PKCS12_PASSPHRASE", "SIGNING_CHAIN", "TRUST_ROOTS", "S3_BUCKET",
}  # fmt: skip
OWNER = "DATABASE_OWNER_URL"
FRONT = "front"
# 契約を持つ部品。外から届いてはならず、外へ出てもならない
PARTS = {"postgres", "redis", "files"}
PINNED = re.compile(r":[\w.-]*\d[\w.-]*$")
SECRET = re.compile(r"PASSWORD|PASSPHRASE|SECRET|KEYSET|ACCESS_KEY|AUTH")
REQUIRED = re.compile(r"\$\{\w+:?\?[^}]*\}")
SUBSTITUTION = re.compile(r"\$\{(\w+)([^}]*)\}")


def settings_variables() -> tuple[set[str], set[str]]:
    """Return the variables config/settings.py reads, and those it has no default for."""
    known, required = set(), set()
    for node in ast.walk(ast.parse((ROOT / "config/settings.py").read_text())):
        if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
            continue
        called = ast.unparse(node.func)
        if re.fullmatch(r"secret|env\.\w+", called):
            name = node.args[0].value
            known |= {name, f"{name}_FILE"} if called == "secret" else {name}
            if len(node.args) == 1 and not node.keywords:
                required.add(name)
    return known, required


def walls(name: str, service: dict[str, Any]) -> list[str]:
    """Return what a service may do beyond its work."""
    found = []
    if service.get("read_only") is not True:
        found.append("read_only にしてください")
    if service.get("cap_drop") != ["ALL"]:
        found.append("cap_drop を ALL にしてください")
    if "no-new-privileges:true" not in service.get("security_opt", []):
        found.append("no-new-privileges を付けてください")
    # 組み立てる像の利用者は Dockerfile の USER
    if "build" not in service and str(service.get("user", "root")).split(":")[0] in {"root", "0"}:
        found.append("root でない user を書いてください")
    found += [f"{limit} がありません" for limit in ("mem_limit", "pids_limit", "networks") if limit not in service]
    if "build" not in service and not PINNED.search(service.get("image", "")):
        found.append("image の版を決めてください")
    outside = [port for port in service.get("ports", []) if not str(port).startswith("127.0.0.1:")]
    if outside and name != FRONT:
        found.append("外へ開くのは front だけにしてください")
    return [f"{name}: {what}" for what in found]


def ways(compose: dict[str, Any]) -> list[str]:
    """Return how somebody outside could reach a part, or a part the outside."""
    services, networks = compose["services"], compose.get("networks", {})
    near_front = set(services.get(FRONT, {}).get("networks", []))
    found = []
    for name, service in services.items():
        of = set(service.get("networks", []))
        if name in PARTS and of & near_front:
            found.append(f"{name}: front から届く網にあります")
        if name in PARTS and any(not (networks.get(each) or {}).get("internal") for each in of):
            found.append(f"{name}: 外へ出られる網にあります")
    return found


def complaints(compose: dict[str, Any], text: str) -> list[str]:
    """Return every disagreement, in words."""
    known, required = settings_variables()
    found = []
    for name, service in compose["services"].items():
        environment = service.get("environment", {})
        lasting = service.get("restart") != "no"
        found += walls(name, service)
        if lasting and "healthcheck" not in service:
            found.append(f"{name}: healthcheck がありません")
        for variable, value in environment.items():
            if SECRET.search(variable) and not REQUIRED.search(str(value)):
                found.append(f"{name}: {variable} は ${{…:?}} で受け取ってください")
        if "build" not in service:
            continue
        found += [f"{name}: {variable} を settings は読みません" for variable in environment.keys() - known]
        found += [f"{name}: {variable} がありません" for variable in (required | PRODUCTION) - environment.keys()]
        if lasting and OWNER in environment:
            found.append(f"{name}: 表の所有者の {OWNER} を渡してはいけません")
        if not lasting and OWNER not in environment:
            found.append(f"{name}: {OWNER} がありません")
    found += ways(compose)
    for variable, default in SUBSTITUTION.findall(text):
        if SECRET.search(variable) and not default.startswith((":?", "?")):
            found.append(f"{variable} に既定値があります")
    return sorted(set(found))


def main() -> int:
    text = (ROOT / "docker-compose.yml").read_text()
    found = complaints(yaml.safe_load(text), text)
    for line in found:
        print(f"docker-compose.yml: {line}", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
