# The commands of a work day; `make help` lists them. ARGS goes to the program that a target runs:
#
#   make run ARGS="--for 10s"
#   make test ARGS="--filter TriggersTests"

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help deps deps-test build release tree install uninstall package run test test-long test-package crashes fuzz sanitize asan tsan lint lint-swift lint-lua lint-shell docs documentation pictures bench bench-smoke bench-peers

# Where `make deps` leaves a Lua without known memory faults, if the system has none: see Tools/lua.
export PKG_CONFIG_PATH := $(CURDIR)/.lua/pkgconfig:$(PKG_CONFIG_PATH)

ARGS ?=
MOONWHEEL := .build/debug/moonwheel

# What a build and its tests need besides Swift. Empty it on a system without apt.
PACKAGES := liblua5.4-dev libsqlite3-dev tzdata strace libcurl4
# The servers that tests start: Debian's, and those of PyPI, which come into a folder of their own.
TEST_PACKAGES := python3-venv openssh-server nginx-light openssl
TEST_PYPI := moto[s3] flask flask-cors
# What the check of Lua files needs: luac5.4.
LINT_PACKAGES := lua5.4

# What `make package` needs, and `make test-package` besides.
PACKAGE_PACKAGES := dpkg-dev binutils
PACKAGE_TEST_PACKAGES := debootstrap systemd-container lintian mandoc

# Where `make install` puts what it installs; DESTDIR is the root of the file system that it is for. REVISION is the
# number of the Debian package of one version.
PREFIX ?= /usr/local
DESTDIR ?=
REVISION ?= 1
# All that is installed, as it lies in PREFIX, and the packages.
TREE := .build-package/tree
PACKAGES_FOLDER := .build-package/packages

# What `make bench-peers` needs.
PEER_PACKAGES := python3-venv golang-go openjdk-17-jdk-headless erlang-base lua5.4 lua-luv lua-cjson

# The executables of the Benchmarks package. Each takes --smoke.
BENCHMARKS := SpeedBenchmark WheelBenchmark NextBenchmark LuaSpeedBenchmark JSONBenchmark DurabilityBenchmark \
  StoreBenchmark SimulationBenchmark SpawnBenchmark HTTPBenchmark

# What makes a released binary start sooner and hold less memory: the Swift runtime and Foundation
# are in it; relocations are packed; no symbols are offered to shared libraries, which would all be
# looked up there. Debug information is left out; the symbol table stays, for backtraces.
RELEASE_FLAGS := --static-swift-stdlib -Xswiftc -use-ld=lld -Xlinker -z -Xlinker pack-relative-relocs \
  -Xlinker --no-export-dynamic -Xlinker --strip-debug --disable-local-rpath

# The thread sanitizer defers signals, so it cannot run scripts that do not end by themselves: it runs the
# suites that are about threads and have no such scripts.
TSAN_FILTER := WorkerPoolTests|StoreTests|RunsWithoutInputTests|RunEndTimeTests|TimekeeperWakeUpTests|ManyJobsTests|SleepTests|MessageOrderTests
TSAN_FILTER := $(TSAN_FILTER)|EmbeddingTests|ServiceTests|ReloadStormTests|FileWatcherTests|ScaleTests

# All tests are Swift Testing's. XCTest's empty run is left out: it leaks, as the address sanitizer
# then says.
SWIFT_TEST := swift test --disable-xctest --parallel

# Tests that run when all others are over: they measure times and the memory of their process.
APART := \.SignalsTests
# Those of them that measure nothing. They hold their threads, so no test that needs tasks can be in their process.
UNMEASURED := \.SignalsTests/(Language|Slice)SignalsTests

# Tests that need the threads of Swift's tasks, which tests that block would hold for minutes: they run beside the others
# in a process of their own.
BESIDE := \.EmbeddingTests|\.JobTests|\.FunctionTests|\.ServiceTests|\.ReleaseTests|\.CallArgumentsTests|\.EndingTests|\.PermissionTests

# $(call run_tests,OPTION...) runs the others with the options, and then these; with ARGS, only what ARGS says. Tests of
# the command line mostly wait for processes that they have started, so they run beside the others: that takes 150 s
# instead of 200. They are in the foreground, since a shell starts what is in the background with SIGINT ignored.
define run_tests
$(if $(ARGS),$(SWIFT_TEST) $(1) $(ARGS),$(call run_all_tests,$(1)))
endef

TEST_BUNDLE = $$(swift build --show-bin-path $(1))/moonwheelPackageTests.xctest --testing-library swift-testing

define run_all_tests
swift build --build-tests $(1); \
tests="$(TEST_BUNDLE)"; \
logs=$$(mktemp -d); \
trap 'rm -rf "$$logs"' EXIT; \
$$tests --skip '$(APART)|$(BESIDE)|^CommandLineTests\.' >"$$logs/most" 2>&1 & \
most=$$!; \
( ended=0; \
  $$tests --filter '$(BESIDE)' || ended=1; \
  $$tests --filter '$(UNMEASURED)' || ended=1; \
  exit $$ended ) >"$$logs/beside" 2>&1 & \
beside=$$!; \
failed=; \
$$tests --filter '^CommandLineTests\.' 2>&1 | tee "$$logs/commands" || failed=1; \
wait $$most || failed=1; \
wait $$beside || failed=1; \
cat "$$logs/most" "$$logs/beside"; \
$$tests --filter '$(APART)' --skip '$(UNMEASURED)' 2>&1 | tee "$$logs/apart" || failed=1; \
if [ -n "$$failed" ]; then \
  echo; \
  echo "What failed:"; \
  cat "$$logs"/* | grep -A 4 -E '✘|error:|Fatal' | grep -v -E '◇|✔|^--' | tail -n 200; \
  exit 1; \
fi
endef

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: build ## install what is missing, build, and run the jobs in scripts/
	$(MOONWHEEL) run scripts/ $(ARGS)

test: deps deps-test ## install what is missing, and run all tests
	$(call run_tests)

build: deps ## build the debug binary
	swift build --product moonwheel

release: deps ## build .build/release/moonwheel to be installed, with the Swift runtime in it
	swift build -c release --product moonwheel $(RELEASE_FLAGS)

tree: release ## build all that is installed: the binary, manual pages, completions, docs
	Tools/stage $(TREE)

install: ## install into PREFIX (/usr/local) and DESTDIR; builds first if nothing is built, so not with sudo then
	@[ .build/release/moonwheel -ot $(TREE)/bin/moonwheel ] || $(MAKE) tree
	DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" $(TREE)/install.sh

uninstall: ## remove what make install has installed
	DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)" $(TREE)/install.sh remove

package: tree ## make a tarball and a Debian package in .build-package/packages
	@$(call install,$(PACKAGE_PACKAGES))
	@rm -rf $(PACKAGES_FOLDER)
	REVISION=$(REVISION) Tools/package $(TREE) $(PACKAGES_FOLDER)

test-package: package ## install the packages on bare Debian systems, upgrade them while jobs run, and remove them
	@$(call install,$(PACKAGE_TEST_PACKAGES))
	Tests/Packaging/run $(TREE) $(PACKAGES_FOLDER)

test-long: deps deps-test crashes test-package documentation ## run the tests that take long: kills, evictions, the language in slices, memory
	MOONWHEEL_EVICTIONS=10000 $(SWIFT_TEST) --filter EvictionSignalsTests
	MOONWHEEL_LANGUAGE_ROUNDS=200 $(SWIFT_TEST) --filter LanguageSignalsTests
	MOONWHEEL_MEMORY_SECONDS=60 $(SWIFT_TEST) --filter ScriptMemoryTests
	MOONWHEEL_KEY_ADDS=1000000 $(SWIFT_TEST) --filter KeyTests
	MOONWHEEL_RESOURCE_RUNS=5000 $(SWIFT_TEST) --filter ThousandRunsTests
	MOONWHEEL_PROGRAM_HOSTS=50 $(SWIFT_TEST) --filter ProgramEndsTests
	MOONWHEEL_PROGRAMS=1000 $(SWIFT_TEST) --filter RandomEndTests
	MOONWHEEL_HOSTILE=all $(SWIFT_TEST) --filter BudgetTests
	MOONWHEEL_HOSTILE=all $(SWIFT_TEST) --filter FloodSignalsTests

crashes: deps ## kill the host a thousand times, and compare what was promised with what was done
	MOONWHEEL_CRASHES=1000 $(SWIFT_TEST) --filter CrashTests

fuzz: deps ## call every word of the Lua API with odd arguments, for ten minutes
	MOONWHEEL_FUZZ_SECONDS=200 MOONWHEEL_FUZZ_CASES=200000 swift test --disable-xctest --no-parallel --filter 'FuzzTests'

sanitize: asan tsan ## run the tests under the address and the thread sanitizer

asan: deps deps-test ## run the tests under the address sanitizer, which finds leaks too
	$(call run_tests,--sanitize=address --scratch-path .build-asan)

tsan: deps deps-test ## run tests that are about threads under the thread sanitizer
	TSAN_OPTIONS=suppressions=$(CURDIR)/Tests/tsan.supp \
	  $(SWIFT_TEST) --sanitize=thread --scratch-path .build-tsan --filter '$(TSAN_FILTER)' $(ARGS)

lint: lint-swift lint-lua lint-shell ## check the formatting of Swift, and the syntax of Lua and of shell scripts

lint-swift:
	swift format lint --strict --recursive \
	  $(wildcard Sources Tests Benchmarks Package.swift stdlib)

lint-lua: build
	@$(call install,$(LINT_PACKAGES))
	find scripts Examples stdlib Sources Tests/Lua packaging -name '*.lua' -print0 | xargs -0 -n 1 luac5.4 -p --
	$(MOONWHEEL) check scripts/
	$(MOONWHEEL) check --allow-asked Examples/Scripts

docs: deps ## write the tables of docs/options.md and docs/words.md, which come from the stubs
	MOONWHEEL_WRITE_DOCS=1 swift test --disable-xctest --filter ReferencePageTests

documentation: deps ## make the reference of the Swift library as a web site in .build-docs/site; warnings fail
	swift build --scratch-path .build-docs -Xswiftc -emit-symbol-graph \
	  -Xswiftc -emit-symbol-graph-dir -Xswiftc $(CURDIR)/.build-docs/symbols \
	  -Xswiftc -symbol-graph-minimum-access-level -Xswiftc public
	Tools/documentation .build-docs .build-docs/site

pictures: build ## make the pictures of the README from the output of the program
	Tools/pictures $(MOONWHEEL) docs/pictures

lint-shell:
	for file in $$(grep -lE "^#!.*sh$$" .ci/run Tools/* Tests/Packaging/run Tests/Packaging/*.sh packaging/debian/p*); do bash -n "$$file"; done
	sh -n packaging/install.sh

bench: deps ## measure: run each benchmark, which takes some minutes
	$(run_benchmarks)

bench-peers: ## install the schedulers that the benchmarks measure beside ours
	@$(call install,$(PEER_PACKAGES))
	@command -v node >/dev/null || { $(call install,nodejs); }
	python3 -m venv .build-peers
	.build-peers/bin/pip install --quiet croniter cronsim 'apscheduler<4' schedule timeloop aiohttp
	mkdir -p .build-peers/programs
	go build -o .build-peers/programs/timers-go Benchmarks/Peers/timers.go
	javac -d .build-peers/programs Benchmarks/Peers/Timers.java
	erlc -o .build-peers/programs Benchmarks/Peers/timers.erl

bench-smoke: deps ## run each benchmark in short, to see that it works
	$(call run_benchmarks,--smoke)

deps:
	@if ! command -v swift >/dev/null; then \
	  echo "Swift is not in PATH. Install it as https://www.swift.org/install/linux says." >&2; \
	  exit 1; \
	fi
	@$(call install,$(PACKAGES))
	@Tools/lua >/dev/null

# The folder is made anew when the list of its packages changes.
deps-test:
	@$(call install,$(TEST_PACKAGES))
	@if [ "$$(cat .build-services/made-for 2>/dev/null)" != "$(TEST_PYPI)" ] \
	  || [ ! -x .build-services/bin/python ]; then \
	  rm -rf .build-services; \
	  python3 -m venv .build-services; \
	  [ -z "$(TEST_PYPI)" ] || .build-services/bin/pip install --quiet $(TEST_PYPI); \
	  echo "$(TEST_PYPI)" > .build-services/made-for; \
	fi

# $(call run_benchmarks,OPTION...) builds the benchmarks, and runs one after the other. New files of a package that lies
# beside it are seen by SwiftPM only where the manifest is newer than its last build.
define run_benchmarks
@touch Benchmarks/Package.swift
@for name in $(BENCHMARKS); do \
  swift build -c release --package-path Benchmarks --product "$$name" $(RELEASE_FLAGS); \
done
@folder=$$(swift build -c release --package-path Benchmarks --show-bin-path); \
for name in $(BENCHMARKS); do \
  echo; \
  echo "$$name $(1)"; \
  "$$folder/$$name" $(1); \
done
endef

# $(call install,PACKAGE...) installs the Debian packages that are missing, and asks apt for nothing
# when all are there.
define install
missing=(); \
for package in $(1); do \
  [[ $$(dpkg-query -W -f '$${Status}' "$$package" 2>/dev/null) == *' installed' ]] \
    || missing+=("$$package"); \
done; \
if [ $${#missing[@]} -eq 0 ]; then exit 0; fi; \
if ! command -v apt-get >/dev/null; then \
  echo "These Debian packages are missing, and so is apt-get: $${missing[*]}" >&2; \
  echo "Install what they hold by hand, then run: make $@ PACKAGES= LINT_PACKAGES=" >&2; \
  exit 1; \
fi; \
sudo=; \
if [ "$$(id -u)" -ne 0 ]; then sudo=sudo; fi; \
if [ -n "$$sudo" ] && ! command -v sudo >/dev/null; then \
  echo "Run this as root: apt-get install $${missing[*]}" >&2; \
  exit 1; \
fi; \
echo "installing $${missing[*]}"; \
$$sudo apt-get update -qq; \
$$sudo env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "$${missing[@]}"
endef
