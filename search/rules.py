"""Exact substring search as arithmetic on characters: the text of PostgreSQL's ``tsvector`` and ``tsquery`` values.

Chinese has no spaces between words, and a dictionary that cuts words wrongly loses records. So nothing is cut: each
pair of neighbouring characters (bigram) is a lexeme at the position of its first character, and a longer word is asked
for as a phrase of its bigrams. Latin letters and digits are treated the same, so part of a case number or of a licence
plate is found as well. White space divides a text into runs, and no pair reaches from one run into the next.

A single character is asked for as the beginning of a lexeme. Each character begins a pair, except the last one of its
run; that one is kept as a lexeme of its own. So a word of any length is found exactly: none missed, none too many.
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import chain

# Limits of PostgreSQL's tsvector: a position is at most 16,383 and a lexeme keeps at most 255 positions.
MAX_POSITION = 16_383
# More of a question than this is not read: nobody types it, and a phrase of thousands of lexemes would cost.
MAX_QUERY = 200
# Two lexemes name the record's kind and the block of numbers that its own number lies in, so that the newest records
# can be asked for first: blocks of 32,768 and of 1,048,576. The function search_newest (sql.py) knows both sizes.
FINE_BITS = 15
COARSE_BITS = 20

# What nobody sees and nobody types: control characters that are not white space, soft hyphens, zero-width and direction
# marks, variation selectors, and halves of surrogate pairs, which PostgreSQL refuses like NUL.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]+"
)
# Quoted in a lexeme: the two characters with a meaning inside quotes.
_ESCAPED = {"'": "''", "\\": "\\\\"}
# What stands between two lexemes: the end of one with its position and weight, and the beginning of the next.
_TITLE = tuple(f"':{position}A '" for position in range(MAX_POSITION + 1))
_BODY = tuple(f"':{position}B '" for position in range(MAX_POSITION + 1))


def normalise(text: str) -> str:
    """The text as it is compared: full-width folded (NFKC), lower case, 臺 as 台, single spaces, nothing invisible."""
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).casefold()
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.replace("臺", "台").split())


def vector(kind: str, object_id: int, title: str, body: str) -> str:
    """Text of a record's whole ``tsvector``: the blocks that it lies in, then its texts.

    Upper-case letters do not survive :func:`normalise`, so no question can meet a block's lexeme.
    """
    fine, coarse = object_id >> FINE_BITS, object_id >> COARSE_BITS
    return f"'K{kind}/{fine}' 'K{kind}//{coarse}' {lexemes(title, body)}"


def lexemes(title: str, body: str) -> str:
    """Text of the ``tsvector`` of a title (weight A) and a body (weight B).

    A text beyond position 16,383, about that many characters, is not indexed.
    """
    pieces: list[str] = []
    position = _run_lexemes(title, 1, _TITLE, pieces)
    _run_lexemes(body, position, _BODY, pieces)
    return f"'{''.join(pieces)[:-2]}" if pieces else ""


def _run_lexemes(text: str, position: int, separators: tuple[str, ...], pieces: list[str]) -> int:
    """Append each run's pairs and its last character; return the next free position, which no phrase reaches."""
    for run in normalise(text).split():
        characters: Sequence[str] = run[: max(MAX_POSITION - position, 0)]
        if not characters:
            break
        length = len(characters)
        last = position + length - 1
        if "'" in characters or "\\" in characters:
            characters = [_ESCAPED.get(character, character) for character in characters]
        pairs = zip(characters, characters[1:], separators[position:last], strict=False)
        pieces.extend(chain.from_iterable(pairs))
        pieces.append(characters[-1])
        pieces.append(separators[last])
        position = last + 2
    return position


def query(text: str) -> str:
    """Text of the ``tsquery`` for what somebody typed: every word (divided by white space) must occur.

    Empty when nothing is asked.
    """
    words = dict.fromkeys(normalise(text)[:MAX_QUERY].split())
    return " & ".join(_phrase(word) for word in words)


def _phrase(word: str) -> str:
    """The lexemes of one word at their distances. Every second pair is enough: together they hold each character."""
    characters = [_ESCAPED.get(character, character) for character in word]
    if len(characters) == 1:
        return f"'{characters[0]}':*"
    last = len(characters) - 2
    phrase = f"'{characters[0]}{characters[1]}'"
    for position in range(2, last + 1, 2):
        phrase += f" <2> '{characters[position]}{characters[position + 1]}'"
    if last % 2:
        phrase += f" <-> '{characters[last]}{characters[last + 1]}'"
    return f"({phrase})" if last else phrase
