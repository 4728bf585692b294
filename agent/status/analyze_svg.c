/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A boot drawn: one bar a span, a line at user Docker.
 */
#include <string.h>

#include "agent/status/analyze.h"

#define LEFT 10
#define TOP 44
#define ROW 18
/* Pixels of the time line: a short boot is not drawn out, a long one is drawn closer. */
#define SECOND_MOST 110
#define WIDTH_MOST 1000
#define LABEL 260

static double second(const struct analyze *a)
{
	double all = (double)a->last / 1e6;

	return all * SECOND_MOST > WIDTH_MOST ? WIDTH_MOST / all : SECOND_MOST;
}

static double at(const struct analyze *a, uint64_t usec)
{
	return LEFT + (double)usec / 1e6 * second(a);
}

/* Seconds between two lines of the grid: so many that their labels have room. */
static uint64_t grid_step(const struct analyze *a)
{
	static const uint64_t steps[] = { 1, 2, 5, 10, 20, 60, 300 };
	size_t i = 0;

	while (i + 1 < ARRAY_LEN(steps) && (double)steps[i] * second(a) < 40)
		i++;
	return steps[i];
}

static void add_text(struct buf *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			buf_str(out, "&lt;");
			break;
		case '>':
			buf_str(out, "&gt;");
			break;
		case '&':
			buf_str(out, "&amp;");
			break;
		default:
			if ((unsigned char)*text >= ' ')
				buf_char(out, *text);
		}
	}
}

static bool in_chain(const struct analyze *a, const struct events_span *s)
{
	for (size_t i = 0; i < a->n_chain; i++)
		if (a->chain[i] == s)
			return true;
	return false;
}

static const char *class_of(const struct analyze *a, const struct events_span *s)
{
	if (s->failed)
		return "failed";
	return in_chain(a, s) ? "chain" : events_span_kind_name(s->kind);
}

static void add_span(const struct analyze *a, const struct events_span *s, size_t row,
		     struct buf *out)
{
	double x = at(a, s->begin), width = s->end ? at(a, s->end) - x : 2;
	double y = TOP + (double)row * ROW;

	buf_fmt(out,
		"<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\"/>"
		"<text x=\"%.1f\" y=\"%.1f\">",
		class_of(a, s), x, y, width < 1 ? 1 : width, ROW - 4,
		x + (width < 1 ? 1 : width) + 4, y + ROW - 7);
	add_text(out, s->unit);
	if (s->end)
		buf_fmt(out, " %.0f ms", (double)(s->end - s->begin) / 1e3);
	buf_str(out, "</text>\n");
}

static void add_grid(const struct analyze *a, double height, struct buf *out)
{
	uint64_t step = grid_step(a);

	for (uint64_t s = 0; s * 1000000 <= a->last + 999999; s += step) {
		double x = at(a, s * 1000000);

		buf_fmt(out, "<line class=\"grid\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%.1f\"/>"
			"<text x=\"%.1f\" y=\"%d\">%d s</text>\n", x, TOP - 6, x, height, x + 2,
			TOP - 10, (int)s);
	}
	if (a->goal)
		buf_fmt(out,
			"<line class=\"goal\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%.1f\"/>\n",
			at(a, a->goal), TOP - 6, at(a, a->goal), height);
}

void analyze_svg(const struct analyze *a, struct buf *out)
{
	double width = at(a, a->last) + LABEL, height = TOP + (double)a->spans.n * ROW + 10;

	buf_fmt(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
		"font-family=\"sans-serif\" font-size=\"11\">\n<style>.step{fill:#4a78b5}"
		".daemon{fill:#5a9e6f}.service{fill:#8d7bb8}.chain{fill:#d9822b}.failed{fill:#"
		"c0392b}"
		".grid{stroke:#ddd}.goal{stroke:#c0392b;stroke-dasharray:4 3}</style>\n"
		"<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
		width, height);
	buf_fmt(out, "<text x=\"%d\" y=\"16\" font-size=\"13\">", LEFT);
	add_text(out, a->boot);
	if (a->goal)
		buf_fmt(out, ": user Docker after %.3f s", (double)a->goal / 1e6);
	buf_str(out, "</text>\n");
	add_grid(a, height, out);
	for (size_t i = 0; i < a->spans.n; i++)
		add_span(a, &a->spans.all[i], i, out);
	buf_str(out, "</svg>\n");
}
