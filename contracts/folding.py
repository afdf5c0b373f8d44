"""Search keys that forgive spelling. Names themselves are stored exactly as written (外字 keep their code points)."""

import re
import unicodedata

from accounts.letters import BIDI

# 左の字はどれも右端の字として探せる。照合だけに使い、保存や表示には使わない。
# 記号の丸（○◯）は語でない字として落ちてしまうので、漢数字の〇に寄せる。
SPELLINGS = """
髙高 﨑嵜碕𥔎崎 濵濱浜 邉邊辺 𠮷吉 齋齊斎斉 澤沢 廣広 櫻桜 國国 嶋嶌島 眞真 惠恵 德徳 淸清 榮栄 瀨瀬 槇槙 桒桑
舘館 冨富 曾曽 龍竜 瀧滝 圓円 會会 學学 藝芸 鐵鉄 縣県 彌弥 萬万 豐豊 禮礼 壽寿 寳寶宝 實実 與与 傳伝 橫横 黑黒
顯顕 靜静 壯壮 條条 將将 莊荘 薗園 埜野 峯峰 峽峡 渕淵渊 檜桧 靏靍鶴 鷗鴎 礪砺 蘆芦 巖巌 栁柳 冝宜 凜凛 曻昇
㐂喜 𠀋丈 𡈽圡土 𣘺槗橋 邨村 嶽岳 靑青 舩船 舖舗 增増 緖緒 來来 佛仏 濟済 鹽塩 驛駅 號号 圖図 壹壱 體体 對対
○◯〇 區区 臺台 辨辯瓣弁 髮髪 廳庁 戶戸 繩縄 驒騨 籔薮藪 冲沖 凉涼 敎教
"""
VARIANTS = str.maketrans({odd: group[-1] for group in SPELLINGS.split() for odd in group[:-1]})
HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
SMALL_KANA = str.maketrans("ァィゥェォッャュョヮヵヶヰヱ", "アイウエオツヤユヨワカケイエ")

# 略記は、括弧を落とす前に正式な名へ戻す。
ABBREVIATIONS = {
    "株": "株式会社", "有": "有限会社", "同": "合同会社", "資": "合資会社", "名": "合名会社",
    "社": "社団法人", "財": "財団法人", "一社": "一般社団法人", "公社": "公益社団法人",
    "一財": "一般財団法人", "公財": "公益財団法人", "特非": "特定非営利活動法人",
}  # fmt: skip
ABBREVIATION = re.compile(rf"\(({'|'.join(ABBREVIATIONS)})\)")
LEGAL_FORM = re.compile(
    "株式会社|カブシキガイシヤ|有限会社|ユウゲンガイシヤ|合同会社|合資会社|合名会社"
    "|(?:一般|公益)?(?:社団|財団)法人|特定非営利活動法人"
)
NOT_WORDS = re.compile(r"[\W_ー]+")

REFUSED_CATEGORIES = {
    "Cc": "制御文字", "Cf": "目に見えない文字", "Cs": "壊れた文字", "Zl": "改行の文字", "Zp": "改行の文字",
}  # fmt: skip


def search_key(text: str) -> str:
    """Fold a name, a title or a query for matching only; folding twice changes nothing."""
    key = _fold(text)
    while (again := _fold(key)) != key:
        key = again
    return key


def search_keys(*texts: str, longest: int) -> str:
    """Fold several texts into the one key of a row that is found by any of them, in at most `longest` characters."""
    return " ".join(key for text in texts if (key := search_key(text)))[:longest]


def body_key(text: str) -> str:
    """Fold a running text, or a query for one, for matching only: as a name, but legal forms stay in their places."""
    key = _spelled_alike(text)
    while (again := _spelled_alike(key)) != key:
        key = again
    return key


def _fold(text: str) -> str:
    text = _spelled_alike(text)
    # 「株式会社」だけで探した人に、全件を見せない。
    return LEGAL_FORM.sub("", text) or text


def _spelled_alike(text: str) -> str:
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(VARIANTS)
    text = ABBREVIATION.sub(lambda found: ABBREVIATIONS[found[1]], text)
    return NOT_WORDS.sub("", text.translate(HIRAGANA).translate(SMALL_KANA))


def is_plain_name(text: str) -> bool:
    """Tell whether every character of a name is visible and stays in its place."""
    return not any(_why_refused(char) for char in text)


def check_name(text: str) -> str:
    """Return the name exactly as written; raise ValueError naming the first refused character and its position."""
    for position, char in enumerate(text, start=1):
        if why := _why_refused(char):
            raise ValueError(f"{position}文字目に、名前には使えない{why}（U+{ord(char):04X}）があります。")
    return text


def _why_refused(char: str) -> str:
    if char in BIDI:
        return "文字の向きを変える文字"
    return REFUSED_CATEGORIES.get(unicodedata.category(char), "")
