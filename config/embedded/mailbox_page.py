"""The page that shows the mails of the sink: a list, each message as text and as HTML, links live."""

import re
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

from aiohttp import web

JAPAN = ZoneInfo("Asia/Tokyo")
NAME = re.compile(r"\d+-\d+")
LINK = re.compile(r"https?://[^\s<>\"'）」]+")
# 届いた HTML は信用しない。枠の中で、script も form も動かさず、リンクだけを新しい窓で開く。
FRAME_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"
)
PAGE_POLICY = "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'"
DIRECTORY = web.AppKey("directory", Path)
STYLE = """
body { font-family: "Noto Sans JP", "Noto Sans CJK JP", sans-serif; line-height: 1.7; margin: 0 auto; max-width: 60rem;
  padding: 1rem; color: #1a1a1c; background: #fff; }
h1 { font-size: 1.5rem; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .5rem; border-bottom: 1px solid #b4b4b7; vertical-align: top; }
dt { font-weight: bold; } dd { margin: 0 0 .5rem; } a { color: #0017c1; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; border: 1px solid #b4b4b7; border-radius: .5rem; padding: 1rem;
  font: inherit; }
iframe { width: 100%; height: 40rem; border: 1px solid #b4b4b7; border-radius: .5rem; }
"""


def application(directory: Path) -> web.Application:
    """Build the read-only site over one directory of messages."""
    site = web.Application()
    site[DIRECTORY] = directory
    site.add_routes(
        [
            web.get("/", show_list),
            web.get("/style.css", show_style),
            web.get("/mails/{name}/", show_mail),
            web.get("/mails/{name}/html", show_html_part),
        ]
    )
    return site


async def show_list(request: web.Request) -> web.Response:
    """List the mails, the newest first."""
    files = sorted(request.app[DIRECTORY].glob("[0-9]*.eml"), reverse=True)
    rows = "".join(_row(file) for file in files)
    table = f"<table><thead><tr><th>日時<th>宛先<th>差出人<th>件名<tbody>{rows}</table>"
    return _page("メールボックス（試験用）", table if files else "<p>まだ 1 通も届いていません。</p>")


async def show_mail(request: web.Request) -> web.Response:
    """Show one mail."""
    mail = _find(request)
    text, html = _part(mail, "plain"), _part(mail, "html")
    facts = [("日時", _sent(mail)), ("宛先", _to(mail)), ("差出人", str(mail["From"]))]
    head = "".join(f"<dt>{label}<dd>{escape(value)}" for label, value in facts)
    body = "" if text is None else f"<h2>本文（テキスト）</h2><pre>{_linked(text)}</pre>"
    if html is not None:
        body += '<h2>本文（HTML）</h2><iframe src="html" title="メール本文（HTML）"></iframe>'
    return _page(str(mail["Subject"]), f'<p><a href="/">一覧へ戻る</a><dl>{head}</dl>{body}')


async def show_html_part(request: web.Request) -> web.Response:
    """Show the HTML part by itself, for the frame."""
    html = _part(_find(request), "html")
    if html is None:
        raise web.HTTPNotFound
    headers = {"Content-Security-Policy": FRAME_POLICY, "Referrer-Policy": "no-referrer"}
    return web.Response(text='<base target="_blank">' + html, content_type="text/html", headers=headers)


async def show_style(request: web.Request) -> web.Response:  # noqa: ARG001
    """Serve the style sheet."""
    return web.Response(text=STYLE, content_type="text/css")


def _page(title: str, body: str) -> web.Response:
    text = (
        f'<!doctype html><html lang="ja"><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/style.css">'
        f"<h1>{escape(title)}</h1>{body}</html>"
    )
    headers = {"Content-Security-Policy": PAGE_POLICY, "Referrer-Policy": "no-referrer"}
    return web.Response(text=text, content_type="text/html", headers=headers)


def _row(file: Path) -> str:
    mail = _read(file)
    cells = "".join(f"<td>{escape(value)}" for value in (_sent(mail), _to(mail), str(mail["From"])))
    return f'<tr>{cells}<td><a href="/mails/{file.stem}/">{escape(str(mail["Subject"]))}</a>'


def _find(request: web.Request) -> EmailMessage:
    name = request.match_info["name"]
    file = request.app[DIRECTORY] / f"{name}.eml"
    if not NAME.fullmatch(name) or not file.exists():
        raise web.HTTPNotFound
    return _read(file)


def _read(file: Path) -> EmailMessage:
    return BytesParser(EmailMessage, policy=policy.default).parsebytes(file.read_bytes())


def _part(mail: EmailMessage, kind: str) -> str | None:
    part = mail.get_body(preferencelist=(kind,))
    return None if part is None else str(part.get_content())


def _to(mail: EmailMessage) -> str:
    return "、".join(str(address) for address in mail.get_all("Delivered-To", []))


def _sent(mail: EmailMessage) -> str:
    return f"{parsedate_to_datetime(str(mail['Date'])).astimezone(JAPAN):%Y-%m-%d %H:%M:%S}" if mail["Date"] else ""


def _linked(text: str) -> str:
    """Escape the text and make its addresses clickable."""
    parts, end = [], 0
    for match in LINK.finditer(text):
        url = escape(match[0])
        parts += [escape(text[end : match.start()]), f'<a href="{url}" target="_blank" rel="noreferrer">{url}</a>']
        end = match.end()
    return "".join([*parts, escape(text[end:])])
