"""Reading what strangers send."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.mime import read_mail, text_of, without_quotes
from messages.rules import inbox_server, letter_token
from messages.tests.mails import bounce, with_file, written


def test_a_mail_with_all_its_parts() -> None:
    mail = written(
        "路燈不亮\n\n於 2026年11月30日 週一 上午10:00 高雄市政府 寫道：\n> 請補充\n> 哪一盞", In_Reply_To="<a@b>"
    )
    mail["References"] = "<first@b> <a@b>"
    with_file(mail, "照片.jpg", b"\xff\xd8\xff")
    read = read_mail(mail.as_bytes())
    assert (read.sender, read.sender_name, read.subject) == ("wang@example.com", "王小明", "路燈")
    assert read.text == "路燈不亮"
    assert read.answers == ("a@b", "first@b")
    assert [(file.name, file.content) for file in read.files] == [("照片.jpg", b"\xff\xd8\xff")]
    assert read.automatic == "" and read.bounce is None


@pytest.mark.parametrize("charset", ["utf-8", "big5", "gb18030"])
def test_characters_are_read_as_the_mail_says(charset: str) -> None:
    body = "高雄市政府路燈".encode(charset)
    raw = b"From: a@b.tw\r\nContent-Type: text/plain; charset=" + charset.encode() + b"\r\n\r\n" + body
    assert read_mail(raw).text == "高雄市政府路燈"


def test_raw_big5_in_headers_and_a_charset_that_nobody_knows() -> None:
    raw = (
        b"From: a@b.tw\r\nSubject: "
        + "路燈不亮".encode("big5")
        + b"\r\nContent-Type: text/plain; charset=x-none\r\n\r\n"
    )
    read = read_mail(raw + "很暗".encode("big5"))
    assert (read.subject, read.text) == ("路燈不亮", "很暗")


def test_html_alone_is_read_without_scripts_and_quotations() -> None:
    mail = EmailMessage()
    mail["From"] = "a@b.tw"
    mail.set_content(
        "<html><head><title>t</title><style>p{}</style></head><body><p>第一行<br>第二行</p><script>x()</script>"
        '<div class="gmail_quote"><div>誰寫道</div><blockquote>舊信</blockquote></div>'
        "<p>&lt;結尾&gt;</p></body></html>",
        subtype="html",
    )
    assert read_mail(mail.as_bytes()).text == "第一行\n第二行\n\n<結尾>"
    assert text_of("<p>沒有結尾<b>") == "沒有結尾"


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("好的\n\nOn Mon, 30 Nov 2026, City wrote:\n> old", "好的"),
        ("好的\n-----原始郵件-----\n舊信", "好的"),
        ("好的\n寄件者: 市府 <a@b.tw>\n舊信", "好的"),
        ("On Mon, 30 Nov 2026, City wrote:\n> 哪一盞？\n第三盞\n> 何時？\n昨天", "第三盞\n昨天"),
        ("好的\n-- \n王小明", "好的"),
        ("> 只有引文", "> 只有引文"),
        ("5 > 3 沒有引文\n--------\n還是我寫的", "5 > 3 沒有引文\n--------\n還是我寫的"),
    ],
)
def test_what_is_quoted_is_cut_off(text: str, own: str) -> None:
    assert without_quotes(text) == own


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters=">\r\n-_:："), min_size=1), min_size=1))
def test_a_text_without_quotations_loses_nothing(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert without_quotes(text).split() == text.split()


@given(st.binary(max_size=2000))
def test_no_bytes_whatever_stop_the_reading(raw: bytes) -> None:
    for mail in (raw, b"From: a@b\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n" + raw + b"\r\n--x--"):
        read = read_mail(mail)
        assert "\x00" not in read.text + read.subject + read.sender
        (read.text + read.subject + read.sender_name).encode()


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied (vacation)"},
        {"Precedence": "bulk"},
        {"List_Id": "<news.example.com>"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
        {"sender": "Mail Delivery <MAILER-DAEMON@example.com>"},
        {"sender": "no-reply@example.com"},
    ],
)
def test_machines_are_recognised(headers: dict[str, str]) -> None:
    assert read_mail(written(**headers).as_bytes()).automatic
    assert not read_mail(written(Auto_Submitted="no").as_bytes()).automatic


def test_a_bounce_names_its_mail_and_the_reason() -> None:
    found = read_mail(bounce("<abc@cityhall.example>")).bounce
    assert found and (found.message_id, found.final) == ("abc@cityhall.example", True)
    assert found.reason == "550 5.1.1 no such user"
    late = read_mail(bounce("<abc@cityhall.example>", action="delayed")).bounce
    assert late and not late.final
    assert read_mail(written().as_bytes()).bounce is None


def test_the_same_mail_by_another_way_has_the_same_fingerprint() -> None:
    raw = written(Message_ID="<1@x>").as_bytes()
    assert read_mail(b"Received: by another way\r\n" + raw).fingerprint == read_mail(raw).fingerprint
    assert read_mail(written("別的", Message_ID="<1@x>").as_bytes()).fingerprint != read_mail(raw).fingerprint


def test_an_inbox_url_and_what_is_wrong_with_one() -> None:
    inbox = inbox_server("imaps://mayor%40city.tw:p%3Aw@mail.example/Mayor")
    assert (inbox.username, inbox.password, inbox.port, inbox.folder) == ("mayor@city.tw", "p:w", 993, "Mayor")
    assert "p:w" not in inbox.name
    assert inbox_server("imap://a:b@h").folder == "INBOX"
    for wrong in ("pop://a:b@h", "imaps://h", "imaps://a:b@", "imaps://a:密@h", "imaps://a:b@h/x?y=1"):
        with pytest.raises(ValueError):
            inbox_server(wrong)


def test_the_token_of_our_letters() -> None:
    token = "0123456789abcdef" * 2
    assert letter_token(f"{token}@City.example", "city.example") == token
    assert letter_token(f"{token}@evil.example", "city.example") is None
    assert letter_token("short@city.example", "city.example") is None
