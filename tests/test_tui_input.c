/* SPDX-License-Identifier: MIT */
#include "tests/check_main.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/tui/commands.h"
#include "clients/tui/input.h"

/* What bytes mean, events separated by blanks, so that a whole table of them can be read at a glance. */
static void describe(const struct event *event, char *out, size_t size)
{
	static const char *const buttons[] = {"left", "middle", "right", "none", "wheelup", "wheeldown", "other"};
	char key[KEY_TEXT_MAX];

	switch (event->kind) {
	case EVENT_NONE:
		snprintf(out, size, "skipped");
		break;
	case EVENT_KEY:
		snprintf(out, size, "%s", key_text(event->key, event->mods, key));
		break;
	case EVENT_MOUSE:
		snprintf(out, size, "%s%s%s@%d,%d", buttons[event->button], event->press ? "+" : "-",
			 event->drag ? "drag" : "", event->row, event->col);
		break;
	case EVENT_PASTE:
		snprintf(out, size, "paste:%s", key_text(event->key, 0, key));
		break;
	case EVENT_PASTE_END:
		snprintf(out, size, "pasted");
		break;
	case EVENT_FOCUS:
		snprintf(out, size, event->press ? "focus" : "blur");
		break;
	case EVENT_BACKGROUND:
		snprintf(out, size, "bg:%04x/%04x/%04x", event->color[0], event->color[1], event->color[2]);
		break;
	case EVENT_MODE:
		snprintf(out, size, "mode:%d=%d", event->row, event->col);
		break;
	case EVENT_CURSOR:
		snprintf(out, size, "cursor:%d,%d", event->row, event->col);
		break;
	}
}

static const struct input_string strings[] = {{"\033OZ", K_F1 + 6}, {"\033[15^", K_F1 + 4}, {NULL, 0}};

static void drain(struct input *input, bool expired, char *out, size_t size)
{
	struct event event;

	while (input_next(input, expired, &event)) {
		size_t used = strlen(out);

		if (event.kind == EVENT_NONE)
			continue; /* where bytes are skipped depends on how they came */
		if (used > 0 && used + 1 < size)
			out[used++] = ' ';
		describe(&event, out + used, size - used);
	}
}

static const struct sample {
	const char *bytes;
	size_t length; /* 0: as a string */
	const char *events;
} samples[] = {
	{"qQ?/", 0, "q Q ? /"},
	{"\r\n\t \x7f\x08", 0, "Enter Enter Tab Space Backspace Backspace"},
	{"\x03\x0c\x1a\x12\x15", 0, "^C ^L ^Z ^R ^U"},
	{"\0", 1, "^Space"},
	{"\033[A\033[B\033[C\033[D\033OA\033OB\033OC\033OD", 0, "↑ ↓ → ← ↑ ↓ → ←"},
	{"\033[H\033[F\033OH\033OF\033[1~\033[4~\033[7~\033[8~", 0, "Home End Home End Home End Home End"},
	{"\033[5~\033[6~\033[2~\033[3~", 0, "PgUp PgDn Ins Del"},
	{"\033OP\033[11~\033[[A\033[15~\033[24~\033[P", 0, "F1 F1 F1 F5 F12 F1"},
	{"\033[Z", 0, "Shift-Tab"},
	{"\033[1;5A\033[1;2B\033[1;3C\033[3;5~", 0, "^↑ Shift-↓ Alt-→ ^Del"},
	{"\033[97;5u\033[27;5;98~\033[113u", 0, "^A ^B q"},
	{"\033OZ\033[15^", 0, "F7 F5"},
	{"\033x\033\xc3\xa9", 0, "Alt-x Alt-é"},
	{"\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80", 0, "é 中 😀"},
	{"a\xff"
	 "b\xc3"
	 "c",
	 0, "a b c"},
	{"\033[<0;1;1M\033[<0;223;10m\033[<0;224;11M\033[<0;500;12M", 0,
	 "left+@0,0 left-@9,222 left+@10,223 left+@11,499"},
	{"\033[<64;5;6M\033[<65;5;6M\033[<32;5;6M\033[<35;5;6M\033[<2;5;6M", 0,
	 "wheelup+@5,4 wheeldown+@5,4 left+drag@5,4 none+drag@5,4 right+@5,4"},
	{"\033[<128;5;6M\033[<66;5;6M\033[<0;0;6M", 0, "other+@5,4 other+@5,4"},
	{"\033[M !!\033[M#!!", 0, "left+@0,0 none-@0,0"},
	{"\033[I\033[O", 0, "focus blur"},
	{"\033[200~a\nb\033[C\033[201~c", 0, "paste:a paste:\n paste:b paste:Esc paste:[ paste:C pasted c"},
	{"\033[200~\033[20\033[201~", 0, "paste:Esc paste:[ paste:2 paste:0 pasted"},
	{"\033]11;rgb:1e1e/1e1e/1e1e\033\\x", 0, "bg:1e1e/1e1e/1e1e x"},
	{"\033]11;rgb:ff/80/00\007x", 0, "bg:ffff/8080/0000 x"},
	{"\033]11;rgba:1/2/3/4\007x", 0, "bg:1111/2222/3333 x"},
	{"\033]11;nonsense\033\\x\033]52;c;aaaa\007y", 0, "x y"},
	{"\033]11;rgb:zz/\007\033]11;\007\033]\007z", 0, "z"},
	{"\033[?2026;2$y\033[?2026;0$y", 0, "mode:2026=2 mode:2026=0"},
	{"\033[1;3R", 0, "cursor:0,2"},
	{"\033P1$r0m\033\\q\033_hello\033\\r", 0, "q r"},
	{"\033[?1;2c\033[>0;276;0cq", 0, "q"},
	{"\033[1;2;3;4;5;6;7;8;9;10;11;12~k\033[999999999999~k", 0, "Shift-Home k k"},
};

static size_t sample_length(const struct sample *sample)
{
	return sample->length ? sample->length : strlen(sample->bytes);
}

/* Feed in two pieces, cut at `cut`. */
static void decode(const struct sample *sample, size_t cut, char *out, size_t size)
{
	struct input *input = calloc(1, sizeof *input);

	ck_assert_ptr_nonnull(input);
	input->strings = strings;
	out[0] = '\0';
	ck_assert_uint_eq(input_feed(input, sample->bytes, cut), cut);
	drain(input, false, out, size);
	ck_assert_uint_eq(input_feed(input, sample->bytes + cut, sample_length(sample) - cut),
			  sample_length(sample) - cut);
	drain(input, false, out, size);
	drain(input, true, out, size);
	ck_assert_uint_eq(input->length, 0);
	free(input);
}

START_TEST(test_bytes_become_events_wherever_they_are_split)
{
	const struct sample *sample = &samples[_i];
	char whole[1024], split[1024];

	decode(sample, sample_length(sample), whole, sizeof whole);
	ck_assert_str_eq(whole, sample->events);
	for (size_t cut = 0; cut < sample_length(sample); cut++) {
		decode(sample, cut, split, sizeof split);
		ck_assert_msg(strcmp(split, sample->events) == 0, "split at %zu: \"%s\", not \"%s\"", cut, split,
			      sample->events);
	}
}
END_TEST

START_TEST(test_a_lone_escape_is_a_key_when_its_time_is_over)
{
	static const struct {
		const char *bytes;
		const char *events;
	} alone[] = {
		{"\033", "Esc"}, {"\033[", "Alt-["}, {"\033O", "Alt-O"}, {"\033]", "Alt-]"}, {"\033\033", "Esc Esc"}};
	struct input input = {.length = 0};
	char out[256];

	for (size_t i = 0; i < sizeof alone / sizeof *alone; i++) {
		out[0] = '\0';
		input_feed(&input, alone[i].bytes, strlen(alone[i].bytes));
		if (alone[i].bytes[1] != '\033') {
			drain(&input, false, out, sizeof out);
			ck_assert_str_eq(out, "");
			ck_assert(input_waits(&input));
		}
		drain(&input, true, out, sizeof out);
		ck_assert_str_eq(out, alone[i].events);
		ck_assert(!input_waits(&input));
	}
}
END_TEST

/* An answer that comes in pieces over a slow link is no typing. */
START_TEST(test_the_beginning_of_an_answer_waits_for_its_end)
{
	struct input input = {.length = 0};
	char out[256] = "";

	input_feed(&input, "\033]11;rgb:1e", 11);
	drain(&input, true, out, sizeof out);
	ck_assert_str_eq(out, "");
	input_feed(&input, "1e/1e1e/1e1e\033\\", 14);
	drain(&input, false, out, sizeof out);
	ck_assert_str_eq(out, "bg:1e1e/1e1e/1e1e");
}
END_TEST

START_TEST(test_a_sequence_without_end_takes_bounded_space)
{
	struct input input = {.length = 0};
	char noise[INPUT_MAX], out[256] = "";
	struct event event;

	memset(noise, 'x', sizeof noise);
	input_feed(&input, "\033]", 2);
	for (int i = 0; i < 10; i++) {
		input_feed(&input, noise, sizeof noise);
		while (input_next(&input, false, &event) && input.length > 64)
			;
	}
	input.length = 0;
	input_feed(&input, "q", 1);
	drain(&input, true, out, sizeof out);
	ck_assert_str_eq(out, "q");
}
END_TEST

START_TEST(test_any_bytes_end_in_events_or_nothing)
{
	unsigned seed = 12345;
	struct input input = {.strings = strings};
	struct event event;

	for (int round = 0; round < 20000; round++) {
		static const char alphabet[] = "\033\033\033[[]O?<;$0129MmRu~yAZPX_^\\\007\rq\xc3\xa9\xff";
		char bytes[8];

		for (size_t i = 0; i < sizeof bytes; i++) {
			seed = seed * 1103515245 + 12345;
			bytes[i] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
		}
		input_feed(&input, bytes, sizeof bytes);
		while (input_next(&input, round % 3 == 0, &event)) {
			ck_assert_int_ge(event.row, 0);
			ck_assert_uint_lt(event.mods, 8);
		}
	}
}
END_TEST

START_TEST(test_keys_can_be_written_and_read)
{
	static const char *const names[] = {"q",  "Q",   "C-f",   "S-Tab", "Up",  "Down", "PgUp", "PgDn", "Home", "End",
					    "F1", "F12", "Space", "Enter", "Esc", "?",    "{",    "-",    "C-Up", "é"};
	uint32_t key;
	unsigned mods;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		ck_assert_msg(key_parse(names[i], strlen(names[i]), &key, &mods), "%s", names[i]);
	ck_assert(!key_parse("", 0, &key, &mods));
	ck_assert(!key_parse("Nokey", 5, &key, &mods));
	ck_assert(!key_parse("F13", 3, &key, &mods));
	ck_assert(key_parse("C-f", 3, &key, &mods));
	ck_assert_uint_eq(key, 'f');
	ck_assert_uint_eq(mods, MOD_CTRL);
}
END_TEST

Suite *test_suite(void)
{
	Suite *suite = suite_create("tui_input");
	TCase *tcase = tcase_create("decoder");

	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(tcase, test_bytes_become_events_wherever_they_are_split, 0,
			    (int)(sizeof samples / sizeof *samples));
	tcase_add_test(tcase, test_a_lone_escape_is_a_key_when_its_time_is_over);
	tcase_add_test(tcase, test_the_beginning_of_an_answer_waits_for_its_end);
	tcase_add_test(tcase, test_a_sequence_without_end_takes_bounded_space);
	tcase_add_test(tcase, test_any_bytes_end_in_events_or_nothing);
	tcase_add_test(tcase, test_keys_can_be_written_and_read);
	suite_add_tcase(suite, tcase);
	return suite;
}
