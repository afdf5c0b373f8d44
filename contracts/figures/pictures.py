"""A chart as a picture for a slide or a report: printed like the paper, then drawn as PNG."""

from collections.abc import Mapping
from io import BytesIO

from PIL import Image, ImageChops

from contracts.documents.printing import print_pdf
from contracts.figures.charts import Chart
from signing import pages

WIDTH = 1800
MARGIN = 40
HEAD, LINE = 45, 14  # mm。見出しと、二行に折り返した棒の一本


def picture(chart: Chart, about: Mapping[str, object]) -> bytes:
    """Draw a chart as PNG, up to 1,800 pixels wide, cut to what is on it; `about` is what the printed figures tell."""
    context = {**about, "chart": chart, "height": HEAD + LINE * len(chart.bars)}
    paper = print_pdf("contracts/pdf/picture.html", context, styles=["figures.css"], is_tagged=False)
    with Image.open(BytesIO(pages.render(paper, page=1, width=WIDTH))) as drawn:
        image = drawn.convert("RGB")
    output = BytesIO()
    image.crop(_inked(image)).quantize(64).save(output, "PNG", optimize=True)
    return output.getvalue()


def _inked(image: Image.Image) -> tuple[int, int, int, int]:
    """Find the lines with ink, and leave a margin above and below."""
    inked = ImageChops.difference(image, Image.new("RGB", image.size, "white")).getbbox()
    _, top, _, bottom = inked or (0, 0, *image.size)
    return 0, max(0, top - MARGIN), image.width, min(image.height, bottom + MARGIN)
