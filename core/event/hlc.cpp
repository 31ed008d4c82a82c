// core/event/hlc.cpp: when a clock is too far ahead.

#include "core/event/hlc.h"

#include <chrono>
#include <string>

namespace plait {
namespace {

Hlc add_saturated(Hlc a, Hlc b) { return a > ~b ? ~Hlc{0} : a + b; }

std::string padded(std::uint64_t number, std::size_t width) {
  std::string digits = std::to_string(number);
  return digits.size() < width ? std::string(width - digits.size(), '0') + digits : digits;
}

// 2026-11-21T04:02:00.123Z
std::string time_text(Hlc hlc) {
  using namespace std::chrono;
  const auto unix_ms = static_cast<std::uint64_t>(hlc_unix_ms(hlc));
  const sys_days day{days{unix_ms / 86'400'000}};
  const year_month_day date{day};
  const std::uint64_t of_day = unix_ms % 86'400'000;
  return padded(static_cast<std::uint64_t>(static_cast<int>(date.year())), 4) + "-" +
         padded(static_cast<unsigned>(date.month()), 2) + "-" +
         padded(static_cast<unsigned>(date.day()), 2) + "T" + padded(of_day / 3'600'000, 2) + ":" +
         padded(of_day / 60'000 % 60, 2) + ":" + padded(of_day / 1'000 % 60, 2) + "." +
         padded(of_day % 1'000, 3) + "Z";
}

}  // namespace

Status check_drift(Hlc stamp, Hlc now, Hlc greatest_parent, std::int64_t drift_max_ms) {
  const auto ms = static_cast<Hlc>(drift_max_ms > 0 ? drift_max_ms : 0);
  const Hlc drift = ms > static_cast<Hlc>(hlc_ms_max) ? ~Hlc{0} : ms * hlc_per_ms;
  if (stamp <= add_saturated(now, drift)) return ok;
  if (stamp <= add_saturated(greatest_parent, hlc_successor_max)) return ok;
  return Error{Code::clock_drift,
               "stamped " + time_text(stamp) + ", " +
                   std::to_string(hlc_unix_ms(stamp) - hlc_unix_ms(now)) +
                   " ms ahead of the server's time " + time_text(now) + "; allowed are " +
                   std::to_string(ms) + " ms",
               "", "set the author's clock, then stamp the event again"};
}

}  // namespace plait
