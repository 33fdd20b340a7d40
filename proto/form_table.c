/* form_table: the week drawn for a terminal: days as columns, starts as rows, blocks in boxes over the rows they last;
 * below it the checks and how sure Yogi is. Where the terminal is too narrow, or days share hardly a start, a list by
 * day instead.
 */
#include "base/text.h"
#include "form_canvas.h"
#include "form_week.h"
#include "form_words.h"
#include "form_writers.h"

#include <stdio.h>
#include <string.h>

enum {
    COLUMNS_DEFAULT = 100, /* where there is no terminal */
    COLUMNS_LEAST = 80,    /* narrower: a list */
    COLUMNS_MOST = 1000,   /* no terminal is wider; a bound for the canvas */
    LABEL_COLUMNS = 8,     /* the column of times: " ~09:30 " */
    TEXT_LEAST = 9,        /* columns of text in a day below which words break up: a list */
    TEXT_MOST = 26,        /* wider only moves the days apart */
    NAME_LINES = 6,        /* of a name in a cell; the other forms have all of it */
    NOTES_LINES = 4,       /* of notes in a cell */
    BUSIEST_MOST = 60,     /* blocks of a day in a grid; more make a list: no page has them in one week's grid */
    CHECKS_SHOWN = 12,     /* a screen is no report; JSON has all */
    BLOCKS_SHOWN = 3,      /* named behind a check */
};

/* One line of text in a cell. */
typedef struct {
    const char *text; /* cleaned, at most the cell's width */
    int style;        /* form_style_t */
} line_t;

/* What drawing one form shares. */
typedef struct {
    const dossier_t *dossier;
    arena_t *arena; /* for this form alone */
    buf_t *out;     /* where it goes */
    bool colour;    /* SGR */
    int columns;    /* of the terminal */
    bool marked;    /* an uncertain block was shown */
    bool inferred;  /* a time that is not printed was shown */
} drawing_t;

static void add_line(drawing_t *drawing, list_t *lines, const char *text, int style)
{
    *(line_t *)list_push(drawing->arena, lines, sizeof(line_t)) = (line_t){text, style};
}

/* Bytes of text that fit into columns: up to the last blank before, or a hard cut where a word is too long. */
static size_t fitting(const char *text, int columns)
{
    size_t blank = 0, size = 0;
    int used = 0;
    for (const char *at = text, *next = at; *at; at = next) {
        char one[5] = {0};
        uint32_t point = text_next(&next);
        text_encode(point, one);
        used += (int)text_columns(one);
        if (used > columns)
            return point == ' ' ? size : blank ? blank : size ? size : (size_t)(next - text);
        size = (size_t)(next - text);
        if (point == ' ')
            blank = size - 1;
        else if ((point == '/' || point == '-') && used > 3)
            blank = size;
    }
    return size;
}

/* Breaks text into lines of a width, at most `most`, the last of them closed with an ellipsis where text is left. */
static void wrap(drawing_t *drawing, list_t *lines, const char *text, int columns, int most, int style)
{
    for (int n = 1; text && *text; n++) {
        size_t size = fitting(text, n == most && (int)text_columns(text) > columns ? columns - 1 : columns);
        if (n == most && text[size]) {
            add_line(drawing, lines, arena_format(drawing->arena, "%.*s…", (int)size, text), style);
            return;
        }
        add_line(drawing, lines, arena_text_n(drawing->arena, text, size), style);
        text += size;
        text += *text == ' ';
    }
}

static int subject_style(const char *name)
{
    return STYLE_SUBJECT + (int)(form_hash(name) % STYLE_SUBJECTS);
}

/* "~09:00–09:45" of a block, what is inferred marked; "" where it has no times. */
static const char *time_words(drawing_t *drawing, const timeblock_t *block)
{
    const char *start = form_clean(drawing->arena, block->start_time),
               *end = form_clean(drawing->arena, block->end_time);
    if (!start && !end)
        return "";
    const char *before = start && form_inferred(block, "startTime") ? "~" : "";
    const char *between = end && form_inferred(block, "endTime") ? "–~" : "–";
    drawing->inferred = drawing->inferred || *before || between[strlen(between) - 1] == '~';
    return arena_format(drawing->arena, "%s%s%s%s", before, start ? start : "?", between, end ? end : "?");
}

static const char *sure_words(drawing_t *drawing, const timeblock_t *block)
{
    drawing->marked = true;
    return arena_format(drawing->arena, "? %.0f %%", block->confidence * 100);
}

static void cell_lines(drawing_t *drawing, const week_t *week, const week_cell_t *cell, const timetable_t *timetable,
                       int columns, list_t *lines)
{
    for (size_t i = 0; i < cell->count; i++) {
        const timeblock_t *block = cell->blocks[i];
        const char *name = form_clean(drawing->arena, block->name);
        if (i) { /* parallel blocks are parted by a row of dots */
            buf_t dots = {0};
            for (int k = 0; k < columns; k++)
                buf_text(&dots, "┈");
            add_line(drawing, lines, arena_text(drawing->arena, buf_string(&dots)), STYLE_DIM);
            buf_free(&dots);
        }
        wrap(drawing, lines, name && *name ? name : "?", columns, NAME_LINES, subject_style(name ? name : "?"));
        wrap(drawing, lines, form_clean(drawing->arena, block->notes), columns, NOTES_LINES, STYLE_DIM);
        if (cell->row < week->row_count && week_needs_time(week, cell, block))
            wrap(drawing, lines, time_words(drawing, block), columns, 2, STYLE_DIM);
        if (block->week && (!timetable->week || strcmp(block->week, timetable->week) != 0))
            wrap(drawing, lines, arena_format(drawing->arena, "week %s", form_clean(drawing->arena, block->week)),
                 columns, 1, STYLE_DIM);
        if (form_uncertain(drawing->dossier, block))
            add_line(drawing, lines, sure_words(drawing, block), STYLE_WARNING);
    }
}

/* The lines of a row's heading: its start, and its end below. */
static void label_lines(drawing_t *drawing, const week_row_t *row, list_t *lines)
{
    if (row->start < 0) {
        add_line(drawing, lines, " no time", STYLE_DIM);
        return;
    }
    drawing->inferred = drawing->inferred || row->start_inferred || (row->end >= 0 && row->end_inferred);
    add_line(
        drawing, lines,
        arena_format(drawing->arena, " %s%02d:%02d", row->start_inferred ? "~" : " ", row->start / 60, row->start % 60),
        STYLE_STRONG);
    if (row->end >= 0)
        add_line(
            drawing, lines,
            arena_format(drawing->arena, " %s%02d:%02d", row->end_inferred ? "~" : " ", row->end / 60, row->end % 60),
            STYLE_DIM);
}

/* Lines that each row gets, so that every cell has room in the rows it spans; the rule between two rows is room as
 * well. */
static void solve_heights(const week_t *week, const list_t *lines, const list_t *labels, int *heights)
{
    for (int row = 0; row < week->row_count; row++) {
        bool last = row + 1 == week->row_count || week->rows[row + 1].start != week->rows[row].end;
        heights[row] = last && labels[row].count > 1 ? (int)labels[row].count : 1;
    }
    for (int span = 1; span <= week->row_count; span++)
        for (size_t i = 0; i < week->cell_count; i++) {
            const week_cell_t *cell = &week->cells[i];
            if (cell->rows != span)
                continue;
            int room = span - 1;
            for (int row = cell->row; row < cell->row + span; row++)
                room += heights[row];
            for (int row = cell->row; room < (int)lines[i].count;
                 row = row + 1 < cell->row + span ? row + 1 : cell->row) {
                heights[row]++;
                room++;
            }
        }
}

static void put_lines(canvas_t *canvas, int x, int y, int columns, int height, const list_t *lines, bool centred)
{
    for (int i = 0; i < (int)lines->count && i < height; i++) {
        const line_t *line = LIST_AT(line_t, *lines, i);
        int free = columns - (int)text_columns(line->text);
        canvas_text(canvas, centred && free > 0 ? x + free / 2 : x, y + i, columns, line->text, line->style);
    }
}

/* Draws the week as a grid whose days are `width` columns wide, their right border counted. */
static void draw_grid(drawing_t *drawing, const timetable_t *timetable, const week_t *week, int width)
{
    int rows = week->row_count, *heights = arena_array(drawing->arena, (size_t)rows + 1, sizeof *heights);
    int *tops = arena_array(drawing->arena, (size_t)rows + 1, sizeof *tops);
    list_t *lines = arena_array(drawing->arena, week->cell_count + 1, sizeof *lines);
    list_t *labels = arena_array(drawing->arena, (size_t)rows + 1, sizeof *labels);
    for (int row = 0; row < rows; row++)
        label_lines(drawing, &week->rows[row], &labels[row]);
    for (size_t i = 0; i < week->cell_count; i++)
        cell_lines(drawing, week, &week->cells[i], timetable, width * week->cells[i].days - 3, &lines[i]);
    solve_heights(week, lines, labels, heights);
    tops[0] = 2; /* the rule above a row's first line */
    for (int row = 0; row < rows; row++)
        tops[row + 1] = tops[row] + heights[row] + 1;
    int left = LABEL_COLUMNS + 1;
    canvas_t *canvas = canvas_new(left + week->day_count * width + 1, tops[rows] + 1);
    canvas_frame(canvas, 0, 0, left, 2);
    for (int day = 0; day < week->day_count; day++) {
        int x = left + day * width, free = width - 1 - (int)text_columns(week->days[day]);
        canvas_frame(canvas, x, 0, x + width, 2);
        canvas_text(canvas, x + 1 + (free > 0 ? free / 2 : 0), 1, width - 1, week->days[day], STYLE_STRONG);
    }
    for (int row = 0; row < rows; row++) {
        canvas_frame(canvas, 0, tops[row], left, tops[row + 1]);
        put_lines(canvas, 1, tops[row] + 1, LABEL_COLUMNS, heights[row], &labels[row], false);
    }
    for (size_t i = 0; i < week->cell_count; i++) {
        const week_cell_t *cell = &week->cells[i];
        int x = left + cell->day * width, wide = width * cell->days, y = tops[cell->row],
            end = tops[cell->row + cell->rows];
        canvas_frame(canvas, x, y, x + wide, end);
        put_lines(canvas, x + 2, y + 1, wide - 3, end - y - 1, &lines[i], cell->days > 1);
    }
    canvas_write(canvas, drawing->colour, drawing->out);
    canvas_destroy(&canvas);
}

/* The blocks one under the other, under their days. */
static void draw_list(drawing_t *drawing, const timetable_t *timetable)
{
    enum { INDENT = 17 }; /* of names: behind " ~09:00–~09:30" */
    const char *day = NULL;
    int columns = drawing->columns > INDENT + TEXT_LEAST ? drawing->columns - INDENT : TEXT_LEAST;
    for (size_t i = 0; i < timetable->timeblocks.count; i++) {
        const timeblock_t *block = LIST_AT(timeblock_t, timetable->timeblocks, i);
        const char *own = block->day ? form_clean(drawing->arena, block->day) : "No day";
        const char *name = form_clean(drawing->arena, block->name), *times = time_words(drawing, block);
        if (!day || strcmp(own, day) != 0) {
            buf_text(drawing->out, day ? "\n " : " ");
            form_paint(drawing->out, drawing->colour, STYLE_STRONG, own);
            buf_char(drawing->out, '\n');
        }
        day = own;
        list_t lines = {0};
        wrap(drawing, &lines, name && *name ? name : "?", columns, NAME_LINES, subject_style(name ? name : "?"));
        wrap(drawing, &lines, form_clean(drawing->arena, block->notes), columns, NOTES_LINES, STYLE_DIM);
        if (block->week && (!timetable->week || strcmp(block->week, timetable->week) != 0))
            wrap(drawing, &lines, arena_format(drawing->arena, "week %s", form_clean(drawing->arena, block->week)),
                 columns, 1, STYLE_DIM);
        if (form_uncertain(drawing->dossier, block))
            add_line(drawing, &lines, sure_words(drawing, block), STYLE_WARNING);
        for (size_t k = 0; k < lines.count; k++) {
            int pad = k ? INDENT : INDENT - 2 - (int)text_columns(times);
            buf_text(drawing->out, k ? "" : "  ");
            form_paint(drawing->out, drawing->colour, STYLE_DIM, k ? "" : times);
            buf_format(drawing->out, "%*s", pad > 0 ? pad : 1, "");
            form_paint(drawing->out, drawing->colour, LIST_AT(line_t, lines, k)->style,
                       LIST_AT(line_t, lines, k)->text);
            buf_char(drawing->out, '\n');
        }
    }
}

static void draw_heading(drawing_t *drawing, const timetable_t *timetable)
{
    arena_t *arena = drawing->arena;
    const char *school = form_clean(arena, timetable->school), *caption = form_caption(arena, timetable);
    bool several = drawing->dossier->classification.pages > 1 && timetable->page > 0;
    const char *page = several ? arena_format(arena, "%spage %d", *caption ? " · " : "", (int)timetable->page) : "";
    buf_char(drawing->out, '\n');
    if (school && *school) {
        buf_char(drawing->out, ' ');
        form_paint(drawing->out, drawing->colour, STYLE_STRONG, school);
        buf_char(drawing->out, '\n');
    }
    if (*caption || *page) {
        buf_char(drawing->out, ' ');
        form_paint(drawing->out, drawing->colour, STYLE_STRONG, caption);
        form_paint(drawing->out, drawing->colour, STYLE_DIM, page);
        buf_char(drawing->out, '\n');
    }
}

static void draw_timetable(drawing_t *drawing, const timetable_t *timetable)
{
    draw_heading(drawing, timetable);
    if (!timetable->timeblocks.count) {
        buf_text(drawing->out, " No blocks.\n");
        return;
    }
    week_t *week = week_new(drawing->arena, drawing->dossier, timetable);
    int width = (drawing->columns - LABEL_COLUMNS - 2) / week->day_count;
    if (width > TEXT_MOST + 3)
        width = TEXT_MOST + 3;
    if (drawing->columns < COLUMNS_LEAST || width - 3 < TEXT_LEAST || week->busiest > BUSIEST_MOST ||
        week->row_count > week->busiest * 2 + 4)
        draw_list(drawing, timetable);
    else
        draw_grid(drawing, timetable, week, width);
}

static void draw_legend(drawing_t *drawing)
{
    double gate = drawing->dossier->options.gate > 0 ? drawing->dossier->options.gate : 0.9;
    if (!drawing->marked && !drawing->inferred)
        return;
    buf_char(drawing->out, ' ');
    if (drawing->marked) {
        form_paint(drawing->out, drawing->colour, STYLE_WARNING, "?");
        form_paint(drawing->out, drawing->colour, STYLE_DIM,
                   arena_format(drawing->arena, " less than %.0f %% sure, look at it%s", gate * 100,
                                drawing->inferred ? "   " : ""));
    }
    if (drawing->inferred)
        form_paint(drawing->out, drawing->colour, STYLE_DIM, "~ not printed on the page, worked out");
    buf_char(drawing->out, '\n');
}

/* The blocks that a check is about, where its sentence does not name the first of them itself. */
static const char *check_blocks(drawing_t *drawing, const check_t *check)
{
    buf_t words = {0};
    for (size_t i = 0; i < check->blocks.count && i < BLOCKS_SHOWN; i++) {
        buf_text(&words, i ? ", " : " (");
        buf_text(&words, form_block_words(drawing->arena, drawing->dossier, check->blocks.items[i]));
    }
    if (check->blocks.count > BLOCKS_SHOWN)
        buf_format(&words, " and %zu more", check->blocks.count - BLOCKS_SHOWN);
    if (words.size)
        buf_char(&words, ')');
    const char *text = arena_text(drawing->arena, buf_string(&words));
    buf_free(&words);
    return text;
}

static void draw_checks(drawing_t *drawing)
{
    const list_t *checks = &drawing->dossier->checks;
    for (size_t i = 0; i < checks->count && i < CHECKS_SHOWN; i++) {
        const check_t *check = LIST_AT(check_t, *checks, i);
        const char *severity = check->severity ? check->severity : "", *rule = form_clean(drawing->arena, check->rule);
        int style = strcmp(severity, "error") == 0     ? STYLE_BAD
                    : strcmp(severity, "warning") == 0 ? STYLE_WARNING
                                                       : STYLE_DIM;
        const char *sign = style == STYLE_BAD ? "✗" : style == STYLE_WARNING ? "!" : "·";
        list_t lines = {0};
        const char *message = form_clean(drawing->arena, check->message ? check->message : check->rule);
        wrap(drawing, &lines,
             arena_format(drawing->arena, "%s: %s%s", rule ? rule : "check", message ? message : "",
                          check_blocks(drawing, check)),
             drawing->columns - 3, NAME_LINES, STYLE_PLAIN);
        for (size_t k = 0; k < lines.count; k++) {
            buf_char(drawing->out, ' ');
            form_paint(drawing->out, drawing->colour, style, k ? " " : sign);
            buf_format(drawing->out, " %s\n", LIST_AT(line_t, lines, k)->text);
        }
    }
    if (checks->count > CHECKS_SHOWN)
        buf_format(drawing->out, " · %zu more checks (the form json lists them)\n", checks->count - CHECKS_SHOWN);
}

static void draw_outcome(drawing_t *drawing)
{
    const char *status = drawing->dossier->outcome.status ? drawing->dossier->outcome.status : "";
    int style = strcmp(status, "completed") == 0 ? STYLE_GOOD
                : strcmp(status, "failed") == 0  ? STYLE_BAD
                                                 : STYLE_WARNING;
    buf_char(drawing->out, ' ');
    form_paint(drawing->out, drawing->colour, style,
               arena_format(drawing->arena, "%s %s",
                            style == STYLE_GOOD  ? "✓"
                            : style == STYLE_BAD ? "✗"
                                                 : "!",
                            form_outcome(drawing->arena, drawing->dossier)));
    buf_char(drawing->out, '\n');
}

static void draw_timing(drawing_t *drawing)
{
    for (size_t i = 0; i < drawing->dossier->trail.count; i++) {
        const trail_t *trail = LIST_AT(trail_t, drawing->dossier->trail, i);
        buf_t line = {0};
        const char *stage = form_clean(drawing->arena, trail->stage);
        buf_format(&line, " %-15s%9.1f ms", stage ? stage : "", trail->cpu_ms);
        for (size_t k = 0; k < trail->laps.count; k++) {
            const lap_t *lap = LIST_AT(lap_t, trail->laps, k);
            const char *name = form_clean(drawing->arena, lap->name);
            buf_format(&line, "%s%s %.1f", k ? ", " : "   ", name ? name : "", lap->ms);
        }
        form_paint(drawing->out, drawing->colour, STYLE_DIM, buf_string(&line));
        buf_char(drawing->out, '\n');
        buf_free(&line);
    }
}

int form_table(const dossier_t *dossier, const form_options_t *options, buf_t *out, fault_t *fault)
{
    (void)fault;
    int columns = options->columns > 0 ? options->columns : COLUMNS_DEFAULT;
    drawing_t drawing = {.dossier = dossier,
                         .arena = arena_new(),
                         .out = out,
                         .colour = options->colour,
                         .columns = columns < COLUMNS_MOST ? columns : COLUMNS_MOST};
    if (dossier->document.filename) {
        buf_char(out, ' ');
        form_paint(out, options->colour, STYLE_DIM, form_clean(drawing.arena, dossier->document.filename));
        buf_char(out, '\n');
    }
    for (size_t t = 0; t < dossier->timetables.count; t++) {
        const timetable_t *timetable = LIST_AT(timetable_t, dossier->timetables, t);
        draw_timetable(&drawing, timetable);
        if (options->explain) {
            buf_char(out, '\n');
            form_explain(dossier, timetable, options->colour, out);
        }
    }
    draw_legend(&drawing);
    buf_char(out, '\n');
    draw_checks(&drawing);
    draw_outcome(&drawing);
    if (options->timing)
        draw_timing(&drawing);
    arena_destroy(&drawing.arena);
    return 0;
}
