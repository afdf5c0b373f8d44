"""What the answer of a mail server means, in words for staff (RFC 3463, and what servers really write)."""

import re

UNKNOWN = "宛先のメールアドレスが見つかりません。アドレスを確かめてください。"
NO_DOMAIN = "宛先の「@」より後ろ（ドメイン）が見つかりません。アドレスを確かめてください。"
MALFORMED = "宛先のメールアドレスの書き方が、相手のメールサーバーに認められませんでした。アドレスを確かめてください。"
DISABLED = "宛先のメールボックスは、いま使われていません。相手に別のアドレスを確かめてください。"
FULL = "宛先のメールボックスがいっぱいです。相手に知らせて、空けてもらってから送り直してください。"
TOO_LARGE = "相手のメールサーバーが受け取れる大きさを超えています。"
UNREACHABLE = (
    "相手のメールサーバーにつながりません。しばらくして送り直すか、アドレスの「@」より後ろを確かめてください。"
)
EXPIRED = "相手のメールサーバーが長い間受け取らなかったため、中継のサーバーが送るのをやめました。"
FILTERED = "相手の側で受信が断られました。迷惑メール対策や、ドメイン指定受信の設定を確かめてもらってください。"
LOOP = "メールの転送が堂々巡りになっています。相手に、転送の設定を確かめてもらってください。"
REFUSED = "相手のメールサーバーに断られました。"
STILL_TRIED = "相手のメールサーバーが、まだ受け取っていません。中継のサーバーが送り続けています。"
LATER = "相手のメールサーバーが、いまは受け取れないと答えました。"

# 拡張コード（RFC 3463 §3）の二番目と三番目の数
BY_STATUS = {
    **dict.fromkeys(["1.1", "1.6", "1.10", "1.0"], UNKNOWN),
    **dict.fromkeys(["1.2", "4.4"], NO_DOMAIN),
    "1.3": MALFORMED,
    "2.1": DISABLED,
    "2.2": FULL,
    **dict.fromkeys(["2.3", "3.4"], TOO_LARGE),
    **dict.fromkeys(["4.1", "4.2", "4.3", "4.5", "3.2"], UNREACHABLE),
    "4.7": EXPIRED,
    "4.6": LOOP,
    "2.0": FILTERED,
}
# 一般的すぎるか、別の意味でも使われるコード。書かれた言葉の方を先に見る
VAGUE = {"0.0", "0", "1.0", "2.0", "3.0", "4.0", "4.1", "5.0", "7.0", "7.1", ""}
BY_WORDS = {
    UNKNOWN: (
        r"(?:user|addressee|recipient) unknown",
        r"user \S+ unknown",
        r"unknown user",
        r"no such (?:user|recipient|mailbox|person|address)",
        r"user not found",
        r"recipient ?not ?found",
        r"mailbox (?:not found|unavailable|does not exist)",
        r"invalid (?:recipient|mailbox)",
        r"(?:account|user|mailbox|address|recipient)[^.\n]{0,60} (?:does not|doesn't) (?:exist|have)",
        r"not a valid (?:user|mailbox|recipient)",
        r"no mailbox here",
        r"recipient address rejected: access denied",
        r"unrouteable address",
        r"user(?:\(s\))? .{0,60}(?:not listed|is not known)",
        r"address (?:not found|unknown)",
        r"アドレス.{0,10}見つか",
        r"(?:ユーザー|受信者).{0,80}見つかりません",
        r"宛先.{0,20}(?:存在し|不明)",
    ),
    FULL: (
        r"over ?quota",
        r"quota (?:exceeded|violation)",
        r"(?:exceed|mail|mailbox) [^.\n]{0,20}quota",
        r"(?:mailbox|disk|storage) (?:is )?full",
        r"容量.{0,10}超",
    ),
    DISABLED: (r"(?:account|mailbox|user)[^.\n]{0,40} (?:disabled|suspended|discontinued|inactive|deactivated)",),
    NO_DOMAIN: (
        r"(?:host|domain)[^.\n]{0,40} (?:not found|unknown|does not exist)",
        r"unknown (?:host|domain)",
        r"null ?mx",
    ),
    TOO_LARGE: (r"too (?:large|big)", r"size exceeds", r"exceeds.{0,30}size"),
    UNREACHABLE: (
        r"connect(?:ion|ing)?\b.{0,80}(?:timed out|refused|reset|closed)",
        r"no route to host",
        r"unreachable",
        r"couldn't .{0,30}(?:find|connect|establish)",
    ),
    EXPIRED: (r"timed out", r"expired", r"could not send message for (?:the )?past", r"retry timeout"),
    LOOP: (r"too many hops", r"looping", r"(?:mail|routing|forwarding) loop"),
    FILTERED: (
        r"spam",
        r"blocked",
        r"block ?list|black ?list|listed (?:in|at|by)",
        r"policy|reputation|dmarc|\bspf\b",
        r"relay(?:ing)? (?:access )?denied|not permitted",
        r"rejected|refused|denied",
    ),
}
_WORDS = {reason: re.compile("|".join(patterns), re.IGNORECASE) for reason, patterns in BY_WORDS.items()}


def of(status: str, diagnostic: str) -> str:
    """Say why a mail did not arrive: by its enhanced status code ("5.1.1"), by the server's words, or in general."""
    detail = status.partition(".")[2]
    if detail in VAGUE:
        return by_words(diagnostic) or BY_STATUS.get(detail) or _in_general(status)
    return BY_STATUS.get(detail) or (FILTERED if detail.startswith("7.") else by_words(diagnostic) or REFUSED)


def by_words(text: str) -> str:
    """Find a reason in what a server wrote; "" where its words are not known."""
    return next((reason for reason, pattern in _WORDS.items() if pattern.search(text)), "")


def _in_general(status: str) -> str:
    return LATER if status.startswith("4") else REFUSED
