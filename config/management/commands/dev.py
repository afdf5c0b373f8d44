from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.embedded import foreground, processes, setup
from config.embedded.errors import StackFailed
from config.embedded.stack import DEFAULT_ROOT, Stack


class Command(BaseCommand):
    help = "開発用に、画面・worker・beat と部品のすべてを動かします。コードを変えると画面は読み直されます。"
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        try:
            with foreground.interruptible():
                self._serve(options["port"])
        except StackFailed as failure:
            raise CommandError(str(failure)) from failure
        except KeyboardInterrupt:
            self.stdout.write("止めました。")

    def _serve(self, port: int) -> None:
        processes.demand_web_port(port)
        with Stack(DEFAULT_ROOT, web_port=port, debug=True) as stack:
            setup.prepare(stack, static=False)
            processes.start(stack, reload=True)
            self.stdout.write(f"画面: {stack.base_url}/  メール: http://localhost:{stack.mailbox_port}/")
            self.stdout.write(f"記録: {stack.children.logs}/  Ctrl-C で止まります。")
            foreground.watch(stack.children)
