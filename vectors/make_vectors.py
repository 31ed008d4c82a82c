#!/usr/bin/env python3
# vectors/make_vectors.py: makes vectors.json, by which every implementation of Plait's formats is checked.
#
#   vectors/make_vectors.py            writes vectors.json
#   vectors/make_vectors.py --check    fails if vectors.json is not what it would write
#
# Nothing of Plait is used here: JSON, numbers, digests and ids are computed a second time, over
# Python's decimal and hashlib. Sections, each an array of objects with a `name`:
#
#   ulid            text -> hex (the 128 bits) and canonical text, or refused (the code) and where
#   json_numbers    token -> canonical token, or refused
#   json_canonical  text -> canonical text, or refused and where
#   events          event (a message, as JSON text) -> canonical form, its sha256, id, entity's id
#   refused_events  event (a message, as JSON text) -> code and where
#   dag, merge      see dag_vectors.py and merge_vectors.py; there events are JSON objects
#
# Texts are JSON *in* strings where a reader that knows only doubles would lose what is to be tested.
import pathlib
import sys

from dag_vectors import dag_vectors
from event_vectors import event_vectors, refused_event_vectors
from forms import canonical, stamp
from json_vectors import canonical_vectors, number_vectors, ulid_vectors
from merge_vectors import merge_vectors

FILE = pathlib.Path(__file__).with_name("vectors.json")
ABOUT = ("Vectors of Plait's formats, computed by vectors/make_vectors.py without Plait's own code; "
         "its head says what each section holds.")


def file_text():
    sections = {
        "ulid": ulid_vectors(),
        "json_numbers": number_vectors(),
        "json_canonical": canonical_vectors(),
        "events": event_vectors(),
        "refused_events": refused_event_vectors(),
        "dag": dag_vectors(stamp),
        "merge": merge_vectors(stamp),
    }
    text = '{\n"about": ' + canonical(ABOUT)
    for section, vectors in sections.items():
        text += f",\n{canonical(section)}: [\n" + ",\n".join(map(canonical, vectors)) + "\n]"
    return text + "\n}\n"


def main():
    text = file_text()
    if "--check" not in sys.argv[1:]:
        FILE.write_text(text, encoding="utf-8")
    elif FILE.read_text(encoding="utf-8") != text:
        sys.exit("vectors.json is not what make_vectors.py makes: run vectors/make_vectors.py")


if __name__ == "__main__":
    main()
