"""Mapping files: other names, other words, mending, and mistakes told with their line."""

import pytest
from django.db import connection

from foundation.imports import FileError, Mapping, MappingError, run
from foundation.tests.sample_import import SAMPLE, TABLE

GOOD = """\
# Taipei's dispatch list
join_extra = "案件地址"

[columns]
number = "案件編號"
kind = "派工項目"
district = "行政區"
address = "案件地址"
received_at = ["立案日期", "立案時間"]

[constants]
source = "taipei-1999"
urgent = "否"

[values.kind]
"路面坑洞(含人孔蓋)" = "坑洞"
"路燈故障" = "路燈"
"*" = "噪音"

[values.district]
"苓雅" = "苓雅區"
"前鎮" = "前鎮區"

[fingerprint.number]
unless = '\\d{13}'
of = ["案件編號", "派工項目", "案件地址", "立案日期", "立案時間"]
"""
HEADER = "案件編號,派工項目,案件地址,行政區,立案日期,立案時間"


@pytest.fixture
def table(db):
    with connection.cursor() as cursor:
        cursor.execute(TABLE)


@pytest.fixture
def load(tmp_path):
    def load(text: str) -> Mapping:
        path = tmp_path / "mapping.toml"
        path.write_text(text, "utf-8")
        return Mapping.load(path, SAMPLE)

    return load


def stored(columns: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM import_sample ORDER BY id")
        return cursor.fetchall()


def imported(tmp_path, mapping, *lines, header=HEADER, encoding="utf-8"):
    path = tmp_path / "in.csv"
    path.write_bytes("\n".join([header, *lines]).encode(encoding))
    return run(SAMPLE, path, mapping=mapping)


def test_other_names_and_other_words(table, tmp_path, load):
    report = imported(
        tmp_path,
        load(GOOD),
        "2022030510001,路燈故障,四維三路2號,苓雅,20220305,143000",
        "2022030510002,動物救援,四維三路4號,前鎮,20220305,",
        "2022030510003,路燈故障,四維三路2號,板橋,20220305,143000",
    )
    assert (report.imported, report.rejected) == (2, 1)
    assert dict(report.reasons) == {("district", "對照檔的 values 沒有這個值"): 1}
    assert stored("source, number, kind, district, urgent, received_at::text") == [
        ("taipei-1999", "2022030510001", "streetlight", 1, False, "2022-03-05 06:30:00+00"),
        ("taipei-1999", "2022030510002", "noise", 2, False, "2022-03-04 16:00:00+00"),
    ]


def test_unquoted_commas_are_mended_where_the_mapping_says_so(table, tmp_path, load):
    lines = ["2022030510001,路燈故障,1 Siwei 3rd Rd, Lingya, Kaohsiung,苓雅,20220305,143000"]
    assert imported(tmp_path, load(GOOD), *lines).imported == 1
    assert stored("address") == [("1 Siwei 3rd Rd, Lingya, Kaohsiung",)]
    without = load(GOOD.replace("join_extra", "# join_extra"))
    assert imported(tmp_path, without, *lines).rejected == 1
    assert imported(tmp_path, load(GOOD), "2022030510001,路燈故障").rejected == 1  # too few is never mended


def test_broken_numbers_are_replaced_by_a_fingerprint(table, tmp_path, load):
    lines = [
        "2022030510001,路燈故障,四維三路2號,苓雅,20220305,143000",
        "2.02203E+12,路燈故障,四維三路2號,苓雅,20220305,143000",
        "2.02203E+12,路燈故障,四維三路2號,苓雅,20220305,143001",
        "2.02203E+12,路燈故障,四維三路2號,苓雅,20220305,143001",
        ",路燈故障,四維三路2號,苓雅,20220305,143001",
    ]
    report = imported(tmp_path, load(GOOD), *lines)
    assert (report.imported, report.unchanged, report.rejected) == (4, 0, 1)
    (first,), *others = stored("number")
    assert first == "2022030510001"
    assert all(number.startswith("#") and len(number) == 25 for (number,) in others)
    again = imported(tmp_path, load(GOOD), *lines)
    assert (again.imported, again.unchanged, again.rejected) == (0, 4, 1)


def test_big5_when_it_is_declared(table, tmp_path, load):
    mapping = load('encoding = "big5"\n' + GOOD.replace('"*" = "噪音"', ""))
    line = "2022030510001,路燈故障,許功蓋路2號,苓雅,20220305,143000"  # characters whose second byte is a backslash
    assert imported(tmp_path, mapping, line, encoding="cp950").imported == 1
    assert stored("address") == [("許功蓋路2號",)]


def test_another_delimiter(table, tmp_path, load):
    mapping = load('delimiter = "\\t"\n' + GOOD)
    line = "2022030510001\t路燈故障\t四維三路, 2號\t苓雅\t20220305\t143000"
    assert imported(tmp_path, mapping, line, header=HEADER.replace(",", "\t")).imported == 1


def test_a_column_that_the_file_does_not_have(table, tmp_path, load):
    with pytest.raises(FileError, match="立案時間"):
        imported(tmp_path, load(GOOD), header=HEADER.replace("立案時間", "時間"))


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("number = ", "numbr = "), 5, "是不是「number」"),
        (("join_extra", "join_extras"), 2, "是不是「join_extra」"),
        (("[constants]", "[constant]"), 11, "是不是「constants」"),
        (('source = "taipei-1999"', ""), 4, "source"),
        (('urgent = "否"', 'urgent = "也許"'), 13, "urgent"),
        (('urgent = "否"', 'kind = "坑洞"'), 13, "同時出現"),
        (('"路燈故障" = "路燈"', '"路燈故障" = "街燈"'), 17, "「街燈」"),
        (("[values.kind]", "[values.knd]"), 15, "knd"),
        (("[values.district]", "[values.note]"), 20, "note"),
        (("[fingerprint.number]", "[fingerprint.nummer]"), 24, "nummer"),
        (("'\\d{13}'", "'\\d{13'"), 0, ""),  # good: a regular expression that means itself
        (("'\\d{13}'", "'(\\d'"), 25, "unless"),
        (("of = [", "off = ["), 26, "off"),
        (('"立案日期", "立案時間"]\n\n[con', "1]\n\n[con"), 9, "received_at"),
        (("# Taipei", 'encoding = "utf-16"\n# Taipei'), 1, "utf-16"),
        (("# Taipei", 'encoding = "klingon"\n# Taipei'), 1, "klingon"),
        (("# Taipei", 'delimiter = ";;"\n# Taipei'), 1, "delimiter"),
        (("# Taipei", "delimiter = 7\n# Taipei"), 1, "delimiter"),
        (("# Taipei", "constants = 7\n# Taipei"), 1, "constants"),
        (("[constants]", "[columns]"), 11, ""),  # TOML's own mistakes
        (('"路燈"', '"路燈'), 17, ""),
    ],
)
def test_a_mistake_is_told_with_its_line(load, change, line, words):
    text = GOOD.replace(*change, 1)
    if change[1] == "constants = 7\n# Taipei":
        text = text.replace('[constants]\nsource = "taipei-1999"\nurgent = "否"\n', "")
    assert text != GOOD
    if not line:
        load(text)
        return
    with pytest.raises(MappingError) as caught:
        load(text)
    message = str(caught.value)
    assert "mapping.toml" in message
    assert f"第 {line} 行" in message or f"line {line}" in message
    assert words in message


def test_no_mapping_file(tmp_path):
    with pytest.raises(MappingError, match="absent"):
        Mapping.load(tmp_path / "absent.toml", SAMPLE)
