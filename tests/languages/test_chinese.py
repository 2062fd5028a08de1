"""The Chinese of the product: said through gettext, and as a careful civil servant in Taiwan writes it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from foundation import texts

HAN = re.compile(r"[\u4e00-\u9fff]")
# Chinese characters and punctuation, as they may stand outside a translation tag by mistake.
CHINESE = re.compile(r"[\u4e00-\u9fff\u3001\u3002\u300c\u300d\uff01-\uff1f]")
GETTEXT = frozenset(texts.KEYWORDS)

# Chinese in code that is no text for readers, by file, with the reason.
NO_TEXTS = {
    "config/settings.py": "the name of the language, in itself",
    "identity/models/user.py": "the name of the language, in itself",
    "identity/factories.py": "names of people in tests",
    "identity/citizen_certificate/simulator/authority.py": "names of people in the simulator",
    "identity/citizen_certificate/simulator/server.py": "the simulator's phone, in both languages at once",
    "foundation/roc.py": "the ROC calendar, which English pages do not use",
    "foundation/encryption.py": "how telephone numbers are written",
    "foundation/imports/parsers.py": "what sources write for yes, no and afternoon",
    "foundation/management/commands/cityexport.py": "help of a command, in both languages at once",
    "foundation/management/commands/cityimport.py": "help of a command, in both languages at once",
    "foundation/management/commands/reencrypt.py": "help of a command, in both languages at once",
    "foundation/pages/look.py": "samples of the page parts",
    "organisation/imports/staff.py": "how sources write roles",
    "organisation/pages/year.py": "names of holidays as a library gives them",
    "organisation/placenames.py": "how addresses are written",
    "search/rules.py": "characters that count as one",
    "annualreport/actions/office_styles.py": "the name of a font",
    "annualreport/demo.py": "what the people of the demo write",
    "annualreport/markup.py": "forms of numbers, which are Chinese",
    "annualreport/notices.py": "a sample letter",
    "annualreport/rules.py": "how sections are numbered and what is counted in Chinese",
    "cases/notices.py": "a sample letter",
    "cases/routing.py": "how roads are named",
    "cases/redaction.py": "surnames, titles and forms of address that are looked for in texts",
    "classification/rules.py": "characters that count as one",
    "messages/mime.py": "how mail programs mark what is quoted",
    "servicerequests/rules.py": "what people type in a messenger",
    "servicerequests/notices.py": "a sample letter",
    "cases/querysets.py": "kept on a record, in the language of the city",
    "cases/actions/answers.py": "places of a template, which is in the language of the city",
    "cases/rules.py": "places of a template, which is in the language of the city",
    "servicerequests/actions/setting_aside.py": "kept on a record, in the language of the city",
    "publicmap/notices.py": "a sample letter",
    "publicworks/notices.py": "a sample letter",
    "singlesignon/notices.py": "a sample letter",
    "publicworks/imports/works.py": "how sources write agencies and the stages of works",
    "servicerequests/actions/field.py": "kept on a record, in the language of the city",
    "servicerequests/actions/jobs.py": "kept on a record, in the language of the city",
    "servicerequests/imports/addresses.py": "how addresses are written",
    "servicerequests/imports/dispatches.py": "kept on a record, in the language of the city",
    "servicerequests/management/commands/load_demo.py": "progress of the demo, printed to a terminal",
    "servicerequests/pages/report/forms.py": "how telephone numbers are written",
}
# Whole pages of samples, only in a demo; letters, which have a template for each language.
NO_TEXT_TEMPLATES = re.compile(r"/look/|/notices/\w+\.zh-hant(\.short)?\.txt$")

# Words of the other side of the strait, with what Taiwan says. 程序 (procedure) and 登錄 in law are right words.
FOREIGN = {
    "信息": "訊息、資訊",
    "視頻": "影片",
    "網絡": "網路",
    "默認": "預設",
    "軟件": "軟體",
    "硬件": "硬體",
    "數據": "資料、數值",
    "質量": "品質",
    "用戶": "使用者、民眾",
    "登錄": "登入",
    "賬號": "帳號",
    "郵箱": "信箱",
    "短信": "簡訊",
    "打印": "列印",
    "鼠標": "滑鼠",
    "文件夾": "資料夾",
    "點擊": "按、點選",
    "屏幕": "螢幕",
    "服務器": "伺服器",
    "界面": "介面",
    "反饋": "回饋、意見",
    "模塊": "模組",
    "菜單": "選單",
    "鏈接": "連結",
    "粘貼": "貼上",
    "智能": "智慧",
    "手機號": "手機號碼",
    "兼容": "相容",
    "導出": "匯出",
    "導入": "匯入",
    "批量": "批次",
    "支持": "支援",
    "激活": "啟用",
    "注銷": "登出、停用",
    "台灣": "臺灣",
    "答覆": "答復",
    "帳戶": "帳號",
}


def mistakes(msgid: str) -> Iterator[str]:
    """What a careful civil servant would mend in a Chinese text."""
    plain = re.sub(r"%\(\w+\)[sd]|\{\w+\}|<[^>]+>", "〇", msgid)
    for word, better in FOREIGN.items():
        if word in plain.replace(better, ""):  # 手機號 is wrong, and the beginning of what is right
            yield f"{word}: say {better}"
    if "你" in plain:
        yield "readers are 您"
    for found in re.findall(r"[\u4e00-\u9fff」）][,;:!?]|[,;!?][\u4e00-\u9fff〇「（]", plain):
        yield f"half-width punctuation: {found}"
    if re.search(r"[\u4e00-\u9fff」）]\.(\s|$)|\.\.\.", plain):
        yield "a Latin full stop"
    if re.search(r"[\u4e00-\u9fff]\(|\)[\u4e00-\u9fff]", plain):
        yield "half-width brackets"
    if re.search(r"[\u4e00-\u9fff][\"']|[\"'][\u4e00-\u9fff]", plain):
        yield "straight quotation marks"
    if re.search(
        r"[\u4e00-\u9fff] +[\u4e00-\u9fff、，。；：？！「」（）]|[、，。；：？！「」（）] +[\u4e00-\u9fff]", plain
    ):
        yield "a blank between Chinese characters"
    for found in re.findall(r"[\u4e00-\u9fff][A-Za-z0-9]|[A-Za-z0-9][\u4e00-\u9fff]", plain):
        yield f"Latin without a blank beside it: {found}"
    if re.search(r"[，、；：]$", plain) and len(plain) > 2 and not plain.endswith("："):
        yield "ends in the middle"
    if re.search(r"[。！].", plain) and not re.search(r"[。？！：…）」〇]$", plain):
        yield "a sentence without an end"
    for character in sorted(set(HAN.findall(plain))):
        try:
            character.encode("cp950")
        except UnicodeEncodeError:
            yield f"not a character of Taiwan: {character}"


@pytest.mark.parametrize("app", texts.apps())
def test_the_chinese_is_written_well(app: str) -> None:
    found = {key.msgid: list(mistakes(key.msgid)) for key in texts.used(app)}
    assert {msgid: wrong for msgid, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("app", texts.apps())
def test_texts_are_chinese_or_django_says_them_in_chinese(app: str) -> None:
    """An English msgid would stand in English on Chinese pages: there is no catalogue for the source language."""
    with translation.override("zh-hant"):
        english = [
            key.msgid
            for key in texts.used(app)
            if re.search(r"[A-Za-z]{2}", re.sub(r"%\(\w+\)[sd]|\{\w+\}", "", key.msgid))
            and not HAN.search(key.msgid)
            and translation.gettext(key.msgid) == key.msgid
        ]
    assert english == []


# Chinese that does not go through gettext.


def unsaid(source: str) -> Iterator[tuple[int, str]]:
    """The Chinese texts of a Python file that neither gettext nor a reader of the code gets, with their lines."""
    tree = ast.parse(source)
    passed = set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in GETTEXT:
                passed |= {id(inner) for inner in ast.walk(node)}
            case ast.Expr(value=ast.Constant() as comment):
                passed.add(id(comment))
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(text)) if id(node) not in passed and HAN.search(text):
                yield node.lineno, text


def untagged(template: str) -> list[str]:
    """Chinese characters and punctuation of a template that stand outside its tags and comments."""
    # The way to the Chinese page is in Chinese on every page.
    blank = re.compile(
        r"<a [^>]*lang=\"zh-Hant-TW\"[^>]*>.*?</a>|"
        r"{%\s*comment.*?{%\s*endcomment\s*%}|{%\s*blocktranslate.*?{%\s*endblocktranslate\s*%}|{%.*?%}|{#.*?#}|{{.*?}}",
        re.S,
    )
    return CHINESE.findall(blank.sub("", template))


def python_files() -> Iterator[Path]:
    return (path for app in [*texts.apps(), "config"] for path in texts.sources(app) if path.suffix == ".py")


def test_no_text_in_code_goes_past_gettext() -> None:
    found = {
        name: list(unsaid(path.read_text("utf-8")))
        for path in python_files()
        if (name := path.relative_to(texts.ROOT).as_posix()) not in NO_TEXTS
    }
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_exceptions_are_still_needed() -> None:
    for name in NO_TEXTS:
        assert list(unsaid((texts.ROOT / name).read_text("utf-8"))), f"{name} needs no exception any more"


def test_no_text_in_a_template_goes_past_gettext() -> None:
    found = {
        name: untagged(path.read_text("utf-8"))
        for app in texts.apps()
        for path in texts.sources(app)
        if path.suffix != ".py" and not NO_TEXT_TEMPLATES.search(name := path.relative_to(texts.ROOT).as_posix())
    }
    assert {name: characters for name, characters in found.items() if characters} == {}


# The checks themselves, on planted slips.


@pytest.mark.parametrize(
    ("msgid", "wrong"),
    [
        ("請選擇 1 到 5 分。", ""),
        ("「%(field)s」最多 %(most)d 個字，現在有 %(now)d 個字。", ""),
        ("人民申請依行政程序法辦理。", ""),
        ("%(day)s 的停班宣告撤回：%(reason)s", ""),
        ("請輸入信息。", "訊息、資訊"),
        ("點擊這裡", "點選"),
        ("找不到你的位置。", "readers are 您"),
        ("請稍候,再試一次。", "half-width punctuation"),
        ("完成.", "Latin full stop"),
        ("地點(選填)", "half-width brackets"),
        ('按"送出"', "straight quotation marks"),
        ("請先 登入。", "a blank between"),
        ("最多3張", "without a blank"),
        ("請先登入。再試一次", "without an end"),
        ("请登入", "not a character of Taiwan"),
    ],
)
def test_mistakes_are_found(msgid: str, wrong: str) -> None:
    found = list(mistakes(msgid))
    assert (found == []) is (wrong == "") and (not wrong or any(wrong in line for line in found))


def test_chinese_past_gettext_is_found() -> None:
    python = '"""說明"""\nX = _("好") + ngettext("一", "多", 2)\nY = "壞"\nZ = f"也壞{Y}"\nW = "no"  # 註解\n'
    assert list(unsaid(python)) == [(3, "壞"), (4, "也壞")]
    template = (
        '{# 註 #}{% translate "好" %}{{ x|default:_("好") }}{% blocktranslate %}好{% endblocktranslate %}壞：</p>'
    )
    assert untagged(template) == ["壞", "："]
