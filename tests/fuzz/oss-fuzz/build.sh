#!/bin/sh -eu
# SPDX-License-Identifier: Apache-2.0
# Builds all fuzz targets as OSS-Fuzz wants them: programs and their corpora in $OUT.
#
# CC, CXX, CFLAGS, CXXFLAGS, LIB_FUZZING_ENGINE, OUT and WORK are set by OSS-Fuzz. Called in the
# folder of the sources. tools/fuzz calls it with Debian's clang.
case " $CXXFLAGS " in
*" -stdlib=libc++ "*) CXX_LIB='-lc++ -lc++abi' ;;
*) CXX_LIB=-lstdc++ ;;
esac
export CXX_LIB LIB_FUZZING_ENGINE
make --no-print-directory -k -j "${JOBS:-$(nproc)}" "BUILD=$WORK/build" "CC=$CC" "CXX=$CXX" "CFLAGS=$CFLAGS" \
	"CXXFLAGS=$CXXFLAGS" CPPFLAGS= LDFLAGS= WERROR= fuzzers
for program in "$WORK"/build/fuzzers/*; do
	name=$(basename "$program")
	cp "$program" "$OUT/$name"
	python3 -m zipfile -c "$OUT/${name}_seed_corpus.zip" "tests/fuzz/corpus/$name/"
done
