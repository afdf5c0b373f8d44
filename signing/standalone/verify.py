#!/usr/bin/env python3
"""契約の一式（むすび）が、作られたあとに変えられていないことを、この計算機だけで確かめます。通信はしません。

    python verify.py                この verify.py のあるフォルダーを確かめる
    python verify.py フォルダー --root tsa-root.cer --anchors anchors-2026-11-22.json --json

Python 3.9 以降だけで動きます。cryptography があれば時刻認証局の署名を、pyhanko があれば PDF の署名も計算し直します。
なければ、確かめていないと書きます。終了コードは、合わないところがあれば 1、一式として読めなければ 2、ほかは 0 です。
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import logging
import ssl
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Any

PACK, PROOF, ANCHORS, MANIFEST = "musubi-pack-1", "musubi-journal-proof-1", "musubi-anchors-1", "manifest.json"
TST_INFO, MESSAGE_DIGEST = bytes.fromhex("2a864886f70d0109100104"), bytes.fromhex("2a864886f70d010904")
PSS, SHA2 = bytes.fromhex("2a864886f70d01010a"), bytes.fromhex("6086480165030402")
DIGESTS = {SHA2 + b"\1": "sha256", SHA2 + b"\2": "sha384", SHA2 + b"\3": "sha512"}
MARKS = {"held": "○", "unchecked": "－", "failed": "×"}
UNREADABLE = (ValueError, KeyError, IndexError, TypeError, AttributeError, StopIteration)


class Wrong(Exception):
    """Say what does not hold."""


@dataclass
class Check:
    """One pack, whom its reader trusts, and what was found: each finding is a place and what is said of it."""

    pack: Path
    roots: list[bytes]
    published: dict[int, str]
    held: list[tuple[str, str]] = field(default_factory=list)
    unchecked: list[tuple[str, str]] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)

    def run(self) -> None:
        """Check the files against the manifest, the journal up to the time authority, and the signatures."""
        listed = self._manifest()
        for name, entry in listed.items():
            self._file(name, entry)
        present = {path.relative_to(self.pack).as_posix() for path in self.pack.rglob("*") if not path.is_dir()}
        for name in sorted(present - {*listed, MANIFEST}):
            self.failed.append((name, "目録（manifest.json）にないファイルです。"))
        events = {each["seq"]: each for name in listed if name.endswith(".json") for each in self._journal(name)}
        if not events:
            self.failed.append((MANIFEST, f"確かめられる操作記録の証明（{PROOF}）が、一式にありません。"))
        papers = [name for name in listed if name.lower().endswith(".pdf")]
        for name in papers:
            self._named(name, listed[name], events)
        self._signatures([name for name in papers if (self.pack / name).is_file()])

    def _manifest(self) -> dict[str, dict[str, Any]]:
        try:
            manifest = json.loads((self.pack / MANIFEST).read_text(encoding="utf-8"))
            listed = {entry["path"]: entry for entry in manifest["files"]}
            if manifest["format"] != PACK or len(listed) != len(manifest["files"]) or not all(map(_is_inside, listed)):
                raise Wrong(f"目録（{MANIFEST}）の書式が違うか、同じ名が二度あるか、外を指す名があります。")
        except (OSError, *UNREADABLE) as error:
            raise Wrong(f"目録（{MANIFEST}）がないか、読めません。") from error
        return listed

    def _file(self, name: str, entry: dict[str, Any]) -> None:
        try:
            content = (self.pack / name).read_bytes()
        except OSError:
            self.failed.append((name, "目録にあるファイルがないか、読めません。"))
            return
        if (len(content), hashlib.sha256(content).hexdigest()) == (entry.get("size"), entry.get("sha256")):
            self.held.append((name, "目録の SHA-256 と一致します。"))
        else:
            self.failed.append((name, "中身が、目録の大きさと SHA-256 に一致しません。"))

    def _named(self, name: str, entry: dict[str, Any], events: dict[int, Any]) -> None:
        """Check that the journal names a paper's SHA-256 in the event which the manifest gives."""
        seq = entry.get("event")
        if seq is None:
            self.unchecked.append((name, "操作記録のどの出来事に対応するか、目録に書かれていません。"))
        elif seq not in events:
            self.failed.append((name, f"対応する操作記録の出来事 {seq} が、一式にないか、確かめられません。"))
        elif str(entry.get("sha256")) not in events[seq]["text"]:
            self.failed.append((name, f"SHA-256 が、操作記録の出来事 {seq} に書かれたものと違います。"))
        else:
            place = self.unchecked if events[seq]["anchor"] is None else self.held
            place.append((name, f"操作記録の出来事 {seq} に書かれた SHA-256 と一致します。"))

    def _journal(self, name: str) -> list[dict[str, Any]]:
        """Check a proof; return its events that hold."""
        try:
            proof = json.loads((self.pack / name).read_text(encoding="utf-8"))
            if not isinstance(proof, dict) or proof.get("format") != PROOF:
                return []
            anchors = proof["anchors"]
            good = list(self._events(name, proof["events"], anchors))
            used = sorted({each["anchor"] for each in proof["events"] if each["anchor"] is not None})
            for number in used:
                self._attested(f"{name}: 錨 {number}", anchors[str(number)])
        except (OSError, *UNREADABLE):
            self.failed.append((name, "操作記録の証明（JSON）として読めません。"))
            return []
        self.held.append((name, f"出来事 {len(good)} 件が、ハッシュ値と錨 {len(used)} 本のとおりです。"))
        return good

    def _events(self, name: str, events: list[Any], anchors: dict[str, Any]) -> Iterator[dict[str, Any]]:
        last: dict[str, Any] = {"seq": 0, "hash": "0" * 64}
        end = max((json.loads(anchor["city"]["text"])["seq"] for anchor in anchors.values()), default=0)
        for each in events:
            where = f"{name}: 出来事 {each['seq']}"
            try:
                _check_event(each, last, end)
                if each["anchor"] is None:
                    self.unchecked.append((where, "作られた時点で、まだ錨に収められていませんでした。"))
                else:
                    _check_anchored(each, anchors[str(each["anchor"])])
                yield each
            except Wrong as wrong:
                self.failed.append((where, str(wrong)))
            last = each

    def _attested(self, where: str, anchor: dict[str, Any]) -> None:
        if not self.published:
            self.unchecked.append((where, "公開された錨の一覧（--anchors）とは照らしていません。"))
        elif self.published.get(json.loads(anchor["text"])["number"]) != anchor["hash"]:
            self.failed.append((where, "公開された錨の一覧に、この錨のハッシュ値がありません。"))
        try:
            token = Token(base64.b64decode(anchor["token"]))
            token.check_over(bytes.fromhex(anchor["hash"]))
            self.held.append((where, f"{token.at:%Y-%m-%d %H:%M:%S} UTC のタイムスタンプがあります。"))
            if find_spec("cryptography") is None:
                self.unchecked.append((where, "時刻認証局の署名は、cryptography がないので確かめていません。"))
                return
            name = token.check_issuer(self.roots)
            self.held.append((where, f"{name} の署名は正しく計算できます。"))
            if not self.roots:
                self.unchecked.append((where, "時刻認証局を信頼するかは、--root なしでは分かりません。"))
        except Wrong as wrong:
            self.failed.append((where, str(wrong)))

    def _signatures(self, papers: list[str]) -> None:
        if papers and find_spec("pyhanko") is None:
            self.unchecked.append(("*.pdf", f"PDF {len(papers)} 件の署名は、pyhanko がないので確かめていません。"))
            return
        logging.disable(logging.CRITICAL)
        for name in papers:
            try:
                count = _check_paper(self.pack / name, self.roots)
            except Exception as error:  # noqa: BLE001 - 壊れた PDF は何種類もの例外になる
                self.failed.append((name, str(error) if isinstance(error, Wrong) else "PDF の署名を読めません。"))
                continue
            if count:
                self.held.append((name, f"PDF の署名とタイムスタンプ {count} 個は、どれも正しく、変えられていません。"))
            if not (count and self.roots):
                why = "署名者を信頼するかは、--root なしでは分かりません。" if count else "署名のない PDF です。"
                self.unchecked.append((name, why))


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(name) and not path.is_absolute() and ".." not in path.parts and "\\" not in name and ":" not in name


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _check_event(each: dict[str, Any], last: dict[str, Any], end: int) -> None:
    if _sha256(each["previous_hash"] + each["text"]) != each["hash"]:
        raise Wrong("内容がハッシュ値と一致しません。")
    if json.loads(each["text"])["seq"] != each["seq"] or each["seq"] <= last["seq"]:
        raise Wrong("番号が正しくありません。")
    if each["seq"] == last["seq"] + 1 and each["previous_hash"] != last["hash"]:
        raise Wrong("前の出来事とつながりません。")
    if each["anchor"] is None and each["seq"] <= end:
        raise Wrong("後の出来事は錨に収められているのに、この出来事の証明がありません。")


def _check_anchored(each: dict[str, Any], anchor: dict[str, Any]) -> None:
    """Climb from an event to the root of its stretch, and from the stretch to the root of the anchor."""
    stretch, place, number = each["stretch"], anchor["city"], each["anchor"]
    city, told = json.loads(place["text"]), json.loads(anchor["text"])
    if told["number"] != number or json.loads(each["text"])["tenant_id"] != city["tenant_id"]:
        raise Wrong("ほかの錨か、ほかの自治体の証明が付いています。")
    if (stretch["index"], stretch["size"]) != (each["seq"] - city["first"], city["seq"] - city["first"] + 1):
        raise Wrong("番号が、証明の位置と合いません。")
    if _reached(bytes.fromhex(each["hash"]), stretch) != city["root"]:
        raise Wrong("錨に収めた区間の出来事ではありません。")
    if place["size"] != told["cities"] or _reached(place["text"].encode(), place) != told["root"]:
        raise Wrong(f"自治体の区間が、錨 {number} の根に届きません。")
    if _sha256(anchor["previous_hash"] + anchor["text"]) != anchor["hash"]:
        raise Wrong(f"錨 {number} の内容がハッシュ値と一致しません。")


def _reached(entry: bytes, place: dict[str, Any]) -> str:
    """Return the root to which a path leads (RFC 9162 §2.1.3.2), in hex; empty when none fits there."""
    value = hashlib.sha256(b"\0" + entry).digest()
    index, last, path = place["index"], place["size"] - 1, [bytes.fromhex(each) for each in reversed(place["path"])]
    while 0 <= index <= last and last:
        if index ^ 1 <= last:
            if not path:
                return ""
            other = path.pop()
            value = hashlib.sha256(b"\1" + (other + value if index & 1 else value + other)).digest()
        index, last = index >> 1, last >> 1
    return "" if path or last or index else value.hex()


class Token:
    """A time-stamp token (RFC 3161): what it says of which digest, and the container (RFC 5652) that says it."""

    def __init__(self, der: bytes) -> None:
        try:
            self._read(_nodes(_nodes(_nodes(_nodes(der)[0][1])[1][1])[0][1]))
        except UNREADABLE as error:
            raise Wrong("タイムスタンプを読めません。") from error

    def _read(self, signed: list[Any]) -> None:
        _version, _digests, inner, *rest = signed
        kind, carried = _nodes(inner[1])
        if kind[1] != TST_INFO:
            raise ValueError("no TSTInfo")
        self.info = _nodes(carried[1])[0][1]
        self.certificates = [whole for tag, each, _ in rest if tag == 0xA0 for _, _, whole in _nodes(each)]
        _version, _signer, digest, attributes, algorithm, value, *_unsigned = _nodes(_nodes(rest[-1][1])[0][1])
        self.attributes, self.algorithm, self.signature = b"\x31" + attributes[2][1:], algorithm[1], value[1]
        self.digest = DIGESTS[_nodes(digest[1])[0][1]]
        pairs = [_nodes(each) for _, each, _ in _nodes(attributes[1])]
        self.told = next(_nodes(values[1])[0][1] for kind, values in pairs if kind[1] == MESSAGE_DIGEST)
        _version, _policy, imprint, _serial, made, *_ = _nodes(_nodes(self.info)[0][1])
        hashed, (_, self.imprint, _) = _nodes(imprint[1])
        self.imprint_digest = DIGESTS[_nodes(hashed[1])[0][1]]
        self.at = datetime.strptime(made[1][:14].decode(), "%Y%m%d%H%M%S").replace(tzinfo=timezone.utc)  # noqa: UP017 - 3.9 でも動くように

    def check_over(self, digest: bytes) -> None:
        """Raise Wrong unless the token is over this SHA-256 digest, and its container over what it says."""
        if (self.imprint_digest, self.imprint) != ("sha256", digest):
            raise Wrong("タイムスタンプが、この錨のハッシュ値に対するものではありません。")
        if hashlib.new(self.digest, self.info).digest() != self.told:
            raise Wrong("タイムスタンプの中身が、署名された値と一致しません。")

    def check_issuer(self, roots: list[bytes]) -> str:
        """Compute the signature anew, lead its certificate to a given root, valid at the time told; return its name."""
        from cryptography import x509

        try:
            load = x509.load_der_x509_certificate
            carried, trusted = list(map(load, self.certificates)), list(map(load, roots))
            issuer = next(each for each in carried if _may_stamp(each) and self._is_by(each.public_key()))
        except UNREADABLE as error:
            raise Wrong("時刻認証局の署名が正しくありません。") from error
        chain: list[Any] = [issuer]
        while trusted and chain[-1] not in trusted:
            above = (each for each in [*trusted, *carried] if each not in chain and _has_issued(each, chain[-1]))
            chain.append(next(above, None))
            if chain[-1] is None:
                raise Wrong("時刻認証局の証明書が、与えられたルート証明書につながりません。")
        if not all(each.not_valid_before_utc <= self.at <= each.not_valid_after_utc for each in chain):
            raise Wrong("時刻認証局の証明書が、タイムスタンプの時刻に有効ではありません。")
        return str(issuer.subject.rfc4514_string())

    def _is_by(self, key: Any) -> bool:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import ec, padding

        known = getattr(hashes, self.digest.upper())()
        is_pss = _nodes(self.algorithm)[0][1] == PSS
        padded: Any = padding.PSS(padding.MGF1(known), padding.PSS.AUTO) if is_pss else padding.PKCS1v15()
        scheme: Any = (ec.ECDSA(known),) if isinstance(key, ec.EllipticCurvePublicKey) else (padded, known)
        try:
            key.verify(self.signature, self.attributes, *scheme)
        except InvalidSignature:
            return False
        return True


def _may_stamp(certificate: Any) -> bool:
    """RFC 3161 2.3: the one purpose of an authority's certificate is timeStamping."""
    from cryptography.x509 import ExtendedKeyUsage, oid

    uses = [each.value for each in certificate.extensions if isinstance(each.value, ExtendedKeyUsage)]
    return [list(each) for each in uses] == [[oid.ExtendedKeyUsageOID.TIME_STAMPING]]


def _has_issued(issuer: Any, certificate: Any) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except Exception:  # noqa: BLE001 - 名が違う、署名が違う、知らない鍵: どれも発行者ではない
        return False
    return True


def _nodes(der: bytes) -> list[tuple[int, bytes, bytes]]:
    """Split DER into its elements: tag, content, whole; raises ValueError for what is cut short."""
    found, at = [], 0
    while at < len(der):
        tag, length, start = der[at], der[at + 1], at + 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(der[at + 2 : start], "big")
        if start + length > len(der):
            raise ValueError("cut short")
        found.append((tag, der[start : start + length], der[at : start + length]))
        at = start + length
    return found


def _check_paper(path: Path, roots: list[bytes]) -> int:
    """Check every signature and document timestamp of a PDF; return how many there are. Raises Wrong."""
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation.status import SignatureCoverageLevel as Coverage

    with path.open("rb") as file:
        seals = PdfFileReader(file).embedded_signatures
        for seal in seals:
            status = _status(seal, roots)
            if not (status.intact and status.valid):
                raise Wrong(f"署名 {seal.field_name} の内容が変えられています。")
            if status.coverage < Coverage.ENTIRE_REVISION or status.docmdp_ok is False:
                raise Wrong(f"署名 {seal.field_name} の後に、許されない変更が加えられています。")
            if roots and not status.trusted:
                raise Wrong(f"署名 {seal.field_name} の証明書が、与えられたルート証明書につながりません。")
        if seals and seals[-1].coverage != Coverage.ENTIRE_FILE:
            raise Wrong("最後の署名の後ろに、署名に覆われていないデータがあります。")
        return len(seals)


def _status(seal: Any, roots: list[bytes]) -> Any:
    from asn1crypto import x509
    from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
    from pyhanko_certvalidator import ValidationContext

    seal.compute_integrity_info()
    trusted = [x509.Certificate.load(each) for each in roots]
    if seal.sig_object.get("/Type") == "/DocTimeStamp":
        return validate_pdf_timestamp(seal, ValidationContext(trust_roots=trusted, allow_fetching=False))
    moment = _stamped_at(seal.signer_info)
    return validate_pdf_signature(seal, ValidationContext(trust_roots=trusted, allow_fetching=False, moment=moment))


def _stamped_at(signer: Any) -> datetime | None:
    unsigned = signer["unsigned_attrs"]
    kept = {each["type"].native: each["values"][0] for each in (unsigned if unsigned.native else ())}
    token: Any = kept.get("signature_time_stamp_token")
    return token and token["content"]["encap_content_info"]["content"].parsed["gen_time"].native  # type: ignore[no-any-return]


def _published(path: Path) -> dict[int, str]:
    listed = json.loads(path.read_text(encoding="utf-8"))
    if listed.get("format") != ANCHORS:
        raise Wrong(f"{path} は、公開された錨の一覧（{ANCHORS}）ではありません。")
    return {json.loads(each["text"])["number"]: each["hash"] for each in listed["anchors"]}


def _written(check: Check, *, as_json: bool) -> str:
    found = {name: getattr(check, name) for name in MARKS}
    if as_json:
        told = {name: [{"where": where, "what": what} for where, what in found[name]] for name in found}
        return json.dumps({"verdict": "failed" if check.failed else "held", **told}, ensure_ascii=False, indent=1)
    lines = [f"{MARKS[name]} {where}: {what}" for name in found for where, what in found[name]]
    last = f"合わないところが {len(check.failed)} か所あります。" if check.failed else "合わないところはありません。"
    return "\n".join([*lines, f"{last}　確かめていないところ（－）は {len(check.unchecked)} か所です。"])


def main(arguments: list[str]) -> int:
    """Run from the command line; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pack", nargs="?", type=Path, default=Path(__file__).resolve().parent, help="一式のフォルダー")
    parser.add_argument("--root", type=Path, action="append", default=[], help="信頼するルート証明書（DER か PEM）")
    parser.add_argument("--anchors", type=Path, help="公開された錨の一覧")
    parser.add_argument("--json", action="store_true", help="結果を JSON で出す")
    options = parser.parse_args(arguments)
    try:
        published = _published(options.anchors) if options.anchors else {}
        given = [path.read_bytes() for path in options.root]
        roots = [ssl.PEM_cert_to_DER_cert(each.decode()) if b"-----BEGIN" in each else each for each in given]
        check = Check(options.pack, roots, published)
        check.run()
    except (Wrong, OSError, *UNREADABLE) as wrong:
        sys.stderr.write(f"{wrong}\n")
        return 2
    sys.stdout.write(_written(check, as_json=options.json) + "\n")
    return 1 if check.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
