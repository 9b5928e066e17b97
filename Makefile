# SPDX-License-Identifier: Apache-2.0
# cflyway - one Makefile, no recursion. `make help` lists the targets.

BUILD ?= build
PREFIX ?= /usr/local
AR ?= ar
INSTALL ?= install
# Tests wait for servers: one more at a time keeps the processors busy.
JOBS := $(or $(JOBS),$(shell echo $$(($$(nproc 2>/dev/null || echo 1) + 1))))
FUZZ_SECONDS ?= 10
VERSIONS ?=
CASES ?=
FILES ?= src
COUNT ?= 20
SEED ?= 1
MINUTES ?= 5
PARTS ?=
ifeq ($(origin CC),default)
CC := gcc
endif
HOSTCC ?= cc
# gcc and clang take a file for C++ by its name. What holds for C holds for C++, unless it is said.
ifeq ($(origin CXX),default)
CXX := $(CC)
endif
CXXFLAGS ?= $(CFLAGS)

# Our own flags come first, so that CPPFLAGS, CFLAGS and LDFLAGS of the user win.
OWN_CPPFLAGS := -Iinclude -I$(BUILD)/gen -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700
WERROR ?= -Werror
WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wformat=2 -Wundef \
            -Wvla $(WERROR)
# What makes a fault harder to exploit; tools/check-hardening looks for it in the program. Debian's
# list, and the guard of the stack's end. Sanitizers and -O0 cannot be had together with FORTIFY.
MACHINE := $(shell $(CC) -dumpmachine 2>/dev/null)
UNFORTIFIED := $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)) \
               $(findstring -fsanitize,$(CFLAGS)) $(filter -O0,$(CFLAGS))
HARDENING := -fPIE -fstack-protector-strong -fstack-clash-protection \
             $(if $(filter x86_64-%,$(MACHINE)),-fcf-protection) \
             $(if $(filter aarch64-%,$(MACHINE)),-mbranch-protection=standard) \
             $(if $(strip $(UNFORTIFIED)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
HARDENED_LINK := -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
OWN_CFLAGS := -std=c17 -g -O2 $(HARDENING) -fno-common -ffunction-sections -fdata-sections \
              -ffile-prefix-map=$(CURDIR)=. -include cflyway/base/banned.h $(WARNINGS)
# Strict as for C, but for what only C has.
OWN_CXXFLAGS := -std=c++17 -g -O2 $(HARDENING) -fno-exceptions -fno-rtti \
                -ffunction-sections -fdata-sections -ffile-prefix-map=$(CURDIR)=. \
                $(filter-out -Wstrict-prototypes,$(WARNINGS))
OWN_LDFLAGS := $(HARDENED_LINK) -Wl,--gc-sections -Wl,--as-needed
# Small parts of large libraries go into the program: one file uses C++, one uses inih.
CXX_LIB ?= -lstdc++
LIB_FUZZING_ENGINE ?= -fsanitize=fuzzer
STATIC_LIBS := -Wl,-Bstatic -linih $(CXX_LIB) -Wl,-Bdynamic -lm -static-libgcc
LIBS := -lsqlite3 -lz -ldl $(STATIC_LIBS)
UNIT_LIBS := -lcheck -lm -lpthread -lrt -lsubunit

# Two libraries are opened when they are needed; LINKED=1, for tools/static, puts them inside.
LINKED ?=
LINKED_SOURCES := $(wildcard src/*/*_linked.c src/db/*/*_linked.c)
SOURCES := $(filter-out $(if $(LINKED),%_opened.c,%_linked.c),\
           $(sort $(wildcard src/*/*.c src/db/*/*.c)))
LIB_SOURCES := $(filter-out src/main/main.c,$(SOURCES))
CXX_SOURCES := $(wildcard src/*/*.cc)
CXX_OBJECTS := $(patsubst src/%.cc,$(BUILD)/obj/%.o,$(CXX_SOURCES))
OBJECT = $(patsubst src/%.c,$(BUILD)/obj/%.o,$(1))
TEST_OBJECT = $(patsubst tests/%.c,$(BUILD)/tests/%.o,$(1))
EMBEDDED := $(patsubst src/db/%.sql,$(BUILD)/gen/db/%.sql.h,$(sort $(wildcard src/db/*/sql/*.sql)))
ARCHIVE := $(BUILD)/libcflyway.a
UNIT_SOURCES := $(sort $(wildcard tests/unit/*.c))
FUZZ_NAMES := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
REPLAYS := $(addprefix $(BUILD)/replay/,$(FUZZ_NAMES))
FUZZERS := $(addprefix $(BUILD)/fuzzers/,$(FUZZ_NAMES))

# What an object depends on is kept under both of its names: scripts give BUILD as a whole path.
DEPENDENCIES = -MMD -MP -MT $(patsubst $(CURDIR)/%,%,$@) -MT $(abspath $@)
COMPILE = $(CC) $(OWN_CPPFLAGS) $(CPPFLAGS) $(OWN_CFLAGS) $(CFLAGS) $(DEPENDENCIES) -c -o $@ $<
COMPILE_CXX = $(CXX) $(OWN_CPPFLAGS) $(CPPFLAGS) $(OWN_CXXFLAGS) $(CXXFLAGS) $(DEPENDENCIES) \
	-c -o $@ $<
LINK = $(CC) $(OWN_CFLAGS) $(CFLAGS) $(OWN_LDFLAGS) $(LDFLAGS) -o $@ $^
# One short line for each command; V=1 shows the command itself.
SAY = $(if $(V),,@printf '%-7s %s\n' $(1) $(2); )

# What the scripts in tools/ need to know. They call make with a -j of their own.
export BUILD CC CPPFLAGS CFLAGS LDFLAGS WERROR V JOBS FUZZ_SECONDS KEEP
unexport MAKEFLAGS

.DELETE_ON_ERROR:
.PHONY: static static-check
.SECONDARY:
.PHONY: all demo check unit compat compat-live matrix walk lint fuzz fuzz-corpus format install \
        uninstall dist reproducible clean help sanitized programs fuzzers bench mutate examples \
        torture coverage covered deb deb-check deploy-check comparison image image-check \
        packaging-check release

COMPLETIONS := $(addprefix $(BUILD)/completion/,cflyway.bash _cflyway cflyway.fish)

MANUAL := $(BUILD)/man/cflyway.1 $(BUILD)/man/cflyway.conf.5
DOCUMENTS := $(MANUAL) $(COMPLETIONS)

all: $(BUILD)/cflyway $(DOCUMENTS) ## builds the program, its manual page and completions (default)

demo: ## builds, migrates the demo into a SQLite file and shows it; installs what is missing
	@tools/install-missing build
	@tools/demo

check: ## builds and runs all tests; installs what is missing
	@tools/install-missing build check
	@tools/check all

sanitized: ## the tests that a build with sanitizers runs; see .ci/sanitize
	@tools/check sanitized

coverage: ## which lines and branches the tests of check reach; KEEP=1 keeps the figures
	@tools/coverage $(if $(KEEP),--keep)

# Called by tools/coverage, with the flags that count.
covered:
	@tools/check $(or $(PART),covered)

unit: ## tests that need no server: units, fuzz corpora, layers, headers, lengths
	@tools/check unit

compat: $(BUILD)/cflyway ## recorded cases against a temporary PostgreSQL and SQLite
	@CFLYWAY=$(abspath $<) compat-tests/run

matrix: $(BUILD)/cflyway ## recorded cases on PostgreSQL 12 to 18; or VERSIONS="12 18"
	@tools/install-missing check maven
	@tools/matrix $(VERSIONS)

compat-live: $(BUILD)/cflyway ## recorded cases beside real Flyway from Maven Central; or CASES="x-* y"
	@tools/install-missing check maven
	@FLYWAY="$$(tools/install-flyway)" CFLYWAY=$(abspath $<) compat-tests/live -j $(JOBS) \
		$(foreach case,$(CASES),-k '$(case)')

walk: $(BUILD)/cflyway ## random projects beside real Flyway; MINUTES=5, SEED=1
	@tools/install-missing check walk
	@FLYWAY="$$(tools/install-flyway)" CFLYWAY=$(abspath $<) compat-tests/walk/run -j $(JOBS) \
		--minutes $(MINUTES) \
		$(if $(filter command environment,$(origin SEED)),--seed $(SEED)) \
		$(if $(AT_LEAST),--at-least $(AT_LEAST)) $(if $(WALKS),--walks $(WALKS))

torture: $(BUILD)/cflyway ## long forms of compat-tests/torture, then doc/reliability.md; or PARTS="cuts"
	@tools/install-missing check torture
	@CFLYWAY=$(abspath $<) compat-tests/torture/run $(PARTS)

errors: $(BUILD)/cflyway ## renews doc/errors.md and its picture; CLONES=FOLDER
	@tools/install-missing check
	@CFLYWAY=$(abspath $<) compat-tests/errors/run $(if $(CLONES),--clones $(CLONES))

comparison: $(BUILD)/cflyway ## asks FLYWAY, ATLAS, GOOSE and DBMATE what README.md says of them
	@CFLYWAY=$(abspath $<) compat-tests/comparison/run

examples: $(BUILD)/cflyway ## their READMEs word by word, with real Alembic, Neo4j and ChromaDB
	@STORES="$$(tools/install-stores)" CFLYWAY=$(abspath $<) compat-tests/examples_test.py

bench: $(BUILD)/cflyway $(BUILD)/bench/launch ## beside other tools; CASES, TOOLS, ROUNDS, RESUME=1
	@bench/run --build $(BUILD) $(if $(CASES),--cases "$(CASES)") \
		$(if $(TOOLS),--tools "$(TOOLS)") $(if $(ROUNDS),--rounds $(ROUNDS)) \
		$(if $(RESUME),--resume)

lint: ## all compilers and analysers that say something about the sources
	@tools/lint

fuzz: ## runs every fuzz target for FUZZ_SECONDS (10); KEEP=1 keeps the figures
	@tools/fuzz

mutate: programs ## random changes that tests must notice; FILES, COUNT, SEED, UNIT_ONLY=1
	@tools/mutate --seed $(SEED) --count $(COUNT) $(if $(UNIT_ONLY),--unit-only) $(FILES)

fuzz-corpus: $(REPLAYS) ## replays the corpora of the fuzz targets
	@tools/replay-corpora

format: ## lays the C sources out
	@tools/format

SHARE = $(DESTDIR)$(PREFIX)/share
SHELLS := bash-completion/completions zsh/site-functions fish/vendor_completions.d

install: all ## into $(DESTDIR)$(PREFIX)
	$(INSTALL) -d $(DESTDIR)$(PREFIX)/bin \
		$(addprefix $(SHARE)/,man/man1 man/man5 doc/cflyway $(SHELLS))
	$(INSTALL) -m 755 $(BUILD)/cflyway $(DESTDIR)$(PREFIX)/bin/cflyway
	$(INSTALL) -m 644 $(BUILD)/man/cflyway.1 $(SHARE)/man/man1/cflyway.1
	$(INSTALL) -m 644 $(BUILD)/man/cflyway.conf.5 $(SHARE)/man/man5/cflyway.conf.5
	$(INSTALL) -m 644 LICENSE doc/third-party.md $(SHARE)/doc/cflyway
	$(INSTALL) -m 644 $(BUILD)/completion/cflyway.bash \
		$(SHARE)/bash-completion/completions/cflyway
	$(INSTALL) -m 644 $(BUILD)/completion/_cflyway $(SHARE)/zsh/site-functions/_cflyway
	$(INSTALL) -m 644 $(BUILD)/completion/cflyway.fish \
		$(SHARE)/fish/vendor_completions.d/cflyway.fish

uninstall: ## takes away what install put there
	rm -f $(DESTDIR)$(PREFIX)/bin/cflyway $(SHARE)/man/man1/cflyway.1 \
		$(SHARE)/man/man5/cflyway.conf.5
	rm -f $(SHARE)/bash-completion/completions/cflyway \
		$(SHARE)/zsh/site-functions/_cflyway \
		$(SHARE)/fish/vendor_completions.d/cflyway.fish
	rm -rf $(SHARE)/doc/cflyway

dist: ## the source archive of what is committed: build/cflyway-VERSION.tar.gz
	@tools/dist $(BUILD)

reproducible: ## archive, program and Debian package twice, in different folders: the same bytes?
	@tools/install-missing build check deb
	@tools/reproducible

static: ## one file that needs no library, in build/static/ARCH; ARCHS="x86_64 aarch64"
	@tools/install-missing build static
	@tools/static $(or $(ARCHS),x86_64)

static-check: ## tests them: an empty root, TLS, the recorded cases, the IoT project; needs root
	@tools/install-missing build check static
	@tools/static-check $(or $(ARCHS),x86_64)

deb: ## a Debian package of what is committed, in build/deb; installs what is missing
	@tools/install-missing build check deb
	@tools/deb

deploy-check: ## the files of deploy/ with their real tools, which it fetches
	@tools/install-missing build check deploy
	@$(MAKE) --no-print-directory all
	@tools/install-deploy >/dev/null
	@CFLYWAY=$(abspath $(BUILD)/cflyway) tools/deploy-check

deb-check: ## installs that package in a bare Debian, uses it and removes it; needs root
	@tools/install-missing deb-check
	@tools/deb-check

image: ## images of the static program as OCI archives, in build/image; ARCHS="x86_64 aarch64"
	@tools/install-missing build image
	@for arch in $(or $(ARCHS),x86_64); do tools/image --arch $$arch || exit 1; done

image-check: ## uses those images as Flyway's image is used, in a chroot; needs root
	@tools/install-missing build check image-check
	@tools/image-check

packaging-check: ## builds and checks the packages of packaging/ for other systems
	@tools/install-missing build check packaging
	@tools/packaging-check

release: ## builds every artefact and uses it as its users do, in build/release; needs root
	@tools/release

clean: ## removes everything that was built
	rm -rf $(BUILD)

help: ## lists the targets
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | expand -t 14

# What only the static program has is compiled, too, so that it stays free of warnings.
programs: all $(BUILD)/unit-tests $(REPLAYS) $(call OBJECT,$(LINKED_SOURCES))

fuzzers: $(FUZZERS)

$(BUILD)/cflyway: $(BUILD)/obj/main/main.o $(ARCHIVE)
	$(call SAY,link,$@)$(LINK) $(LIBS)

$(ARCHIVE): $(call OBJECT,$(LIB_SOURCES)) $(CXX_OBJECTS)
	@rm -f $@
	$(call SAY,archive,$@)$(AR) rcD $@ $^

$(BUILD)/obj/%.o: src/%.c | $(EMBEDDED)
	@mkdir -p $(@D)
	$(call SAY,compile,$<)$(COMPILE)

$(BUILD)/obj/%.o: src/%.cc
	@mkdir -p $(@D)
	$(call SAY,compile,$<)$(COMPILE_CXX)

$(BUILD)/obj/base/iconv_linked.o: $(BUILD)/gen/charset_tables.h

# Runs on this machine, whatever CC compiles for.
$(BUILD)/gen/charset_tables.h: tools/charset_tables.c
	@mkdir -p $(@D)
	$(call SAY,tables,$@)$(HOSTCC) -O2 -o $(BUILD)/charset_tables $< && \
		$(BUILD)/charset_tables >$@

$(BUILD)/gen/db/%.sql.h: src/db/%.sql tools/embed-sql
	@mkdir -p $(@D)
	$(call SAY,embed,$<)tools/embed-sql $< >$@

$(BUILD)/tests/%.o: tests/%.c | $(EMBEDDED)
	@mkdir -p $(@D)
	$(call SAY,compile,$<)$(COMPILE)

$(BUILD)/bench/launch: bench/launch.c
	@mkdir -p $(@D)
	$(call SAY,link,$@)$(CC) $(OWN_CPPFLAGS) $(CPPFLAGS) $(OWN_CFLAGS) $(CFLAGS) $(LDFLAGS) \
		-o $@ $<

# Prints the lists of the manual page: they come from the tables that the program uses.
$(BUILD)/reference: $(BUILD)/tools/reference.o $(ARCHIVE)
	$(call SAY,link,$@)$(LINK) $(LIBS)

$(BUILD)/tools/%.o: tools/%.c | $(EMBEDDED)
	@mkdir -p $(@D)
	$(call SAY,compile,$<)$(COMPILE)

$(BUILD)/man/%: man/%.in $(BUILD)/reference tools/manual
	@mkdir -p $(@D)
	$(call SAY,manual,$@)tools/manual $(BUILD)/reference $< >$@

$(BUILD)/completion/%: tools/completion/%.in $(BUILD)/reference tools/completion/make
	@mkdir -p $(@D)
	$(call SAY,words,$@)tools/completion/make $(BUILD)/reference $< >$@

$(BUILD)/unit-tests: $(call TEST_OBJECT,$(UNIT_SOURCES)) $(ARCHIVE)
	$(call SAY,link,$@)$(LINK) $(UNIT_LIBS) $(LIBS)

$(BUILD)/replay/%: $(BUILD)/tests/fuzz/fuzz_%.o $(BUILD)/tests/fuzz/replay_main.o $(ARCHIVE)
	@mkdir -p $(@D)
	$(call SAY,link,$@)$(LINK) $(LIBS)

# Only tools/fuzz and tests/fuzz/oss-fuzz make these: they choose clang and the instrumentation.
$(BUILD)/fuzzers/%: $(BUILD)/tests/fuzz/fuzz_%.o $(ARCHIVE)
	@mkdir -p $(@D)
	$(call SAY,link,$@)$(LINK) $(LIB_FUZZING_ENGINE) $(LIBS)

-include $(shell find $(BUILD)/obj $(BUILD)/tests $(BUILD)/tools -name '*.d' 2>/dev/null)
