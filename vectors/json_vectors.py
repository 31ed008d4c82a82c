# vectors/json_vectors.py: ids as text, numbers and texts with their canonical form, and what is refused.
import random
import struct
from decimal import Decimal

from forms import canonical, canonical_number, read_json, ulid_number, ulid_text


def ulid_vectors():
    numbers = {
        "zero": 0,
        "the integer key 42": 42,
        "the integer key -1": 2**64 - 1,
        "bit 64, between the halves": 1 << 64,
        "the greatest": 2**128 - 1,
        "2026-01-01": (1_767_225_600_000 * 65_536) << 64 | 0x0123456789ABCDEF,
        "every digit": int("".join(f"{i:05b}" for i in range(7, 32)) + "000", 2),
    }
    good = [{"name": name, "text": ulid_text(number)} for name, number in numbers.items()]
    good += [
        {"name": "the specification's example", "text": "01ARZ3NDEKTSV4RRFFQ69G5FAV"},
        {"name": "lower case", "text": "01arz3ndektsv4rrffq69g5fav"},
        {"name": "I, L and O", "text": "OiLrz3ndektsv4rrffq69g5fao"},
    ]
    for vector in good:
        number = ulid_number(vector["text"])
        vector["hex"] = f"{number:032x}"
        vector["canonical"] = ulid_text(number)
    refused = [
        ("empty", "", "byte 0"),
        ("too short", "01ARZ3NDEKTSV4RRFFQ69G5FA", "byte 25"),
        ("too long", "01ARZ3NDEKTSV4RRFFQ69G5FAVV", "byte 26"),
        ("U is no digit", "01ARZ3NDEKTSV4RRFFQ69G5FAU", "byte 25"),
        ("a hyphen", "01ARZ3NDE-TSV4RRFFQ69G5FAV", "byte 9"),
        ("129 bits", "80000000000000000000000000", "byte 0"),
    ]
    return good + [{"name": name, "text": text, "refused": "bad_value", "where": where}
                   for name, text, where in refused]


# RFC 8785, appendix B: IEEE 754 bits and JSON text.
APPENDIX_B = [
    ("0000000000000000", "0"), ("8000000000000000", "0"), ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"), ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"), ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"), ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"), ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"), ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"), ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"), ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"), ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"), ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"), ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]

NUMBER_TOKENS = """0 -0 0.0 -0.00 0e999 1 1.0 1.50 10 1e2 100e-2 1E+0005 -12.5 0.1 0.10000000000000001
    9007199254740991 9007199254740992 9007199254740993 -9007199254740993 9007199254740993e0
    9223372036854775807 -9223372036854775808 123456789012345678901234567890 1e20 1e21 123e19 1e22 1e23
    0.000001 0.0000001 1.5e-7 333333333.33333329 1e308 1e309 1e400 -1e400 1e-400 5e-324 2e-324 3e-324
    4.9406564584124654e-324 2.2250738585072014e-308 2.2250738585072011e-308 1.7976931348623157e308
    1.7976931348623159e308 179769313486231570000e289 999999999999999 9999999999999999
    99999999999999999 4.35 0.3 0.30000000000000004 2e-3 0.000000000000000000000000001
    1e1000000 1e-1000000""".split()

REFUSED_TOKENS = """NaN Infinity -Infinity nan + - +1 .5 5. 01 -01 1e 1e+ 1.e1 0x10 1_000 1,5 --1 1e1.5
    1e1000001 10e1000000 1e-1000001""".split()


def number_vectors():
    vectors = []
    for bits, text in APPENDIX_B:
        double, = struct.unpack(">d", bytes.fromhex(bits))
        assert canonical_number(repr(double)) == text, (bits, text)
        vectors.append({"name": f"RFC 8785, appendix B, {bits}", "token": text, "canonical": text})
    tokens = list(NUMBER_TOKENS)
    rng = random.Random(8785)
    for _ in range(120):  # doubles, their shortest text and their exact value
        double, = struct.unpack(">d", rng.randbytes(8))
        if double - double == 0:
            tokens += [repr(double), str(Decimal(double))] if abs(double) > 1e-40 else [repr(double)]
    for _ in range(120):  # decimals on both sides of what a double can tell
        digits = "".join(rng.choices("0123456789", k=rng.randint(14, 19)))
        tokens.append(f"{rng.choice(('', '-'))}{rng.randint(0, 9)}.{digits}e{rng.randint(-320, 320)}")
    vectors += [{"name": token[:40], "token": token, "canonical": canonical_number(token)}
                for token in tokens]
    return vectors + [{"name": token, "token": token, "refused": "bad_value"}
                      for token in REFUSED_TOKENS]


CANONICAL_TEXTS = [
    ("RFC 8785, section 3.2.2", r'''{
  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
}'''),
    ("RFC 8785, section 3.2.3", r'''{
  "\u20ac": "Euro Sign",
  "\r": "Carriage Return",
  "\ufb33": "Hebrew Letter Dalet With Dagesh",
  "1": "One",
  "\ud83d\ude00": "Emoji: Grinning Face",
  "\u0080": "Control",
  "\u00f6": "Latin Small Letter O With Diaeresis"
}'''),
    ("all escapes", '"' + "".join(f"\\u{code:04X}" for code in range(1, 0x22)) + '\\u005c\\u007f"'),
    ("nothing", " { } "), ("an empty list", "[\t]"), ("an empty key", '{"a":1,"":2}'),
    ("keys at every length of UTF-8", '{"\uffff":1,"\U00010000":2,"\ud7ff":3,"\ue000":4,"z":5,"\u00ff":6,'
                                      '"\u0800":7,"zz":8,"\U0010ffff":9}'),
    ("a key and its beginning", '{"ab":1,"a":2,"abc":3,"b":0}'),
    ("nested", '[[{"b":[],"a":{"d":null,"c":[true,{}]}}],"x"]'),
    ("numbers that doubles confuse", "[9007199254740993,9007199254740992,1e400,1.0,-0,100]"),
    ("not normalised", '"e\u0301 \u00e9"'),
]

REFUSED_TEXTS = [
    ("nothing at all", "", "byte 0"), ("a key twice", '{"a":1,"a":2}', "byte 0"),
    ("a key twice, spelled differently", r'[{"a":1,"\u0061":2}]', "byte 1"),
    ("half a surrogate pair", r'"\ud83d"', "byte 1"),
    ("the other half", r'"\ude00"', "byte 1"), ("NUL", r'"a\u0000"', "byte 2"),
    ("two values", "1 2", "byte 2"), ("a comma too many", "[1,]", "byte 3"),
    ("single quotes", "{'a':1}", "byte 1"), ("a control character", '"\n"', "byte 1"),
    ("a comment", "/**/1", "byte 0"), ("a byte order mark", "\ufeff1", "byte 0"),
    ("leading zeros", "[01]", "byte 1"), ("NaN", "[NaN]", "byte 1"),
    ("an unknown escape", r'"\x41"', "byte 1"), ("65 deep", "[" * 65 + "]" * 65, "byte 64"),
]


def canonical_vectors():
    return ([{"name": name, "text": text, "canonical": canonical(read_json(text))}
             for name, text in CANONICAL_TEXTS]
            + [{"name": name, "text": text, "refused": "bad_value", "where": where}
               for name, text, where in REFUSED_TEXTS])
