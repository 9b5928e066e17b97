/* SPDX-License-Identifier: Apache-2.0 */
/*
 * charsets.c - prints what iconv makes of the bytes of the character sets named
 *
 * tools/static-check compares the iconv of this machine with that of the static program. Whether a
 * sequence is wrong or only the beginning of a character counts, too.
 */
#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Tens of millions of bytes, which an emulator prints, too: no printf. */
static void put_hex(const char *bytes, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		putchar_unlocked(digits[(unsigned char)bytes[i] >> 4]);
		putchar_unlocked(digits[bytes[i] & 0xF]);
	}
}

static void put_text(const char *text)
{
	while (*text != '\0')
		putchar_unlocked(*text++);
}

static void print(iconv_t handle, const char *name, const char *bytes, size_t len)
{
	char text[32], copy[4], *from = copy, *to = text;
	size_t room = sizeof(text);

	memcpy(copy, bytes, len);
	iconv(handle, NULL, NULL, NULL, NULL);
	put_text(name);
	put_text(" ");
	put_hex(bytes, len);
	if (iconv(handle, &from, &len, &to, &room) == (size_t)-1)
		put_text(errno == EINVAL ? " begun" : " wrong");
	else
		iconv(handle, NULL, NULL, &to, &room);
	put_text(" ");
	put_hex(text, (size_t)(to - text));
	put_text("\n");
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		iconv_t handle = iconv_open("UTF-8", argv[i]);
		bool four = strcmp(argv[i], "GB18030") == 0; /* bytes of a character */

		if (handle == (iconv_t)-1) {
			printf("%s is unknown\n", argv[i]);
			continue;
		}
		for (unsigned number = 0; number < 0x10000; number++) {
			const char bytes[] = {(char)(number >> 8), (char)number, '\x30', '\x37'};

			print(handle, argv[i], number < 256 ? bytes + 1 : bytes,
			      number < 256 ? 1 : 2);
			if ((number & 0xFF) == 0xA2 || number >> 8 == 0x8F) {
				print(handle, argv[i], (const char[]){bytes[0], bytes[1], '\xB7'},
				      3);
				print(handle, argv[i], (const char[]){bytes[0], bytes[1], '\xD8'},
				      3);
			}
		}
		for (unsigned number = 0; four && number < 126 * 10 * 126 * 10; number += 7) {
			const char bytes[] = {
				(char)(0x81 + number / 12600), (char)(0x30 + number / 1260 % 10),
				(char)(0x81 + number / 10 % 126), (char)(0x30 + number % 10)};

			print(handle, argv[i], bytes, sizeof(bytes));
		}
		iconv_close(handle);
	}
	return 0;
}
