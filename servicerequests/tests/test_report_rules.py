"""From words to a kind, and numbers, codes and points as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.registry import kinds
from cases.rules import CODE_ALPHABET, plain_code
from servicerequests.pages.report.catalogue import catch_all, suggestions
from servicerequests.rules import (
    Ranked,
    is_sure,
    rank_kinds,
    read_point,
    spell_code,
    tidy_number,
    write_point,
)

# What people say; none of it was looked at when the words of the pack were chosen.
SAID = [
    ("我家門口路燈三天沒亮了", "street_light"),
    ("巷子的燈壞掉晚上好暗", "street_light"),
    ("路燈白天都不關一直亮著很浪費電", "street_light"),
    ("燈桿被車撞歪快倒了", "street_light"),
    ("馬路上有一個大洞，機車差點摔倒", "pothole"),
    ("柏油路坑坑疤疤的", "pothole"),
    ("人孔蓋凹下去很危險", "pothole"),
    ("施工完路面沒有鋪平，有破洞", "pothole"),
    ("紅綠燈全部不亮", "traffic_signal"),
    ("行人號誌秒數太短，老人家走不完", "traffic_signal"),
    ("路口紅綠燈一直閃黃燈", "traffic_signal"),
    ("小綠人壞了", "traffic_signal"),
    ("颱風後路樹倒下來擋住車道", "fallen_tree"),
    ("樹枝斷掉掛在電線上", "fallen_tree"),
    ("公園的大樹快倒了", "fallen_tree"),
    ("路樹太茂密請來修剪", "fallen_tree"),
    ("樓下卡拉OK唱到半夜很吵", "noise"),
    ("工地一大早就施工，噪音吵死了", "noise"),
    ("隔壁冷氣室外機的聲音很大聲睡不著，噪音", "noise"),
    ("半夜有改裝車飆車", "noise"),
    ("有車停在我家車庫前面出不來", "illegal_parking"),
    ("紅線違停", "illegal_parking"),
    ("騎樓停滿機車，輪椅過不去", "illegal_parking"),
    ("有人併排停車買便當", "illegal_parking"),
    ("空地被人亂倒垃圾，很臭", "waste"),
    ("廢棄沙發丟在路邊，是大型家具", "waste"),
    ("水溝邊積水長蚊子，怕登革熱", "waste"),
    ("公園地上很多狗大便", "waste"),
    ("公車常常脫班，司機服務態度很差", "petition"),
    ("想建議在學校旁邊設圖書館", "petition"),
    ("請問育兒補助怎麼申請", "petition"),
    ("There is a huge pothole in front of my house", "pothole"),
    ("The street lights are out", "street_light"),
    ("traffic light not working", "traffic_signal"),
    ("Trees have fallen over the road", "fallen_tree"),
    ("my neighbour is very loud at night", "noise"),
    ("a car is parked on the sidewalk", "illegal_parking"),
    ("someone dumped rubbish here", "waste"),
]


@pytest.mark.parametrize(("text", "code"), SAID)
def test_what_people_say_leads_to_its_kind_among_the_first_three(text: str, code: str) -> None:
    found, _sure = suggestions(text)
    assert code in [tile.kind.code for tile in found[:3]]


def test_nine_in_ten_lead_to_their_kind_at_once_and_what_is_sure_is_right() -> None:
    first = [(code, *suggestions(text)) for text, code in SAID]
    hits = [found[0].kind.code == code for code, found, _sure in first]
    assert sum(hits) >= 0.9 * len(SAID), [text for (text, _c), hit in zip(SAID, hits, strict=True) if not hit]
    assert all(found[0].kind.code == code for code, found, sure in first if sure)
    assert sum(sure for _code, _found, sure in first) > len(SAID) / 2


@given(st.text(max_size=200))
def test_there_is_no_dead_end_and_chance_plays_no_part(text: str) -> None:
    found, sure = suggestions(text)
    codes = [tile.kind.code for tile in found]
    assert catch_all().code in codes
    assert len(codes) == len(set(codes)) <= 4
    assert (found, sure) == suggestions(text)


@pytest.mark.parametrize("same", ["路燈不亮", "路燈　不亮", "「路燈不亮」", "路燈不亮！！"])
def test_width_and_punctuation_do_not_matter(same: str) -> None:
    vocabulary = {"light": ["路燈不亮"], "hole": ["坑洞"]}
    assert rank_kinds(same, vocabulary)[0].code == "light"


def test_taiwan_is_written_in_two_ways() -> None:
    assert rank_kinds("台電", {"power": ["臺電"]}) == rank_kinds("臺電", {"power": ["台電"]}) != []


def test_what_all_kinds_share_decides_nothing() -> None:
    vocabulary = {"light": ["路燈壞掉"], "signal": ["號誌壞掉"], "tree": ["樹壞掉"]}
    assert not is_sure(rank_kinds("壞掉", vocabulary))
    assert is_sure(rank_kinds("號誌壞掉", vocabulary))


@pytest.mark.parametrize(
    ("ranked", "sure"),
    [
        ([], False),
        ([Ranked("a", 0.5)], False),
        ([Ranked("a", 9)], True),
        ([Ranked("a", 9), Ranked("b", 5)], False),
        ([Ranked("a", 9), Ranked("b", 4)], True),
    ],
)
def test_sure_is_far_ahead_of_the_next(ranked: list[Ranked], sure: bool) -> None:
    assert is_sure(ranked) is sure


@pytest.mark.parametrize(
    "typed",
    [
        "D111-0099781",
        " d111-99781 ",
        "Ｄ１１１－００９９７８１",
        "d111 0099781",
        "D1110099781",
        "D111—0099781",
        "D111 - 0099781",
    ],
)
def test_a_number_is_known_however_it_is_typed(typed: str) -> None:
    assert tidy_number(typed) == "D111-0099781"


@pytest.mark.parametrize(
    ("typed", "kept"), [("D99-1", "D99-0000001"), ("hello", "HELLO"), ("", ""), ("x" * 99, "X" * 40)]
)
def test_other_things_come_back_to_be_named_as_unknown(typed: str, kept: str) -> None:
    assert tidy_number(typed) == kept


@given(st.text(CODE_ALPHABET, min_size=8, max_size=8))
def test_a_code_survives_being_read_out_and_typed(code: str) -> None:
    assert len(spell_code(code)) == 9
    assert plain_code(spell_code(code).lower()) == code


@pytest.mark.parametrize(
    "text",
    [
        "22.6273, 120.3014",
        "22.6273,120.3014",
        "(22.6273, 120.3014)",
        "120.3014, 22.6273",
        "２２．６２７３，１２０．３０１４",
        "22.6273 120.3014",
    ],
)
def test_a_point_is_read_in_either_order(text: str) -> None:
    assert read_point(text) == (120.3014, 22.6273)


@pytest.mark.parametrize("text", ["", "here", "22.6273", "1, 2, 3", "95, 95", "200, 22", "22.6N, 120.3E", "nan, inf"])
def test_what_is_no_point_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not"):
        read_point(text)


@given(st.floats(119, 123), st.floats(21, 26))
def test_a_written_point_is_read_back_to_eleven_centimetres(lon: float, lat: float) -> None:
    assert read_point(write_point(lon, lat)) == pytest.approx((lon, lat), abs=1e-6)


def test_every_kind_is_found_by_its_own_name() -> None:
    for each in kinds().values():
        assert suggestions(each.label_zh)[0][0].kind.code == each.code
        assert suggestions(each.label_en)[0][0].kind.code == each.code
