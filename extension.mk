# extension.mk: how plait.so is built and installed, on Postgres' own build rules (PGXS).
#
# Runs inside $(BUILD)/extension, started by the root Makefile (`make extension`, `make install`), with
# SOURCE = the project's root. Objects lie in the build folder, so the source tree stays clean.

ifndef SOURCE
$(error start me by the root Makefile: `make extension`)
endif

PG_CONFIG ?= pg_config

# Debian compiles each object once more to LLVM bitcode, without the C++ flags below: no.
override with_llvm = no

MODULE_big = plait
EXTENSION = plait
DATA = $(patsubst $(SOURCE)/%,%,$(wildcard $(SOURCE)/sql/plait--*.sql))

# The extension carries core inside: one text, three compilations (native, here, WebAssembly). The query
# language and the messages are the gateway's.
sources := $(shell cd $(SOURCE) && find extension core/error.cpp core/event core/dag core/merge core/wire/cursor.cpp \
	-name '*.cpp' 2>/dev/null | sort)
OBJS = $(sources:.cpp=.o)

PG_CPPFLAGS = -I$(SOURCE) -isystem $(shell $(PG_CONFIG) --includedir-server)
PG_CXXFLAGS = -std=c++20 -Wall -Wextra -Werror -Wno-register -fvisibility=hidden -fvisibility-inlines-hidden
SHLIB_LINK = -lstdc++
ifneq ($(SANITIZE),)
# Without the check of vptrs: core is made without RTTI elsewhere. The server preloads the runtime.
sanitizers = -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all
PG_CXXFLAGS += $(sanitizers) -fno-omit-frame-pointer -O1 -U_FORTIFY_SOURCE
SHLIB_LINK += $(sanitizers)
endif

PGXS := $(shell $(PG_CONFIG) --pgxs)
srcdir = $(SOURCE)
VPATH = $(SOURCE)
include $(PGXS)

ifneq ($(shell command -v ccache),)
CXX := ccache $(CXX)
export CCACHE_NOHASHDIR = 1  # build folders share what they compiled
endif

# The wall holds Postgres' headers and the library's; compiled once, it is there before each file's first line.
wall = wall.h.gch
$(filter extension/%,$(OBJS)): $(wall)
$(filter extension/%,$(OBJS)): private CPPFLAGS := -include wall.h -Winvalid-pch -fpch-preprocess $(CPPFLAGS)

$(wall): $(SOURCE)/extension/wall.h $(SOURCE)/extension.mk
	@echo "extension: wall.h"
	@$(CXX) $(CXXFLAGS) $(CPPFLAGS) -w -MMD -MP -x c++-header -c $< -o $@ # -w: "pragma once in main file"

-include $(wall:.gch=.d)

# Every object knows the headers it was made from; a change of these flags rebuilds all.
$(OBJS): %.o: $(SOURCE)/%.cpp $(SOURCE)/extension.mk
	@mkdir -p $(@D)
	@echo "extension: $(<:$(SOURCE)/%=%)"
	@$(CXX) $(CXXFLAGS) $(CPPFLAGS) -MMD -MP -c $< -o $@

-include $(OBJS:.o=.d)
