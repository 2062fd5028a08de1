"""What the works of the demo are called, and what citizens say about them. Written for the demo."""

WORKS = (
    # name with a place in it, whether it is a line, millions of NT$ from and to
    ("{district}{road}道路拓寬工程", True, 20, 260),
    ("{district}{road}路面刨鋪改善工程", True, 3, 30),
    ("{district}{road}人行道改善工程", True, 4, 40),
    ("{district}{road}雨水下水道工程", True, 12, 180),
    ("{district}污水下水道用戶接管工程（{road}）", True, 30, 320),
    ("{district}{road}滯洪池新建工程", False, 80, 600),
    ("{district}公園改善工程（{road}）", False, 2, 25),
    ("{district}國小校舍耐震補強工程（{road}）", False, 5, 60),
    ("{district}活動中心新建工程（{road}）", False, 30, 150),
    ("{district}{road}橋梁補強工程", True, 10, 120),
)
ROADS = (
    "中山路 中正路 民生路 民族路 自強路 成功路 和平路 建國路 光明路 文化路 大同路 復興路 仁愛路 新生路 公園路".split()
)
FIRMS = "港都 南方 旗津 大埔 愛河 壽山 鳳山 岡山 田寮 美濃 茄萣 燕巢".split()
KINDS_OF_FIRM = "營造股份有限公司 營造有限公司 土木包工業 工程有限公司".split()

SAID = {
    "works_safety": (
        "圍籬倒了一片，小孩放學會經過。",
        "鷹架的踏板鬆了，下面就是人行道。",
        "吊車吊東西沒有人指揮交通。",
        "工人在高處沒有繫安全帶。",
        "挖開的洞晚上沒有警示燈。",
    ),
    "works_quality": (
        "剛鋪好的路面就龜裂了。",
        "新做的水溝蓋高低不平，騎車會彈起來。",
        "牆面有很多蜂窩，鋼筋看得到。",
        "回填的地方一下雨就陷下去。",
        "人行道的磚一踩就動。",
    ),
    "works_site": (
        "工程車把泥土帶到馬路上，整條路都是灰。",
        "人行道被圍起來，只能走在車道。",
        "改道的牌子太晚才看到。",
        "工地排出來的水積在路口。",
        "材料堆在路邊佔了一個車道。",
    ),
    "works_delay": ("已經兩個月沒有人施工。", "說年底要完工，到現在還是一個大洞。", "圍籬圍了半年，裡面都沒有動。"),
}
ANSWERED = {
    "works_safety": "已要求廠商當日改善並拍照回報，安全衛生人員加強巡查。",
    "works_quality": "已請監造單位現場檢視，缺失部分由廠商無償修復，本處將複查。",
    "works_site": "已要求廠商清洗路面並調整交通維持設施，持續派員巡查。",
    "works_delay": "因管線遷移停工，已於協調後復工，新的完工日公布於工程告示牌。",
}
REASONS = (
    "民眾反映混凝土表面缺失，請派員查核。",
    "同一工地多次通報安全缺失，請查核。",
    "回填品質有疑義，請查核並取樣。",
)
FOUND = "已到工地查核，缺失列管限期改善。"
NONE_FOUND = "非本市工程清冊的工程，已轉請管理單位處理並副知您。"
