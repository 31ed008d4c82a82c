// cli/help.cpp: the manual.

#include "cli/help.h"

namespace plait::cli {

namespace {

constexpr std::string_view overview =
    R"(plait: watch and change live collections of a PostgreSQL database

  plait watch QUERY [PARAM …]                 a query's result, and what changes in it
  plait set COLLECTION KEY NAME=VALUE …       change a row, as an event of yours
  plait history COLLECTION KEY                the events that made a row
  plait status                                the gateway, the database, its collections
  plait help COMMAND                          more about one, with examples

Options
  --url URL    the gateway: ws://host:port or wss://host:port
               (else the environment's PLAIT_URL, else ws://127.0.0.1:7480)
               wss: the certificate must be for this host and of an authority that this machine
               trusts; SSL_CERT_FILE=authority.pem names another
  --json       one JSON object a line instead of text to read
  --version    and nothing else

Exit codes
  0  done    1  refused; why is on stderr    2  the command line is wrong    3  no gateway

Examples
  plait watch "album where year > 2000"
  plait set album 254 stars=5
  plait history album 254
)";

constexpr std::string_view watch =
    R"(plait watch QUERY [PARAM …]: a query's result, and what changes in it

QUERY is a collection and a condition of SQL: "album where year > 2000 and title like 'O%'".
Each PARAM is the value of $1, $2, … and takes the type of what it is compared with.

What is printed after the result is whole transactions, each under the tick that it came with:

  + KEY  …      the row is in the result now
  ~ KEY  …      its properties changed, and what they were
  - KEY         it is not in the result any more; "gone": deleted, or hidden from you

It ends with Ctrl-C. While the gateway is away it waits (on stderr it says so); while Postgres is
away the gateway waits. Then it goes on where it was: nothing is missed and nothing told twice.

Options
  --once    print the result and end
  --json    a line a transaction: {"tick", "cursor", "add": […], "update": […], "remove": […]}

Examples
  plait watch album
  plait watch "album where year > 2000"
  plait watch 'album where title = $1 or year = $2' "Origin of Symmetry" 1999
  plait watch --json album | jq .update
)";

constexpr std::string_view set =
    R"(plait set COLLECTION KEY NAME=VALUE …: change a row, as an event of yours

KEY is the value's text where the key is one column, else a JSON array: '["1","42"]'.
NAME=VALUE gives the value's text, read by the property's type; jsonb and arrays are JSON.
NAME:=JSON gives the value as it is on the wire; NAME:=null is SQL's NULL.

The event is merged with what others do meanwhile; it is refused as a whole, with the reason, by
the table's own constraints, triggers and grants. Where Postgres is away, or the gateway goes, it
tries again for 30 s with the same event, which is taken once. Its origin is yours: an id and a
clock, kept in $XDG_STATE_HOME/plait/origin (else ~/.local/state/plait/origin).

Examples
  plait set album 254 stars=5
  plait set album 254 title="Origin of Symmetry" year=2001 stars:=null
  plait set track '["254","3"]' title=Bliss
)";

constexpr std::string_view history =
    R"(plait history COLLECTION KEY: the events that made a row, oldest first

KEY is the value's text where the key is one column, else a JSON array: '["1","42"]'.
A line an event: when it happened, its id, what it did, who did it. Rows that were deleted have
their history still.

Options
  --budget N    events at most (10000); more are refused, not left out
  --json        a line an event, with parents, origin and context

Examples
  plait history album 254
  plait history --json track '["254","3"]'
)";

constexpr std::string_view status = R"(plait status: the gateway, the database, its collections

Shows which gateway answers and how fast, which life of which database it serves, how far the
clocks are apart, the newest tick, the worker that wakes readers, who holds events back, and
which collections can be watched, or why not. Whose session holds back is shown as far as the
gateway's role may see others' sessions.

Examples
  plait status
  plait status --url wss://live.example.org
  plait status --json
)";

}  // namespace

std::optional<std::string_view> help_text(std::string_view topic) {
  if (topic.empty()) return overview;
  if (topic == "watch") return watch;
  if (topic == "set") return set;
  if (topic == "history") return history;
  if (topic == "status") return status;
  return std::nullopt;
}

}  // namespace plait::cli
