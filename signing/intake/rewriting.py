"""直した中身を、一つの版だけの、最も素直な形のファイルに書く。"""

from pathlib import Path

import pikepdf


def save(pdf: pikepdf.Pdf, kept: Path) -> None:
    """Write every object that something refers to, once, with one classic cross-reference table.

    What only earlier versions or nobody refers to is left behind; the same input gives the same bytes.
    """
    pdf.fix_dangling_references(force=True)
    pdf.save(
        kept,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        fix_metadata_version=False,
        deterministic_id=True,
    )
