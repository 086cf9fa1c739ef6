# SPDX-License-Identifier: MIT
# SPDX-FileCopyrightText: 2026 The libkmem authors
#
# The front door over meson.  B= is the build folder, T= a pattern of test
# names ("unit-page-*"), PREFIX= and DESTDIR= say where to install.

B	?= build
T	?=
PREFIX	?= /usr/local
DESTDIR	?=
O	?=
TIME	?= 300
RUNS	?=
SECONDS	?= 3600
PEERS	?=
ARCH	?= x86_64 aarch64 riscv64
REPEAT	?=
BENCH	?=
MISUSE	?=
FAULTS	?=

BUILD	= scripts/build.sh
DEPS	= @scripts/deps.sh
PYTHON	= /usr/bin/python3

all:
	$(DEPS) build
	@$(BUILD) $(B) $(O) -- products

help:
	@echo 'make                build the library, the malloc front and the kmem command'
	@echo 'make run            run a real python3 program on it and show its slabinfo'
	@echo 'make test           all tests and checks, in six builds'
	@echo "make test T='NAME'  these tests alone, in the default build (shell wildcards)"
	@echo 'make docs           the API reference: man pages and HTML in $(B)/docs'
	@echo 'make install        PREFIX=$(PREFIX) DESTDIR=; the reference, too'
	@echo 'make debug          build-debug: lock ranks and invariants checked; its tests'
	@echo 'make inject         build-inject: threads change inside the sequences; its tests'
	@echo 'make asan           build-asan: AddressSanitizer and UBSan; its tests'
	@echo 'make tsan           build-tsan: ThreadSanitizer; its tests'
	@echo 'make clang          build-clang: the second compiler; its tests'
	@echo 'make fuzz           libFuzzer on random sequences of calls, TIME=$(TIME) seconds'
	@echo 'make soak           threads, forks, caches, pools for SECONDS=$(SECONDS)'
	@echo 'make bench          malloc and typed calls beside other allocators; 20 minutes'
	@echo "                    REPEAT=5 PEERS=/path.so,... BENCH='--quick', '--only=fifo-*', --json"
	@echo 'make misuse         what is seen of misuse of malloc, beside other allocators'
	@echo "                    PEERS=NAME=/path.so,... MISUSE='--ours', '--json', '--only=KIND,...'"
	@echo 'make faults         which fault which check or tool sees: the tables of docs/debugging.md'
	@echo "                    FAULTS='--write docs/debugging.md', '--json', '--modes=MODE,...'"
	@echo 'make build/TARGET   one target alone: build/kmem, build/unit-page-buddy, ...'
	@echo 'make fmt            format the tree;  make lint: clang-tidy, sparse, spelling'
	@echo 'make check          the checks of the tree: layers, docs, format, headers, ...'
	@echo 'make check-freestanding   the core needs a compiler and port.h, nothing else'
	@echo 'make qemu           the core as a kernel on three machines; ARCH="$(ARCH)"'
	@echo 'make qemu-breaks    breaks it on purpose, and wants that to be noticed'
	@echo 'make clean          remove the build folders'
	@echo
	@echo 'Packages are installed when they are missing; scripts/packages.txt lists them.'
	@echo 'O= gives options to meson (O=-Dplain_symbols=true), B= another build folder.'

run:
	$(DEPS) build run
	@$(BUILD) $(B) $(O) -- products
	@echo "python3 on libkmem: parsing, sorting, JSON, sqlite3"
	$(B)/kmem run --slabinfo $(B)/run.slabinfo -- $(PYTHON) tests/preload/workload.py
	$(B)/kmem slabinfo $(B)/run.slabinfo

test:
	$(DEPS) build run test docs qemu
	@scripts/test.py $(if $(T),--builds gcc $(foreach t,$(T),'$(t)'))

debug inject asan tsan clang:
	$(DEPS) build test
	@scripts/test.py --builds $@ $(foreach t,$(T),'$(t)')

bench:
	$(DEPS) build bench
	@bench/run.py --build $(B) --options='$(O)' --peers='$(PEERS)' \
		$(if $(REPEAT),--repeat $(REPEAT)) $(BENCH)

misuse:
	$(DEPS) build bench
	@$(BUILD) $(B) $(O) -- products
	@bench/misuse.py --build $(B) --peers='$(PEERS)' $(MISUSE)

faults:
	$(DEPS) build test
	@$(BUILD) $(B) $(O) -- products
	@bench/fault_table.py --build $(B) $(FAULTS)

docs:
	$(DEPS) build docs
	@$(BUILD) $(B) $(O) -- products
	@scripts/docs.py $(B)

install: docs
	@$(BUILD) $(B) -Dprefix=$(PREFIX) $(O) -- products
	@/usr/bin/meson install -C $(B) --no-rebuild $(if $(DESTDIR),--destdir '$(abspath $(DESTDIR))')

build/% build-debug/% build-inject/% build-asan/% build-tsan/% build-clang/%: FORCE
	@$(BUILD) $(@D) $(O) -- $(@F)

fuzz:
	$(DEPS) build test
	@tests/fuzz/run.sh -max_total_time=$(TIME) $(if $(RUNS),-runs=$(RUNS))

soak:
	$(DEPS) build
	@$(BUILD) $(B) $(O) -- stress-soak
	SOAK_SECONDS=$(SECONDS) $(B)/stress-soak

fmt:
	$(DEPS) test
	@scripts/check-format.sh --fix
	@scripts/comments.py --fix

lint:
	$(DEPS) build lint
	@$(BUILD) $(B) $(O) -- products
	@scripts/lint.sh $(B)

check:
	$(DEPS) build test
	@scripts/test.py --builds gcc 'check-*'

qemu:
	$(DEPS) build qemu
	@$(BUILD) $(B) $(O) -- kmem
	@scripts/check-qemu.sh $(B) $(ARCH)

qemu-breaks:
	$(DEPS) qemu
	@scripts/check-qemu-breaks.sh $(B)

check-freestanding:
	$(DEPS) build
	@scripts/check-freestanding.sh

clean:
	rm -rf build build-debug build-inject build-asan build-tsan build-clang build-fuzz build-valgrind

FORCE:

.PHONY: all help run test fuzz soak debug inject asan tsan clang bench misuse faults docs install fmt lint check \
	check-freestanding qemu qemu-breaks clean FORCE
