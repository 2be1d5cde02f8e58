from sqlite_web.executor import key_decode, key_encode, split_statements


def test_key_of_a_row_comes_back_as_it_went():
    assert key_decode(key_encode([7, "seven", b"\x00"])) == [7, "seven", b"\x00"]


def test_statements_are_parted_at_their_ends_alone():
    assert split_statements("select ';' as a; select 2") == ["select ';' as a;", "select 2"]
