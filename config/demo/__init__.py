"""The example: two cities, their staff and firms, and the whole story played through the running pages and mails."""

from config.demo.player import play

__all__ = ["play"]
