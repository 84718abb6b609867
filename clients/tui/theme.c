/* SPDX-License-Identifier: MIT */
#include "clients/tui/theme.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

enum { BLACK, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE };

#define OWN (-1)
#define B   STYLE_BOLD
#define U   STYLE_UNDERLINE
#define R   STYLE_REVERSE

static const char *const words[THEME_COUNT] = {"auto", "dark", "light", "contrast", "none"};

/* A row a role: its look in each theme. */
static const struct look looks[ROLE_COUNT][THEME_COUNT] = {
	/* the sixteen, dark, light, contrast, no colour */
	[ROLE_TEXT] = {{OWN, OWN, 0}, {OWN, OWN, 0}, {OWN, OWN, 0}, {OWN, OWN, 0}, {OWN, OWN, 0}},
	[ROLE_DIM] = {{OWN, OWN, 0}, {247, OWN, 0}, {241, OWN, 0}, {OWN, OWN, 0}, {OWN, OWN, 0}},
	[ROLE_OK] = {{CYAN, OWN, 0}, {79, OWN, 0}, {23, OWN, 0}, {CYAN, OWN, B}, {OWN, OWN, 0}},
	[ROLE_BUSY] = {{BLUE, OWN, B}, {117, OWN, 0}, {25, OWN, 0}, {OWN, OWN, B}, {OWN, OWN, B}},
	[ROLE_WARN] = {{OWN, OWN, B}, {221, OWN, 0}, {94, OWN, 0}, {YELLOW, OWN, B}, {OWN, OWN, B}},
	[ROLE_BAD] = {{RED, OWN, B}, {209, OWN, B}, {124, OWN, B}, {OWN, OWN, B}, {OWN, OWN, B}},
	[ROLE_BAD_WORD] = {{RED, OWN, B}, {209, OWN, B}, {124, OWN, B}, {OWN, OWN, B | R}, {OWN, OWN, B | R}},
	[ROLE_UNSURE] = {{OWN, OWN, B}, {221, OWN, 0}, {94, OWN, 0}, {OWN, OWN, U}, {OWN, OWN, U}},
	[ROLE_ACCENT] = {{MAGENTA, OWN, B}, {147, OWN, B}, {54, OWN, B}, {OWN, OWN, B}, {OWN, OWN, B}},
	[ROLE_LINK] = {{MAGENTA, OWN, U}, {147, OWN, U}, {54, OWN, U}, {OWN, OWN, U}, {OWN, OWN, U}},
	[ROLE_MATCH] = {{OWN, OWN, R}, {16, 221, 0}, {16, 222, 0}, {OWN, OWN, R}, {OWN, OWN, U}},
	[ROLE_MATCH_HERE] = {{OWN, OWN, R | B}, {16, 209, B}, {231, 124, B}, {OWN, OWN, R | B}, {OWN, OWN, R | B}},
	[ROLE_BANNER_WARN] = {{OWN, OWN, R | B}, {221, OWN, R}, {94, OWN, R}, {OWN, OWN, R | B}, {OWN, OWN, R}},
	[ROLE_BANNER_BAD] = {{RED, OWN, R | B}, {209, OWN, R | B}, {124, OWN, R | B}, {OWN, OWN, R | B}, {OWN, OWN, R}},
	[ROLE_RULE] = {{OWN, OWN, 0}, {240, OWN, 0}, {250, OWN, 0}, {OWN, OWN, 0}, {OWN, OWN, 0}},
	[ROLE_NAME0 + 0] = {{CYAN, OWN, 0}, {80, OWN, 0}, {24, OWN, 0}, {OWN, OWN, B}, {OWN, OWN, B}},
	[ROLE_NAME0 + 1] = {{MAGENTA, OWN, 0}, {180, OWN, 0}, {94, OWN, 0}, {OWN, OWN, 0}, {OWN, OWN, 0}},
	[ROLE_NAME0 + 2] = {{BLUE, OWN, 0}, {141, OWN, 0}, {91, OWN, 0}, {OWN, OWN, B}, {OWN, OWN, B}},
	[ROLE_NAME0 + 3] = {{GREEN, OWN, 0}, {114, OWN, 0}, {28, OWN, 0}, {OWN, OWN, 0}, {OWN, OWN, 0}},
	[ROLE_NAME0 + 4] = {{CYAN, OWN, B}, {216, OWN, 0}, {130, OWN, 0}, {OWN, OWN, B}, {OWN, OWN, B}},
	[ROLE_NAME0 + 5] = {{MAGENTA, OWN, B}, {111, OWN, 0}, {25, OWN, 0}, {OWN, OWN, 0}, {OWN, OWN, 0}},
	[ROLE_NAME0 + 6] = {{BLUE, OWN, B}, {186, OWN, 0}, {58, OWN, 0}, {OWN, OWN, B}, {OWN, OWN, B}},
	[ROLE_NAME0 + 7] = {{GREEN, OWN, B}, {176, OWN, 0}, {126, OWN, 0}, {OWN, OWN, 0}, {OWN, OWN, 0}},
};

int theme_parse(const char *word, enum theme *out)
{
	for (unsigned i = 0; i < THEME_COUNT; i++)
		if (strcmp(words[i], word) == 0) {
			*out = (enum theme)i;
			return 0;
		}
	return -EINVAL;
}

const char *theme_word(enum theme theme)
{
	return words[theme];
}

/* The bar: a tint where there are enough colours; else reversed, in one colour, so that it stays one bar. */
static void lay_bar(enum theme theme, uint32_t style, struct look *look)
{
	bool focused = (style & STYLE_BAR) != 0;

	if (theme == THEME_DARK || theme == THEME_LIGHT) {
		if (look->bg == OWN)
			look->bg = theme == THEME_DARK ? (focused ? 237 : 235) : (focused ? 254 : 255);
		look->attributes |= focused ? B : 0;
		return;
	}
	if (focused)
		*look = (struct look){OWN, OWN, (uint16_t)((look->attributes & (B | U)) | R)};
	else
		look->attributes |= U;
}

struct look theme_look(enum theme theme, int colors, uint32_t style)
{
	uint32_t role = style & STYLE_ROLE;
	struct look look;

	if (colors < 8)
		theme = THEME_NONE;
	else if (colors < 256 && (theme == THEME_DARK || theme == THEME_LIGHT))
		theme = THEME_AUTO;
	look = looks[role < ROLE_COUNT ? role : ROLE_TEXT][theme];
	if (theme != THEME_NONE && theme != THEME_CONTRAST) {
		if (style & STYLE_HAS_FG && (int)(style >> 16 & 0xff) < colors)
			look.fg = (int16_t)(style >> 16 & 0xff);
		if (style & STYLE_HAS_BG && (int)(style >> 24) < colors)
			look.bg = (int16_t)(style >> 24);
	}
	look.attributes |= style & (STYLE_BOLD | STYLE_UNDERLINE | STYLE_REVERSE | STYLE_ITALIC);
	if (style & (STYLE_BAR | STYLE_BAR_IDLE))
		lay_bar(theme, style, &look);
	return look;
}

enum role theme_name_role(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	return (enum role)(ROLE_NAME0 + (hash ^ hash >> 16) % 8);
}

bool theme_is_dark(unsigned red, unsigned green, unsigned blue)
{
	return 299u * red + 587u * green + 114u * blue < 1000u * 0x8000u;
}
