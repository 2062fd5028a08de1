"""Made-up reports of a city, as many as asked for and the same every time: for property tests and for measuring."""

import random
from collections.abc import Iterator


def _words(text: str) -> list[str]:
    return text.split()


DISTRICTS = _words(
    """
    鹽埕區 鼓山區 左營區 楠梓區 三民區 新興區 前金區 苓雅區 前鎮區 旗津區 小港區 鳳山區 林園區
    大寮區 大樹區 大社區 仁武區 鳥松區 岡山區 橋頭區 燕巢區 田寮區 阿蓮區 路竹區 湖內區 茄萣區
    永安區 彌陀區 梓官區 旗山區 美濃區 六龜區 甲仙區 杉林區 內門區 茂林區 桃源區 那瑪夏區
    """
)
ROADS = _words(
    """
    中正 中山 民族 民權 民生 建國 博愛 自由 明誠 大順 九如 十全 七賢 六合 五福 四維 三多
    二聖 一心 光華 凱旋 建工 澄清 文橫 青年 和平 復興 鼎山 裕誠 華夏 左營大 翠華 河堤 同盟
    瑞隆 保泰 武慶 林森 仁愛 成功 海邊 新田 中華 南台 臺灣 學源 德民 加昌 軍校 後昌 益群
    鳳林 鳳仁 光復 維新
    """
)
PLACES = _words(
    """
    前 旁 對面 路口 巷口 騎樓下 人行道上 公園入口處 國小側門 市場後方 停車場出入口 橋下 地下道內
    分隔島上 加油站旁 捷運站二號出口 派出所前 里活動中心旁 便利商店門口 夜市入口
    """
)
DETAILS = _words(
    """
    已經三天沒有人來處理 夜間非常危險請儘速改善 造成附近住戶困擾 希望能派員到場了解 昨晚下雨後情況更嚴重
    老人家走路差點跌倒 機車經過時容易打滑 每天晚上十點以後特別明顯 已多次反映仍未改善 影響行車安全
    有小朋友上下學經過 請問何時可以完成 麻煩協助轉請權責單位辦理 附照片兩張 感謝幫忙
    管線單位施工後未復原 味道很重蚊蟲孳生 擋住消防通道 車主不在現場 請勿公開我的姓名
    """
)
# Words of few records.
RARE = _words(
    """
    石斑魚養殖池 歷史建築山牆 熱氣球繫留場 古井遺構 水雉棲地 纜車舊塔基
    """
)
# Kinds with their weights: the first is in about an eighth of all texts.
KINDS = {
    "路燈故障": 13,
    "路面坑洞": 12,
    "違規停車": 20,
    "噪音陳情": 14,
    "垃圾清運": 9,
    "路樹傾倒": 5,
    "交通號誌異常": 6,
    "一般陳情": 12,
    "排水溝阻塞": 4,
    "流浪動物": 3,
    "人孔蓋聲響": 1,
    "公車候車亭毀損": 1,
}


def report(number: int) -> tuple[str, str]:
    """Title and body of the made-up report with this number."""
    chance = random.Random(number)
    kind = chance.choices(list(KINDS), KINDS.values())[0]
    district = DISTRICTS[min(int(chance.expovariate(0.12)), len(DISTRICTS) - 1)]
    road = chance.choice(ROADS) + chance.choice(["路", "一路", "二路", "三路", "街"])
    body = f"D{111 + number % 3}-{number:07} {road}{chance.randint(1, 999)}號{chance.choice(PLACES)}，"
    body += "，".join(chance.sample(DETAILS, chance.randint(1, 4)))
    if chance.random() < 0.0005:
        body += f"，鄰近{chance.choice(RARE)}"
    if "停車" in kind:
        plate = "".join(chance.choices("ABCDEFGHJKLMNPQRSTUVWXYZ", k=3))
        body += f"，車牌{plate}-{chance.randint(0, 9999):04}"
    return f"{kind} {district}{road}", f"{body}。"


def reports(count: int) -> Iterator[tuple[int, str, str]]:
    """Number, title and body of ``count`` made-up reports."""
    for number in range(1, count + 1):
        yield number, *report(number)
