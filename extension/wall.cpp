// extension/wall.cpp: the wall between Postgres' errors and C++'s.

#include "extension/wall.h"

#include <new>

namespace plait {

void refuse(Code code, std::string what, std::string where, std::string hint) {
  throw Refusal(Error{code, std::move(what), std::move(where), std::move(hint)});
}

namespace wall {

namespace {

// What is raised once no C++ object is left; its texts live in Postgres' memory.
struct Pending {
  ErrorData* postgres;  // raised again as it was
  int sqlstate;
  char* message;
  char* detail;
  char* hint;
};

// Never raises: where even the text cannot be kept, its first letters must do.
char* kept(const std::string& text) {
  auto* copy = static_cast<char*>(
      MemoryContextAllocExtended(ErrorContext, text.size() + 1, MCXT_ALLOC_NO_OOM));
  if (copy == nullptr) return nullptr;
  text.copy(copy, text.size());
  copy[text.size()] = '\0';
  return copy;
}

Pending pending_refusal(const Error& error) {
  std::string_view state = sqlstate(error.code);
  std::string detail = "code: " + std::string(name(error.code));
  if (!error.where.empty()) detail += " · where: " + error.where;
  return {nullptr, MAKE_SQLSTATE(state[0], state[1], state[2], state[3], state[4]),
          kept(error.what), kept(detail), error.hint.empty() ? nullptr : kept(error.hint)};
}

Pending pending_internal(const char* what) {
  return {nullptr, ERRCODE_INTERNAL_ERROR, kept(std::string("plait: ") + what), nullptr,
          kept("This is a mistake in Plait: please report it.")};
}

// Calls the body; false when it threw, with what is to be raised in `pending`.
bool run(Datum (*body)(FunctionCallInfo), FunctionCallInfo fcinfo, Datum& result,
         Pending& pending) {
  try {
    result = body(fcinfo);
    return true;
  } catch (const PgError& error) {
    pending = {error.release(), 0, nullptr, nullptr, nullptr};
  } catch (const Refusal& refusal) {
    pending = pending_refusal(refusal.error());
  } catch (const std::bad_alloc&) {
    pending = {nullptr, ERRCODE_OUT_OF_MEMORY, nullptr, nullptr, nullptr};
  } catch (const std::exception& error) {
    pending = pending_internal(error.what());
  } catch (...) {
    pending = pending_internal("an unknown exception");
  }
  return false;
}

}  // namespace

void throw_pg_error(const Guard& guard) {
  leave(guard);
  MemoryContextSwitchTo(guard.outer_memory);
  ErrorData* data = CopyErrorData();
  FlushErrorState();
  throw PgError(data);
}

Datum call(Datum (*body)(FunctionCallInfo), FunctionCallInfo fcinfo) {
  Datum result = 0;
  Pending pending{};
  if (run(body, fcinfo, result, pending)) return result;
  if (pending.postgres != nullptr) ReThrowError(pending.postgres);
  ereport(ERROR, (errcode(pending.sqlstate),
                  errmsg("%s", pending.message != nullptr ? pending.message : "out of memory"),
                  pending.detail != nullptr ? errdetail("%s", pending.detail) : 0,
                  pending.hint != nullptr ? errhint("%s", pending.hint) : 0));
}

}  // namespace wall

}  // namespace plait
