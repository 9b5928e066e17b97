/* SPDX-License-Identifier: Apache-2.0 */
/* test_should_execute.c - the conditions of scripts */
#include "suites.h"

#include "cflyway/migration/should_execute.h"

static const struct {
	const char *expression;
	bool value, depends_on_order;
} valid[] = {
	{"true", true, false},
	{"TRUE", true, false},
	{"False", false, false},
	{"a==a", true, false},
	{"a!=b", true, false},
	{" a  ==\ta ", true, false},
	{"a==A", false, false},
	{"1==1.0", false, false},
	{"a == b", false, false},
	{"'a'=='a'", true, false},
	{"${x}==${x}", true, false},
	{"TRUE==true", true, false},
	{"true!=false", true, false},
	{"x==true", false, false},
	{"x!=true", true, false},
	{"true==x", false, false},
	{"true!=x", true, false},
	{"trueish==trueish", true, false},
	{"(a==b)==false", true, false},
	{"a==b==false", true, false},
	{"true==(a==a)", true, false},
	{"a==a==true", true, false},
	{"a==a==x", false, false},
	{"a==a!=x", true, false},
	{"a==b==c==d", true, false},
	{"a==b==c==d==e", false, false},
	{"((true))", true, false},
	{"true && false", false, false},
	{"true||false", true, false},
	{"true || false && false", false, true},
	{"true || (false && false)", true, false},
	{"(true || false) && false", false, false},
	{"false && false || true", true, false},
	{"a==a || b==c && c==d", false, true},
	{"(true || false && true)", true, true},
	{"true && (false || true) && true", true, false},
	{"env!=true && x==z", true, false},
	{"env!=true && x==y", true, false},
	{"env==false || x==x", false, false},
	{"(env==false) || x==x", true, false},
	{"true && a==a==x", false, false},
	{"true && a==a==true", true, false},
	{"false==false && true", true, false},
	{"true && env!=false || x==y", true, false},
	{"a\\b==a\\b", true, false},
	{"ä==ä", true, false},
};

START_TEST(evaluates)
{
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena);
	struct should_execute result;

	ck_assert_msg(should_execute_evaluate(valid[_i].expression, &result, &err), "%s: %s",
	              valid[_i].expression, err.message);
	ck_assert_msg(result.value == valid[_i].value, "%s", valid[_i].expression);
	ck_assert_msg(result.depends_on_order == valid[_i].depends_on_order, "%s",
	              valid[_i].expression);
	arena_release(&arena);
}
END_TEST

#define OPERAND " is found where true, false, a comparison or '(' is expected"
#define REST " is found where &&, ||, ==, != or the end is expected"
#define SIGN " is found where == or != is expected"

static const struct {
	const char *expression, *details;
} broken[] = {
	{"", "0 the end" OPERAND},
	{"  ", "2 the end" OPERAND},
	{"yes", "3 the end" SIGN},
	{"==a", "0 '=='" OPERAND},
	{"a==", "3 the end" OPERAND},
	{"a=b", "1 '='" SIGN},
	{"!true", "0 '!'" OPERAND},
	{"a b==a b", "2 'b'" SIGN},
	{"a==b c", "5 'c'" REST},
	{"a&b==a&b", "1 '&'" SIGN},
	{"true &", "5 '&'" REST},
	{"true &&", "7 the end" OPERAND},
	{"true && a", "9 the end" SIGN},
	{"(true", "5 the end is found where ')' is expected"},
	{"true)", "4 ')'" REST},
	{"()", "1 ')'" OPERAND},
	{"true false", "5 'false'" REST},
	{"a==b==", "6 the end" OPERAND},
	{"true==a==", "9 the end" OPERAND},
};

START_TEST(says_what_is_wrong)
{
	struct arena arena = ARENA_EMPTY;
	struct error err = ERROR_INIT(&arena);
	struct should_execute result;

	ck_assert(!should_execute_evaluate(broken[_i].expression, &result, &err));
	ck_assert_str_eq(err.message,
	                 arena_printf(&arena,
	                              "Error parsing boolean expression: Syntax error in "
	                              "expression: \"%s\". Details: line 1:%s",
	                              broken[_i].expression, broken[_i].details));
	ck_assert_int_eq(err.code, ERROR_GENERAL);
	arena_release(&arena);
}
END_TEST

/* n parentheses around true. */
static bool evaluate_nested(struct arena *arena, size_t n, const char **message)
{
	struct error err = ERROR_INIT(arena);
	struct should_execute result;
	char *text = arena_alloc(arena, 2 * n + sizeof("true"));

	memset(text, '(', n);
	memcpy(text + n, "true", 4);
	memset(text + n + 4, ')', n);
	text[2 * n + 4] = '\0';
	bool ok = should_execute_evaluate(text, &result, &err);
	*message = ok ? "" : err.message;
	return ok && result.value;
}

START_TEST(bounds_the_depth)
{
	struct arena arena = ARENA_EMPTY;
	const char *message;

	ck_assert(evaluate_nested(&arena, 99, &message));
	ck_assert(!evaluate_nested(&arena, 100, &message));
	ck_assert_ptr_nonnull(strstr(message, "the expression is nested too deeply"));
	ck_assert(!evaluate_nested(&arena, 100000, &message));
	arena_release(&arena);
}
END_TEST

Suite *should_execute_suite(void)
{
	Suite *suite = suite_create("should_execute");
	TCase *tc = tcase_create("should_execute");

	tcase_add_loop_test(tc, evaluates, 0, COUNT(valid));
	tcase_add_loop_test(tc, says_what_is_wrong, 0, COUNT(broken));
	tcase_add_test(tc, bounds_the_depth);
	suite_add_tcase(suite, tc);
	return suite;
}
