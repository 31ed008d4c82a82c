# vectors/event_vectors.py: events with their canonical form and id, and events that are refused.
import hashlib
import json

from forms import Number, canonical_form, read_json, stamp, ulid_number, ulid_text

T0 = 1_767_225_600_000 * 65_536  # 2026-01-01T00:00:00Z
ORIGIN = "01KDVDNA0000000000000000ZZ"
NATURAL = ulid_text(42)  # the entity whose integer key is 42


def message(hlc, operations, entity=NATURAL, parents=(), collection="album", salt=None):
    event = {"collection": collection, "operations": read_json(operations), "origin": ORIGIN,
             "parents": list(parents), "salt": salt or f"{hlc % 2**64:016x}"[::-1]}
    if entity:
        event["entity"] = entity
    return stamp(event, hlc)


def spelled(event):
    """As JSON text, its members in no order, its numbers as they were written."""
    def text(value):
        if isinstance(value, Number):
            return str(value)
        if isinstance(value, list):
            return "[" + ", ".join(map(text, value)) + "]"
        if isinstance(value, dict):
            return "{" + ", ".join(f"{json.dumps(key)}: {text(item)}" for key, item in value.items()) + "}"
        return json.dumps(value)
    return text(event)


def event_vectors():
    genesis = message(T0, '{"create": true, "set": {"year": 2001, "name": "Origin of Symmetry"}}')
    unnamed = message(T0 + 1, '{"create": true, "set": {"name": "no key yet"}}', entity=None)
    left = message(T0 + 2, '{"set": {"year": 2002}, "add": {"plays": 3}}', parents=[genesis["id"]])
    right = message(T0 + 3, '{"delete": true}', parents=[genesis["id"]])
    joining = message(T0 + 655_360, "{}", parents=sorted([left["id"], right["id"]]))
    repeated = dict(joining, parents=[right["id"], left["id"].lower(), right["id"]])

    def number(token):
        return message(T0 + 9, '{"create": true, "set": {"layout": {"n": %s}}}' % token, salt="7" * 16)

    named = {
        "a genesis of a natural id": genesis,
        "a genesis that names its entity by its own id": unnamed,
        "an event on the entity of that": message(T0 + 5, '{"set": {"name": "still none"}}',
                                                  entity=unnamed["id"], parents=[unnamed["id"]]),
        "a set and an add": left,
        "a delete": right,
        "a joining event": joining,
        "the joining event, its parents unsorted, repeated, in lower case": repeated,
        "a restore": message(T0 + 700_000, '{"create": true, "set": {"year": null}}',
                             parents=[joining["id"]]),
        "every verb": message(T0 + 8, '''{"set": {"name": "x"}, "add": {"plays": "-1.50"},
            "include": {"tags": ["rock", "a/b"]}, "exclude": {"tags": ["pop"], "labels": []},
            "edit": {"notes": [[0, 4, "New"], [3, 0, "er"]]},
            "patch": {"layout": [[["a", "b"], 2], [["c"]]]},
            "emit": {"type": "OrderPlaced", "data": {"id": 1.10}}}''', parents=[genesis["id"]]),
        "9007199254740993": number("9007199254740993"),
        "9007199254740992": number("9007199254740992"),
        "1e400": number("1e400"),
        "1.0": number("1.0"),
        "1, the same event": number("1"),
        "-0": number("-0"),
        "keys, text and a collection beyond ASCII": message(
            T0 + 10, '{"create": true, "set": {"\ufb33": "\\u0007", "\U0001f600": "\\"\\\\", "\u00f6/": "\u2028"}}',
            collection='caf\u00e9 "1"\t'),
        "the first stamp there can be": message(0, '{"create": true}', entity=None),
        "the last": message(2**64 - 1, '{"create": true}', entity=None),
    }
    vectors = []
    for name, event in named.items():
        hlc = ulid_number(event["id"]) >> 64
        form = canonical_form(event, hlc)
        vectors.append({"name": name, "event": spelled(event), "canonical": form,
                        "sha256": hashlib.sha256(form.encode()).hexdigest(), "id": event["id"],
                        "entity": event.get("entity", event["id"])})
    return vectors


def refused_event_vectors():
    genesis = message(T0, '{"create": true}')
    child = message(T0 + 2, '{"set": {"year": 2002}}', parents=[genesis["id"]])

    def without(member):
        return {key: value for key, value in child.items() if key != member}

    def restamped(hlc=T0 + 2, **members):
        return stamp(dict(without("id"), **members), hlc)

    def operations(text):
        return restamped(operations=read_json(text))

    forged = child["id"][:-1] + ("0" if child["id"][-1] != "0" else "1")
    named = [
        ("a forged id", dict(child, id=forged), "digest_mismatch", "/id"),
        ("another value under the id", dict(child, operations={"set": {"year": 2003}}),
         "digest_mismatch", "/id"),
        ("stamped with its parent", restamped(hlc=T0), "id_not_after_parents", ""),
        ("stamped before its parent, with another's digest", dict(child, id=ulid_text((T0 - 1) << 64)),
         "id_not_after_parents", ""),
        ("a list", [], "bad_event", ""),
        ("an unknown member", dict(child, expect_head=True), "bad_event", "/expect_head"),
        ("no parents member", without("parents"), "bad_event", "/parents"),
        ("no operations", without("operations"), "bad_event", "/operations"),
        ("an event with parents names no entity", without("entity"), "bad_event", "/entity"),
        ("a genesis without create", restamped(parents=[]), "bad_event", "/operations/create"),
        ("an empty collection", restamped(collection=""), "bad_event", "/collection"),
        ("a salt in upper case", dict(child, salt="ABCDEFABCDEFABCD"), "bad_event", "/salt"),
        ("a salt of NULL", dict(child, salt=None), "bad_event", "/salt"),
        ("a parent that is no id", dict(child, parents=[genesis["id"], "x"]), "bad_value", "/parents/1"),
        ("an origin that is no id", dict(child, origin="x"), "bad_value", "/origin"),
        ("operations as a list", dict(child, operations=[]), "bad_value", "/operations"),
        ("an unknown verb", operations('{"put": {"year": 1}}'), "bad_value", "/operations/put"),
        ("create and delete", operations('{"create": true, "delete": true}'), "bad_value",
         "/operations/delete"),
        ("create is not true", operations('{"create": 1}'), "bad_value", "/operations/create"),
        ("a create that adds", operations('{"create": true, "add": {"n": 1}}'), "bad_value",
         "/operations/add"),
        ("two verbs on a property", operations('{"add": {"n": 1}, "set": {"n": 1}}'), "bad_value",
         "/operations/set/n"),
        ("a word added", operations('{"add": {"a/b~c": "much"}}'), "bad_value",
         "/operations/add/a~1b~0c"),
        ("an element in and out", operations('{"include": {"tags": ["a"]}, "exclude": {"tags": ["a"]}}'),
         "bad_value", "/operations/include/tags"),
        ("a NULL element", operations('{"include": {"tags": [null]}}'), "bad_value",
         "/operations/include/tags/0"),
        ("an edit of two", operations('{"edit": {"body": [[0, 0, "a"], [0, 1]]}}'), "bad_value",
         "/operations/edit/body/1"),
        ("a patch without a path", operations('{"patch": {"layout": [[[], 1]]}}'), "bad_value",
         "/operations/patch/layout/0/0"),
        ("an emit without a type", operations('{"emit": {"data": 1}}'), "bad_value",
         "/operations/emit/type"),
    ]
    return [{"name": name, "event": spelled(event), "code": code, "where": where}
            for name, event, code, where in named]
