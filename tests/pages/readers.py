"""What a page loses when its readers space the words, enlarge them, or choose the colours themselves."""

from playwright.sync_api import Page as Tab

# 読む人が決める文字の間（WCAG 1.4.12）
SPACED = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
p { margin-block-end: 2em !important }"""
DRESSED = "(css) => { const one = new CSSStyleSheet(); one.replaceSync(css); document.adoptedStyleSheets = [one]; }"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
# 枠からはみ出して、切れて見えない文字。読み上げだけの文字はもともと見えず、書くところの中は動かして読める
CUT = """() => [...document.querySelectorAll("body *")].filter((each) => {
  const style = getComputedStyle(each), hides = (way) => ["hidden", "clip"].includes(style[way]);
  const small = Math.min(each.clientWidth, each.clientHeight) <= 1;
  if (small || !each.checkVisibility() || each.closest("svg, input, .visually-hidden")) return false;
  return (hides("overflowX") && each.scrollWidth > each.clientWidth + 1)
    || (hides("overflowY") && each.scrollHeight > each.clientHeight + 1);
}).map((each) => each.outerHTML.slice(0, 80))"""
# 縁も下線もなく、地と同じ色の、押すところと書くところ。印や絵のあるものは、それが縁の代わりになる
PRESSED = ".button, button, input:not([type=checkbox], [type=radio]), select, textarea, summary"
EDGELESS = """(pressed) => [...document.querySelectorAll(pressed)].filter((each) => {
  const ground = getComputedStyle(document.body).backgroundColor, style = getComputedStyle(each);
  if (!each.checkVisibility() || each.clientWidth <= 1) return false;
  const edged = ["Top", "Right", "Bottom", "Left"].some((side) => style[`border${side}Color`] !== ground
    && style[`border${side}Style`] !== "none" && parseFloat(style[`border${side}Width`]) > 0);
  const told = [each, ...each.querySelectorAll("*")].some((one) => one.tagName === "svg"
    || getComputedStyle(one).textDecorationLine !== "none" || getComputedStyle(one, "::before").content !== "none");
  return !edged && !told && style.backgroundColor === ground;
}).map((each) => each.outerHTML.slice(0, 80))"""


def losses(tab: Tab) -> list[str]:
    """Return what is lost in an open page, which is left as it was."""
    wrong = [f"without an edge in forced colours: {each}" for each in _edgeless(tab)]
    tab.evaluate(DRESSED, SPACED)
    wrong += [f"when words are spaced: {each}" for each in cut(tab)]
    tab.evaluate(DRESSED, "")
    return wrong


def cut(tab: Tab) -> list[str]:
    """Return what is cut off in an open page as it is now."""
    over = tab.evaluate(TOO_WIDE)
    return [*(f"cut off: {each}" for each in tab.evaluate(CUT)), *([f"{over} px too wide"] if over > 0 else [])]


def _edgeless(tab: Tab) -> list[str]:
    tab.emulate_media(forced_colors="active")
    found = list(tab.evaluate(EDGELESS, PRESSED))
    tab.emulate_media(forced_colors="none")
    return found
