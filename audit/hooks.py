"""What this app asks of those above it: it knows nobody who could judge a time-stamp token."""

from collections.abc import Callable

# トークン（RFC 3161、DER）と、それが覆うはずの SHA-256 の値を受け取り、合わないところを言う。合っていれば空
token_flaws: list[Callable[[bytes, bytes], str]] = []
