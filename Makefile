# SPDX-License-Identifier: GPL-2.0
# make            builds ./harness; installs nothing, names what is missing
# sudo make run   installs what is missing, builds, runs ./harness --trace all
# sudo make test  installs what the tests need, then unit, host and virtual-machine tests
# sudo make bench installs what the tests need, then measures what tracing costs, in half an hour
# make fuzz       runs the fuzz targets, a minute each
# make faults     200 random faults: nothing may be left, and no wrong number valid
# make check      the fast subset: build, unit tests, linters
# make install    builds what is missing, then copies program, analysis, JSON Schema files, man pages and
#                 bash completion to PREFIX (/usr/local) under DESTDIR (nothing); make uninstall removes them
MAKEFLAGS += --no-builtin-rules
.DELETE_ON_ERROR:
.DEFAULT_GOAL := harness

CC      ?= gcc
ifeq ($(origin CC),default)
CC      := gcc
endif
CLANG   ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
BUILD   ?= build
# Where the program goes; a build with SANITIZE=1 stays beside its objects.
HARNESS ?= harness

# Outside git, as in a package build, the version is the package's.
VERSION := $(shell git describe --always --dirty 2>/dev/null || sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)
BPF_ARCH := $(shell uname -m | sed 's/x86_64/x86/;s/aarch64/arm64/')

ifeq ($(FUZZ),1)
CC  := $(CLANG)
SAN := -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer \
	-Wno-missing-field-initializers
else ifeq ($(SANITIZE),1)
SAN := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
endif

CFLAGS ?= -O2 -g
HARNESS_CFLAGS = -std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wvla -D_GNU_SOURCE -pthread -I. -Iuser -I$(BUILD) $(SAN)
BPF_CFLAGS = -std=gnu11 -target bpf -g -O2 -mcpu=v3 -Wall -Wextra -Wno-unused-parameter \
	-D__TARGET_ARCH_$(BPF_ARCH) -Ivmlinux -I.
# argp is in the C library; jansson writes and reads JSON; libbpf loads BPF and needs libelf and zlib;
# mnl asks the kernel to make, move and configure interfaces (netlink);
# liburing speaks io_uring with the kernel;
# ncurses draws the live view of watch on any terminal, and reads its keys and its size;
# smartcols aligns and colours tables, and makes control characters in them (names of processes) harmless.
LIBS = -lbpf -lelf -lz -ljansson -lmnl -luring -lsmartcols -lncurses -ltinfo -lm

USER_SOURCES := $(shell find user -name "*.c" | LC_ALL=C sort)
USER_OBJECTS := $(USER_SOURCES:%.c=$(BUILD)/%.o)
FUZZ_TARGETS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/*.c))
UNIT_SOURCES := $(wildcard tests/unit/*.c)
TEST_PROGRAMS := $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/*.c))
BENCH_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/*.c))
SKELETON     := $(BUILD)/harness.skel.h
BPF_SOURCES  := bpf/state.bpf.c $(filter-out bpf/state.bpf.c,$(sort $(wildcard bpf/*.bpf.c)))
BPF_OBJECTS  := $(BPF_SOURCES:%.c=$(BUILD)/%.o)
UNIT_TESTS   := $(UNIT_SOURCES:%.c=$(BUILD)/%)
# Unit tests link everything but main(); what needs root stays unused there.
LIBRARY      := $(filter-out $(BUILD)/user/main.o,$(USER_OBJECTS))

# What is being made, a line each; V=1 shows the commands.
ifneq ($(V),1)
Q := @
say = @printf '  %-9s%s\n' $(1) $@
endif

$(HARNESS): $(USER_OBJECTS) | $(BUILD)/.tools
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(HARNESS_CFLAGS) $(LDFLAGS) -o $@ $(USER_OBJECTS) $(LIBS)

$(BUILD)/.tools: scripts/dependencies.sh
	@scripts/dependencies.sh --check build
	@mkdir -p $(@D) && touch $@

# Each .bpf.c is a subject of its own; bpftool links them into one object.
$(BUILD)/bpf/%.bpf.o: bpf/%.bpf.c | $(BUILD)/.tools
	@mkdir -p $(@D)
	$(call say,BPF)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -MF $(@:.o=.d) -MT $@ -c $< -o $@

$(BUILD)/harness.bpf.o: $(BPF_OBJECTS)
	$(call say,BPF)
	$(Q)$(BPFTOOL) gen object $@ $^

$(BUILD)/harness.skel.h: $(BUILD)/harness.bpf.o
	$(call say,SKELETON)
	$(Q)$(BPFTOOL) gen skeleton $< name harness_bpf > $@

# The skeleton is generated: user objects wait for them the first time, dependency files do the rest.
$(BUILD)/%.o: %.c | $(SKELETON)
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CFLAGS) $(HARNESS_CFLAGS) -MMD -MP -c $< -o $@

# The version is the only thing in an object that git can change without a source changing.
$(BUILD)/version.h: FORCE
	@mkdir -p $(@D)
	@printf '#define HARNESS_VERSION "%s"\n' '$(VERSION)' > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(BUILD)/user/base/version.o: $(BUILD)/version.h

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(LIBRARY)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(HARNESS_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) -lcmocka

# What every fuzz target links: only what they reach of it.
$(BUILD)/library.a: $(LIBRARY)
	$(Q)rm -f $@ && ar rc $@ $^

$(BUILD)/tests/fuzz/%: $(BUILD)/tests/fuzz/%.o $(BUILD)/library.a
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(HARNESS_CFLAGS) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LIBS)

unit-tests: $(UNIT_TESTS)
fuzz-targets: $(FUZZ_TARGETS)
bench-programs: $(HARNESS) $(BENCH_PROGRAMS)

# Both the plain program and one with the address and undefined-behaviour sanitizers.
test-programs: $(HARNESS) $(BUILD)/vmlinux-check $(TEST_PROGRAMS) $(BENCH_PROGRAMS)
	@$(MAKE) --no-print-directory SANITIZE=1 BUILD=build/san HARNESS=build/san/harness build/san/harness unit-tests

$(BUILD)/vmlinux-check: vmlinux/check.c | $(BUILD)/.tools
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(HARNESS_CFLAGS) $(LDFLAGS) -o $@ $< $(LIBS)

# Traffic and trouble that the tests make.
$(filter-out $(BUILD)/compat,$(TEST_PROGRAMS)): $(BUILD)/%: tests/%.c
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(HARNESS_CFLAGS) $(LDFLAGS) -o $@ $(filter %.c %.o,$^) $(TEST_LIBS)
$(BUILD)/carry $(BUILD)/watched: tests/namespace.h
# A 32-bit program, without the libraries of another architecture.
$(BUILD)/compat: tests/compat.c
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) -m32 -O1 -Wall -Wextra -Werror -ffreestanding -fno-stack-protector -fno-pie -no-pie -nostdlib -static -Wl,--entry=entry -o $@ $<
$(BUILD)/uring: TEST_LIBS = -luring
$(BUILD)/map_storm $(BUILD)/watched $(BUILD)/xdp: TEST_LIBS = -lbpf

# By Clang, whose libFuzzer they need, with the sanitizers.
fuzz-programs: $(SKELETON)
	@$(MAKE) --no-print-directory FUZZ=1 BUILD=build/fuzz HARNESS=build/fuzz/harness fuzz-targets

# What the bench compares with.
$(BENCH_PROGRAMS): $(BUILD)/%: %.c | $(SKELETON)
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(HARNESS_CFLAGS) $(LDFLAGS) -MMD -MP -MT $@ -o $@ $< $(LIBS)

# The kernel types we read, against the running kernel (KERNEL_BTF=FILE for another).
KERNEL_BTF ?= /sys/kernel/btf/vmlinux
KERNEL_TYPES = $(shell sed -nE 's/^(struct|enum) (\w+) \{$$/\2/p' vmlinux/vmlinux.h)
check-types: $(BUILD)/vmlinux-check $(BUILD)/harness.bpf.o
	$< $(BUILD)/harness.bpf.o $(KERNEL_BTF) $(KERNEL_TYPES)

# As many jobs as processors, unless -j is given.
JOBS = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

run:
	@scripts/dependencies.sh --install build
	@$(MAKE) $(JOBS) --no-print-directory harness
	./harness --trace all

check:
	@scripts/dependencies.sh --check test
	@$(MAKE) $(JOBS) --no-print-directory test-programs
	tests/run.sh check

test:
	@scripts/dependencies.sh --install test
	@$(MAKE) $(JOBS) --no-print-directory test-programs fuzz-programs
	scripts/vm.sh --fetch 6.1 6.12
	tests/run.sh all

# Every kernel the scripts know; longer than `make test`.
test-kernels:
	@scripts/dependencies.sh --install test
	@$(MAKE) $(JOBS) --no-print-directory test-programs
	scripts/vm.sh --fetch 5.10 6.1 6.12 newest
	tests/run.sh kernels 5.10 6.1 6.12 newest

# What tracing costs, against budgets, bpftrace, other programs and the accepted run, in half an hour.
# BENCH: its options and parts, such as BENCH='--rounds 3 turns'.
bench:
	@scripts/dependencies.sh --install test
	@$(MAKE) $(JOBS) --no-print-directory bench-programs
	scripts/vm.sh --fetch 6.12 newest
	tests/bench/bench.sh $(BENCH)

# Breaks one thing at a time and sees that a test notices; half an hour. MUTATIONS: patches, default all.
mutations:
	@scripts/dependencies.sh --install test
	scripts/vm.sh --fetch 6.12
	tests/mutations/run.sh $(MUTATIONS)

# Input that no test has thought of, a minute for each kind; SECONDS=3600 for longer. What they find stays in build/fuzz.
SECONDS ?= 60
fuzz:
	@scripts/dependencies.sh --install test
	@$(MAKE) $(JOBS) --no-print-directory fuzz-programs
	tests/fuzz/run.sh $(SECONDS)

# FAULTS=1000 for more; FAULTS='200 17' repeats those of seed 17.
FAULTS ?= 200
faults:
	@scripts/dependencies.sh --install test
	@$(MAKE) $(JOBS) --no-print-directory test-programs
	tests/faults/run.sh $(FAULTS)

# Ten minutes of everything at once: nothing lost, nothing grows.
endurance:
	@scripts/dependencies.sh --install test
	@$(MAKE) $(JOBS) --no-print-directory harness
	tests/bench/endurance.sh

# The man page of each command, from its own --help: docs/man/ lists them and adds what --help does not have.
PREFIX  ?= /usr/local
BINDIR  := $(DESTDIR)$(PREFIX)/bin
DATADIR := $(DESTDIR)$(PREFIX)/share
MAN_PAGES := $(patsubst docs/man/%.h2m,$(BUILD)/man/%.1,$(wildcard docs/man/*.h2m))
# bench.py judges `make bench`, in a checkout only.
ANALYSIS := $(filter-out analysis/bench.py,$(wildcard analysis/*.py analysis/*.toml analysis/*.json)) analysis/page.css analysis/page.js
# What each --json prints.
SCHEMAS := $(wildcard docs/schema/*.json)

$(BUILD)/man/%.1: docs/man/%.h2m scripts/man.sh $(HARNESS) $(ANALYSIS) | $(BUILD)/.install-tools
	@mkdir -p $(@D)
	$(call say,MAN)
	$(Q)scripts/man.sh $(abspath $(HARNESS)) '$(VERSION)' $* > $@

$(BUILD)/.install-tools: scripts/dependencies.sh
	@scripts/dependencies.sh --check install
	@mkdir -p $(@D) && touch $@

man: $(MAN_PAGES)

install: $(HARNESS) man
	install -D -m 755 $(HARNESS) $(BINDIR)/harness
	install -d $(DATADIR)/harness/analysis $(DATADIR)/harness/schema $(DATADIR)/man/man1
	install -m 644 $(ANALYSIS) $(DATADIR)/harness/analysis
	install -m 644 $(SCHEMAS) $(DATADIR)/harness/schema
	install -m 644 $(MAN_PAGES) $(DATADIR)/man/man1
	install -D -m 644 scripts/completion.bash $(DATADIR)/bash-completion/completions/harness

uninstall:
	rm -f $(BINDIR)/harness $(DATADIR)/bash-completion/completions/harness \
		$(addprefix $(DATADIR)/man/man1/,$(notdir $(MAN_PAGES)))
	rm -rf $(DATADIR)/harness

clean:
	rm -rf build harness

FORCE:
.PHONY: FORCE clean man install uninstall unit-tests bench-programs test-programs check-types run check test test-kernels mutations bench endurance faults fuzz fuzz-programs fuzz-targets
.SECONDARY:

-include $(shell find $(BUILD) -path $(BUILD)/vm -prune -o -path $(BUILD)/san -prune -o \
	-path $(BUILD)/arm64 -prune -o -path $(BUILD)/fuzz -prune -o \
	-type f -name '*.d' -print 2>/dev/null)
