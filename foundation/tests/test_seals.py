from foundation.seals import Seal


def test_a_seal_opens_for_its_own_purpose_alone() -> None:
    here, there = Seal("a"), Seal("b")
    sealed = here.sign(7)
    assert here.open(sealed) == 7
    assert there.open(sealed) is None
    assert here.open(sealed.replace("7:", "8:", 1)) is None
    assert here.open("") is None and here.open("7") is None
