# SPDX-License-Identifier: Apache-2.0
# The libraries of the static program. tools/static calls it: ARCH, SOURCES and OUT are folders and
# names of its own, the compiler is in PATH.

CC := $(CCACHE) $(ARCH)-linux-musl-clang
AR := $(ARCH)-linux-musl-ar
LIB := $(OUT)/lib
OBJ := $(OUT)/obj
INCLUDE := $(OUT)/include
CFLAGS := -O2 -g0 -w -fno-sanitize=all -fPIE -fstack-protector-strong -ffunction-sections \
          -fdata-sections -ffile-prefix-map=$(SOURCES)=. -ffile-prefix-map=$(OUT)=.
HEADERS := sqlite3.h zlib.h zconf.h ini.h toml++/toml.h postgresql/libpq-fe.h \
           postgresql/postgres_ext.h postgresql/pg_config_ext.h postgresql/pg_config.h

all: $(addprefix $(LIB)/,libpq.a libssl.a libsqlite3.a libz.a libinih.a) \
     $(addprefix $(INCLUDE)/,$(HEADERS))

.DELETE_ON_ERROR:

# $(call LIBRARY,name,folder,files without .c,flags)
define LIBRARY
$(LIB)/lib$(1).a: $(patsubst %,$(OBJ)/$(1)/%.o,$(3))
	@mkdir -p $$(@D)
	@rm -f $$@
	@$(AR) rcD $$@ $$^
$(OBJ)/$(1)/%.o: $(SOURCES)/$(2)/%.c
	@mkdir -p $$(@D)
	@$(CC) $(CFLAGS) $(4) -c -o $$@ $$<
endef

# --- inih, with the limits that Debian leaves as they are ---------------------------------------

$(eval $(call LIBRARY,inih,inih_rust_migration/ini,ini,))

# --- zlib ------------------------------------------------------------------------------------

$(eval $(call LIBRARY,z,libz-sys/src/zlib,adler32 crc32 zutil,-DHAVE_UNISTD_H))

# --- SQLite ----------------------------------------------------------------------------------

# What the driver of Flyway (sqlite-jdbc) has, and SOUNDEX of Debian. A static program cannot load
# extensions.
SQLITE := -DSQLITE_THREADSAFE=1 -DSQLITE_DEFAULT_MEMSTATUS=0 -DSQLITE_OMIT_LOAD_EXTENSION \
          -DSQLITE_ENABLE_COLUMN_METADATA -DSQLITE_ENABLE_DBSTAT_VTAB -DSQLITE_ENABLE_FTS3 \
          -DSQLITE_ENABLE_FTS3_PARENTHESIS -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_RTREE \
          -DSQLITE_ENABLE_STAT4 -DSQLITE_ENABLE_MATH_FUNCTIONS -DSQLITE_SOUNDEX \
          -DSQLITE_USE_URI -DSQLITE_MAX_ATTACHED=125 -DSQLITE_MAX_COLUMN=32767 \
          -DSQLITE_MAX_LENGTH=2147483647 -DSQLITE_MAX_SQL_LENGTH=1073741824 \
          -DSQLITE_MAX_VARIABLE_NUMBER=250000 -DSQLITE_MAX_FUNCTION_ARG=127 \
          -DHAVE_USLEEP -DHAVE_ISNAN -DHAVE_LOCALTIME_R -DHAVE_GMTIME_R -DHAVE_FDATASYNC \
          -DHAVE_STRERROR_R
$(eval $(call LIBRARY,sqlite3,libsqlite3-sys/sqlite3,sqlite3,$(SQLITE)))

# --- OpenSSL: TLS 1.2 and 1.3 over a socket, and what keys and certificates are made of -------

# System certificates and openssl.cnf are where Debian, Ubuntu and Alpine have them.
OPENSSL := no-shared no-module no-tests no-apps no-docs no-dso no-async no-legacy no-comp no-zlib \
           no-quic no-http no-cmp no-cms no-ts no-srp no-psk no-dtls no-ssl-trace no-sctp no-ct \
           no-ocsp no-aria no-bf no-blake2 no-camellia no-cast no-idea no-md2 no-mdc2 no-rc2 \
           no-rc4 no-rc5 no-rmd160 no-seed no-siphash no-sm2 no-sm3 no-sm4 no-whirlpool no-gost \
           no-ec2m no-slh-dsa no-lms no-ech no-filenames
OPENSSL_FLAGS := -O2 -g0 -w -fno-sanitize=all -fstack-protector-strong -ffunction-sections \
                 -fdata-sections

$(OBJ)/openssl/built: $(SOURCES)/openssl-src
	@rm -rf $(@D)
	@mkdir -p $(@D)
	@cd $(@D) && CC="$(CC)" AR=$(AR) RANLIB=true SOURCE_DATE_EPOCH=0 \
		perl $(SOURCES)/openssl-src/openssl/Configure linux-$(ARCH) --prefix=/usr \
		--libdir=lib --openssldir=/etc/ssl $(OPENSSL) $(OPENSSL_FLAGS) >configured 2>&1 || \
		{ cat configured; exit 1; }
	@SOURCE_DATE_EPOCH=0 $(MAKE) -C $(@D) -s build_libs >$(@D)/made 2>&1 || \
		{ tail -n 50 $(@D)/made; exit 1; }
	@touch $@

$(LIB)/libssl.a: $(OBJ)/openssl/built
	@mkdir -p $(@D)
	@cp $(<D)/libcrypto.a $(<D)/libssl.a $(@D)

# --- libpq, as build.rs of its crate compiles it for musl, with OpenSSL ------------------------

PQ := pq-src/source/src
PQ_VERSION := $(shell sed -n 's/.* pq-src .*+libpq-//p' $(SOURCES)/sources)
PQ_MAJOR := $(firstword $(subst ., ,$(PQ_VERSION)))
PQ_MINOR := $(lastword $(subst ., ,$(PQ_VERSION)))
PQ_FILES := $(addprefix port/,bsearch_arg chklocale explicit_bzero getpeereid inet_net_ntop noblock \
                pg_bitutils pg_crc32c_sb8 pg_strong_random pgcheckdir pgmkdirp pgsleep \
                pgstrcasecmp pgstrsignal pqsignal qsort quotes snprintf strerror strlcat strlcpy \
                tar timingsafe_bcmp) \
            $(addprefix common/,base64 cryptohash_openssl encnames fe_memutils file_perm \
                hmac_openssl ip jsonapi kwlookup link-canary logging md5_common percentrepl \
                pg_get_line pg_lzcompress pg_prng pgfnames psprintf restricted_token rmtree \
                saslprep scram-common sprompt string stringinfo unicode_norm username \
                wait_error wchar) \
            $(addprefix interfaces/libpq/,fe-auth fe-auth-oauth fe-auth-scram fe-cancel fe-connect \
                fe-exec fe-lobj fe-misc fe-print fe-protocol3 fe-secure fe-secure-common \
                fe-secure-openssl fe-trace legacy-pqsignal libpq-events pqexpbuffer)
PQ_FLAGS := -DFRONTEND -D_GNU_SOURCE -DSTRERROR_R_INT -DHAVE_TERMIOS_H -DHAVE_STRCHRNUL \
            -DHAVE_STRSIGNAL -DUSE_OPENSSL=1 -DPG_VERSION=\"$(PQ_VERSION)\" \
            -DPG_VERSION_NUM=$(PQ_MAJOR)$(shell printf %04d $(PQ_MINOR)) \
            "-DPG_VERSION_STR=\"PostgreSQL $(PQ_VERSION)\"" -DPG_MAJORVERSION=\"$(PQ_MAJOR)\" \
            -DPG_MAJORVERSION_NUM=$(PQ_MAJOR) -DPG_MINORVERSION_NUM=$(PQ_MINOR) \
            $(addprefix -I$(SOURCES)/$(PQ)/,port include interfaces/libpq) \
            -I$(SOURCES)/pq-src/additional_include -I$(OBJ)/pq \
            -I$(OBJ)/openssl/include -I$(SOURCES)/openssl-src/openssl/include
$(eval $(call LIBRARY,pq,$(PQ),$(PQ_FILES),$(PQ_FLAGS)))

$(patsubst %,$(OBJ)/pq/%.o,$(PQ_FILES)): $(OBJ)/openssl/built $(OBJ)/pq/pg_config_os.h

$(OBJ)/pq/pg_config_os.h: $(SOURCES)/$(PQ)/include/port/linux.h
	@mkdir -p $(@D)
	@cp $< $@

# --- headers -----------------------------------------------------------------------------------

TAKE = @mkdir -p $(@D) && cp $< $@

$(INCLUDE)/sqlite3.h: $(SOURCES)/libsqlite3-sys/sqlite3/sqlite3.h
	$(TAKE)

$(INCLUDE)/zlib.h $(INCLUDE)/zconf.h: $(INCLUDE)/%: $(SOURCES)/libz-sys/src/zlib/%
	$(TAKE)

$(INCLUDE)/ini.h: $(SOURCES)/inih_rust_migration/ini/ini.h
	$(TAKE)

$(INCLUDE)/postgresql/libpq-fe.h: $(SOURCES)/$(PQ)/interfaces/libpq/libpq-fe.h
	$(TAKE)

$(INCLUDE)/postgresql/postgres_ext.h: $(SOURCES)/$(PQ)/include/postgres_ext.h
	$(TAKE)

$(INCLUDE)/postgresql/pg_config_ext.h: $(SOURCES)/pq-src/additional_include/pg_config_ext.h
	$(TAKE)

# The only line that cflyway reads of it.
$(INCLUDE)/postgresql/pg_config.h: $(SOURCES)/sources
	@mkdir -p $(@D)
	@echo '#define PG_VERSION "$(PQ_VERSION)"' >$@

# toml++ has headers only, for every machine the same: those of the system are taken.
$(INCLUDE)/toml++/toml.h: /usr/include/toml++/toml.h
	@mkdir -p $(@D)
	@cp -r $(<D)/. $(@D)
