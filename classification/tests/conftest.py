"""A classifier of its own for the tests: short texts of two or three labels, which a test may change."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from classification import registry
from classification.queries import forget
from classification.registry import Classifier, Example

SAYINGS = {
    "light": "路燈不亮 路燈壞了 燈一直閃 街燈熄滅 燈桿歪了 照明不足 燈泡破了 路燈白天亮 整排路燈不亮 燈罩掉落",
    "noise": "半夜很吵 狗一直叫 施工噪音 唱歌太大聲 機器聲很大 鞭炮聲 改裝車很吵 音響太吵 鄰居吵鬧 低頻噪音",
    "waste": "垃圾沒人清 亂丟家具 水溝很臭 堆滿廢棄物 路邊倒廢土 垃圾桶滿了 髒亂有蚊蟲 動物屍體 落葉塞住 回收物堆積",
}


class Sayings:
    """What the classifier ``test.sayings`` may learn from."""

    def __init__(self) -> None:
        self.rows = [
            Example(f"{place}{saying}", label, False)
            for label, sayings in SAYINGS.items()
            for saying in sayings.split()
            for place in ("", "巷口", "公園旁邊", "我家門口")
        ]

    def mislabel(self) -> None:
        """Shift every label by one, so that whatever is learned from it is wrong by what was said before."""
        labels = list(SAYINGS)
        self.rows = [
            Example(text, labels[(labels.index(label) + 1) % len(labels)], own) for text, label, own in self.rows
        ]


@pytest.fixture
def sayings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sayings]:
    said = Sayings()
    declared = Classifier(
        code="test.sayings",
        label="說法",
        definition="測試用",
        examples=lambda: said.rows,
        words=str.upper,
        threshold="suggestion_threshold",
    )
    monkeypatch.setitem(registry._classifiers, declared.code, declared)
    forget()
    yield said
    forget()
