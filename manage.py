#!/usr/bin/env python
"""Run Django's commands for Musubi."""

import os
import sys

# 部品を自分で起こす命令。settings が読む環境変数を、起こす前に用意する。
STARTING = {"demo", "dev", "stack"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if set(sys.argv[1:2]) & STARTING:
        from config.embedded.stack import DEFAULT_ROOT, Stack

        Stack(DEFAULT_ROOT).prepare()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
