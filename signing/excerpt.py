"""署名済みの文書から、ある版までを取り出す。Acrobat の「このバージョンを表示」にあたる。"""

from signing.verification.integrity import Document


def as_of(pdf: bytes, version: int) -> bytes | None:
    """Return the file as it stood at a version, counted from 1 as `revision` is in reports; None when it has none."""
    try:
        revisions = Document(pdf).revisions
    except Exception:  # noqa: BLE001 - 崩れたファイルは何種類もの例外になる。どれも、取り出せる版がない
        return None
    return pdf[: revisions[version - 1].size] if 0 < version <= len(revisions) else None
