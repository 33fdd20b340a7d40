/* paperwork: what actors/bridge/papers makes of a job's data and of dossiers, for tests.
 *
 *     paperwork payload STAGE [PREVIOUS] < DATA.json       the dossier as JSON with `begin`; or "refused FAULT: why",
 * exit 1 paperwork data STAGE < DOSSIER.msgpack               the data of a job for others paperwork result STAGE
 * [through] < DOSSIER.msgpack   what a job of the stage returns paperwork returned STAGE DOSSIER.msgpack < RETURN.json
 * the dossier with what a worker has returned, as `payload`
 *
 * Settings come from the environment.
 */
#include "actors/bridge/papers/payload.h"
#include "actors/bridge/papers/result.h"
#include "proto/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

static void read_all(FILE *file, buf_t *out)
{
    char block[65536];
    for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;)
        buf_add(out, block, n);
}

static int refuse(const fault_t *fault)
{
    printf("refused %s: %s\n", fault_name(fault->code), fault->text);
    return 1;
}

static void show(const char *name, const char *value, const dossier_t *dossier)
{
    buf_t out = {0};
    buf_format(&out, "{\"%s\":", name);
    if (value)
        json_text(value, &out);
    else
        buf_text(&out, "null");
    buf_text(&out, ",\"dossier\":");
    json_write(&dossier_schema, dossier, NULL, 0, &out);
    printf("%s}\n", buf_string(&out));
    buf_free(&out);
}

static int payload(const char *stage, const char *previous, const buf_t *in)
{
    fault_t fault = {0};
    settings_t settings;
    buf_t problems = {0};
    arena_t *arena = arena_new();
    payload_t read;
    int code = 0;
    yogi_settings_load(environ, arena, &settings, &problems);
    sources_t *sources = sources_new(&settings, &fault);
    payload_ask_t ask = {.stage = stage, .text = in->bytes, .size = in->size, .previous = previous};
    if (!sources || payload_read(sources, &ask, &read, &fault) < 0) {
        code = refuse(&fault);
    } else {
        show("begin", read.begin, read.dossier);
        payload_free(&read);
    }
    sources_destroy(&sources);
    arena_destroy(&arena);
    buf_free(&problems);
    return code;
}

static dossier_t *open_dossier(const buf_t *bytes)
{
    fault_t fault = {0};
    dossier_t *dossier = dossier_decode(bytes->bytes, bytes->size, &fault);
    if (!dossier)
        refuse(&fault);
    return dossier;
}

static int write_out(const char *what, const char *stage, bool through, const buf_t *in)
{
    buf_t out = {0};
    dossier_t *dossier = open_dossier(in);
    if (!dossier)
        return 1;
    if (strcmp(what, "result") == 0)
        result_write(stage, through, dossier, &out);
    else
        payload_write(dossier, &(payload_mark_t){stage, "0190b6e4-0000-7000-8000-000000000000", 1}, &out);
    printf("%s\n", buf_string(&out));
    buf_free(&out);
    dossier_destroy(&dossier);
    return 0;
}

static int returned(const char *stage, const char *path, const buf_t *in)
{
    fault_t fault = {0};
    buf_t bytes = {0};
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 2;
    }
    read_all(file, &bytes);
    fclose(file);
    const char *engine;
    int code = 1;
    dossier_t *dossier = open_dossier(&bytes);
    if (dossier && result_read(stage, in->bytes, in->size, dossier, &engine, &fault) < 0) {
        refuse(&fault);
    } else if (dossier) {
        show("engine", engine, dossier);
        code = 0;
    }
    dossier_destroy(&dossier);
    buf_free(&bytes);
    return code;
}

int main(int argc, char **argv)
{
    buf_t in = {0};
    int code = 2;
    if (argc < 3) {
        fprintf(stderr, "paperwork payload|data|result|returned STAGE …\n");
        return 2;
    }
    read_all(stdin, &in);
    if (strcmp(argv[1], "payload") == 0)
        code = payload(argv[2], argv[3], &in);
    else if (strcmp(argv[1], "returned") == 0 && argc > 3)
        code = returned(argv[2], argv[3], &in);
    else
        code = write_out(argv[1], argv[2], argc > 3, &in);
    buf_free(&in);
    return code;
}
