# SPDX-License-Identifier: Apache-2.0
#
# Builds OcicatOS. `make` makes the images, `make run` boots them, `make test` tests all; build/ holds every product.
# Programs for the target are compiled in a Debian trixie (build/root), those for tests by the host's compiler.

MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

# --- what can be chosen ---------------------------------------------------------------------------------------------

# KERNEL is cloud (virtual machines) or generic (all machines); FIRMWARE names packages of non-free-firmware for the
# latter; ENGINE_SUITE is where the Docker stack comes from; MIRROR replaces the mirror that apt is set to.
KERNEL ?= cloud
ENGINE_SUITE ?= forky
FIRMWARE ?=
VERSION ?= $(shell git describe --tags --match 'v[0-9]*' 2>/dev/null || echo v0.1.0)

ifeq ($(KERNEL),cloud)
suffix :=
kernel_package := linux-image-cloud-amd64
else ifeq ($(KERNEL),generic)
suffix := -generic
kernel_package := linux-image-amd64
else
$(error KERNEL is "cloud" or "generic")
endif

B := build
work := $(B)/work-$(KERNEL)
stamps := $(B)/stamps

vmlinuz := $(B)/vmlinuz$(suffix)
initrd := $(B)/initrd$(suffix)
system := $(B)/system$(suffix).img
iso := $(B)/ocicat$(suffix).iso
sbom := $(B)/sbom$(suffix).json
netboot := $(B)/system$(suffix).cpio
manifest := $(B)/manifest$(suffix).json
disk := $(B)/ocicat$(suffix).img

# `make images` makes both flavours.
.PHONY: all image images generic programs check check-static check-unit test fuzz run bench clean distclean FORCE

all: $(B)/ros image
image: $(iso) $(disk) $(vmlinuz) $(initrd) $(system) $(netboot) $(sbom)
programs: $(B)/target/init $(B)/target/ros-early $(B)/target/module-request $(B)/target/shim $(B)/target/ros

# --- host and build root --------------------------------------------------------------------------------------------

$(stamps)/deps: scripts/deps
	scripts/deps
	@mkdir -p $(@D) && touch $@

$(stamps)/root: os/build-packages.list scripts/build-root | $(stamps)/deps
	scripts/build-root $(B)/root
	@touch $@

# --- packages -------------------------------------------------------------------------------------------------------

names_in = $(shell sed 's/\#.*//' $(1))
packages := $(B)/packages

$(stamps)/base: os/packages.list scripts/packages | $(stamps)/deps
	scripts/packages trixie $(packages)/base $(call names_in,os/packages.list)
	@touch $@

# The newest Docker comes from a moving suite. When that suite does not answer, the stable one has a Docker too.
$(stamps)/engine-$(ENGINE_SUITE): os/engine-packages.list scripts/engine scripts/packages | $(stamps)/deps
	scripts/engine $(ENGINE_SUITE) $(packages)/engine $(call names_in,os/engine-packages.list)
	@rm -f $(stamps)/engine-* && touch $@

# The stamp's name holds the choice of firmware, so that another choice is another kernel tree.
space := $(subst ,, )
, := ,
kernel_stamp := $(stamps)/kernel-$(subst $(space),+,$(strip $(KERNEL) $(FIRMWARE)))

$(kernel_stamp): scripts/packages | $(stamps)/deps
	COMPONENTS='$(if $(FIRMWARE),main$(,)non-free-firmware,main)' \
		scripts/packages trixie $(packages)/kernel-$(KERNEL) $(kernel_package) $(FIRMWARE)
	@rm -f $(stamps)/kernel-$(KERNEL)* && touch $@

trees := $(packages)/kernel-$(KERNEL) $(packages)/base $(packages)/engine
tree_stamps := $(stamps)/base $(stamps)/engine-$(ENGINE_SUITE) $(kernel_stamp)

$(B)/prelink: scripts/prelink.c | $(stamps)/deps
	@echo "  LINK    $@"
	@gcc -std=gnu17 -O2 $(warnings) -o $@ $<

$(work)/sysroot.stamp: $(tree_stamps) scripts/sysroot $(B)/prelink os/files.list os/modules-drop.list os/modules-cold.list \
		$(shell find os/usr -type f 2>/dev/null) | $(stamps)/root
	scripts/sysroot $(work)/sysroot $(trees)
	@touch $@

$(sbom): $(tree_stamps) $(work)/sysroot.stamp scripts/sbom $(B)/version
	scripts/sbom $(work)/sysroot $(VERSION) $@ $(trees)

$(vmlinuz): $(kernel_stamp)
	install -m 644 $(packages)/kernel-$(KERNEL)/boot/vmlinuz-* $@

# --- images ---------------------------------------------------------------------------------------------------------

# Changes only when the version does.
$(B)/version: FORCE
	@mkdir -p $(B) && echo '$(VERSION)' | cmp -s - $@ || echo '$(VERSION)' >$@

$(work)/packages.img: $(work)/sysroot.stamp scripts/package-image
	scripts/package-image $(work)/sysroot $@

own_files := $(shell find os/etc -type f 2>/dev/null) $(wildcard os/*.yml os/*.toml) \
	$(wildcard templates/*.tmpl)

$(system): $(work)/packages.img $(B)/target/ros $(B)/target/module-request $(B)/target/shim $(sbom) $(B)/version $(own_files) \
		scripts/system-image scripts/thin-image
	scripts/system-image $(work)/packages.img $(work)/sysroot $(B)/target $(VERSION) $(sbom) $@

$(work)/initrd.base: $(work)/sysroot.stamp scripts/initrd os/initrd-modules.list
	scripts/initrd base $(work)/sysroot $@

$(initrd): $(work)/initrd.base $(B)/target/init $(B)/target/ros-early $(system) $(B)/version scripts/initrd
	scripts/initrd own $(work)/initrd.base $(B)/target $(system) $(VERSION) $@

$(manifest): $(vmlinuz) $(initrd) $(system) scripts/manifest
	scripts/manifest $(vmlinuz) $(initrd) $(system) $(VERSION) $@

$(iso): $(vmlinuz) $(initrd) $(system) $(manifest) scripts/iso $(wildcard os/boot/*)
	scripts/iso $(vmlinuz) $(initrd) $(system) $(manifest) $@

# A disk image is a file that `ros install` installed on.
$(disk): $(vmlinuz) $(initrd) $(system) $(manifest) $(B)/ros scripts/disk-image
	scripts/disk-image $(vmlinuz) $(initrd) $(system) $(manifest) $@

$(netboot): $(vmlinuz) $(initrd) $(system) $(manifest) scripts/netboot $(wildcard os/boot/*)
	scripts/netboot $(vmlinuz) $(initrd) $(system) $(manifest) $@

generic:
	$(MAKE) KERNEL=generic image

images: image generic

# --- programs -------------------------------------------------------------------------------------------------------
#
# Each program is all .c files of its folders. build/target: the target's release, by the build root's compiler;
# build/host: the same sources for the build machine; build/dev: with sanitizers, for tests.

request_src := init/request/main.c
shim_src := $(wildcard init/shim/*.c lib/*.c)
early_src := $(wildcard init/early/*.c lib/*.c) $(wildcard lib/disk/probe.c)
init_src := $(wildcard init/*.c lib/*.c)
ros_src := $(wildcard agent/*.c agent/*/*.c datasource/*.c datasource/*/*.c installer/*.c templates/*.c lib/*.c lib/*/*.c)
all_src := $(sort $(init_src) $(early_src) $(request_src) $(shim_src) $(ros_src))
test_src := $(wildcard tests/unit/test_*.c)
fuzz_src := $(wildcard tests/fuzz/fuzz_*.c)

# make would delete these, which no rule names. All others are made again when they are missing: a stamp is how another
# choice of suite or firmware is noticed.
.SECONDARY: $(patsubst %.c,$(B)/dev/%.o,$(test_src) $(fuzz_src)) $(patsubst %.c,$(B)/fuzz/obj/%.o,$(fuzz_src)) \
	$(B)/dev/tests/fuzz/replay.o

warnings := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wvla -Wformat=2 \
	-Wundef -Wwrite-strings -Wcast-qual -Wpointer-arith -Wimplicit-fallthrough -Wnull-dereference -Wlogical-op \
	-Wduplicated-cond -Wduplicated-branches -Wformat-truncation=1
common := -std=gnu17 -D_GNU_SOURCE -I. -MMD -MP -g $(warnings)
hardening := -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fcf-protection \
	-ftrivial-auto-var-init=zero
release := $(common) -O2 $(hardening) -ffunction-sections -fdata-sections
dev := $(common) -Og -g3 -Werror -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

link_release := -Wl,-z,relro,-z,now,-z,noexecstack,--gc-sections,--as-needed
ros_libs := -lyaml -lcjson -lz -lblkid -lmount

# Static and position independent: PID 1 needs no library, and is loaded where nobody can guess.
$(B)/target/obj/%.o: %.c | $(stamps)/root
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@scripts/in-root gcc $(release) -fPIE -c -o $@ $<

$(B)/target/init: $(init_src:%.c=$(B)/target/obj/%.o)
	@echo "  LINK    $@"
	@scripts/in-root gcc -static-pie $(link_release) -o $@ $^

$(B)/target/ros-early: $(early_src:%.c=$(B)/target/obj/%.o)
	@echo "  LINK    $@"
	@scripts/in-root gcc -static-pie $(link_release) -o $@ $^ -lblkid

# In the system image, where libc is.
$(B)/target/module-request: $(request_src:%.c=$(B)/target/obj/%.o)
	@echo "  LINK    $@"
	@scripts/in-root gcc -pie $(link_release) -o $@ $^

$(B)/target/shim: $(shim_src:%.c=$(B)/target/obj/%.o)
	@echo "  LINK    $@"
	@scripts/in-root gcc -pie $(link_release) -o $@ $^

$(B)/target/ros: $(ros_src:%.c=$(B)/target/obj/%.o)
	@echo "  LINK    $@"
	@scripts/in-root gcc -pie $(link_release) -o $@ $^ $(ros_libs)

$(B)/host/%.o: %.c | $(stamps)/deps
	@mkdir -p $(@D)
	@echo "  CC host $<"
	@gcc $(release) -fPIE -c -o $@ $<

$(B)/ros: $(ros_src:%.c=$(B)/host/%.o)
	@echo "  LINK    $@"
	@gcc -pie $(link_release) -o $@ $^ $(ros_libs)

$(B)/dev/%.o: %.c | $(stamps)/deps
	@mkdir -p $(@D)
	@echo "  CC dev  $<"
	@gcc $(dev) -c -o $@ $<

# Templates are built into the program, too (templates/target.c).
$(B)/target/obj/templates/target.o $(B)/host/templates/target.o $(B)/dev/templates/target.o \
	$(B)/fuzz/obj/templates/target.o: $(wildcard templates/*.tmpl)

# Tests link one archive of everything but the programs' main(); it is thin, so that names may repeat in folders.
$(B)/dev/all.a: $(patsubst %.c,$(B)/dev/%.o,$(filter-out %/main.c,$(all_src)))
	@rm -f $@ && ar rcsT $@ $^

$(B)/dev/ros: $(ros_src:%.c=$(B)/dev/%.o)
	@echo "  LINK    $@"
	@gcc -fsanitize=address,undefined -o $@ $^ $(ros_libs)

$(B)/dev/tests/%: $(B)/dev/tests/unit/%.o $(B)/dev/all.a
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	@gcc -fsanitize=address,undefined -o $@ $^ $(ros_libs) -lcmocka

# A harness with a driver that replays its corpus (tests/fuzz/fuzz.h).
$(B)/dev/fuzz/%: $(B)/dev/tests/fuzz/%.o $(B)/dev/tests/fuzz/replay.o $(B)/dev/all.a
	@mkdir -p $(@D)
	@echo "  LINK    $@"
	@gcc -fsanitize=address,undefined -o $@ $^ $(ros_libs)

# The same harnesses with clang's libFuzzer, which looks for more inputs.
fuzz_flags := -std=gnu17 -D_GNU_SOURCE -I. -MMD -MP -g -O1 -fno-omit-frame-pointer

$(B)/fuzz/obj/%.o: %.c | $(stamps)/deps
	@mkdir -p $(@D)
	@echo "  CLANG   $<"
	@clang $(fuzz_flags) -fsanitize=fuzzer-no-link,address,undefined -c -o $@ $<

$(B)/fuzz/all.a: $(patsubst %.c,$(B)/fuzz/obj/%.o,$(filter-out %/main.c,$(ros_src)))
	@rm -f $@ && ar rcsT $@ $^

$(B)/fuzz/%: $(B)/fuzz/obj/tests/fuzz/%.o $(B)/fuzz/all.a
	@echo "  LINK    $@"
	@clang -fsanitize=fuzzer,address,undefined -o $@ $^ $(ros_libs)

-include $(wildcard $(B)/target/obj/*/*.d $(B)/target/obj/*/*/*.d $(B)/host/*/*.d $(B)/host/*/*/*.d \
	$(B)/dev/*/*.d $(B)/dev/*/*/*.d $(B)/fuzz/obj/*/*.d $(B)/fuzz/obj/*/*/*.d)

# --- checks and tests -----------------------------------------------------------------------------------------------

unit_programs := $(patsubst tests/unit/%.c,$(B)/dev/tests/%,$(test_src)) \
	$(patsubst tests/fuzz/%.c,$(B)/dev/fuzz/%,$(fuzz_src))

check: check-static check-unit

check-static: programs $(B)/ros | $(stamps)/deps
	scripts/check-layers
	scripts/check-style
	scripts/check-text
	scripts/check-requirements
	scripts/docs $(B)/ros --check

check-unit: $(B)/ros $(unit_programs)
	@scripts/test $(unit_programs)

fuzz_programs := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(fuzz_src))

test: all $(B)/dev/ros $(unit_programs) $(fuzz_programs)
	@scripts/test --all $(unit_programs)

# FUZZ_SECONDS= for each harness, FUZZ_RUNS= inputs at most.
fuzz: $(fuzz_programs)
	scripts/fuzz $^

run: image
	scripts/run

bench: image $(B)/ros
	scripts/bench
	scripts/bench-agent

clean:
	rm -rf $(B)/target $(B)/host $(B)/dev $(B)/fuzz $(B)/ros $(B)/work-* $(B)/*.img $(B)/initrd* $(B)/*.iso $(B)/*.cpio

distclean:
	rm -rf $(B)
