# acceptance/model/test_canonical.py: the model's own canonical JSON and ids, against published examples.
import hashlib
import struct
from decimal import Decimal

import pytest

from acceptance.model import ulid
from acceptance.model.canonical import canonical, double_text, read_json
from acceptance.model.event import EventMaker


@pytest.mark.parametrize("bits, text", [  # RFC 8785, appendix B
    (0x0000000000000000, "0"), (0x8000000000000000, "0"), (0x0000000000000001, "5e-324"),
    (0x8000000000000001, "-5e-324"), (0x7FEFFFFFFFFFFFFF, "1.7976931348623157e+308"),
    (0xFFEFFFFFFFFFFFFF, "-1.7976931348623157e+308"), (0x4340000000000000, "9007199254740992"),
    (0xC340000000000000, "-9007199254740992"), (0x4430000000000000, "295147905179352830000"),
    (0x44B52D02C7E14AF5, "9.999999999999997e+22"), (0x44B52D02C7E14AF6, "1e+23"),
    (0x44B52D02C7E14AF7, "1.0000000000000001e+23"), (0x444B1AE4D6E2EF4E, "999999999999999700000"),
    (0x444B1AE4D6E2EF4F, "999999999999999900000"), (0x444B1AE4D6E2EF50, "1e+21"),
    (0x3EB0C6F7A0B5ED8C, "9.999999999999997e-7"), (0x3EB0C6F7A0B5ED8D, "0.000001"),
    (0x41B3DE4355555553, "333333333.3333332"), (0x41B3DE4355555554, "333333333.33333325"),
    (0x41B3DE4355555555, "333333333.3333333"), (0xBECBF647612F3696, "-0.0000033333333333333333"),
    (0x43143FF3C1CB0959, "1424953923781206.2"),
])
def test_doubles_are_written_as_ecmascript_writes_them(bits, text):
    assert double_text(struct.unpack(">d", struct.pack(">Q", bits))[0]) == text


@pytest.mark.parametrize("token, text", [
    ("0.1", "0.1"), ("1.0", "1"), ("-0", "0"), ("-0.0", "0"), ("1e2", "100"), ("1E400", "1e400"),
    ("9007199254740993", "9007199254740993e0"), ("9007199254740992", "9007199254740992"),
    ("333333333.33333329", "33333333333333329e-8"), ("1e-7", "1e-7"), ("4.50", "4.5"),
    ("2e-3", "0.002"), ("1e30", "1e+30"), ("0.000000000000000000000000001", "1e-27"),
    ("1e-400", "1e-400"), ("-12345678901234567890.5", "-123456789012345678905e-1"),
])
def test_exact_numbers(token, text):
    assert canonical(read_json(f"[{token}]")) == f"[{text}]"


def test_members_stand_in_utf16_order():
    text = '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter","1":"One",' \
           '"\\ud83d\\ude00":"Smiley","\\u0080":"Control","\\u00f6":"O"}'
    keys = [key for key in read_json(canonical(read_json(text)))]
    assert keys == ["\r", "1", "\x80", "ö", "€", "😀", "\ufb33"]


def test_strings_are_escaped_as_little_as_possible():
    assert canonical('€$\x0f\nA\'B"\\\\"/') == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'


def test_duplicate_keys_are_refused():
    with pytest.raises(ValueError):
        read_json('{"a":1,"a":2}')


def test_id_is_clock_and_content():
    maker = EventMaker("rec", ulid.ulid_from_uuid("00000000-0000-4000-8000-000000000001"))
    event = maker.make("A@10 create title=a", salt="00000000000000ff")
    form = ('{"collection":"rec","entity":"' + maker.entity + f'","hlc":"{event.hlc:016x}",'
            '"operations":{"create":true,"set":{"title":"a"}},"origin":"' + maker.origin
            + '","parents":[],"salt":"00000000000000ff"}')
    digest = hashlib.sha256(form.encode()).digest()[:8]
    assert ulid.ulid_number(event.id) == event.hlc << 64 | int.from_bytes(digest, "big")
    assert ulid.unix_ms_of(event.hlc) == ulid.T0_MS + 10


def test_ulids_compare_as_text_and_as_numbers():
    assert ulid.ulid_text(0) == "0" * 26 and ulid.ulid_text((1 << 128) - 1) == "7" + "Z" * 25
    assert ulid.ulid_from_integer(-1) == ulid.ulid_text((1 << 64) - 1)
    number = 0x0123456789ABCDEF0123456789ABCDEF
    assert ulid.ulid_number(ulid.ulid_text(number)) == number
    assert ulid.uuid_from_ulid(ulid.ulid_from_uuid("0192f0c1-2345-7000-8000-00000000abcd")) \
        == "0192f0c1-2345-7000-8000-00000000abcd"


def test_operations_notation():
    maker = EventMaker("rec", None)
    event = maker.make('A@10.3 create title="two words" n=4 artist=null price="4.50"')
    assert event.operations == {"create": True, "set": {"title": "two words", "n": 4, "artist": None,
                                                        "price": "4.50"}}
    assert event.hlc & 0xFFFF == 3
    assert canonical(Decimal("1.50")) == "1.5"
