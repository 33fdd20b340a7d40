/* form_html: one page that stands alone: no script, no resource from elsewhere (its CSP says so), every text escaped.
 *
 * The week is a CSS grid whose rows are the stretches between the times that occur, at least as tall as they are long;
 * each day is a section with a heading and an ordered list of its blocks, so that readers without sight and narrow
 * screens get a list by day.
 */
#include "base/markup.h"
#include "form_week.h"
#include "form_words.h"
#include "form_writers.h"

#include <stdlib.h>
#include <string.h>

enum {
    HUES = 24,         /* colours that names are told apart by */
    ROW_PX_LEAST = 4,  /* of a stretch, however short */
    ROW_PX_MOST = 72,  /* of a stretch, however long: an empty afternoon is no picture */
    BLOCKS_SHOWN = 12, /* named behind a check; more are a list that nobody reads */
    LANE_WIDTH = 10,   /* of a day with one lane, in shares of the sheet's width */
    LANES_MOST = 8,    /* blocks side by side in a day; more lie below one another in the last lane */
};

static const char style[] =
    ":root{--px:1px;color-scheme:light "
    "dark;--paper:#fbfaf8;--ink:#1d1d22;--dim:#6b6b76;--line:#e4e2dd;--card:#fff;--sat:75%;--tint:93%;--soft:72%;"
    "--edge:52%;--warn:#9a5b00;--warnbg:#fff3dc;--good:#1c7245;--goodbg:#e2f5ea;--bad:#b3261e;--badbg:#fde7e5}"
    "@media(prefers-color-scheme:dark){:root{--paper:#16161a;--ink:#ececf1;--dim:#9b9ba8;--line:#2e2e36;--card:#1d1d22;"
    "--sat:34%;--tint:21%;"
    "--soft:34%;--edge:58%;--warn:#ffc163;--warnbg:#3a2a0c;--good:#6fd69b;--goodbg:#12301f;--bad:#ff8a80;--badbg:#"
    "3b1614}}"
    "*{box-sizing:border-box}"
    "body{margin:0 auto;max-width:90rem;padding:2rem clamp(1rem,3vw,3rem);background:var(--paper);color:var(--ink);"
    "font:.94rem/1.4 system-ui,-apple-system,'Segoe UI',Roboto,'Noto Sans','DejaVu Sans',sans-serif}"
    "h1{font-size:1.7rem;line-height:1.2;margin:0;letter-spacing:-.01em;overflow-wrap:anywhere}"
    "h2{font-size:1.15rem;margin:2rem 0 "
    ".75rem;overflow-wrap:anywhere}h3{font-size:.95rem;margin:0}p,ul,ol{margin:0;padding:0}"
    ".facts{display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;margin:.6rem 0 0;color:var(--dim)}"
    ".chip{border-radius:99px;padding:.15rem .7rem;font-weight:600}"
    ".completed{color:var(--good);background:var(--goodbg)}.needs_review{color:var(--warn);background:var(--warnbg)}"
    ".failed{color:var(--bad);background:var(--badbg)}"
    ".day{margin:0 0 1.25rem}.day>h3{padding:.45rem .6rem}.day>ol{list-style:none;display:grid;gap:4px}"
    ".times{display:none}"
    ".block{position:relative;min-width:0;overflow-wrap:anywhere;border-radius:6px;padding:.3rem .55rem .35rem .65rem;"
    "background:hsl(var(--h) var(--sat) var(--tint));border:1px solid hsl(var(--h) 45% var(--soft) / .55);"
    "border-left:4px solid hsl(var(--h) 60% var(--edge))}"
    ".block "
    ".time{font-size:.78rem;color:var(--dim);font-variant-numeric:tabular-nums;display:flex;flex-wrap:wrap;column-gap:."
    "5rem;"
    "justify-content:space-between}"
    ".block .time span{overflow-wrap:normal}.block .name{font-weight:600;line-height:1.25}.block "
    ".notes{font-size:.85rem;color:var(--dim);line-height:1.3}"
    ".block .turn{font-size:.78rem;font-weight:600;color:var(--dim)}"
    ".guess{text-decoration:underline dotted 1px;text-underline-offset:3px}"
    ".sure{opacity:.75}.unsure{outline:2px dashed var(--warn);outline-offset:-2px}"
    ".unsure .sure{opacity:1;color:var(--warn);font-weight:700}"
    ".checks{list-style:none;display:grid;gap:.4rem}.checks li{padding:.45rem "
    ".8rem;border-radius:6px;background:var(--card);"
    "border:1px solid var(--line);overflow-wrap:anywhere}"
    ".checks b{margin-right:.4rem}.checks .warning b{color:var(--warn)}.checks .error b{color:var(--bad)}.checks "
    "span{color:var(--dim)}"
    "footer{margin-top:2rem;color:var(--dim);font-size:.85rem;overflow-wrap:anywhere}"
    "@supports(grid-template-rows:subgrid){@media(min-width:46rem),print{"
    ".week{display:grid;border:1px solid var(--line);border-radius:10px;overflow:hidden;background:var(--card)}"
    ".times{display:grid;grid-column:1;grid-row:2/-1;grid-template-rows:subgrid;list-style:none;padding:0 .6rem;"
    "font-size:.8rem;color:var(--dim);font-variant-numeric:tabular-nums;text-align:right}"
    ".times li{padding-top:.25rem;line-height:1.1}.times .ends{opacity:.6}"
    ".line{grid-column:1/-1;border-top:1px solid var(--line)}"
    ".day{display:grid;margin:0;grid-row:1/-1;grid-template-rows:subgrid;min-width:0;border-left:1px solid var(--line)}"
    ".day>h3{text-align:center;grid-row:1;grid-column:1}"
    ".day>ol{grid-row:2/"
    "-1;grid-column:1;grid-template-rows:subgrid;grid-template-columns:repeat(var(--lanes),minmax(0,1fr));gap:0}"
    ".block{grid-row:var(--r);grid-column:var(--c);margin:1.5px 3px}}}"
    "@media print{@page{size:A4 "
    "landscape;margin:8mm}:root{--px:.55px;font-size:9.5px}body{padding:0;max-width:none;font-size:1rem;"
    "background:#fff}h2{margin:1rem 0 .4rem}.timetable,.checks li{break-inside:avoid}"
    ".block,.chip{-webkit-print-color-adjust:exact;print-color-adjust:exact}}";

/* What the page's parts share. */
typedef struct {
    const dossier_t *dossier;
    arena_t *arena; /* for this form alone */
    buf_t *out;     /* where it goes */
} html_t;

/* Appends text from outside, cleaned and escaped; NULL is nothing. */
static void add_text(html_t *html, const char *text)
{
    if (text)
        markup_text(form_clean(html->arena, text), html->out);
}

/* Appends an element around text from outside; nothing where there is no text. */
static void add_element(html_t *html, const char *open, const char *text, const char *close)
{
    if (!text || !*text)
        return;
    buf_text(html->out, open);
    add_text(html, text);
    buf_text(html->out, close);
}

/* --- the grid of one timetable --- */

typedef struct {
    const timeblock_t *block; /* itself */
    int start, end;           /* minutes; end is a start of a row that exists; -1 = no time */
    int lane, lanes;          /* place among those beside it */
} slot_t;

typedef struct {
    int *times;    /* that occur, ascending; the rows lie between them */
    bool *starts;  /* by time: a block starts there */
    int count;     /* of times */
    bool timeless; /* a last row for blocks without a start */
} scale_t;

static int by_number(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

static void find_scale(html_t *html, const timetable_t *timetable, scale_t *scale)
{
    size_t count = timetable->timeblocks.count, known = 0;
    int *times = arena_array(html->arena, count * 2 + 2, sizeof *times);
    for (size_t i = 0; i < count; i++) {
        const timeblock_t *block = LIST_AT(timeblock_t, timetable->timeblocks, i);
        int start = form_minutes(block->start_time), end = form_minutes(block->end_time);
        scale->timeless = scale->timeless || start < 0;
        if (start >= 0)
            times[known++] = start;
        if (start >= 0 && end > start)
            times[known++] = end;
    }
    qsort(times, known, sizeof *times, by_number);
    scale->times = times;
    for (size_t i = 0; i < known; i++)
        if (i == 0 || times[i] != times[scale->count - 1])
            times[scale->count++] = times[i];
    scale->starts = arena_array(html->arena, (size_t)scale->count + 2, sizeof *scale->starts);
    for (size_t i = 0; i < count; i++) {
        int start = form_minutes(LIST_AT(timeblock_t, timetable->timeblocks, i)->start_time);
        for (int k = 0; start >= 0 && k < scale->count; k++)
            scale->starts[k] = scale->starts[k] || scale->times[k] == start;
    }
    if (scale->count && scale->starts[scale->count - 1]) { /* a block without an end closes the day: it needs a row */
        scale->times[scale->count] = scale->times[scale->count - 1] + 30;
        scale->count++;
    }
}

/* Grid line of a time, from 1; the scale's first time is line 1. */
static int line_of(const scale_t *scale, int time)
{
    int line = 0;
    while (line + 1 < scale->count && scale->times[line] < time)
        line++;
    return line + 1;
}

static int by_start(const void *a, const void *b)
{
    const slot_t *x = a, *y = b;
    if (x->start != y->start)
        return (x->start < 0 ? 9999 : x->start) - (y->start < 0 ? 9999 : y->start);
    return x->block < y->block ? -1 : x->block > y->block;
}

/* Gives the blocks of a day lanes: each the first that is free, and all that hang together the same count. Returns the
 * most. */
static int find_lanes(slot_t *slots, size_t count)
{
    int most = 1;
    for (size_t i = 0; i < count;) {
        int ends[LANES_MOST] = {0}, used = 0, last = 0;
        size_t n = 0;
        for (; i + n < count && (n == 0 || (slots[i + n].start >= 0 && slots[i + n].start < last)); n++) {
            slot_t *slot = &slots[i + n];
            int lane = 0;
            while (lane < used && ends[lane] > slot->start)
                lane++;
            lane = lane < LANES_MOST ? lane : LANES_MOST - 1;
            used = lane + 1 > used ? lane + 1 : used;
            ends[lane] = slot->end;
            last = slot->end > last ? slot->end : last;
            slot->lane = lane;
        }
        for (size_t k = 0; k < n; k++)
            slots[i + k].lanes = used;
        most = used > most ? used : most;
        i += n;
    }
    return most;
}

static void add_time(html_t *html, const timeblock_t *block, const char *time, const char *field)
{
    const char *text = time && *time ? time : "?";
    if (form_inferred(block, field))
        add_element(html, "<span class=\"guess\" title=\"not printed on the page, worked out\">", text, "</span>");
    else
        add_text(html, text);
}

static void add_block(html_t *html, const timetable_t *timetable, const scale_t *scale, const slot_t *slot, int lanes)
{
    const timeblock_t *block = slot->block;
    bool unsure = form_uncertain(html->dossier, block);
    const char *name = form_clean(html->arena, block->name);
    int hue = (int)(form_hash(name ? name : "") % HUES) * (360 / HUES);
    int from = slot->start < 0 ? scale->count : line_of(scale, slot->start);
    int to = slot->start < 0 ? scale->count + 1 : line_of(scale, slot->end);
    buf_format(html->out, "<li class=\"block%s\" style=\"--h:%d;--r:%d/%d;--c:%d/%d\">", unsure ? " unsure" : "", hue,
               from > 0 ? from : 1, to > from ? to : from + 1, slot->lane * lanes / slot->lanes + 1,
               (slot->lane + 1) * lanes / slot->lanes + 1);
    buf_text(html->out, "<p class=\"time\"><span>");
    if (block->start_time || block->end_time) {
        add_time(html, block, block->start_time, "startTime");
        buf_text(html->out, "–<wbr>");
        add_time(html, block, block->end_time, "endTime");
    }
    buf_format(html->out, "</span><span class=\"sure\" title=\"how sure Yogi is\">%s%.0f&#8239;%%</span></p>",
               unsure ? "? " : "", block->confidence * 100);
    add_element(html, "<p class=\"name\" dir=\"auto\">", name && *name ? name : "?", "</p>");
    add_element(html, "<p class=\"notes\" dir=\"auto\">", block->notes, "</p>");
    if (block->week && (!timetable->week || strcmp(block->week, timetable->week) != 0))
        add_element(html, "<p class=\"turn\">Week ", block->week, "</p>");
    buf_text(html->out, "</li>\n");
}

/* The blocks of one day of the week, in lanes. */
typedef struct {
    slot_t *slots; /* by start */
    size_t count;  /* of slots */
    int lanes;     /* most of them side by side */
} day_t;

static day_t find_day(html_t *html, const timetable_t *timetable, const week_t *week, const scale_t *scale, int column)
{
    day_t day = {.slots = arena_array(html->arena, timetable->timeblocks.count + 1, sizeof *day.slots)};
    for (size_t i = 0; i < timetable->timeblocks.count; i++) {
        if (week->columns[i] != column)
            continue;
        slot_t *slot = &day.slots[day.count++];
        slot->block = LIST_AT(timeblock_t, timetable->timeblocks, i);
        slot->start = form_minutes(slot->block->start_time);
        slot->end = form_minutes(slot->block->end_time);
        if (slot->start >= 0 && slot->end <= slot->start) /* no end: as far as the next time that occurs */
            slot->end = scale->times[line_of(scale, slot->start)];
    }
    qsort(day.slots, day.count, sizeof *day.slots, by_start);
    day.lanes = find_lanes(day.slots, day.count);
    return day;
}

static void add_day(html_t *html, const timetable_t *timetable, const week_t *week, const scale_t *scale,
                    const day_t *day, int column)
{
    buf_format(html->out, "<section class=\"day\" style=\"grid-column:%d\">", column + 2);
    add_element(html, "<h3>", week->days[column], "</h3>");
    buf_format(html->out, "<ol role=\"list\" style=\"--lanes:%d\">\n", day->lanes);
    for (size_t i = 0; i < day->count; i++)
        add_block(html, timetable, scale, &day->slots[i], day->lanes);
    buf_text(html->out, "</ol></section>\n");
}

static void add_week(html_t *html, const timetable_t *timetable)
{
    week_t *week = week_new(html->arena, html->dossier, timetable);
    scale_t scale = {0};
    find_scale(html, timetable, &scale);
    day_t days[WEEK_DAYS_MOST];
    buf_text(html->out, "<div class=\"week\" style=\"grid-template-columns:auto");
    for (int day = 0; day < week->day_count; day++) { /* a day with parallel blocks is wider */
        days[day] = find_day(html, timetable, week, &scale, day);
        buf_format(html->out, " minmax(0,%dfr)", LANE_WIDTH + (days[day].lanes - 1) * LANE_WIDTH / 2);
    }
    buf_text(html->out, ";grid-template-rows:auto");
    for (int i = 0; i + 1 < scale.count; i++) {
        int px = scale.times[i + 1] - scale.times[i];
        px = px < ROW_PX_LEAST ? ROW_PX_LEAST : px > ROW_PX_MOST ? ROW_PX_MOST : px;
        buf_format(html->out, " minmax(calc(%d*var(--px)),auto)", px);
    }
    buf_text(html->out, scale.timeless ? " auto\">\n" : "\">\n");
    for (int i = 0; i + 1 < scale.count; i++)
        if (scale.starts[i])
            buf_format(html->out, "<div class=\"line\" style=\"grid-row:%d\"></div>", i + 2);
    buf_text(html->out, "\n<ol class=\"times\" aria-hidden=\"true\">");
    for (int i = 0; i + 1 < scale.count; i++)
        buf_format(html->out, "<li%s style=\"grid-row:%d\">%02d:%02d</li>", scale.starts[i] ? "" : " class=\"ends\"",
                   i + 1, scale.times[i] / 60, scale.times[i] % 60);
    if (scale.timeless)
        buf_format(html->out, "<li class=\"ends\" style=\"grid-row:%d\">no time</li>", scale.count ? scale.count : 1);
    buf_text(html->out, "</ol>\n");
    for (int day = 0; day < week->day_count; day++)
        add_day(html, timetable, week, &scale, &days[day], day);
    buf_text(html->out, "</div>\n");
}

static void add_timetable(html_t *html, const timetable_t *timetable, size_t index)
{
    const char *caption = form_caption(html->arena, timetable);
    bool several = html->dossier->timetables.count > 1;
    buf_text(html->out, "<section class=\"timetable\">\n");
    if (*caption || several)
        add_element(html, "<h2>", *caption ? caption : arena_format(html->arena, "Timetable %zu", index + 1),
                    "</h2>\n");
    if (timetable->timeblocks.count)
        add_week(html, timetable);
    else
        buf_text(html->out, "<p>No blocks.</p>\n");
    buf_text(html->out, "</section>\n");
}

/* --- the page --- */

static void add_checks(html_t *html)
{
    const list_t *checks = &html->dossier->checks;
    if (!checks->count)
        return;
    buf_text(html->out, "<section><h2>Checks</h2>\n<ul class=\"checks\" role=\"list\">\n");
    for (size_t i = 0; i < checks->count; i++) {
        const check_t *check = LIST_AT(check_t, *checks, i);
        const char *severity = check->severity && strcmp(check->severity, "error") == 0     ? "error"
                               : check->severity && strcmp(check->severity, "warning") == 0 ? "warning"
                                                                                            : "info";
        buf_format(html->out, "<li class=\"%s\">", severity);
        add_element(html, "<b>", check->rule, "</b>");
        add_text(html, check->message);
        buf_text(html->out, check->blocks.count ? " <span>" : "");
        for (size_t k = 0; k < check->blocks.count && k < BLOCKS_SHOWN; k++) {
            buf_text(html->out, k ? ", " : "");
            add_text(html, form_block_words(html->arena, html->dossier, check->blocks.items[k]));
        }
        if (check->blocks.count > BLOCKS_SHOWN)
            buf_format(html->out, " and %zu more", check->blocks.count - BLOCKS_SHOWN);
        buf_text(html->out, check->blocks.count ? "</span></li>\n" : "</li>\n");
    }
    buf_text(html->out, "</ul></section>\n");
}

/* The school, where one is given, else the document's name. */
static const char *page_title(html_t *html)
{
    const char *name = html->dossier->document.filename;
    for (size_t i = 0; i < html->dossier->timetables.count; i++) {
        const char *school = form_clean(html->arena, LIST_AT(timetable_t, html->dossier->timetables, i)->school);
        if (school && *school)
            return school;
    }
    const char *slash = name ? strrchr(name, '/') : NULL;
    return slash ? slash + 1 : name && *name ? name : "Timetable";
}

static const char *status_class(const dossier_t *dossier)
{
    const char *status = dossier->outcome.status ? dossier->outcome.status : "";
    return strcmp(status, "completed") == 0 ? "completed" : strcmp(status, "failed") == 0 ? "failed" : "needs_review";
}

int form_html(const dossier_t *dossier, const form_options_t *options, buf_t *out, fault_t *fault)
{
    (void)options, (void)fault;
    html_t html = {dossier, arena_new(), out};
    const char *title = page_title(&html);
    buf_text(out,
             "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
             "base-uri 'none'; form-action 'none'\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<meta name=\"referrer\" content=\"no-referrer\">\n");
    add_element(&html, "<title>", title, "</title>\n");
    buf_format(out, "<style>%s</style>\n</head>\n<body>\n<header>", style);
    add_element(&html, "<h1 dir=\"auto\">", title, "</h1>\n");
    buf_format(out, "<p class=\"facts\"><span class=\"chip %s\">", status_class(dossier));
    add_text(&html, form_outcome(html.arena, dossier));
    buf_text(out, "</span>");
    size_t blocks = 0, unsure = 0;
    for (size_t t = 0; t < dossier->timetables.count; t++) {
        const timetable_t *timetable = LIST_AT(timetable_t, dossier->timetables, t);
        blocks += timetable->timeblocks.count;
        for (size_t b = 0; b < timetable->timeblocks.count; b++)
            unsure += form_uncertain(dossier, LIST_AT(timeblock_t, timetable->timeblocks, b));
    }
    buf_format(out, "<span>%zu block%s</span>", blocks, blocks == 1 ? "" : "s");
    if (unsure)
        buf_format(out, "<span>%zu to look at (dashed)</span>", unsure);
    buf_text(out, "</p></header>\n<main>\n");
    for (size_t t = 0; t < dossier->timetables.count; t++)
        add_timetable(&html, LIST_AT(timetable_t, dossier->timetables, t), t);
    add_checks(&html);
    buf_text(out, "</main>\n<footer>Read by Yogi");
    add_element(&html, " from ", dossier->document.filename, "");
    buf_text(out, ". Dotted times are not printed on the page but worked out.</footer>\n</body>\n</html>\n");
    arena_destroy(&html.arena);
    return 0;
}
