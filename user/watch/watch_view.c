// SPDX-License-Identifier: GPL-2.0
#include "watch/watch_view.h"

#include <curses.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "watch/view_table.h"
#include "watch/watch_remarks.h"

#define ESCAPE	     27
#define BESIDE	     (1 + VIEW_HEADS + 1 + 1) /* lines: title, heads, total, keys */
#define PAIR_INVALID 1

struct watch_view {
	SCREEN *screen;
	struct view_row *rows; /* rows of the last interval */
	size_t count, chosen, first;
	double seconds;
	unsigned long long lost;
	enum view_sort sort;
	char filter[VIEW_FILTER];
	bool filtering, help, colours;
};

/* Puts a line, cut at the screen's edge. The last line is cut too where it would scroll. */
static void put(int y, attr_t attributes, const char *text)
{
	attrset(attributes);
	mvaddnstr(y, 0, text, COLS);
	attrset(A_NORMAL);
}

static void draw_help(void)
{
	static const char *const lines[] = {
		"q       ends the watch, as Ctrl-C does",  "s       next order:",
		"        bytes sent received copies name", "/       rows with these letters in the",
		"        name; Enter keeps, Esc clears",   "arrows  and Page keys move",
		"?       back; \"n/a\", \"-\": not known",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
		put(1 + i, A_NORMAL, lines[i]);
}

static attr_t invalid(const struct watch_view *view)
{
	return view->colours ? A_BOLD | (attr_t)COLOR_PAIR(PAIR_INVALID) : A_BOLD;
}

static void draw_row(const struct watch_view *view, int y, attr_t attributes,
		     const struct view_row *row)
{
	char text[VIEW_LINE];

	view_row__print(row, COLS, text);
	put(y, row->valid ? attributes : invalid(view), text);
}

static void draw_rows(struct watch_view *view)
{
	size_t room = LINES > BESIDE ? LINES - BESIDE : 0;
	char text[VIEW_LINE];
	struct view_row sum;

	if (view->first + room > view->chosen)
		view->first = view->chosen > room ? view->chosen - room : 0;
	for (int line = 0; line < VIEW_HEADS; line++) {
		view_heads__print(COLS, line, text);
		put(1 + line, A_BOLD, text);
	}
	view_rows__sum(view->rows, view->chosen, &sum);
	draw_row(view, 1 + VIEW_HEADS, A_BOLD, &sum);
	for (size_t i = 0; i < room && view->first + i < view->chosen; i++)
		draw_row(view, 2 + VIEW_HEADS + i, A_NORMAL, &view->rows[view->first + i]);
}

static void draw_title(const struct watch_view *view)
{
	char text[VIEW_LINE], now[16];
	time_t seconds = time(NULL);
	struct tm local;

	strftime(now, sizeof(now), "%H:%M:%S", localtime_r(&seconds, &local));
	snprintf(text, sizeof(text), "%s  %zu of %zu rows, over %.1f s", now, view->chosen,
		 view->count, view->seconds);
	put(0, A_NORMAL, text);
}

static void draw_keys(const struct watch_view *view)
{
	char text[VIEW_LINE];

	if (view->filtering)
		snprintf(text, sizeof(text), "filter: %s_", view->filter);
	else if (view->lost)
		snprintf(text, sizeof(text), "INVALID: %llu events were lost", view->lost);
	else
		snprintf(text, sizeof(text), "q quit  ? help  s sort: %s  / filter%s%s",
			 view_sort_names[view->sort], *view->filter ? ": " : "", view->filter);
	put(LINES - 1, view->lost && !view->filtering ? invalid(view) : A_REVERSE, text);
}

static void draw(struct watch_view *view)
{
	view->chosen = view_rows__choose(view->rows, view->count, view->filter, view->sort);
	erase();
	draw_title(view);
	if (view->help)
		draw_help();
	else
		draw_rows(view);
	draw_keys(view);
	refresh();
}

struct watch_view *watch_view__open(void)
{
	struct watch_view *view = calloc(1, sizeof(*view));

	if (!view)
		return NULL;
	view->screen = newterm(NULL, stdout, stdin);
	if (!view->screen) {
		free(view);
		return NULL;
	}
	cbreak();
	noecho();
	nodelay(stdscr, true);
	keypad(stdscr, true);
	set_escdelay(50);
	curs_set(0);
	view->colours = !getenv("NO_COLOR") && has_colors() && start_color() == OK &&
			use_default_colors() == OK;
	if (view->colours)
		init_pair(PAIR_INVALID, COLOR_RED, -1);
	draw(view);
	return view;
}

int watch_view__show(struct watch_view *view, const struct report *report)
{
	struct view_row *rows = reallocarray(view->rows, report->count + 1, sizeof(*rows));
	char name[VIEW_NAME];

	if (!rows)
		return -ENOMEM;
	view->rows = rows;
	view->count = report->count;
	view->seconds = report->seconds;
	view->lost = report->lost;
	for (size_t i = 0; i < report->count; i++) {
		report__name(report->accounts[i], name, sizeof(name));
		view_row__take(&rows[i], report->accounts[i], report->known,
			       *name ? name : "(no row of its own)");
	}
	draw(view);
	return 0;
}

/* Edits the filter, typed after "/". */
static void edit_filter(struct watch_view *view, int key)
{
	size_t length = strlen(view->filter);

	if (key == '\n' || key == KEY_ENTER || key == ESCAPE)
		view->filtering = false;
	if (key == ESCAPE)
		view->filter[0] = '\0';
	else if ((key == KEY_BACKSPACE || key == 127 || key == '\b') && length)
		view->filter[length - 1] = '\0';
	else if (key >= ' ' && key <= '~' && length + 1 < sizeof(view->filter))
		view->filter[length] = key, view->filter[length + 1] = '\0';
}

static void scroll_by(struct watch_view *view, long by)
{
	long first = (long)view->first + by;

	view->first = first < 0 ? 0 : first; /* draw_rows() limits it to the rows */
}

static void act(struct watch_view *view, int key)
{
	switch (key) {
	case '?':
		view->help = !view->help;
		break;
	case 's':
		view->sort = (view->sort + 1) % SORT_COUNT;
		break;
	case '/':
		view->filtering = true;
		view->filter[0] = '\0';
		break;
	case ESCAPE:
		view->filter[0] = '\0';
		view->help = false;
		break;
	case KEY_DOWN:
		scroll_by(view, 1);
		break;
	case KEY_UP:
		scroll_by(view, -1);
		break;
	case KEY_NPAGE:
		scroll_by(view, LINES - BESIDE);
		break;
	case KEY_PPAGE:
		scroll_by(view, BESIDE - LINES);
		break;
	}
}

bool watch_view__keys(struct watch_view *view)
{
	bool pressed = false;
	int key;

	while ((key = getch()) != ERR) {
		pressed = true;
		if (view->filtering)
			edit_filter(view, key);
		else if (key == 'q')
			return true;
		else
			act(view, key);
	}
	if (pressed)
		draw(view);
	return false;
}

void watch_view__close(struct watch_view *view)
{
	if (!view)
		return;
	endwin();
	delscreen(view->screen);
	free(view->rows);
	free(view);
}
