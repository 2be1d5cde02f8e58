from babi.buf import Buf
from babi.dim import Dim


def test_inserted_line_is_taken_back():
    buf = Buf(["one", ""])
    with buf.record() as changes:
        buf.insert(0, "zero")
    assert list(buf) == ["zero", "one", ""]
    buf.apply(changes)
    assert list(buf) == ["one", ""]


def test_cursor_goes_down_to_the_end_and_no_farther():
    buf, dim = Buf(["one", ""]), Dim(0, 0, 80, 20)
    for _ in range(3):
        buf.down(dim)
    assert buf.y == 1
