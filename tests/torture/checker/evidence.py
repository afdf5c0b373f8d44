"""What a drill left behind, read with nothing of the product's: rows, objects, mails, books, logs and papers."""

import email
import email.policy
import json
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import psycopg
import redis
from psycopg.rows import dict_row

Row = dict[str, Any]
TABLES = {
    "organizations": "select id, slug from accounts_organization",
    "cases": "select id, tenant_id, number, state, conclusion_deadline_date from contracts_case",
    "contracts": "select id, tenant_id, case_id, state from contracts_contract",
    "versions": "select id, tenant_id, contract_id, state, fixed_at, concluded_at, late_reason"
    " from contracts_contractversion",
    "steps": 'select id, tenant_id, version_id, "order", party, kind, state, instructed_at, signed_at, email'
    " from contracts_signingstep",
    "jobs": "select id, tenant_id, step_id, document_id, state, attempts, done_at from contracts_signingjob",
    "documents": "select id, tenant_id, version_id, kind, removed_at from contracts_document",
    "revisions": "select id, tenant_id, document_id, number, size, sha256, tail_id, step_id, made_at, timestamped_at,"
    " archived_at from contracts_revision",
    "files": "select id, tenant_id, sha256, size, created_at, destroyed_at from vault_storedfile",
    "deliveries": 'select id, tenant_id, template, "to", state, message_id, thread, about, attempts, created_at'
    " from notifications_delivery",
    "events": "select tenant_id, seq, at, action, actor_kind, actor_name, ip, subject, thread, data, previous_hash,"
    " hash from audit_event order by tenant_id, seq",
    "heads": "select tenant_id, seq, hash from audit_head",
    "links": "select id, tenant_id, purpose, step_id, revoked_at from contracts_accesslink",
    "users": "select id, email from accounts_user",
}


@dataclass
class Evidence:
    """Everything the questions are put to; a copy of it may be spoilt to see that they notice."""

    rows: dict[str, list[Row]]
    objects: list[Row]
    mails: list[Row]
    people: list[Row]
    tsa: list[Row]
    manifest: Row
    logs: dict[str, str]
    secrets: list[str]
    waiting_bells: int
    temporary: list[str]
    papers: Path
    roots: Path
    _index: dict[tuple[str, str], dict[Any, list[Row]]] = field(default_factory=dict, repr=False)

    def by(self, table: str, column: str) -> dict[Any, list[Row]]:
        """Index a table by a column."""
        found: dict[Any, list[Row]] = defaultdict(list)
        for row in self.rows[table]:
            found[row[column]].append(row)
        return found

    def one(self, table: str, key: Any) -> Row:
        """Find a row by its number."""
        if (table, "id") not in self._index:
            self._index[table, "id"] = self.by(table, "id")
        return self._index[table, "id"][key][0]

    def documents(self) -> list[Row]:
        """List the documents of concluded versions that the parties sign, each with its steps and its last digest."""
        revisions, steps = self.by("revisions", "document_id"), self.by("steps", "version_id")
        concluded = {row["id"]: row for row in self.rows["versions"] if row["state"] == "concluded"}
        found = []
        for row in self.rows["documents"]:
            if row["version_id"] in concluded and row["kind"] != "certificate" and row["removed_at"] is None:
                signing = sorted((s for s in steps[row["version_id"]] if s["kind"] == "sign"), key=lambda s: s["order"])
                last = max(revisions[row["id"]], key=lambda r: r["number"], default={"sha256": ""})
                found.append(row | {"steps": signing, "sha256": last["sha256"], "revisions": revisions[row["id"]]})
        return found

    def number_of(self, version_id: int) -> str:
        """Name the case of a version."""
        contract = self.one("contracts", self.one("versions", version_id)["contract_id"])
        found = (row["number"] for row in self.rows["cases"] if row["id"] == contract["case_id"])
        return str(next(found, "案件のない版"))


def gather(place: Path) -> Evidence:
    """Read what is left, from where `where.json` says it is."""
    where = json.loads((place / "where.json").read_text())
    with psycopg.connect(where["database"], row_factory=dict_row) as connection:
        rows = {name: connection.execute(question).fetchall() for name, question in TABLES.items()}
    with redis.Redis.from_url(where["redis"]) as client:
        waiting = int(client.llen("celery"))  # type: ignore[arg-type]
    return Evidence(
        rows=rows,
        objects=_objects(where["s3"], where["bucket"]),
        mails=[_mail(path) for path in sorted(Path(where["mailbox"]).glob("*.eml"))],
        people=_book(place / "people.jsonl"),
        tsa=_book(place / "tsa.jsonl"),
        manifest=json.loads((place / "manifest.json").read_text()),
        logs={path.name: path.read_text(errors="replace") for path in Path(where["logs"]).glob("*.log")},
        secrets=where["secrets"],
        waiting_bells=waiting,
        temporary=where["temporary"],
        papers=place / "papers",
        roots=Path(where["roots"]),
    )


def _objects(address: str, bucket: str) -> list[Row]:
    """List every version of every object."""
    client = boto3.client(
        "s3", endpoint_url=address, aws_access_key_id="x", aws_secret_access_key="x", region_name="ap-northeast-1"
    )
    pages = client.get_paginator("list_object_versions").paginate(Bucket=bucket)
    return [
        {"key": each["Key"], "size": each["Size"], "at": each["LastModified"], "is_latest": each["IsLatest"]}
        for page in pages
        for each in page.get("Versions", [])
    ]


def _mail(path: Path) -> Row:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    body = message.get_body(preferencelist=("plain",))
    return {
        "id": str(message["Message-ID"]),
        "to": str(message["Delivered-To"]).strip(),
        "subject": str(message["Subject"]),
        "text": body.get_content() if body else "",
    }


def _book(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
