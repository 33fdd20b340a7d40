/* read: `yogi read`, documents in, timetables out.
 *
 * One poll loop without threads: slots (slot.h) carry documents through the stages in child processes; results leave in
 * the order of the inputs, whatever their number of workers; signals come through a descriptor. This process never
 * looks inside a document; what the workers answer passes the bounded decoder of the dossier. Every fault of a document
 * is a sentence on the standard error, and the others go on.
 */
#include "command.h"
#include "inputs.h"
#include "names.h"
#include "outlet.h"
#include "progress.h"
#include "proto/base/clock.h"
#include "proto/base/text.h"
#include "read_options.h"
#include "slot.h"
#include "tally.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    AHEAD_MOST =
        64, /* results that wait for an earlier one, beyond one a slot: a slow page lasts dozens of fast ones */
    PENDING_MOST = 1 << 20, /* bytes that wait for a slow reader before results are held back */
    EXIT_PIPE = 141         /* what a shell says of a program ended by SIGPIPE */
};

/* A document from the command line to its result. */
typedef struct {
    bool done;        /* the rest is filled */
    bool skipped;     /* not a document, and nobody had named it */
    fault_t fault;    /* FAULT_NONE when it is read */
    buf_t text;       /* its result in the wanted form */
    buf_t attachment; /* the overlay */
} entry_t;

typedef struct {
    const command_t *command;
    read_options_t options;
    arena_t *arena;
    inputs_t inputs;
    bool many;          /* several documents: a line each, and a summary */
    bool headed;        /* the first document has left */
    bool warned;        /* of an incomplete sandbox */
    const char **names; /* of the files of --out */
    entry_t *entries;   /* one for each input */
    size_t next_in;     /* first input that no slot has had */
    size_t next_out;    /* first entry that has not left */
    slot_t **slots;
    size_t slot_count;
    struct pollfd *polls; /* room for all that are waited for */
    outlet_t out;         /* the standard output */
    progress_t progress;
    tally_t tally;
    int signal_fd;
    int stopped; /* exit code of an early end, 0 = none */
} reader_t;

/* ---- words ---- */

static void say(reader_t *reader, const char *where, const fault_t *fault)
{
    char name[300];
    snprintf(name, sizeof name, "%s", where ? where : "");
    text_neuter(name);
    progress_clear(&reader->progress);
    fprintf(stderr, "yogi: %s%s%s\n", name, where ? ": " : "", fault->text);
}

static const char *shown_name(const input_t *input)
{
    return strcmp(input->path, "-") == 0 ? "standard input" : input->path;
}

/* ---- a document's end ---- */

/* Writes the dossier in the wanted form into the entry. */
static void form(reader_t *reader, size_t number, dossier_t *dossier)
{
    entry_t *entry = &reader->entries[number];
    form_options_t options = reader->options.form;
    options.one_line = reader->many && !reader->options.out;
    fault_t fault = {0};
    if (form_write(reader->options.format, dossier, &options, &entry->text, &fault) < 0)
        entry->fault = fault;
}

/* A document that failed still has its line where every document has one. */
static bool is_line_each(const reader_t *reader)
{
    return reader->many && !reader->options.out && strcmp(reader->options.format, "json") == 0;
}

static dossier_t *first_dossier(const reader_t *reader, const input_t *input, const input_bytes_t *bytes)
{
    dossier_t *dossier = dossier_new();
    char *name = arena_text(dossier->arena, shown_name(input));
    text_neuter(name);
    dossier->document.filename = name;
    dossier->options.engine = arena_text(dossier->arena, reader->options.engine);
    dossier->options.pages = arena_text(dossier->arena, reader->options.pages);
    dossier->options.gate = reader->options.gate;
    if (bytes) {
        dossier->document.id = arena_format(dossier->arena, "sha256-%.32s", bytes->sha256);
        dossier->document.bytes = bytes->bytes;
        dossier->document.sha256 = arena_text(dossier->arena, bytes->sha256);
    }
    for (const char *p = reader->options.languages; p && *p; p += strspn(p, "+,")) {
        size_t length = strcspn(p, "+,");
        texts_push(dossier->arena, &dossier->options.languages, arena_text_n(dossier->arena, p, length));
        p += length;
    }
    return dossier;
}

/* The fault that a stage which ended the run has written into the outcome. */
static void take_outcome(const dossier_t *dossier, fault_t *fault)
{
    const outcome_t *outcome = &dossier->outcome;
    if (!outcome->error)
        return;
    fault_code_t code = fault_code_of(outcome->error);
    fault_set(fault, code == FAULT_NONE ? FAULT_MESSAGE : code, "%s",
              outcome->message ? outcome->message : fault_summary(code));
}

/* Fills the entry of a document; dossier may be NULL where there never was one. */
static void conclude(reader_t *reader, size_t number, dossier_t *dossier)
{
    entry_t *entry = &reader->entries[number];
    const input_t *input = &reader->inputs.items[number];
    entry->done = true;
    if (entry->fault.code == FAULT_UNSUPPORTED && input->walked) {
        entry->skipped = true;
        reader->tally.skipped++;
        return;
    }
    if (entry->fault.code == FAULT_NONE) {
        form(reader, number, dossier);
    } else if (is_line_each(reader)) {
        dossier_t *failed = dossier ? dossier : first_dossier(reader, input, NULL);
        failed->outcome.status = "failed";
        failed->outcome.error = fault_name(entry->fault.code);
        failed->outcome.message = entry->fault.text;
        form(reader, number, failed);
        if (failed != dossier)
            dossier_destroy(&failed);
    }
    tally_add(&reader->tally, dossier, &entry->fault);
}

/* Takes a result out of a slot. */
static void collect(reader_t *reader, slot_t *slot)
{
    size_t number = slot_document(slot);
    entry_t *entry = &reader->entries[number];
    slot_result_t result;
    slot_take(slot, &result);
    entry->fault = result.fault;
    fault_t fault = {0};
    dossier_t *dossier = dossier_decode(buf_string(&result.dossier), result.dossier.size, &fault);
    if (entry->fault.code == FAULT_NONE && !dossier)
        entry->fault = fault;
    else if (entry->fault.code == FAULT_NONE && result.ended_early)
        take_outcome(dossier, &entry->fault);
    if (result.begun_us && !reader->tally.first_stage_us)
        reader->tally.first_stage_us = result.begun_us;
    entry->attachment = result.attachment;
    result.attachment = (buf_t){0};
    conclude(reader, number, dossier);
    dossier_destroy(&dossier);
    slot_result_free(&result);
}

/* ---- documents into slots, results out ---- */

/* Gives the next document to a free slot. */
static void feed(reader_t *reader, slot_t *slot)
{
    while (reader->next_in < reader->inputs.count && !reader->stopped &&
           reader->next_in - reader->next_out < AHEAD_MOST + reader->slot_count) {
        size_t number = reader->next_in++;
        const input_t *input = &reader->inputs.items[number];
        entry_t *entry = &reader->entries[number];
        input_bytes_t bytes;
        if (input_read(input, reader->signal_fd, &bytes, &entry->fault) == 0) {
            buf_t packed = {0};
            dossier_t *dossier = first_dossier(reader, input, &bytes);
            dossier_encode(dossier, &packed);
            slot_begin(slot, number, &packed, bytes.fd);
            buf_free(&packed);
            dossier_destroy(&dossier);
            return;
        }
        if (entry->fault.code == FAULT_CANCELLED)
            return; /* the signal is met in the loop */
        conclude(reader, number, NULL);
    }
}

/* Whether folder/name is one of the inputs. */
static bool is_input(const reader_t *reader, const char *folder, const char *name)
{
    char path[4096];
    struct stat status;
    if (snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path || stat(path, &status) < 0)
        return false;
    for (size_t i = 0; i < reader->inputs.count; i++)
        if (reader->inputs.items[i].inode == status.st_ino && reader->inputs.items[i].device == status.st_dev)
            return true;
    return false;
}

static int save(const reader_t *reader, const char *folder, const char *name, const buf_t *bytes, fault_t *fault)
{
    if (is_input(reader, folder, name))
        return fault_set(fault, FAULT_OUTPUT,
                         "%s/%s is a document to be read and is not written over; choose another "
                         "name",
                         folder, name);
    return outlet_save(folder, name, bytes, fault);
}

static int save_overlay(const reader_t *reader, const buf_t *bytes, fault_t *fault)
{
    if (!bytes->size)
        return fault_set(fault, FAULT_UNSUPPORTED, "there is no picture of this page to draw on");
    char *folder = arena_text(reader->arena, reader->options.overlay), *slash = strrchr(folder, '/');
    const char *name = slash ? slash + 1 : reader->options.overlay;
    if (slash)
        slash[slash == folder] = 0;
    return save(reader, slash ? folder : ".", name, bytes, fault);
}

/* One entry leaves. */
static void emit(reader_t *reader, size_t number)
{
    entry_t *entry = &reader->entries[number];
    const char *path = shown_name(&reader->inputs.items[number]);
    bool is_read = entry->fault.code == FAULT_NONE && !entry->skipped;
    fault_t fault = {0};
    if (entry->fault.code != FAULT_NONE && !entry->skipped)
        say(reader, path, &entry->fault);
    if (is_read && reader->options.overlay && save_overlay(reader, &entry->attachment, &fault) < 0) {
        say(reader, path, &fault);
        reader->tally.by[fault.code]++;
    }
    if (is_read && reader->options.out) {
        if (save(reader, reader->options.out, reader->names[number], &entry->text, &fault) < 0) {
            say(reader, path, &fault);
            reader->tally.by[fault.code]++;
            reader->tally.failed++;
            reader->tally.read--;
        }
    } else if (entry->text.size) {
        const char *text = entry->text.bytes;
        if (reader->headed && strcmp(reader->options.format, "csv") == 0)
            text = strchr(text, '\n') + 1; /* which document is the first is known only here */
        reader->headed = true;
        progress_clear(&reader->progress);
        buf_text(&reader->out.bytes, text);
    }
    buf_free(&entry->text);
    buf_free(&entry->attachment);
}

static void emit_all(reader_t *reader)
{
    while (reader->next_out < reader->inputs.count && reader->entries[reader->next_out].done &&
           reader->out.bytes.size - reader->out.sent < PENDING_MOST)
        emit(reader, reader->next_out++);
}

/* ---- the loop ---- */

static void draw(reader_t *reader, int64_t now_us, int64_t *next_us)
{
    const char *what = NULL, *stage = NULL;
    int part = 0, parts = 0;
    for (size_t i = 0; i < reader->slot_count && !what; i++)
        if (!slot_is_free(reader->slots[i])) {
            what = shown_name(&reader->inputs.items[slot_document(reader->slots[i])]);
            stage = slot_stage(reader->slots[i], &part, &parts);
        }
    progress_draw(&reader->progress, reader->tally.read + reader->tally.failed + reader->tally.skipped, what, stage,
                  part, parts, now_us, next_us);
}

static int take_signal(const reader_t *reader)
{
    struct signalfd_siginfo info;
    return read(reader->signal_fd, &info, sizeof info) == sizeof info ? 128 + (int)info.ssi_signo : 0;
}

/* Milliseconds until a time, for poll; -1 = for ever. */
static int timeout_ms(int64_t next_us)
{
    if (next_us == INT64_MAX)
        return -1;
    int64_t left = (next_us - clock_now_us() + 999) / 1000;
    return left < 0 ? 0 : left > 60000 ? 60000 : (int)left;
}

/* Waits for children, the reader of the output and signals, at most until next_us. */
static void await(reader_t *reader, int64_t next_us)
{
    size_t count = 0;
    bool pending = outlet_is_pending(&reader->out);
    reader->polls[count++] = (struct pollfd){reader->signal_fd, POLLIN, 0};
    /* without POLLOUT a pipe still tells that its reader has gone */
    reader->polls[count++] =
        (struct pollfd){reader->out.tiny || pending ? reader->out.fd : -1, pending ? POLLOUT : 0, 0};
    for (size_t i = 0; i < reader->slot_count; i++)
        count += slot_poll(reader->slots[i], reader->polls + count);
    if (poll(reader->polls, count, timeout_ms(next_us)) < 0)
        return; /* EINTR: no signal of ours comes that way; go round */
    if (reader->polls[0].revents)
        reader->stopped = take_signal(reader);
    short out = reader->polls[1].revents;
    fault_t fault = {0};
    bool gone = false;
    if (pending && out && outlet_write(&reader->out, &gone, &fault) < 0) {
        if (!gone)
            say(reader, NULL, &fault);
        reader->stopped = gone ? EXIT_PIPE : fault_exit(fault.code);
    } else if (!pending && (out & POLLERR)) {
        reader->stopped = EXIT_PIPE;
    }
}

/* Says once what the sandbox of the workers lacks on this system. */
static void warn(reader_t *reader)
{
    const char *missing = NULL;
    for (size_t i = 0; i < reader->slot_count && !reader->warned && !missing; i++)
        missing = slot_missing(reader->slots[i]);
    if (!missing || reader->command->settings->sandbox == WORKER_STRICT)
        return; /* strict: the documents fail with it */
    fault_t fault;
    fault_set(&fault, FAULT_SYSTEM,
              "the workers' sandbox is incomplete here, missing: %s; YOGI_SANDBOX=strict refuses to work so", missing);
    say(reader, NULL, &fault);
    reader->warned = true;
}

static void run(reader_t *reader)
{
    while (!reader->stopped) {
        int64_t now_us = clock_now_us(), next_us = INT64_MAX;
        size_t left_before = reader->next_out;
        for (size_t i = 0; i < reader->slot_count; i++) {
            slot_t *slot = reader->slots[i];
            if (slot_is_free(slot))
                feed(reader, slot);
            while (slot_step(slot, now_us, &next_us)) {
                collect(reader, slot);
                emit_all(reader);
                feed(reader, slot);
            }
        }
        warn(reader);
        emit_all(reader);
        if (reader->next_out == reader->inputs.count && !outlet_is_pending(&reader->out))
            return;
        if (reader->next_out != left_before && reader->next_in < reader->inputs.count)
            continue; /* what has left makes room for more, and nothing may come that would wake us */
        draw(reader, now_us, &next_us);
        await(reader, next_us);
    }
}

/* Lets the workers end by themselves; kills those that do not. */
static void stop(reader_t *reader)
{
    bool stopped = false;
    for (size_t i = 0; i < reader->slot_count && !reader->stopped; i++)
        slot_stop(reader->slots[i], clock_now_us());
    while (!stopped && !reader->stopped) {
        int64_t now_us = clock_now_us(), next_us = INT64_MAX;
        size_t count = 1;
        stopped = true;
        reader->polls[0] = (struct pollfd){reader->signal_fd, POLLIN, 0};
        for (size_t i = 0; i < reader->slot_count; i++) {
            slot_step(reader->slots[i], now_us, &next_us);
            stopped &= slot_is_stopped(reader->slots[i]);
            count += slot_poll(reader->slots[i], reader->polls + count);
        }
        if (!stopped && poll(reader->polls, count, timeout_ms(next_us)) > 0 && reader->polls[0].revents)
            reader->stopped = take_signal(reader);
    }
}

/* ---- around the loop ---- */

static int open_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* What can only be checked once the documents are listed. */
static int check(reader_t *reader, fault_t *fault)
{
    const read_options_t *options = &reader->options;
    if (options->overlay && reader->many)
        return fault_set(fault, FAULT_USAGE, "--overlay draws one document; name one file");
    if (strcmp(options->format, "html") == 0 && reader->many && !options->out)
        return fault_set(fault, FAULT_USAGE, "several documents do not fit one page of HTML; add --out DIR");
    return options->out ? outlet_check(options->out, fault) : 0;
}

static void open_slots(reader_t *reader, const char *const *route)
{
    const settings_t *settings = reader->command->settings;
    size_t wanted = (size_t)reader->options.workers;
    reader->slot_count = wanted < reader->inputs.count ? wanted : reader->inputs.count;
    reader->slots = arena_array(reader->arena, reader->slot_count, sizeof(slot_t *));
    reader->polls =
        arena_array(reader->arena, 2 + reader->slot_count * SLOT_STAGES_MOST * CHILD_POLLS, sizeof *reader->polls);
    slot_plan_t plan = {.route = route,
                        .worker = {.program = reader->command->worker,
                                   .sandbox = (worker_sandbox_t)settings->sandbox,
                                   .memory_bytes = settings->worker_memory,
                                   .job_us = settings->job_seconds * 1000000,
                                   .cpu_us = settings->job_cpu_seconds * 1000000,
                                   .log = reader->command->log}};
    for (size_t i = 0; i < reader->slot_count; i++)
        reader->slots[i] = slot_new(&plan, (int)i);
}

/* The lines of --timing that the tally does not know. */
static void add_timing(const reader_t *reader, const char *const *route, int64_t spent_us, buf_t *text)
{
    tally_timing(&reader->tally, text);
    int64_t cpu_us = 0;
    for (size_t i = 0; i < reader->slot_count; i++)
        cpu_us += slot_cpu_us(reader->slots[i]);
    if (reader->tally.first_stage_us)
        buf_format(text, "start to first stage: %.1f ms\n",
                   (double)(reader->tally.first_stage_us - reader->command->start_us) / 1000);
    buf_format(text, "workers: %.3f s of CPU; yogi itself: %.3f s; wall: %.3f s\n", (double)cpu_us / 1e6,
               (double)clock_process_us() / 1e6, (double)spent_us / 1e6);
    buf_text(text, "peak memory:");
    for (size_t i = 0; route[i]; i++) {
        int64_t peak = 0;
        for (size_t j = 0; j < reader->slot_count; j++)
            if (slot_peak_bytes(reader->slots[j], i) > peak)
                peak = slot_peak_bytes(reader->slots[j], i);
        buf_format(text, " %s %.0f MB", route[i], (double)peak / 1048576);
    }
    buf_char(text, '\n');
}

static void report(reader_t *reader, const char *const *route, int64_t spent_us)
{
    buf_t text = {0};
    progress_clear(&reader->progress);
    if (reader->many && !reader->stopped)
        tally_summary(&reader->tally, spent_us, &text);
    if (reader->many && reader->stopped > 128 && reader->stopped != EXIT_PIPE)
        buf_format(&text, "yogi: interrupted after %zu of %zu documents; read the others in another run\n",
                   reader->next_out, reader->inputs.count);
    if (reader->options.timing && !reader->stopped)
        add_timing(reader, route, spent_us, &text);
    fputs(buf_string(&text), stderr);
    buf_free(&text);
}

/* Everything from the listed documents to the exit code. */
static int read_all(reader_t *reader, const char *first)
{
    static const char *const plain[] = {"classification", "ocr", "llm", "validation", NULL};
    static const char *const drawn[] = {"classification", "ocr", "llm", "validation", "render", NULL};
    const char *const *route = reader->options.overlay ? drawn : plain;
    int64_t start_us = clock_now_us();
    reader->names = names_make(&reader->inputs, form_find(reader->options.format)->extension, reader->arena);
    reader->entries = arena_array(reader->arena, reader->inputs.count, sizeof *reader->entries);
    outlet_open(&reader->out, STDOUT_FILENO);
    progress_begin(&reader->progress, reader->inputs.count, start_us);
    open_slots(reader, route);
    run(reader);
    int64_t spent_us = clock_now_us() - start_us;
    stop(reader);
    if (!reader->stopped && reader->tally.skipped && reader->tally.read + reader->tally.failed == 0) {
        fault_t fault;
        fault_set(&fault, FAULT_INPUT, "there is no document in this folder; name a folder or files with timetables");
        say(reader, first, &fault);
        reader->tally.by[FAULT_INPUT]++;
    }
    report(reader, route, spent_us);
    for (size_t i = 0; i < reader->slot_count; i++)
        slot_destroy(&reader->slots[i]);
    for (size_t i = 0; i < reader->inputs.count; i++) {
        buf_free(&reader->entries[i].text);
        buf_free(&reader->entries[i].attachment);
    }
    outlet_close(&reader->out);
    return reader->stopped ? reader->stopped : tally_exit(&reader->tally);
}

int read_main(const command_t *command, int argc, char **argv)
{
    reader_t reader = {.command = command, .arena = arena_new(), .signal_fd = -1};
    reader.tally.arena = reader.arena;
    fault_t fault = {0};
    int operands = 0, code = 0;
    if (read_options_parse(command, argc, argv, &reader.options, &operands, &fault) < 0) {
        say(&reader, NULL, &fault);
        code = fault_exit(fault.code);
    } else if (reader.options.help || reader.options.version) {
        buf_t text = {0};
        reader.options.help ? read_options_help(&text) : buf_text(&text, "yogi " YOGI_VERSION "\n");
        code = fputs(buf_string(&text), stdout) < 0 || fflush(stdout) != 0 ? fault_exit(FAULT_OUTPUT) : 0;
        buf_free(&text);
    } else if (inputs_list(argv, (size_t)operands, reader.arena, &reader.inputs, &fault) < 0) {
        say(&reader, NULL, &fault);
        code = fault_exit(fault.code);
    } else {
        reader.many = reader.inputs.count > 1 || reader.inputs.folders;
        reader.signal_fd = open_signals();
        if (check(&reader, &fault) < 0) {
            say(&reader, NULL, &fault);
            code = fault_exit(fault.code);
        } else {
            code = read_all(&reader, argv[0]);
        }
        close(reader.signal_fd);
    }
    arena_destroy(&reader.arena);
    return code;
}
