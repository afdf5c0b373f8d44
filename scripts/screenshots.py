"""Take the pictures of the story: all into var/screenshots/story/, the chosen few into docs/images/.

Every page and state, in both schemes, is photographed by tests/pages/test_pictures.py (`make screenshots` does both).
"""

import io
import os
import shutil
import sys
from pathlib import Path

import django
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "var/screenshots/story"
SYSTEM = PICTURES / "system"
FOR_README = ROOT / "docs/images"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
# README の画面: ページの名と幅 → ファイルの名
CHOSEN = {
    ("case_concluded", "wide"): "case.png",
    ("sign_confirm", "phone"): "signing.png",
    ("verify", "wide"): "verify.png",
    ("archive", "wide"): "archive.png",
}
MOST_BYTES = 200_000
# 読むのを後回しにした絵も写るように、すべて描けるまで待つ。
DRAW_ALL = """() => Promise.all([...document.images].map((image) => {
  image.loading = "eager";
  return image.decode();
}))"""

# 電話では、押すボタンが画面の下に来るところを見せる。
TO_THE_BUTTON = """(button) => {
  button.scrollIntoView({ block: "end", behavior: "instant" });
  scrollBy({ top: 24, behavior: "instant" });
}"""


def main() -> int:
    """Run the product, play the story, look at everything twice: at a desk and on a phone."""
    sys.path.insert(0, str(ROOT))
    from tests.journeys import system

    shutil.rmtree(FOR_README, ignore_errors=True)
    FOR_README.mkdir(parents=True)
    with system.running(SYSTEM) as stack:
        os.environ.update(stack.environment() | {"DJANGO_SETTINGS_MODULE": "config.settings"})
        django.setup()
        from tests.journeys import people, story

        camera = Camera()
        with people.town(stack, look=camera.look) as town:
            story.play(town)
    shutil.rmtree(SYSTEM)
    missing = {name for name in CHOSEN.values() if not (FOR_README / name).exists()}
    if missing:
        print(f"撮れなかった画面があります: {sorted(missing)}", file=sys.stderr)
    print(f"{len(camera.taken)} 画面を {PICTURES}/ に、{len(CHOSEN)} 枚を {FOR_README}/ に置きました。")
    return bool(missing)


class Camera:
    """Photograph each page once at both widths."""

    def __init__(self) -> None:
        self.taken: set[str] = set()

    def look(self, page, name: str) -> None:
        if not name or name in self.taken:
            return
        self.taken.add(name)
        usual = page.viewport_size
        for label, size in {"wide": WIDE, "phone": PHONE}.items():
            page.set_viewport_size(size)
            page.evaluate(DRAW_ALL)
            page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
            page.screenshot(path=PICTURES / f"{len(self.taken):02}-{name}-{label}.png", full_page=True)
            if (name, label) in CHOSEN:
                if label == "phone":
                    page.locator("main button").last.evaluate(TO_THE_BUTTON)
                keep(page.screenshot(), FOR_README / CHOSEN[name, label])
        page.set_viewport_size(usual)


def keep(png: bytes, path: Path) -> None:
    """Keep a picture small enough for a README: flat colours need no more than 256."""
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(256, dither=Image.Dither.NONE)
    picture.save(path, optimize=True)
    if path.stat().st_size > MOST_BYTES:
        raise RuntimeError(f"{path} が大きすぎます（{path.stat().st_size} バイト）。")


if __name__ == "__main__":
    sys.exit(main())
