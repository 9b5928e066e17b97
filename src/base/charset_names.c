/* SPDX-License-Identifier: Apache-2.0 */
/*
 * charset_names.c - maps Java's names of character sets to those of iconv
 *
 * Other names go to iconv unchanged. All sets were compared with Java 17 byte by byte: the
 * single-byte sets agree completely; the others differ only in a few symbols and in the characters
 * for private use.
 */
#include "charset_decode.h"

#include <string.h>

#define UNICODE(kind, le, mark, names) {CHARSET_##kind, le, CHARSET_MARK_##mark, NULL, names}
#define SINGLE(iconv, names) {CHARSET_SINGLE, false, CHARSET_MARK_TEXT, iconv, names}
#define MULTIBYTE(iconv, names) {CHARSET_MULTIBYTE, false, CHARSET_MARK_TEXT, iconv, names}
#define OTHER(iconv, names) {CHARSET_ICONV, false, CHARSET_MARK_TEXT, iconv, names}

static const struct charset charsets[] = {
	UNICODE(UTF8, false, TEXT, "UTF-8 UTF8 unicode-1-1-utf-8"),
	UNICODE(UTF16, false, DECIDES, "UTF-16 UTF_16 UTF16 unicode UnicodeBig"),
	UNICODE(UTF16, false, TEXT,
                "UTF-16BE UTF_16BE X-UTF-16BE UnicodeBigUnmarked ISO-10646-UCS-2"),
	UNICODE(UTF16, true, TEXT, "UTF-16LE UTF_16LE X-UTF-16LE UnicodeLittleUnmarked"),
	UNICODE(UTF16, true, DECIDES, "x-UTF-16LE-BOM UnicodeLittle"),
	UNICODE(UTF32, false, DECIDES, "UTF-32 UTF_32 UTF32"),
	UNICODE(UTF32, false, SWALLOWED, "UTF-32BE UTF_32BE X-UTF-32BE"),
	UNICODE(UTF32, true, SWALLOWED, "UTF-32LE UTF_32LE X-UTF-32LE"),
	UNICODE(ASCII, false, TEXT,
                "US-ASCII ASCII ANSI_X3.4-1968 ANSI_X3.4-1986 ISO646-US ISO_646.irv:1991 "
                "iso_646.irv:1983 iso-ir-6 646 ascii7 us IBM367 cp367 csASCII default"),
	SINGLE(NULL, "ISO-8859-1 ISO8859-1 ISO8859_1 ISO_8859-1 ISO_8859_1 ISO_8859-1:1987 8859_1 "
                     "latin1 l1 iso-ir-100 819 IBM819 IBM-819 cp819 csISOLatin1"),
	SINGLE("ISO-8859-2", "ISO-8859-2 ISO8859-2 iso8859_2 8859_2 912 ibm-912 latin2 l2"),
	SINGLE("ISO-8859-3", "ISO-8859-3 ISO8859-3 iso8859_3 8859_3 913 ibm-913 latin3 l3"),
	SINGLE("ISO-8859-4", "ISO-8859-4 iso8859-4 iso8859_4 8859_4 914 ibm-914 latin4 l4"),
	SINGLE("ISO-8859-5", "ISO-8859-5 ISO8859-5 iso8859_5 8859_5 915 ibm-915 cyrillic"),
	SINGLE("ISO-8859-6", "ISO-8859-6 ISO8859-6 iso8859_6 8859_6 1089 ibm-1089 arabic"),
	SINGLE("ISO-8859-7", "ISO-8859-7 iso8859-7 iso8859_7 8859_7 813 ibm-813 greek"),
	SINGLE("ISO-8859-8", "ISO-8859-8 ISO8859-8 iso8859_8 8859_8 916 ibm-916 hebrew"),
	SINGLE("ISO-8859-9", "ISO-8859-9 ISO8859-9 iso8859_9 8859_9 920 ibm-920 latin5 l5"),
	SINGLE("ISO-8859-11", "x-iso-8859-11 iso-8859-11 iso8859_11"),
	SINGLE("ISO-8859-13", "ISO-8859-13 ISO8859-13 iso8859_13 iso_8859-13 8859_13"),
	SINGLE("ISO-8859-15",
               "ISO-8859-15 ISO8859-15 ISO8859_15 ISO_8859-15 ISO8859_15_FDIS 8859_15 Latin-9 "
               "LATIN9 L9 LATIN0 923 IBM923 IBM-923 cp923 csISO885915 csISOlatin0 csISOlatin9"),
	SINGLE("ISO-8859-16", "ISO-8859-16 ISO8859_16 ISO_8859-16 latin10 l10 csISO885916"),
	SINGLE("CP1250", "windows-1250 cp1250 cp5346"),
	SINGLE("CP1251", "windows-1251 cp1251 cp5347 ansi-1251"),
	SINGLE("CP1252", "windows-1252 cp1252 cp5348 ibm-1252 ibm1252"),
	SINGLE("CP1253", "windows-1253 cp1253 cp5349"),
	SINGLE("CP1254", "windows-1254 cp1254 cp5350"),
	SINGLE("CP1255", "windows-1255 cp1255"),
	SINGLE("CP1256", "windows-1256 cp1256"),
	SINGLE("CP1257", "windows-1257 cp1257 cp5353"),
	SINGLE("CP1258", "windows-1258 cp1258"),
	SINGLE("CP874", "x-windows-874 windows-874 ms874 ms-874"),
	SINGLE("KOI8-R", "KOI8-R koi8_r koi8 cskoi8r"),
	SINGLE("KOI8-U", "KOI8-U koi8_u"),
	SINGLE("IBM437", "IBM437 ibm-437 cp437 437 windows-437 cspc8codepage437"),
	SINGLE("CP737", "x-IBM737 ibm737 ibm-737 cp737 737"),
	SINGLE("CP775", "IBM775 ibm-775 cp775 775"),
	SINGLE("IBM850", "IBM850 ibm-850 cp850 850 cspc850multilingual"),
	SINGLE("IBM852", "IBM852 ibm-852 cp852 852 csPCp852"),
	SINGLE("IBM855", "IBM855 ibm-855 cp855 855 cspcp855"),
	SINGLE("IBM857", "IBM857 ibm-857 cp857 857 csIBM857"),
	SINGLE("IBM858", "IBM00858 ibm858 ibm-858 cp858 cp00858 ccsid00858 858 "
                         "PC-Multilingual-850+euro"),
	SINGLE("IBM860", "IBM860 ibm-860 cp860 860 csIBM860"),
	SINGLE("IBM861", "IBM861 ibm-861 cp861 861 cp-is csIBM861"),
	SINGLE("IBM862", "IBM862 ibm-862 cp862 862 csIBM862 cspc862latinhebrew"),
	SINGLE("IBM863", "IBM863 ibm-863 cp863 863 csIBM863"),
	SINGLE("IBM864", "IBM864 ibm-864 cp864 864 csIBM864"),
	SINGLE("IBM865", "IBM865 ibm-865 cp865 865 csIBM865"),
	SINGLE("IBM866", "IBM866 ibm-866 cp866 866 csIBM866"),
	SINGLE("IBM869", "IBM869 ibm-869 cp869 869 cp-gr csIBM869"),
	MULTIBYTE("SHIFT_JIS", "Shift_JIS shift-jis sjis x-sjis ms_kanji csShiftJIS"),
	MULTIBYTE("CP932", "windows-31j MS932 windows-932 csWindows31J"),
	MULTIBYTE("EUC-JP", "EUC-JP euc_jp eucjp eucjis x-euc-jp x-eucjp csEUCPkdFmtjapanese "
                            "Extended_UNIX_Code_Packed_Format_for_Japanese"),
	MULTIBYTE("EUC-KR", "EUC-KR euc_kr euckr ksc5601 ksc_5601 ks_c_5601-1987 ksc5601-1987 "
                            "ksc5601_1987 5601 csEUCKR"),
	MULTIBYTE("CP949", "x-windows-949 windows-949 windows949 ms949 ms_949"),
	MULTIBYTE("JOHAB", "x-Johab johab ms1361 ksc5601-1992 ksc5601_1992"),
	MULTIBYTE("BIG5", "Big5 csBig5"),
	MULTIBYTE("CP950", "x-windows-950 windows-950 ms950"),
	MULTIBYTE("BIG5-HKSCS", "Big5-HKSCS Big5_HKSCS big5hk big5hkscs"),
	MULTIBYTE("EUC-TW", "x-EUC-TW EUC-TW euc_tw euctw cns11643"),
	MULTIBYTE("GB18030", "GB18030 gb18030-2022"),
	MULTIBYTE("GBK", "GBK CP936 windows-936"),
	MULTIBYTE("EUC-CN", "GB2312 gb2312-80 gb2312-1980 EUC_CN euc-cn euccn x-EUC-CN"),
	OTHER("GBK", "x-mswin-936 ms936 ms_936"),
	OTHER("ISO-2022-JP", "ISO-2022-JP iso2022jp jis jis_encoding csjisencoding csISO2022JP"),
};

const struct charset *charset_find(const char *name)
{
	for (size_t i = 0; i < COUNT(charsets); i++) {
		struct str names = str_of(charsets[i].names);

		while (names.len > 0)
			if (str_eq_nocase(str_cut(&names, ' '), str_of(name)))
				return &charsets[i];
	}
	return NULL;
}

static bool is_letter_or_digit(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool charset_is_legal_name(const char *name)
{
	for (size_t i = 0; name[i]; i++)
		if (!is_letter_or_digit(name[i]) && (i == 0 || strchr("-+:_.", name[i]) == NULL))
			return false;
	return name[0] != '\0';
}
