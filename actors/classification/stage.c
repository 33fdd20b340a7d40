/* stage classification: what kind of document it is, which of its pages are to be read, how the first lies, and how
 * sure we are that it is a timetable at all.
 *
 * It opens the document by content, never by name, and refuses what cannot be read with a sentence. It ends the run
 * where there is nothing that could be read as a timetable: a blank page, a photo of a cat. Everything doubtful goes
 * on, for the engine decides.
 */
#include "actors/stage.h"

#include "actors/intake/intake.h"
#include "letters.h"
#include "page_choice.h"
#include "print_words.h"

#include <math.h>
#include <string.h>

/* Pages that are looked at for how likely a timetable is; the others are like them. */
enum { LOOKS_MOST = 3 };
/* Grain is everywhere: fewer marks than this are no texture, but perhaps a week in small print. */
enum { TEXTURE_LEAST = 400 };
/* Letters in lines from which print is believed, and how many times as many must stand beside another as below it. */
enum { PRINT_LINED = 60, PRINT_BESIDE = 5 };
/* Letters in lines under which a picture holds nothing to read, and rules that make up for them: a blank form. */
enum { LETTERS_LEAST = 12, RULES_LEAST = 4 };
/* Share of letter-sized marks that stand in lines: print has 0.55 and more (0.63 the least of the corpus), grain, fur
 * and leaves 0.45 and less. */
static const double LINED_LEAST = 0.47;
/* The same for grain of every kind (0.50 to 0.62), and how unlike two counts may be that chance made. */
static const double TEXTURE_LINED_MOST = 0.66, EVEN_MOST = 1.5;

typedef struct {
    stage_job_t *job;
    intake_t *intake;
    page_choice_t choice;
    int text, picture;   /* pages of either kind, among the chosen */
    int looked;          /* pages looked at */
    int empty;           /* of these, pages with nothing to read */
    print_words_t words; /* of pages with words */
    letters_t letters;   /* of the first page that is a picture */
    bool glanced;        /* letters is filled */
    double likelihood;   /* the best page's */
} look_t;

static const char *kind_name(const look_t *look)
{
    switch (intake_format(look->intake)) {
    case INTAKE_PICTURE:
        return "image";
    case INTAKE_DOCX:
        return "docx";
    case INTAKE_XLSX:
        return "xlsx";
    case INTAKE_ODT:
        return "odt";
    case INTAKE_ODS:
        return "ods";
    case INTAKE_PDF:
        break;
    }
    return look->picture == 0 ? "text-pdf" : look->text == 0 ? "scanned-pdf" : "mixed-pdf";
}

static bool is_even(int a, int b)
{
    return a <= EVEN_MOST * b + 5 && b <= EVEN_MOST * a + 5;
}

static bool is_empty_picture(const letters_t *l)
{
    if (l->in_lines < LETTERS_LEAST)
        return l->rules < RULES_LEAST;
    /* grain has neighbours on every side alike, and no heads and feet */
    if (l->letters >= TEXTURE_LEAST && l->in_lines < TEXTURE_LINED_MOST * l->letters && is_even(l->beside, l->below) &&
        is_even(l->upright, l->overturned))
        return true;
    /* lines that run one way alone are print, however many specks are between them */
    if (l->in_lines >= PRINT_LINED && l->beside > PRINT_BESIDE * l->below)
        return false;
    return l->in_lines < LINED_LEAST * l->letters && l->rules < RULES_LEAST;
}

static int look_at_picture(look_t *look, int index, fault_t *fault)
{
    letters_t letters;
    picture_t *picture = intake_preview(look->intake, index, LETTERS_SIDE, fault);
    if (!picture)
        return -1;
    look->job->lap(look->job, "decode");
    int failed = letters_look(picture, &letters);
    picture_destroy(&picture);
    if (failed)
        return fault_set(fault, FAULT_MEMORY, "no memory to look at page %d", index + 1);
    look->job->lap(look->job, "glance");
    if (!look->glanced)
        look->letters = letters, look->glanced = true;
    look->empty += is_empty_picture(&letters);
    look->likelihood = fmax(look->likelihood, 0.9 * letters_likelihood(&letters));
    return 0;
}

static int look_at_words(look_t *look, int index, fault_t *fault)
{
    page_t page = {0};
    print_words_t words = {0};
    arena_t *scratch = arena_new();
    int failed = intake_page(look->intake, index, 72, scratch, &page, fault);
    if (!failed) {
        print_words_count(&page, &words);
        print_words_add(&look->words, &words);
        look->empty += page.words.count == 0;
        look->likelihood = fmax(look->likelihood, print_words_likelihood(&words));
    }
    arena_destroy(&scratch);
    look->job->lap(look->job, "glance");
    return failed;
}

static int look_at_pages(look_t *look, fault_t *fault)
{
    for (size_t i = 0; i < look->choice.count; i++) {
        int index = look->choice.pages[i] - 1;
        bool picture = intake_page_kind(look->intake, index) == INTAKE_PAGE_PICTURE;
        look->picture += picture, look->text += !picture;
        if (look->looked == LOOKS_MOST)
            continue;
        look->looked++;
        if ((picture ? look_at_picture(look, index, fault) : look_at_words(look, index, fault)) != 0)
            return -1;
    }
    return 0;
}

/* What the likelihood rests on, in words. */
static const char *explain(const look_t *look, arena_t *arena)
{
    const print_words_t *w = &look->words;
    const letters_t *l = &look->letters;
    if (w->words && w->cells)
        return arena_format(arena, "%d words in %d cells, of these %d times and %d names of days", w->words, w->cells,
                            w->times, w->days);
    if (w->words)
        return arena_format(arena, "%d words, of these %d times and %d names of days", w->words, w->times, w->days);
    return arena_format(arena, "a picture with %d marks like letters, %d of them in lines, and %d or more ruling lines",
                        l->letters, l->in_lines, l->rules);
}

static stage_end_t end_without(look_t *look, dossier_t *dossier)
{
    const letters_t *l = &look->letters;
    const char *what = !look->glanced ? "there are no words in it"
                       : l->in_lines < LETTERS_LEAST
                           ? "the page is blank, or nothing on it looks like print"
                           : "it is a picture without lines of print, such as a photo of something else";
    dossier->classification.timetable = 0;
    dossier->outcome.status = "failed";
    dossier->outcome.error = fault_name(FAULT_NOT_A_TIMETABLE);
    dossier->outcome.message = arena_format(dossier->arena, "not a timetable: %s", what);
    return STAGE_END;
}

static stage_end_t classify(look_t *look, dossier_t *dossier, fault_t *fault)
{
    classification_t *out = &dossier->classification;
    int pages = intake_pages(look->intake);
    dossier->document.media = arena_text(dossier->arena, intake_media(look->intake));
    if (page_choice_read(dossier->options.pages, pages, INTAKE_PAGES_MOST, dossier->arena, &look->choice, fault) != 0 ||
        look_at_pages(look, fault) != 0)
        return STAGE_FAIL;
    out->kind = kind_name(look);
    out->pages = pages;
    out->orientation = look->glanced && look->text == 0 ? look->letters.orientation : 0;
    out->timetable = look->likelihood;
    out->why = explain(look, dossier->arena);
    if (look->empty == look->looked && look->looked == (int)look->choice.count)
        return end_without(look, dossier);
    return STAGE_NEXT;
}

static stage_end_t run(stage_job_t *job, fault_t *fault)
{
    look_t look = {.job = job, .intake = intake_open(job->bytes, job->size, fault)};
    if (!look.intake)
        return STAGE_FAIL;
    job->lap(job, "open");
    stage_end_t end = classify(&look, job->dossier, fault);
    intake_close(&look.intake);
    return end;
}

const stage_t stage_classification = {"classification", true, NULL, run, NULL};
