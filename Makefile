# Makefile: the one door. `make help` lists what can be done.
#
# The extension is built by Postgres' own rules (extension.mk), all else by CMake and ninja; everything made
# lies under $(BUILD).

PG_CONFIG ?= pg_config
BUILD ?= build
JOBS ?= $(shell nproc)
SANITIZE ?=

override BUILD := $(abspath $(BUILD))
cmake_folder := $(BUILD)/$(if $(SANITIZE),sanitize,cmake)
extension_folder := $(BUILD)/$(if $(SANITIZE),sanitize-extension,extension)
export PG_CONFIG
# Two build folders, of one clone or of two, share what ccache has: no path of ours depends on where they lie.
export CCACHE_NOHASHDIR := 1
export CCACHE_BASEDIR := $(CURDIR)
# What ccache asks for with precompiled headers.
export CCACHE_SLOPPINESS := pch_defines,time_macros
export PLAIT_BUILD := $(BUILD)

pgxs = +@mkdir -p $(extension_folder) && \
	$(MAKE) -s --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(JOBS)) \
	-C $(extension_folder) -f $(CURDIR)/extension.mk SOURCE=$(CURDIR) SANITIZE=$(SANITIZE)

.PHONY: all extension programs binaries deps install uninstall installcheck check demo bench soak fuzz format lint clean help
.DEFAULT_GOAL := all
.NOTPARALLEL: # each part uses all processors by itself

all: extension binaries ## build everything

extension: ## build plait.so
	$(pgxs) all

programs: $(cmake_folder)/build.ninja ## build the gateway and the command line
	@ninja -C $(cmake_folder) -j$(JOBS) plait plait-gateway

binaries: $(cmake_folder)/build.ninja ## build core, gateway, command line and their tests
	@ninja -C $(cmake_folder) -j$(JOBS)

$(cmake_folder)/build.ninja:
	@mkdir -p $(BUILD)
	@cmake -S . -B $(cmake_folder) -G Ninja $(if $(SANITIZE),-DSANITIZE=ON) >$(BUILD)/cmake.log 2>&1 || { cat $(BUILD)/cmake.log; exit 1; }

deps: ## install the Debian packages that are missing
	@scripts/install-dependencies

install: extension ## install the extension where pg_config says
	$(pgxs) install

uninstall: ## remove what install put there
	$(pgxs) uninstall

installcheck: ## run the regression tests in the running server that PGHOST, PGPORT, PGUSER name
	@scripts/check --running-server regress isolation

check: ## run every test: SUITE=name runs one, SANITIZE=1 with ASan and UBSan
	@SANITIZE=$(SANITIZE) scripts/check $(SUITE)

demo: extension programs ## a private Postgres with data and a gateway; prints what to type next
	@scripts/demo

bench: all ## measure: TASK=name runs one of bench/
	@bench/run $(TASK)

soak: ## the long runs of the acceptance suite; the extension's suites with ASan and UBSan in the server
	@SOAK=1 scripts/check acceptance
	@SANITIZE=1 scripts/check regress isolation

fuzz: ## the C++ property tests with new seeds under ASan and UBSan, for MINUTES=5
	@SANITIZE=1 scripts/private-postgres run --bare -- scripts/fuzz $(or $(MINUTES),5)

format: ## clang-format over all C++
	@scripts/sources | xargs clang-format -i

lint: ## formatting, the map, the invariants
	@scripts/sources | xargs clang-format --dry-run --Werror
	@scripts/check-architecture
	@scripts/check-invariants

clean: ## remove all that was built
	rm -rf $(BUILD)

help: ## this list
	@awk -F ' *## *' '/^[a-z]+:.*## /{sub(/:.*/, "", $$1); printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
