import json
import os
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import demo
from config.embedded import foreground, processes, setup
from config.embedded.errors import StackFailed
from config.embedded.stack import DEFAULT_ROOT, Stack


class Command(BaseCommand):
    help = "すべてを起動し、落札から保管までの一件を本物の画面とメールで演じ、そのまま使えるようにします。"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="演じ終えたら終了します。")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        self.began = time.monotonic()
        self.serving = False
        try:
            with foreground.interruptible():
                self._run(port=options["port"], once=options["once"])
        except StackFailed as failure:
            raise CommandError(str(failure)) from failure
        except KeyboardInterrupt:
            self.stdout.write("\n止めました。")
            raise SystemExit(0 if self.serving else 130) from None

    def _run(self, *, port: int, once: bool) -> None:
        processes.demand_web_port(port)
        self.say("部品を起動しています（PostgreSQL、Redis、認証局と TSA、メール）")
        with Stack(DEFAULT_ROOT, web_port=port) as stack:
            # 物語が起こす verify_pdf などにも、いま起こした部品を見せる。
            os.environ.update(stack.environment())
            self.say("表と見本の市・業者・職員を用意しています")
            setup.prepare(stack, static=True)
            self.say("画面と worker を起動しています")
            processes.start(stack)
            out = stack.root / "demo"
            if once or not (out / "summary.json").exists():
                self._play(stack, out)
            if not once:
                self._serve(stack, out)

    def _play(self, stack: Stack, out: Path) -> None:
        self.say("一件を演じます")
        try:
            demo.play(base_url=stack.base_url, mailbox=stack.mailbox, out=out, say=self.say)
        except Exception as failure:
            fallen = stack.children.fallen()
            why = f"\n{fallen.name} が止まっていました。\n{fallen.last_words()}" if fallen else ""
            raise StackFailed(f"途中で失敗しました: {failure}{why}\n記録: {stack.children.logs}/") from failure
        self.say(f"演じ終えました。文書と summary.json は {out}/ にあります")

    def _serve(self, stack: Stack, out: Path) -> None:
        self.stdout.write(f"\n画面:   {stack.base_url}/\nメール: http://localhost:{stack.mailbox_port}/\n")
        for line in who_can_sign_in(out / "accounts.json"):
            self.stdout.write(line)
        self.stdout.write("\nCtrl-C で止まります。")
        self.stdout.flush()
        self.serving = True
        foreground.watch(stack.children)

    def say(self, line: str) -> None:
        """Print one line with the seconds since the start."""
        self.stdout.write(f"{time.monotonic() - self.began:6.1f} 秒  {line}")
        self.stdout.flush()


def who_can_sign_in(path: Path) -> list[str]:
    """Return the accounts load_demo wrote down, one line each, a heading before each city."""
    lines, city = [], ""
    for account in json.loads(path.read_text()):
        if account["city"] != city:
            city = account["city"]
            lines.append(f"\n{city}でサインインできる人")
        code = f"  認証コード: .venv/bin/python manage.py totp {account['email']}" if account["totp_secret"] else ""
        roles = "・".join(account["roles"])
        lines.append(f"  {roles}  {account['name']}  {account['email']}  {account['password']}{code}")
    return lines
