// cli/origin.cpp: one small file, locked while it is read and written.

#include "cli/origin.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <random>
#include <system_error>

#include "core/event/json.h"

namespace plait::cli {

namespace {

constexpr std::size_t file_bytes_max = 4'096;

struct File {
  int number = -1;
  File() = default;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (number >= 0) ::close(number);  // ends the lock too
  }
};

Error no_file(const std::string& path, int why) {
  return Error{Code::internal,
               "the origin's file cannot be used: " + std::string(std::strerror(why)), path,
               "make it writable, or name another folder in XDG_STATE_HOME"};
}

Error no_origin(const std::string& path) {
  return Error{Code::bad_value, "this is no file of an origin", path,
               "remove it, and the next event begins a new origin"};
}

std::uint64_t random_bits() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

std::string hex(Hlc hlc) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += digits[hlc >> shift & 15];
  return text;
}

std::optional<Hlc> parse_hex(const std::string& text) {
  if (text.size() != 16 || text.find_first_not_of("0123456789abcdef") != std::string::npos)
    return std::nullopt;
  return std::strtoull(text.c_str(), nullptr, 16);
}

// The last stamp that was given out.
Result<Stamp> read(const std::string& path, std::string_view text) {
  auto json = parse_json(text);
  const Json* hlc = json ? json->find("hlc") : nullptr;
  const Json* origin = json ? json->find("origin") : nullptr;
  if (hlc == nullptr || !hlc->is_string() || origin == nullptr || !origin->is_string())
    return no_origin(path);
  auto last = parse_hex(hlc->as_string());
  auto id = parse_ulid(origin->as_string());
  if (!last || !id) return no_origin(path);
  return Stamp{NodeId(*id), *last};
}

// Over what was there: both texts are of one length, shorter than any sector.
Status write(int file, const std::string& path, const Stamp& stamp) {
  std::string text =
      R"({"hlc":")" + hex(stamp.hlc) + R"(","origin":")" + to_text(stamp.origin) + "\"}\n";
  if (::pwrite(file, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    return no_file(path, errno);
  if (::fsync(file) != 0) return no_file(path, errno);
  return ok;
}

}  // namespace

Result<Stamp> next_stamp(const std::string& path, Hlc now, Hlc seen) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (error) return no_file(path, error.value());
  File file;
  file.number = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file.number < 0) return no_file(path, errno);
  while (::flock(file.number, LOCK_EX) != 0) {
    if (errno != EINTR) return no_file(path, errno);
  }
  std::string text(file_bytes_max, '\0');
  ssize_t length = ::pread(file.number, text.data(), text.size(), 0);
  if (length < 0) return no_file(path, errno);
  text.resize(static_cast<std::size_t>(length));

  Stamp stamp{NodeId(make_ulid(now, random_bits())), 0};
  if (!text.empty()) {
    auto last = read(path, text);
    if (!last) return last.error();
    stamp = *last;
  }
  stamp.hlc = next_hlc(now, std::max(stamp.hlc, seen));
  if (Status written = write(file.number, path, stamp); !written) return written.error();
  return stamp;
}

std::optional<std::string> origin_path() {
  const char* state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && state[0] == '/') return std::string(state) + "/plait/origin";
  const char* home = std::getenv("HOME");
  if (home != nullptr && home[0] != '\0') return std::string(home) + "/.local/state/plait/origin";
  return std::nullopt;
}

}  // namespace plait::cli
