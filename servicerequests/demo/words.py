"""What citizens of the demo say, and what the city answers. Written for the demo."""

from __future__ import annotations

from random import Random

REPORTS = {
    "pothole": (
        "路面破一個洞，機車騎過去差點摔倒。", "柏油剝落變成坑洞，下雨積水根本看不到。",
        "慢車道有坑，直徑大約三十公分。",
        "回填的路面又塌下去了，汽車經過聲音很大。", "路口轉角的坑洞越來越深，請盡快修補。",
        "公車專用道路面凹陷，騎車很危險。",
    ),
    "street_light": (
        "路燈好幾天沒亮，晚上巷子很暗。", "路燈一直閃，閃到睡不著。", "整排路燈都不亮，長輩散步很危險。",
        "路燈白天也亮著，浪費電。", "燈罩破了掉在半空中，怕會砸到人。", "公園旁邊的路燈不亮，已經一個星期。",
    ),
    "traffic_signal": (
        "紅綠燈全滅，路口很亂。", "號誌一直閃黃燈，尖峰時間沒辦法過馬路。", "行人號誌的綠燈只亮三秒。",
        "號誌桿被撞歪，燈面朝向不對。", "紅燈和綠燈同時亮。", "左轉燈不亮，後面塞很長。",
    ),
    "fallen_tree": (
        "路樹倒在慢車道上。", "風大把樹枝吹斷，掛在電線上。", "樹倒下來壓到停在路邊的機車。",
        "大樹傾斜得很厲害，看起來快倒了。", "人行道被斷掉的樹枝擋住，輪椅過不去。",
    ),
    "noise": (
        "樓下店家半夜還在唱歌。", "工地晚上十一點還在打石。", "鄰居養的狗整夜叫個不停。",
        "改裝車每天半夜在這條路上飆車。",
        "冷卻水塔的聲音很大，關窗也沒有用。", "廟會從早上六點開始放鞭炮。",
    ),
    "illegal_parking": (
        "汽車停在公車站牌前，公車只能停在路中間。", "車子停在人行道上，行人要走到馬路。",
        "併排停車，整條路都塞住了。",
        "有人停在消防栓前面。", "車庫門口被擋住，出不去。", "路口轉角紅線停了三台車，轉彎看不到來車。",
    ),
    "waste": (
        "巷口被人丟了一堆家具。", "空地被當成垃圾場，很多蚊子。", "側溝都是垃圾，下雨會淹水。", "路邊有人亂倒廢土。",
        "公園垃圾桶滿出來好幾天了。", "騎樓有人堆放資源回收物，擋到走道。",
    ),
    "petition": (
        "建議在學校旁邊增設行人穿越道。", "公車班次太少，希望尖峰時間可以加開。",
        "想請問社區活動中心什麼時候會整修。",
        "里內的滯洪池欄杆太低，小孩容易攀爬。", "建議公園增設長椅與遮陰。", "申請路邊停車格改為機車格。",
    ),
}  # fmt: skip
# What belongs to another agency than the one that takes petitions in: the case page says so.
MISSENT = "公司欠薪三個月都不發薪水，雇主也不接電話，請市府協助。"
ANY = ("請派員處理，謝謝。", "這個問題已經很久了，請儘快改善。", "希望市府派人來看看。")

ANSWERS = {
    "pothole": "已於現場以冷料（熱料）填補並壓實，恢復通行。",
    "street_light": "已更換燈具並測試點亮正常。",
    "traffic_signal": "已更換號誌控制模組，各向燈號恢復正常。",
    "fallen_tree": "已鋸除倒伏樹木並清運完畢，道路恢復通行。",
    "noise": "已派員至現場稽查並量測，依噪音管制法規定處理，並列入加強巡查。",
    "illegal_parking": "已派員到場勸離或依法舉發，並加強該路段巡查。",
    "waste": "已通知清潔隊清運完畢，並張貼告示。",
    "petition": "您的意見已請業務單位研議，辦理情形如說明，感謝您關心市政。",
}
NOT_FOUND = "人員到場查看，未發現所述情形，已拍照留存；如再發生請再通報。"

ROADS = (
    "中正路", "中山路", "民族路", "民生路", "民權路", "建國路", "復興路", "和平路", "光復路", "成功路", "自強路",
    "自由路",
    "大同路", "仁愛路", "信義路", "忠孝路", "博愛路", "文化路", "文昌路", "公園路", "學府路", "新生路", "四維路",
    "五福路",
    "六合路", "七賢路", "八德路", "九如路", "十全路", "青年路", "三多路", "林森路", "永安街", "福德街", "義民街",
    "興中街",
)  # fmt: skip


def report(kind: str, rng: Random) -> str:
    """What somebody writes about a kind of problem."""
    return rng.choice(REPORTS.get(kind, ANY))


def answer(kind: str, outcome: str) -> str:
    """What the city answers."""
    return NOT_FOUND if outcome == "not_found" else ANSWERS.get(kind, "已派員處理完成。")


def address(district: str, rng: Random) -> str:
    """A plausible address; the number may not exist."""
    road = rng.choice(ROADS)
    number = rng.randrange(1, 420)
    if rng.random() < 0.15:
        return f"{district}{road}與{rng.choice(ROADS)}口"
    lane = f"{rng.randrange(2, 300)}巷" if rng.random() < 0.25 else ""
    return f"{district}{road}{lane}{number}號"
