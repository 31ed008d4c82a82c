// cli/asking.h: one connection for one command: it asks, and waits for the answer.
#pragma once

#include <memory>
#include <string>

#include "cli/collection.h"
#include "cli/exit_code.h"
#include "client-sdk/cpp/connection.h"
#include "core/result.h"
#include "core/wire/message.h"

namespace plait::cli {

inline constexpr int answer_seconds_max = 30;

// A connection that has not been welcomed yet; for commands that go on. Refuses bad_value: no URL;
// internal.
Result<std::unique_ptr<client::Connection>> connect_to(const std::string& url);

// Why there is no connection, and how to mend it.
Error no_connection(const std::string& url, const std::string& why);

class Asking {
 public:
  // Waits for the welcome. Refuses unavailable: nobody answers there.
  static Result<Asking> connect(const std::string& url);

  const wire::Welcome& welcome() const { return welcome_; }
  std::string next_id() { return connection_->next_id(); }

  // The answer. Refuses what the gateway or the database refused, and unavailable: none came in
  // answer_seconds_max, in which a lost connection was resumed and the same asked again.
  Result<wire::Reply> ask(wire::Request request);

  // The collection of this name. The gateway looks at the schema every few seconds; where it has
  // none that can be read, it is made to look again, for a table may just have been tracked.
  // Refuses unknown_collection, permission_denied.
  Result<Collection> collection(const std::string& name);

 private:
  Asking(std::unique_ptr<client::Connection> connection, std::string url, wire::Welcome welcome)
      : connection_(std::move(connection)), url_(std::move(url)), welcome_(std::move(welcome)) {}

  std::unique_ptr<client::Connection> connection_;
  std::string url_;
  wire::Welcome welcome_;
};

// unavailable: no_gateway; all else: refused.
ExitCode exit_code(const Error& error);

}  // namespace plait::cli
