/* A gateway that accepts uploads without end, for a test that kills it: it prints the id of each one when the store has
 * said that it is on disk. Not a test by itself.
 */
#include "proto/base/memory.h"
#include "trial.h"

#include <stdio.h>
#include <unistd.h>

enum { WINDOW = 32 };

typedef struct {
    store_task_t task;
    store_t *store;
    const char *owner;
    char id[IDENT_TEXT], run[IDENT_TEXT];
} upload_t;

static void hand_in(upload_t *upload);

static int run(session_t *session, store_task_t *task, fault_t *fault)
{
    upload_t *upload = task->context;
    accept_t accept = {.id = upload->id,
                       .run = upload->run,
                       .tenant = "default",
                       .filename = view_of("week.png"),
                       .file_type = view_of("image"),
                       .options_hash = "",
                       .owner = upload->owner,
                       .route = "ocr",
                       .attempts = 1};
    accepted_t accepted;
    arena_t *arena = arena_new();
    int failed = documents_accept(session, &accept, arena, &accepted, fault);
    arena_destroy(&arena);
    return failed;
}

static void done(store_task_t *task)
{
    upload_t *upload = task->context;
    char line[IDENT_TEXT + 1];
    int size = snprintf(line, sizeof line, "%s\n", upload->id);
    if (task->fault.code != FAULT_NONE || write(STDOUT_FILENO, line, (size_t)size) != size)
        _exit(1);
    hand_in(upload);
}

static void hand_in(upload_t *upload)
{
    ident_t id, run_id;
    if (ident_new(&id, NULL) < 0 || ident_new(&run_id, NULL) < 0)
        _exit(1);
    ident_format(id, upload->id);
    ident_format(run_id, upload->run);
    upload->task =
        (store_task_t){.kind = STORE_WRITE, .patience_ms = 60000, .run = run, .done = done, .context = upload};
    store_submit(upload->store, &upload->task);
}

int run_writer(void)
{
    void *state;
    if (trial_begin_group(&state) < 0)
        return 1;
    trial_t *trial = state;
    upload_t *uploads = memory_new(WINDOW, sizeof *uploads);
    fault_t fault;
    store_t *store = store_new(&trial->settings, true, NULL, &fault);
    for (int i = 0; store && i < WINDOW; i++) {
        uploads[i].store = store;
        uploads[i].owner = "writer";
        hand_in(&uploads[i]);
    }
    while (store)
        pause();
    return 1;
}
