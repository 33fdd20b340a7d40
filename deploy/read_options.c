/* read_options: the table of options of `yogi read`; see read_options.h. */
#include "read_options.h"
#include "options.h"

#include <ctype.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* As in the settings: more than any machine has cores. PAGE_MOST: last page number that may be asked for. */
enum { WORKERS_MOST = 1024, PAGE_MOST = 99999 };

#define PLACE(member) offsetof(read_options_t, member)

static const option_t table[] = {
    {"format", "FORM", OPTION_TEXT, PLACE(format), 0, 0, NULL,
     "table, json, csv, ics or html (a table on a terminal, else json)"},
    {"out", "DIR", OPTION_TEXT, PLACE(out), 0, 0, NULL, "write one file for each document into DIR"},
    {"engine", "NAME", OPTION_TEXT, PLACE(engine), 0, 0, "rules", "what makes timetables of words: rules"},
    {"languages", "LIST", OPTION_TEXT, PLACE(languages), 0, 0, NULL,
     "tesseract's names, as eng+deu (else as the page is found)"},
    {"pages", "LIST", OPTION_TEXT, PLACE(pages), 0, 0, NULL, "pages to read, as 1-3,5 (else all)"},
    {"workers", "N", OPTION_INT, PLACE(workers), 1, WORKERS_MOST, NULL,
     "documents at the same time (else one for each core)"},
    {"gate", "NUMBER", OPTION_REAL, PLACE(gate), 0, 1, NULL, "confidence below which a document needs review (0.9)"},
    {"overlay", "OUT.png", OPTION_TEXT, PLACE(overlay), 0, 0, NULL,
     "draw cells, words, blocks and confidences on the page"},
    {"explain", NULL, OPTION_FLAG, PLACE(explain), 0, 0, NULL, "say for each block where its values come from"},
    {"timing", NULL, OPTION_FLAG, PLACE(timing), 0, 0, NULL, "say where the time goes"},
    {"term-start", "DATE", OPTION_TEXT, PLACE(term_start), 0, 0, NULL, "ics: first day of lessons, YYYY-MM-DD (today)"},
    {"term-end", "DATE", OPTION_TEXT, PLACE(term_end), 0, 0, NULL, "ics: last day of lessons, YYYY-MM-DD (none)"},
    {"tz", "ZONE", OPTION_TEXT, PLACE(tz), 0, 0, NULL, "ics: time zone, as Europe/London"},
    {"help", NULL, OPTION_FLAG, PLACE(help), 0, 0, NULL, "this text"},
    {"version", NULL, OPTION_FLAG, PLACE(version), 0, 0, NULL, "the version"},
};
enum { COUNT = sizeof table / sizeof *table };

static const char head[] =
    "Usage: yogi read FILE...|-|DIR [options]\n"
    "\n"
    "Reads school timetables (PNG, JPEG, TIFF, WebP, GIF, BMP, HEIC, PDF, DOCX, XLSX, ODT, ODS) and prints the\n"
    "week that is on the page. A folder is walked down; - is the standard input. Several documents give one\n"
    "JSON line each, in the order given.\n"
    "\n";

static const char foot[] =
    "\n"
    "Exit codes: 0 all documents are read; otherwise, where all failures are of one kind, its code, else 1:\n"
    "   1  the system refused, or failures of several kinds\n"
    "   2  the command line or a setting is wrong\n"
    "   3  the input cannot be opened or read\n"
    "   4  not a kind of document that can be read, damaged, or protected by a password\n"
    "   5  the document is over a limit\n"
    "   6  not a timetable\n"
    "   7  no model for the language or script\n"
    "   8  the output cannot be written\n"
    "   9  a worker crashed, hung or outgrew its memory\n"
    "  10  a message between processes was malformed\n"
    " 130  interrupted;  141  the reader of the output has gone\n"
    "\n"
    "A document whose confidence is below the gate is read and says needs_review; that is no failure.\n"
    "Settings by environment: yogi config.\n";

void read_options_help(buf_t *out)
{
    buf_text(out, head);
    options_help(table, COUNT, out);
    buf_text(out, foot);
}

/* "1-3,5": numbers from 1 and rising ranges. */
static bool is_page_list(const char *text)
{
    for (;;) {
        char *end;
        if (!isdigit((unsigned char)*text))
            return false;
        long first = strtol(text, &end, 10), last = first;
        if (*end == '-') {
            if (!isdigit((unsigned char)end[1]))
                return false;
            last = strtol(end + 1, &end, 10);
        }
        if (first < 1 || last < first || last > PAGE_MOST)
            return false;
        if (!*end)
            return true;
        if (*end != ',')
            return false;
        text = end + 1;
    }
}

/* tesseract's names, which are also file names: letters, digits, _ and / for scripts, with + or , between. */
static bool is_language_list(const char *text)
{
    if (!*text || strstr(text, ".."))
        return false;
    for (const char *p = text; *p; p++)
        if (!isalnum((unsigned char)*p) && !strchr("_/+,", *p))
            return false;
    return isalpha((unsigned char)*text);
}

static int check(const read_options_t *options, fault_t *fault)
{
    if (!form_find(options->format)) {
        size_t count;
        const form_t *forms = form_list(&count);
        char names[200] = "";
        for (size_t i = 0; i < count; i++)
            snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i ? ", " : "", forms[i].name);
        return fault_set(fault, FAULT_USAGE, "--format wants one of %s, not \"%s\"", names, options->format);
    }
    if (options->pages && !is_page_list(options->pages))
        return fault_set(fault, FAULT_USAGE, "--pages wants numbers and ranges, as 1-3,5, not \"%s\"", options->pages);
    if (options->languages && !is_language_list(options->languages))
        return fault_set(fault, FAULT_USAGE, "--languages wants tesseract's names, as eng+deu, not \"%s\"",
                         options->languages);
    return form_check(&options->form, fault);
}

/* Cores that this process may run on. */
static int cores(void)
{
    cpu_set_t set;
    int count = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return count > 0 ? count : 1;
}

/* Width of the terminal on descriptor 1; 0 when it is none. */
static int terminal_columns(void)
{
    struct winsize size;
    if (!isatty(STDOUT_FILENO))
        return 0;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
}

int read_options_parse(const command_t *command, int argc, char **argv, read_options_t *options, int *operands,
                       fault_t *fault)
{
    const settings_t *settings = command->settings;
    bool terminal = isatty(STDOUT_FILENO);
    *options = (read_options_t){.engine = settings->engine,
                                .languages = settings->languages,
                                .workers = settings->workers ? (int)settings->workers : cores(),
                                .gate = settings->gate};
    if (options_parse(table, COUNT, argc, argv, options, operands, fault) < 0)
        return -1;
    if (options->help || options->version)
        return 0;
    if (!options->format)
        options->format = terminal && !options->out ? "table" : "json";
    time_t now = time(NULL);
    struct tm local;
    if (localtime_r(&now, &local))
        strftime(options->today, sizeof options->today, "%Y-%m-%d", &local);
    options->form = (form_options_t){.columns = options->out ? 0 : terminal_columns(),
                                     .colour = terminal && !options->out && !getenv("NO_COLOR"),
                                     .explain = options->explain,
                                     .timing = options->timing,
                                     .term_start = options->term_start,
                                     .term_end = options->term_end,
                                     .today = options->today,
                                     .tz = options->tz};
    if (*operands == 0)
        return fault_set(fault, FAULT_USAGE, "name a file, a folder or - ; yogi read --help tells more");
    return check(options, fault);
}
