/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_report.c - any text is a report that can be continued, or is refused with a reason */
#include "../../src/output/report_html.h"
#include "../../src/output/report_previous.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW "2026-11-21T14:38:33.5"

static void check(bool holds)
{
	if (!holds)
		abort();
}

/* What was written is read as the same. */
static void check_again(struct arena *arena, const struct json_value *results)
{
	struct error err = ERROR_INIT(arena);
	struct json_value again = {.kind = JSON_ARRAY};
	struct json first, second;

	json_init(&first);
	json_init(&second);
	report_write_results(results, &first);
	check(report_read_previous(arena, buf_str(&first.text), "now", &again, &err));
	report_write_results(&again, &second);
	check(str_eq(buf_str(&first.text), buf_str(&second.text)));
	json_release(&first);
	json_release(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena;
	struct json_value results = {.kind = JSON_ARRAY}, kept;
	struct buf page = BUF_EMPTY(SIZE_MAX / 2);

	arena_init(&arena);
	struct error err = ERROR_INIT(&arena);
	if (report_read_previous(&arena, (struct str){(const char *)data, size}, NOW, &results,
	                         &err)) {
		report_keep_newest(&arena, &results, &kept);
		check(kept.n <= 3 && (kept.n > 0) == (results.n > 0));
		check_again(&arena, &kept);
		report_html(&arena, &kept, NOW, &page);
		check(strstr(page.ptr, "<script") == NULL);
	} else {
		check(err.is_set && err.message[0] != '\0');
	}
	buf_release(&page);
	arena_release(&arena);
	return 0;
}
