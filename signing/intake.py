"""受け取る PDF を選ぶ門。直して受け取ることはせず、受け取れないときは、どうすればよいかを伝える。"""

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INSPECTOR = Path(__file__).with_name("inspector.py")
WALL_SECONDS = 30
MEBIBYTE = 1024 * 1024

REFUSALS = {
    "empty": "ファイルの中身が空です。正しいファイルを選び直してください。",
    "not_pdf": "PDFファイルではありません。PDF形式で保存し直してからお選びください。",
    "too_large": "ファイルが大きすぎます。{detail}MB以下にしてからお選びください。",
    "encrypted": "パスワードなどの保護がかかったPDFは受け付けられません。保護を外して保存し直してください。",
    "damaged": "PDFが壊れているため読み取れません。元の文書からPDFを作り直してください。",
    "signed": "すでに電子署名のあるPDFは受け付けられません。署名前のPDFをお選びください。",
    "certified": "変更を制限する設定（証明や使用権）のあるPDFは受け付けられません。設定のないPDFを作り直してください。",
    "xfa": "XFAフォームのPDFは受け付けられません。印刷機能などで通常のPDFに変換してください。",
    "form": "入力欄のあるPDFは受け付けられません。印刷機能などで入力欄のないPDFに変換してください。",
    "active": "自動で動く仕掛け（スクリプトなど）を含むPDFは受け付けられません。取り除いて保存し直してください。",
    "attachments": "ファイルが添付されたPDFは受け付けられません。添付を外し、必要なら別の文書としてお選びください。",
    "layers": "表示を切り替えられる層（レイヤー）のあるPDFは受け付けられません。層を統合して保存し直してください。",
    "no_pages": "ページのないPDFです。内容を確かめて作り直してください。",
    "too_many_pages": "ページ数が多すぎます。{detail}ページ以下に分けてからお選びください。",
    "too_many_objects": "PDFの構造が大きすぎて検証できません。分割するか、印刷機能などで作り直してください。",
    "too_many_annotations": "注釈が多すぎるページがあります。注釈を減らして保存し直してください。",
    "dangling": "PDFの内部に行き先のない参照があり、署名後に内容が変わるおそれがあります。作り直してください。",
    "bomb": "展開すると極端に大きくなるPDFのため受け付けられません。元の文書からPDFを作り直してください。",
}
WARNINGS = {
    "fonts": "埋め込まれていないフォントがあります（{detail}）。閲覧する環境によって文字の形が変わることがあります。",
    "revisions": "過去の版の内容がファイルの中に残っています。相手方に見せたくない内容がないか、お確かめください。",
}


class Refused(Exception):
    """Tell a person why the file was not taken and what to do next; `code` is for tests and logs."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(REFUSALS[code].format(detail=detail))
        self.code = code


@dataclass(frozen=True)
class Accepted:
    """A file that may be signed as it is."""

    pages: int
    sha256: str
    warnings: tuple[str, ...]


def examine(data: bytes, *, max_bytes: int) -> Accepted:
    """Return what was accepted; raises Refused. The file is parsed only in a child with limited memory and time."""
    if not data:
        raise Refused("empty")
    if len(data) > max_bytes:
        raise Refused("too_large", str(max_bytes // MEBIBYTE))
    if not data.startswith(b"%PDF-"):
        raise Refused("damaged" if b"%PDF-" in data[:1024] else "not_pdf")
    seen = _inspected(data)
    warnings = tuple(WARNINGS[code].format(detail=detail) for code, detail in seen["warnings"])
    return Accepted(pages=seen["pages"], sha256=hashlib.sha256(data).hexdigest(), warnings=warnings)


def _inspected(data: bytes) -> dict[str, Any]:
    try:
        child = subprocess.run(  # noqa: S603 - 自分のプログラムだけを、固定の引数で動かす
            [sys.executable, "-I", str(INSPECTOR)],
            input=data,
            capture_output=True,
            timeout=WALL_SECONDS,
            check=False,
            env={"LC_ALL": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired as error:
        raise Refused("bomb") from error
    if child.returncode != 0:
        raise Refused("bomb")  # メモリか時間の上限で止められた
    answer: dict[str, Any] = json.loads(child.stdout)
    if "refused" in answer:
        raise Refused(answer["refused"], answer["detail"])
    return answer
