"""署名済みの PDF を検証する。入口は verify() 一つ。"""

from signing.verification.judging import verify

__all__ = ["verify"]
