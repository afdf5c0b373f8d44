"""A folder of contracts concluded elsewhere, on a disk that an operator can reach: PDFs, each read when asked for."""

from pathlib import Path

from contracts.elsewhere.index import SUFFIX, composed
from contracts.elsewhere.packages import MOST_UNPACKED, PackageRefused
from vault import clamd


class Folder:
    """The PDFs that lie in a folder, not deeper, by their names as the index writes them."""

    def __init__(self, path: Path) -> None:
        self._papers: dict[str, Path] = {}
        for each in sorted(path.iterdir()):
            name = composed(each.name)
            if name in self._papers:
                raise PackageRefused(f"「{name[:60]}」という名のファイルが二つあります。")
            if name.lower().endswith(SUFFIX):
                self._papers[name] = each

    @property
    def names(self) -> tuple[str, ...]:
        """List the names of the PDFs, as the index writes them."""
        return tuple(self._papers)

    def read(self, name: str) -> bytes:
        """Read a PDF; raises PackageRefused when it is no plain file, cannot be read or is far too long."""
        path = self._papers[name]
        # よそから届いたフォルダーのリンクは、サーバーのほかのファイルを指しうる
        if path.is_symlink() or not path.is_file():
            raise PackageRefused(f"「{name[:60]}」は、ファイルではありません。PDF そのものを置いてください。")
        try:
            with path.open("rb") as file:
                content = file.read(MOST_UNPACKED + 1)
        except OSError as wrong:
            raise PackageRefused(f"「{name[:60]}」を読めません（{wrong.strerror}）。") from wrong
        if len(content) > MOST_UNPACKED:
            raise PackageRefused(f"「{name[:60]}」が大きすぎます。")
        _scan(name, content)
        return content


def _scan(name: str, content: bytes) -> None:
    """Have a file scanned that no page received; raises PackageRefused."""
    try:
        clamd.scan([content])
    except clamd.Infected as infected:
        raise PackageRefused(f"「{name[:60]}」からウイルスが見つかりました（{infected.signature}）。") from infected
    except clamd.Unscanned as unscanned:
        raise PackageRefused(f"「{name[:60]}」: {unscanned}") from unscanned
