"""The words: rendered, closed, turned into HTML."""

from html.parser import HTMLParser

import pytest
from django.conf import settings as configured
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.template import engines
from django.test import override_settings

from messages import letters, registry
from messages.registry import Audience, Notice
from messages.tests.conftest import LATE, RECEIVED
from organisation.pack import pack


def test_the_first_line_is_the_subject_and_the_closing_follows():
    letter = letters.write(RECEIVED, "zh-hant", {"number": "D1", "place": "A & B <c>"})
    assert letter.subject == "D1 已受理"
    body, _line, closing = letter.body.partition("\n-- \n")
    assert body.startswith("您通報的「A & B <c>」已受理。\n\n")  # plain text: nothing is escaped
    assert pack().city.brand in closing and "請勿直接回覆" in closing and "不必理會" in closing


def test_who_reads_answers_does_not_forbid_them():
    with override_settings(INBOX_URL="imap://city:secret@127.0.0.1:1/INBOX"):
        body = letters.write(RECEIVED, "zh-hant", {"number": "D1", "place": "here"}).body
    assert "可以直接回信" in body and "請勿直接回覆" not in body


def test_each_language_has_its_words():
    letter = letters.write(RECEIVED, "en", {"number": "D1", "place": "here"})
    assert letter.subject == "D1 received"
    assert pack().city.brand_en in letter.body and "Please do not reply to it" in letter.body
    assert not any("\u4e00" <= character <= "\u9fff" for character in letter.body)


def test_staff_are_closed_differently():
    assert "不必理會" not in letters.write(LATE, "zh-hant", {"number": "D1"}).body


def test_html_escapes_and_links():
    fragment = letters.fragment(
        "<b>一</b> & \"二\"\n三\n\nhttps://city.example/a?b=1&c='2'，請看 http://x.tw/路。\n-- \n市府\n", "en"
    )
    assert fragment.startswith(f'<p class="letter-brand">{pack().city.brand_en}</p>')
    assert "<b>" not in fragment and "&lt;b&gt;一&lt;/b&gt; &amp; &quot;二&quot;<br>\n三" in fragment
    address = "https://city.example/a?b=1&amp;c=&#x27;2"
    assert f'<a href="{address}">{address}</a>&#x27;，請看' in fragment
    assert '<a href="http://x.tw/">http://x.tw/</a>路。' in fragment
    assert fragment.endswith('<footer class="letter-closing"><p>市府</p></footer>')


def test_a_mail_loads_nothing_and_runs_nothing():
    document = letters.html("主旨", "內容\n\nhttps://city.example/\n", "zh-hant")

    class Loads(HTMLParser):
        found: list[str] = []

        def handle_starttag(self, tag, attributes):
            names = dict(attributes)
            if tag in {"img", "script", "link", "iframe", "object", "embed"} or {"src", "onclick", "srcset"} & set(
                names
            ):
                self.found.append(tag)

    parser = Loads()
    parser.feed(document)
    assert not parser.found
    assert "url(" not in document and "@import" not in document
    assert document.startswith('<!doctype html>\n<html lang="zh-Hant-TW">') and ".letter {" in document


def test_every_notice_of_the_house_says_something_in_each_language(monkeypatch):
    """No variable of a template is missing from the example, and the words differ from language to language."""
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "⟦missing %s⟧")
    for notice in registry.notices():
        written = [letters.write(notice, language, notice.example) for language, _name in configured.LANGUAGES]
        for letter in written:
            assert letter.subject and letter.body.partition("\n-- \n")[0].strip(), notice.code
            assert "⟦missing" not in letter.subject + letter.body, notice.code
        assert len({letter.subject for letter in written}) == len(written), notice.code
        assert str(notice.label), notice.code


def test_a_code_is_declared_once_and_names_its_app():
    with pytest.raises(ImproperlyConfigured, match="declared twice"):
        registry.register(RECEIVED)
    with pytest.raises(ValueError, match=r"<app>\.<name>"):
        registry.register(Notice("received", "", Audience.CITIZEN))
    with pytest.raises(LookupError, match=r"no notice 'nobody.knows'.*test\.late, test\.received"):
        registry.notice("nobody.knows")


def ids() -> list[str]:
    return [problem.id for problem in run_checks() if problem.id and problem.id.startswith("citymessages.")]


def test_what_is_missing_is_noticed_at_the_start():
    assert ids() == []
    registry.register(Notice("test.speechless", "沒有文字", Audience.CITIZEN))
    assert ids() == ["citymessages.E002"] * 2
    del registry._notices["test.speechless"]
    with override_settings(MAIL_URL="gopher://mail"):
        assert ids() == ["citymessages.E001"]
    with override_settings(MAIL_URL="smtp://mail"):
        assert ids() == []
