# acceptance/harness/type_values.py: every type a column may have, with edge values and their form on the wire.
#
# The wire forms are written down here, not computed. A type of pg_catalog that is missing fails the test.
from decimal import Decimal

INFINITE = [("'infinity'", "infinity"), ("'-infinity'", "-infinity")]
HUGE = "9" * 131072 + "." + "9" * 16383  # as long as numeric goes


def texts(*values):
    """SQL literals of values that are their own text on the wire."""
    return [("'" + value.replace("'", "''") + "'", value) for value in values]


VALUES = {  # column type: [(SQL, wire form)]
    "bool": [("true", True), ("false", False)],
    '"char"': [("'a'", "a"), ("''", ""), ("'\"'", '"'), ("E'\\\\'", "\\")],
    "name": texts("", "ä" * 31, 'a"b'),
    "text": texts("", "ä 😀 \"\\/ e\u0301", "\t\r\n\x01\x7f", "null", '{"$json":null}', " "),
    "varchar": texts("", "x "), "varchar(5)": texts("äöü€😀"),
    "bpchar": texts("", "ab  "), "char(5)": [("'ab'", "ab   ")],
    "bytea": [("'\\x'", "\\x"), ("'\\x00ff5c27'", "\\x00ff5c27")],
    "bit": [("B'1'", "1"), ("B'0'", "0")], "bit(3)": [("B'101'", "101")],
    "varbit": [("B''", ""), ("B'" + "01" * 40 + "'", "01" * 40)],
    "int2": [("-32768", -32768), ("32767", 32767), ("0", 0)],
    "int4": [("-2147483648", -2147483648), ("2147483647", 2147483647)],
    "int8": [("-9223372036854775808", "-9223372036854775808"), ("9007199254740993", "9007199254740993")],
    "float4": [("'NaN'", "NaN"), ("'Infinity'", "Infinity"), ("'-Infinity'", "-Infinity"), ("'-0'", "-0"), ("0", 0),
               ("'1e-45'", Decimal("1e-45")), ("'3.4028235e38'", Decimal("3.4028235e38")), ("0.1", Decimal("0.1"))],
    "float8": [("'NaN'", "NaN"), ("'Infinity'", "Infinity"), ("'-Infinity'", "-Infinity"), ("'-0'", "-0"), ("0", 0),
               ("'5e-324'", Decimal("5e-324")), ("'1.7976931348623157e308'", Decimal("1.7976931348623157e308")),
               ("0.1", Decimal("0.1")), ("'-1e22'", -10**22), ("'1e21'", 10**21), ("9007199254740992", 2**53)],
    "numeric": [*texts("NaN", "Infinity", "-Infinity", "0", "0.00", "1.50", "-1000", HUGE,
                       "-" + HUGE, "0." + "0" * 16382 + "1"), ("1e30", "1" + "0" * 30), ("'-0.0'", "0.0")],
    "numeric(10,2)": [("1.5", "1.50"), ("'NaN'", "NaN")], "numeric(3,-2)": [("12345", "12300")],
    "money": [("'-92233720368547758.08'", "-$92,233,720,368,547,758.08"), ("'0'", "$0.00"), ("'12.5'", "$12.50")],
    "date": [*INFINITE, *texts("4714-11-24 BC", "0044-03-15 BC", "0001-01-01", "2026-02-28", "5874897-12-31")],
    "time": texts("00:00:00", "24:00:00", "23:59:59.999999", "12:30:00.5"),
    "timetz": texts("00:00:00+15:59:59", "24:00:00-15:59:59", "12:00:00.5+05:45"),
    "timestamp": [*INFINITE, ("'4714-11-24 00:00 BC'", "4714-11-24T00:00:00 BC"),
                  ("'0001-12-31 23:59:59.999999 BC'", "0001-12-31T23:59:59.999999 BC"),
                  ("'294276-12-31 23:59:59.999999'", "294276-12-31T23:59:59.999999"),
                  ("'2026-02-28 12:00:00.5'", "2026-02-28T12:00:00.5")],
    "timestamp(0)": [("'2026-02-28 12:00:00.4'", "2026-02-28T12:00:00")],
    "timestamptz": [*INFINITE, ("'4714-11-24 00:00Z BC'", "4714-11-24T00:00:00+00:00 BC"),
                    ("'294276-12-31 23:59:59.999999Z'", "294276-12-31T23:59:59.999999+00:00"),
                    ("'2026-10-25 02:30+02'", "2026-10-25T00:30:00+00:00"),
                    ("'2026-02-28 12:00:00.000001+02'", "2026-02-28T10:00:00.000001+00:00")],
    "interval": texts("00:00:00", "178956970 years 7 mons", "-178956970 years -8 mons",
                      "1 mon -1 days +00:00:00.000001",
                      "-1 years -2 mons +3 days -04:05:06.7", "2147483647 days", "2562047788:00:54.775807",
                      "-2562047788:00:54.775807"),
    "interval day to second(0)": texts("1 day 00:00:02"),
    "uuid": texts("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    "inet": [("'10.0.0.1/8'", "10.0.0.1/8"), ("'::ffff:1.2.3.4'", "::ffff:1.2.3.4"), ("'10.0.0.1/32'", "10.0.0.1")],
    "cidr": texts("10.0.0.0/8", "::/0", "::1/128"),
    "macaddr": texts("00:00:00:00:00:00", "ff:ff:ff:ff:ff:fe"), "macaddr8": texts("08:00:2b:01:02:03:04:05"),
    "json": texts('{ "z":1,  "z":2.0}', "null", '"\\u0000"', "  [1, 1e400]  ", '{"$json": null}'),
    "jsonb": [("'null'", {"$json": None}), ("'{\"$json\":1}'", {"$json": {"$json": 1}}), ("'{}'", {}), ("'[]'", []),
              ("'{\"$json\":1,\"a\":null}'", {"$json": 1, "a": None}), ("'\"\\\\u0041\"'", "\\u0041"), ("'\"\"'", ""),
              ("'[1e400,1e-400,0.1,9007199254740993,[]]'",
               [Decimal("1e400"), Decimal("1e-400"), Decimal("0.1"), 9007199254740993, []]), ("'false'", False),
              ("'{\"ref\":\"01KDVHTF2A0000000000000000\"}'", {"ref": "01KDVHTF2A0000000000000000"}),
              ("'[[[]]]'", [[[]]])],
    "jsonpath": [("'strict $.a[*] ? (@ > 1.50)'", 'strict $."a"[*]?(@ > 1.50)'), ("'$'", "$")],
    "xml": texts('<?xml version="1.0"?><a/>', '<?xml version="1.0" encoding="latin1"?><ä>ö</ä>',
                 "text &amp; more", "<a/><b/>", "", " <x a='1'/> "),
    "point": texts("(-0,NaN)", "(Infinity,1e-300)", "(0.1,-1)"), "line": texts("{1,-1,0}", "{0,0.1,5e-324}"),
    "lseg": texts("[(0,0),(1,-0)]"), "box": texts("(1,1),(0,-1)"), "circle": texts("<(0,0.1),Infinity>"),
    "path": texts("[(0,0),(1,1)]", "((0,0))"), "polygon": texts("((0,0),(1,1),(1,0))"),
    "tsvector": texts("", "'''q\\\\':3B 'a':1A,16383 'b c'"),
    "tsquery": texts("", "'a' & !( 'b':*AB | 'c' <2> 'd' )"),
    "refcursor": texts("", "a cursor"),
    "oid": texts("0", "4294967295"), "xid": texts("4294967295"), "cid": texts("4294967295"),
    "xid8": texts("18446744073709551615"), "tid": texts("(4294967295,65535)"), "pg_lsn": texts("FFFFFFFF/FFFFFFFF"),
    "pg_snapshot": texts("10:20:10,14,15", "1:1:"), "txid_snapshot": texts("10:20:10,14,15"),
    "int2vector": texts("", "1 -2 3"), "oidvector": texts("", "1 4294967295"),
    "aclitem": texts("postgres=r*w/postgres", "=UC/postgres"),
    "regclass": texts("-", "pg_class", 'public."Ä ""b"', "4294967295"),
    "regproc": [("'now'", "now()"), ("'-'", "-")],
    "regprocedure": [("'abs(int4)'", "abs(integer)"), ("'-'", "-")],
    "regoper": [("'!!'", "!!(NONE,tsquery)"), ("'0'", "0")],
    "regoperator": [("'+(int4,int4)'", "+(integer,integer)"), ("'0'", "0")],
    "regtype": [("'int4'", "integer"), ("'public.mood'", "public.mood"), ("'varchar'", "character varying"),
                ("'-'", "-")],
    "regrole": texts("postgres", "-"), "regnamespace": texts("public", "-"),
    "regconfig": texts("english"), "regdictionary": texts("simple"), "regcollation": texts('"C"'),
    "int4range": [("'empty'", "empty"), ("'[1,5]'", "[1,6)"), ("'(,)'", "(,)"), ("'[,5)'", "(,5)")],
    "int8range": [("'[-9223372036854775808,9223372036854775807)'", "[-9223372036854775808,9223372036854775807)")],
    "numrange": texts("empty", "[1.0,2.50]", "[-Infinity,NaN]", "(,)"),
    "daterange": [("'[4714-11-24 BC,2026-01-01]'", '["4714-11-24 BC",2026-01-02)'), ("'[-infinity,infinity]'",
                                                                                "[-infinity,infinity]")],
    "tsrange": texts('["2026-01-01 00:00:00.000001",infinity]', '("0001-01-01 00:00:00 BC",)'),
    "tstzrange": [("'[2026-01-01 05:45+05:45,]'", '["2026-01-01 00:00:00+00",)'), ("'empty'", "empty")],
    "int4multirange": [("'{}'", "{}"), ("'{[1,2],[7,8)}'", "{[1,3),[7,8)}")], "int8multirange": texts("{(,1),[3,)}"),
    "nummultirange": texts("{[1.0,1.50]}"), "datemultirange": texts("{[2026-01-01,2026-01-02),[2026-02-01,)}"),
    "tsmultirange": texts('{["2026-01-01 00:00:00",infinity]}'),
    "tstzmultirange": texts('{["2026-01-01 00:00:00+00","2026-01-02 00:00:00+00")}'),
    "information_schema.cardinal_number": [("0", 0)], "information_schema.sql_identifier": texts("x"),
    "information_schema.character_data": texts(""), "information_schema.yes_or_no": texts("YES"),
    "information_schema.time_stamp": [("'2026-01-01 00:00:00.129Z'", "2026-01-01T00:00:00.13+00:00")],
}

# Postgres reads no value of these, so nobody can send one; SQL can still write what the server itself made.
UNREADABLE = {"gtsvector", "pg_node_tree", "pg_ndistinct", "pg_dependencies", "pg_mcv_list", "pg_brin_bloom_summary",
              "pg_brin_minmax_multi_summary"}

OWN_TYPES = """
    CREATE TYPE mood AS ENUM ('sad', 'it''s "so", {ä}', 'happy', '');
    CREATE DOMAIN positive AS int CHECK (value > 0);
    CREATE DOMAIN ints AS int[] CHECK (array_length(value, 1) IS DISTINCT FROM 9);
    CREATE DOMAIN tag AS text NOT NULL CHECK (value <> 'bad');
    CREATE DOMAIN document AS jsonb;
    CREATE DOMAIN short AS varchar(3);
    CREATE TYPE pair AS (a int, "B c" text, m mood[], r numrange, t timestamptz, f float8);
    CREATE TYPE nest AS (p pair, ps pair[], d positive, j jsonb, b bytea);
    CREATE DOMAIN some_pair AS pair CHECK ((value).a IS DISTINCT FROM 13);
    CREATE TYPE floatrange AS RANGE (subtype = float8); CREATE TYPE moodrange AS RANGE (subtype = mood);
    CREATE TYPE textrange AS RANGE (subtype = text, collation = "C");
    CREATE TABLE "Ä ""b" ();
"""
PAIR = (r"""(1, E'x "q" \\ (,', ARRAY['sad', NULL, 'it''s "so", {ä}']::public.mood[], '[1.0,)',
              '2026-02-28 12:00+02', '-0')::public.pair""",
        r"""(1,"x ""q"" \\ (,","{sad,NULL,""it's \\""so\\"", {ä}""}","[1.0,)","2026-02-28 10:00:00+00",-0)""")
OWN_VALUES = {
    "mood": texts("sad", "it's \"so\", {ä}", ""), "positive": [("7", 7)], "document": [("'null'", {"$json": None})],
    "ints": [("'{1,NULL}'", [1, None]), ("'{{1,2},{3,4}}'", [[1, 2], [3, 4]]), ("'[0:0]={5}'", "[0:0]={5}"),
             ("'{}'", [])],
    "short": texts("abc"),
    "pair": [PAIR, *texts("(,,,,,)", '(,"",{},empty,infinity,NaN)')],
    "some_pair": texts("(2,,,,,0.1)"),
    "nest": [("'(,,,,)'", "(,,,,)"), ("('(,,,,,)', '{}', 3, '{\"a\": 1}', '\\x00ff')::public.nest",
                                      '("(,,,,,)",{},3,"{""a"": 1}","\\\\x00ff")')],
    "floatrange": texts("[-0,5e-324)", "[NaN,NaN]"), "moodrange": [("'[sad,happy]'", "[sad,happy]")],
    "textrange": texts('["","a, ""q"" ]")'), "floatmultirange": texts("{[0.1,0.3)}"),
}

# What a session may say about text, and a schema whose operators and types stand before Postgres' own.
HOSTILE = """SET DateStyle = German, DMY; SET IntervalStyle = sql_standard; SET TimeZone = 'Asia/Kathmandu';
             SET extra_float_digits = 0; SET bytea_output = escape; SET lc_monetary = 'C.UTF-8'; SET array_nulls = off;
             SET xmloption = document; SET quote_all_identifiers = on; SET search_path = hostile, pg_catalog, public"""
SHADOWS = """
    CREATE SCHEMA hostile;
    DO $$ DECLARE type text; BEGIN
      FOR type IN SELECT t.oid::regtype FROM pg_operator JOIN pg_type t ON t.oid = oprleft
                   WHERE oprname = '=' AND oprleft = oprright AND typtype IN ('b', 'p') LOOP
        EXECUTE format('CREATE FUNCTION hostile.never(%1$s, %1$s) RETURNS bool LANGUAGE plpgsql AS '
                       '''BEGIN RAISE ''''shadowed''''; END''; '
                       'CREATE OPERATOR hostile.= (LEFTARG = %1$s, RIGHTARG = %1$s, FUNCTION = hostile.never)', type);
      END LOOP;
      FOR type IN SELECT unnest(ARRAY['text', 'int4', 'date', 'numeric', 'jsonb', 'timestamptz']) LOOP
        EXECUTE format('CREATE DOMAIN hostile.%I AS pg_catalog.int2', type);
      END LOOP;
    END $$;
"""
PINNED = """SET TimeZone = UTC; SET DateStyle = ISO, MDY; SET IntervalStyle = postgres; SET search_path = pg_catalog"""


def arrays_of(database, values):
    """For each type four arrays of its values: flat, empty, of two dimensions, counted from 0."""
    pinned = database.connect()

    def text(literal, kind):
        return database.value(f"SELECT format('%s', ({literal})::{kind})", on=pinned)

    found = {}
    for kind, cases in values.items():
        # Arrays of other arrays and of JSON could be taken for arrays of more dimensions: they are Postgres' text then.
        nests = kind in ("jsonb", "document", "ints")
        # Inside other text Postgres tells xml without its declaration.
        cases = [case for case in cases if len(case[0]) < 10_000 and "<?xml" not in case[0]]
        delimiter = ";" if kind == "box" else ","
        items = []
        for literal, _ in cases:
            database.sql("RESET search_path", on=pinned)
            database.sql(PINNED, on=pinned)
            name = f"public.{kind}" if kind in OWN_VALUES else kind
            items.append('"' + text(literal, name).replace("\\", "\\\\").replace('"', '\\"') + '"')
        nulls = [] if kind == "tag" else ["NULL"]
        flat = "{" + delimiter.join(items + nulls) + "}"
        square = "{" + delimiter.join("{" + item + delimiter + item + "}" for item in items[:2]) + "}"
        shifted = f"[0:{len(items + nulls) - 1}]={flat}"
        wires = [wire for _, wire in cases]
        pairs = text(quoted_text(square), name + "[]") if nests else [[wire] * 2 for wire in wires[:2]]
        found[f"{kind}[]"] = [(quoted_text(flat), wires + [None] * len(nulls)), ("'{}'", []),
                              (quoted_text(square), pairs),
                              (quoted_text(shifted), text(quoted_text(shifted), name + "[]"))]
    return found


def quoted_text(text):
    return "'" + text.replace("'", "''") + "'"
