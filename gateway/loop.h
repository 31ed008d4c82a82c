// gateway/loop.h: one thread owns the sockets; each turn is bounded.
//
// A turn: frames become messages of the hub, news of the other threads too; the jobs that come of
// it go to the threads; sockets whose outboxes have something are asked to become writable. Bytes
// leave in the writable callback only, as many frames as fit into one write.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "gateway/hub.h"
#include "gateway/inbox.h"
#include "gateway/jobs.h"
#include "gateway/metrics.h"
#include "gateway/readers.h"
#include "gateway/tail.h"
#include "gateway/workers.h"

namespace plait::gateway {

// The present, by the clocks of this machine.
Now now();

class Loop {
 public:
  struct Settings {
    std::string host;
    int port = 0;
    std::int64_t drain_ms = 10'000;
    std::int64_t goodbye_ms = 2'000;  // until sockets have taken their goodbye
    std::size_t message_bytes_max = 0;
  };

  Loop(const Settings& settings, Hub& hub, Inbox<News>& inbox, Metrics& metrics);
  ~Loop();

  // To be called before anything else; then other threads may wake the loop. Refuses unavailable.
  Status start();
  // Listens once the hub is ready, calls `ready` with the port, and returns when it is drained.
  // Refuses unavailable: cannot listen there.
  Status run(Tail& tail, Readers& readers, Workers& workers,
             const std::function<void(int port)>& ready);

  // From any thread: news has come; stop when what is under way is done.
  void wake();
  void drain();

 private:
  struct Sockets;

  std::unique_ptr<Sockets> sockets_;
};

}  // namespace plait::gateway
