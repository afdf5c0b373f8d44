"""Search keys that forgive spelling. Names themselves are stored exactly as written (外字 keep their code points)."""

import re
import unicodedata

from django.utils.translation import gettext as _

from accounts.letters import BIDI

# 左の字はどれも右端の字として探せる。照合だけに使い、保存や表示には使わない。
# 記号の丸（○◯）は語でない字として落ちてしまうので、漢数字の〇に寄せる。
SPELLINGS = """
髙高 﨑嵜碕𥔎㟢崎 濵濱浜 邉邊辺 𠮷吉 齋齊斎斉 澤沢 廣広 櫻桜 國圀囯国 嶋嶌㠀嶹島 眞真 惠恵 德徳 淸清 榮栄 瀨瀬 槇槙
桒桑 舘館 冨富 曾曽 龍竜 瀧滝 圓円 會会 學学 藝芸 鐵鉄 縣県 彌弥 萬万 豐豊 禮礼 壽寿 寳寶宝 實実 與与 傳伝 橫横 黑黒
顯顕 靜静 壯壮 條条 將将 莊荘 薗園 埜野 峯峰 峽峡 渕淵渊 檜桧 靏靍鶴 鷗鴎 礪砺 蘆芦 巖巌 栁桺柳 冝宜 凜凛 曻昇 㐂喜
𠀋丈 𡈽圡土 𣘺槗橋 邨村 嶽岳 靑青 舩船 舖鋪舗 增増 緖緒 來来 佛仏 濟済 鹽塩 驛駅 號号 圖図 壹壱 體体 對対 ○◯〇 區区
臺台 辨辯瓣弁 髮髪 廳廰庁 戶戸 繩縄 驒騨 籔薮藪 冲沖 凉涼 敎教 亞亜 惡悪 壓圧 圍囲 醫医 爲為 隱隠 營営 衞衛 緣縁 艷艶
應応 歐欧 毆殴 奧奥 溫温 穩穏 假仮 價価 畫画 繪絵 壞壊 懷懐 槪概 擴拡 殼殻 覺覚 樂楽 勸勧 卷巻 寬寛 關関 歡歓 觀観
陷陥 顏顔 旣既 歸帰 氣気 龜亀 僞偽 戲戯 犧犠 舊旧 據拠 擧挙 虛虚 挾挟 狹狭 鄕郷 曉暁 驅駆 勳勲 薰薫 徑径 揭掲 溪渓
經経 繼継 莖茎 螢蛍 輕軽 鷄雞鶏 擊撃 缺欠 硏研 儉倹 劍剱劒剣 險険 圈圏 檢検 權権 獻献 驗験 嚴厳 吳呉 娛娯 效効 恆恒
鑛礦砿鉱 黃黄 碎砕 劑剤 雜雑 參参 慘惨 棧桟 蠶蚕 贊賛 殘残 絲糸 齒歯 兒児 辭辞 濕湿 寫写 舍舎 釋釈 收収 從従 澁渋
獸獣 縱縦 肅粛 處処 敍叙 奬奨 涉渉 燒焼 稱称 證証 乘乗 剩剰 壤壌 孃嬢 淨浄 狀状 疊畳 讓譲 釀醸 囑嘱 觸触 寢寝 愼慎
晉晋 盡尽 粹粋 醉酔 穗穂 隨随 髓髄 數数 樞枢 聲声 攝摂 竊窃 專専 戰戦 淺浅 潛潜 纖繊 踐践 錢銭 禪禅 雙双 搜捜 插挿
巢巣 爭争 瘦痩 總総 裝装 騷騒 臟臓 藏蔵 卽即 屬属 續続 墮堕 帶帯 滯滞 擇択 單単 擔担 膽胆 團団 彈弾 斷断 癡痴 遲遅
晝昼 蟲虫 鑄鋳 徵徴 聽聴 敕勅 鎭鎮 遞逓 轉転 點点 黨党 盜盗 燈灯 當当 獨独 讀読 屆届 貳弐 惱悩 腦脳 霸覇 拜拝 廢廃
賣売 麥麦 發発 拔抜 蠻蛮 祕秘 甁瓶 拂払 倂併 竝並 變変 步歩 襃褒 沒没 飜翻 每毎 滿満 麵麪麺 默黙 餠餅 戾戻 藥薬 譯訳
豫予 餘余 譽誉 搖揺 樣様 謠謡 賴頼 亂乱 覽覧 兩両 獵猟 綠緑 淚涙 壘塁 曆暦 歷歴 鍊錬 爐炉 勞労 樓楼 郞郎 祿禄 錄録
灣湾 鬪闘 齡齢 靈霊 戀恋 隸隷 罐缶 鄰隣 遙遥 豬猪 逹達 閒間 廻回 礒磯 竃竈 鐮鎌 諌諫 篭籠 莱萊 蠟蝋 頰頬 剝剥 塡填
攪撹 繫繋 嚙噛 摑掴 瀆涜 簞箪 屛屏 焰焔 麴麹 醬醤 軀躯 邇迩 俱倶 吞呑 噓嘘 姸妍 禱祷 蔣蒋 顚顛 鹼鹸 鰺鯵 儘侭 壺壷
檮梼 灌潅 賤賎 鶯鴬 囊嚢 鉤鈎 啞唖 桝枡 栢柏 莵菟兔兎 楳梅 枩松 羮羹 蠣蛎 蠅蝿 頴穎 翆翠 凞熈熙 穐龝秋
"""
VARIANTS = str.maketrans({odd: group[-1] for group in SPELLINGS.split() for odd in group[:-1]})
HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
SMALL_KANA = str.maketrans("ァィゥェォッャュョヮヵヶヰヱ", "アイウエオツヤユヨワカケイエ")

# 略記は、括弧を落とす前に正式な名へ戻す。
ABBREVIATIONS = {
    "株": "株式会社", "有": "有限会社", "同": "合同会社", "資": "合資会社", "名": "合名会社",
    "社": "社団法人", "財": "財団法人", "一社": "一般社団法人", "公社": "公益社団法人",
    "一財": "一般財団法人", "公財": "公益財団法人", "特非": "特定非営利活動法人",
    "社福": "社会福祉法人", "福": "社会福祉法人", "学": "学校法人", "医": "医療法人", "協": "協同組合",
}  # fmt: skip
ABBREVIATION = re.compile(rf"\(({'|'.join(ABBREVIATIONS)})\)")
LEGAL_FORM = re.compile(
    "株式会社|カブシキガイシヤ|有限会社|ユウゲンガイシヤ|合同会社|合資会社|合名会社"
    "|(?:一般|公益)?(?:社団|財団)法人|特定非営利活動法人|npo法人|社会福祉法人|学校法人|医療法人"
)
# 漢字の間の小さな語と、同じ音のかな。どの書き方で尋ねても、ほかの書き方のものが見つかる。
WAYS = {
    re.compile("(?:^|(?<=[一-鿿]))[ガケカ](?=[一-鿿])"): "ガケカ",
    re.compile("(?:^|(?<=[一-鿿]))[ノ之乃](?=[一-鿿])"): "ノ之乃",
    re.compile("[ヅズ]"): "ヅズ",
    re.compile("[ヂジ]"): "ヂジ",
}
# 離して書いた濁点と半濁点は、前の字に付ける。
VOICED = str.maketrans("\u309b\u309c", "\u3099\u309a")
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


def query_keys(text: str) -> list[str]:
    """Return the keys under which a query is looked for: its own, and those of other ways to write its small words.

    「霞ヶ丘」 is also 「霞が丘」, 「一の瀬」 also 「一ノ瀬」 and 「一之瀬」, 「みづほ」 also 「みずほ」. Kept keys know
    one way only, for they also tell one name from another. Empty for a text without letters.
    """
    return _ways(search_key(text))


def search_keys(*texts: str, longest: int) -> str:
    """Fold several texts into the one key of a row that is found by any of them, in at most `longest` characters."""
    return " ".join(key for text in texts if (key := search_key(text)))[:longest]


def body_key(text: str) -> str:
    """Fold a running text, or a query for one, for matching only: as a name, but legal forms stay in their places."""
    key = _spelled_alike(text)
    while (again := _spelled_alike(key)) != key:
        key = again
    return key


def body_keys(text: str) -> list[str]:
    """Return the keys under which a query is looked for in running texts, as `query_keys` does for names."""
    return _ways(body_key(text))


def _ways(key: str) -> list[str]:
    keys = [key] if key else []
    for written, ways in WAYS.items():
        keys += [other for key in keys for way in ways if (other := written.sub(way, key)) not in keys]
    return list(dict.fromkeys(keys))


def _fold(text: str) -> str:
    text = _spelled_alike(text)
    # 「株式会社」だけで探した人に、全件を見せない。
    return LEGAL_FORM.sub("", text) or text


def _spelled_alike(text: str) -> str:
    text = unicodedata.normalize("NFKC", text.translate(VOICED))
    text = unicodedata.normalize("NFKC", text.casefold()).translate(VARIANTS)
    text = ABBREVIATION.sub(lambda found: ABBREVIATIONS[found[1]], text)
    return NOT_WORDS.sub("", text.translate(HIRAGANA).translate(SMALL_KANA))


def is_plain_name(text: str) -> bool:
    """Tell whether every character of a name is visible and stays in its place."""
    return not any(_why_refused(char) for char in text)


def check_name(text: str) -> str:
    """Return the name exactly as written; raise ValueError naming the first refused character and its position."""
    for position, char in enumerate(text, start=1):
        if why := _why_refused(char):
            words = _("%(position)s文字目に、名前には使えない%(why)s（U+%(code)04X）があります。")
            raise ValueError(words % {"position": position, "why": _(why), "code": ord(char)})
    return text


def _why_refused(char: str) -> str:
    if char in BIDI:
        return "文字の向きを変える文字"
    return REFUSED_CATEGORIES.get(unicodedata.category(char), "")
