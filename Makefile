# SPDX-License-Identifier: GPL-2.0
# make            builds ./harness; installs nothing, names what is missing
# sudo make run   installs what is missing, builds, runs ./harness --trace all
# sudo make test  installs what the tests need, then unit, host and virtual-machine tests
# sudo make bench installs what the tests need, then measures what tracing costs, in half an hour
# make check      the fast subset: build, unit tests, linters
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

VERSION := $(shell git describe --always --dirty 2>/dev/null || echo unknown)
BPF_ARCH := $(shell uname -m | sed 's/x86_64/x86/;s/aarch64/arm64/')

ifeq ($(SANITIZE),1)
SAN := -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
endif

CFLAGS ?= -O2 -g
HARNESS_CFLAGS = -std=gnu11 -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wpointer-arith -Wvla -D_GNU_SOURCE -pthread -I. -Iuser -I$(BUILD) $(SAN)
BPF_CFLAGS = -std=gnu11 -target bpf -g -O2 -mcpu=v3 -Wall -Wextra -Wno-unused-parameter \
	-D__TARGET_ARCH_$(BPF_ARCH) -Ivmlinux -I.
# argp is in the C library; jansson writes and reads JSON; libbpf loads BPF and needs libelf and zlib.
LIBS = -lbpf -lelf -lz -ljansson -lm

USER_SOURCES := $(shell find user -name "*.c" | LC_ALL=C sort)
USER_OBJECTS := $(USER_SOURCES:%.c=$(BUILD)/%.o)
UNIT_SOURCES := $(wildcard tests/unit/*.c)
TEST_PROGRAMS := $(patsubst tests/%.c,$(BUILD)/%,$(wildcard tests/*.c))
BENCH_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/*.c))
SKELETONS    := $(BUILD)/harness.skel.h $(BUILD)/casts.skel.h
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

# The same source twice: with CASTS for kernels whose verifier can be told a record's type (bpf/read.h).
$(BUILD)/bpf/casts.bpf.o: BPF_CFLAGS += -DCASTS
$(BUILD)/bpf/harness.bpf.o $(BUILD)/bpf/casts.bpf.o: bpf/harness.bpf.c | $(BUILD)/.tools
	@mkdir -p $(@D)
	$(call say,BPF)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -MF $(@:.o=.d) -MT $@ -c $< -o $@.all
	$(Q)$(BPFTOOL) gen object $@ $@.all

$(BUILD)/%.skel.h: $(BUILD)/bpf/%.bpf.o
	$(call say,SKELETON)
	$(Q)$(BPFTOOL) gen skeleton $< name $(*F)_bpf > $@

# User space sets the variables of either object by the one's skeleton.
layout = sed -n 's/$(1)_bpf/bpf/g; /^struct bpf {/,/^};/p' $(BUILD)/$(1).skel.h
$(BUILD)/.layout: $(SKELETONS)
	$(Q)[ "$$($(call layout,harness))" = "$$($(call layout,casts))" ] || \
		{ echo 'the two objects of bpf/ place their variables differently (bpf/maps.h)' >&2; exit 1; }
	@touch $@

# The skeletons are generated: user objects wait for them the first time, dependency files do the rest.
$(BUILD)/%.o: %.c | $(BUILD)/.layout
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CC) $(CFLAGS) $(HARNESS_CFLAGS) -MMD -MP -c $< -o $@

# The version is the only thing in an object that git can change without a source changing.
$(BUILD)/version.h: FORCE
	@mkdir -p $(@D)
	@printf '#define HARNESS_VERSION "%s"\n' '$(VERSION)' > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
$(BUILD)/user/host/environment.o: $(BUILD)/version.h

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(LIBRARY)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(HARNESS_CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) -lcmocka

unit-tests: $(UNIT_TESTS)
bench-programs: $(HARNESS) $(BENCH_PROGRAMS)

# Both the plain program and one with the address and undefined-behaviour sanitizers.
test-programs: $(HARNESS) $(BUILD)/vmlinux-check $(TEST_PROGRAMS) $(BENCH_PROGRAMS)
	@$(MAKE) --no-print-directory SANITIZE=1 BUILD=build/san HARNESS=build/san/harness build/san/harness unit-tests

$(BUILD)/vmlinux-check: vmlinux/check.c | $(BUILD)/.tools
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(HARNESS_CFLAGS) $(LDFLAGS) -o $@ $< $(LIBS)

# Traffic and trouble that the tests make.
$(TEST_PROGRAMS): $(BUILD)/%: tests/%.c
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(HARNESS_CFLAGS) $(LDFLAGS) -o $@ $(filter %.c %.o,$^) $(TEST_LIBS)
$(BUILD)/mixed: $(LIBRARY)
$(BUILD)/mixed: TEST_LIBS = $(LIBS)
$(BUILD)/uring: TEST_LIBS = -luring
$(BUILD)/map_storm $(BUILD)/watched $(BUILD)/xdp: TEST_LIBS = -lbpf

# What the bench compares with.
$(BENCH_PROGRAMS): $(BUILD)/%: %.c | $(BUILD)/.layout
	@mkdir -p $(@D)
	$(call say,LINK)
	$(Q)$(CC) $(CFLAGS) $(HARNESS_CFLAGS) $(LDFLAGS) -MMD -MP -MT $@ -o $@ $< $(LIBS)

# The kernel types we read, against the running kernel (KERNEL_BTF=FILE for another).
KERNEL_BTF ?= /sys/kernel/btf/vmlinux
KERNEL_TYPES = $(shell sed -nE 's/^(struct|enum) (\w+) \{$$/\2/p' vmlinux/vmlinux.h)
check-types: $(BUILD)/vmlinux-check $(BUILD)/bpf/harness.bpf.o $(BUILD)/bpf/casts.bpf.o
	$< $(BUILD)/bpf/harness.bpf.o $(KERNEL_BTF) $(KERNEL_TYPES)
	$< $(BUILD)/bpf/casts.bpf.o $(KERNEL_BTF) $(KERNEL_TYPES)

# As many jobs as processors, unless make was told how many.
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
	@$(MAKE) $(JOBS) --no-print-directory test-programs
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

# Ten minutes of everything at once: nothing lost, nothing grows.
endurance:
	@scripts/dependencies.sh --install test
	@$(MAKE) $(JOBS) --no-print-directory harness
	tests/bench/endurance.sh

clean:
	rm -rf build harness

FORCE:
.PHONY: FORCE clean unit-tests bench-programs test-programs check-types run check test test-kernels bench endurance
.SECONDARY:

-include $(shell find $(BUILD) -path $(BUILD)/vm -prune -o -path $(BUILD)/san -prune -o \
	-path $(BUILD)/arm64 -prune -o \
	-type f -name '*.d' -print 2>/dev/null)
