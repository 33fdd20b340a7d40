/* through: runs stages one after another in this process on one document and prints the dossier as JSON.
 *
 *     through [-s STAGE,STAGE…] [-d DOSSIER.msgpack] [-o DOSSIER.msgpack] [-a ATTACHMENT] [-t] FILE
 *
 * -s  the stages (default: classification,ocr,llm,validation)   -d  start from this dossier
 * -o  write the dossier as msgpack to this file, print nothing   -t  print the timetables alone
 * -a  write what the last stage attached (the PNG of the stage render) to this file
 */
#include "actors/stage.h"
#include "proto/base/clock.h"
#include "proto/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const stage_t *const stages[] = {&stage_classification, &stage_ocr, &stage_llm, &stage_validation,
                                        &stage_render};

static void read_file(const char *path, buf_t *out)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(3);
    }
    char block[65536];
    for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;)
        buf_add(out, block, n);
    fclose(file);
}

static int64_t last_us;

static void lap(stage_job_t *job, const char *name)
{
    int64_t now = clock_process_us();
    trail_t *trail = LIST_AT(trail_t, job->dossier->trail, job->dossier->trail.count - 1);
    lap_t *entry = list_push(job->dossier->arena, &trail->laps, sizeof *entry);
    entry->name = name;
    entry->ms = (double)(now - last_us) / 1000;
    last_us = now;
}

static void progress(stage_job_t *job, int done, int total)
{
    (void)job, (void)done, (void)total;
}

/* Runs one stage; false when the run ends. */
static bool run_stage(const stage_t *stage, dossier_t *dossier, const buf_t *file, buf_t *attachment)
{
    fault_t fault = {0};
    trail_t *trail = list_push(dossier->arena, &dossier->trail, sizeof *trail);
    trail->stage = stage->name;
    stage_job_t job = {.dossier = dossier,
                       .bytes = (const uint8_t *)file->bytes,
                       .size = file->size,
                       .state = stage->open ? stage->open() : NULL,
                       .lap = lap,
                       .progress = progress,
                       .attachment = attachment};
    int64_t start = last_us = clock_process_us();
    stage_end_t end = stage->run(&job, &fault);
    LIST_AT(trail_t, dossier->trail, dossier->trail.count - 1)->cpu_ms = (double)(clock_process_us() - start) / 1000;
    if (stage->close)
        stage->close(job.state);
    if (end == STAGE_FAIL) {
        fprintf(stderr, "%s: %s: %s\n", stage->name, fault_name(fault.code), fault.text);
        exit(fault_exit(fault.code));
    }
    return end == STAGE_NEXT;
}

int main(int argc, char **argv)
{
    char route[200] = "classification,ocr,llm,validation";
    const char *from = NULL, *to = NULL, *attached = NULL;
    bool timetables = false;
    setenv("OMP_THREAD_LIMIT", "1", 1);
    for (int c; (c = getopt(argc, argv, "s:d:o:a:t")) != -1;) {
        if (c == 's')
            snprintf(route, sizeof route, "%s", optarg);
        else if (c == 'd')
            from = optarg;
        else if (c == 'o')
            to = optarg;
        else if (c == 'a')
            attached = optarg;
        else if (c == 't')
            timetables = true;
        else
            return 2;
    }
    if (optind >= argc)
        return 2;
    buf_t file = {0}, packed = {0}, out = {0}, attachment = {0};
    fault_t fault = {0};
    read_file(argv[optind], &file);
    dossier_t *dossier = NULL;
    if (from) {
        read_file(from, &packed);
        if (!(dossier = dossier_decode(packed.bytes, packed.size, &fault))) {
            fprintf(stderr, "%s: %s\n", from, fault.text);
            return 4;
        }
    } else {
        dossier = dossier_new();
        dossier->document.filename = arena_text(dossier->arena, argv[optind]);
        dossier->options.gate = 0.9;
        dossier->options.engine = "rules";
    }
    char *saved = NULL;
    for (char *name = strtok_r(route, ",", &saved); name; name = strtok_r(NULL, ",", &saved)) {
        const stage_t *stage = NULL;
        for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
            if (strcmp(stages[i]->name, name) == 0)
                stage = stages[i];
        if (!stage) {
            fprintf(stderr, "no stage %s\n", name);
            return 2;
        }
        if (!run_stage(stage, dossier, &file, &attachment))
            break;
    }
    if (attached) {
        FILE *target = fopen(attached, "wb");
        if (!target || fwrite(attachment.bytes, 1, attachment.size, target) != attachment.size || fclose(target) != 0) {
            perror(attached);
            return 8;
        }
    }
    if (to) {
        dossier_encode(dossier, &out);
        FILE *target = fopen(to, "wb");
        if (!target || fwrite(out.bytes, 1, out.size, target) != out.size || fclose(target) != 0) {
            perror(to);
            return 8;
        }
    } else {
        if (timetables)
            json_write_list(&timetable_schema, &dossier->timetables, NULL, 1, &out);
        else
            json_write(&dossier_schema, dossier, NULL, 1, &out);
        puts(buf_string(&out));
    }
    buf_free(&file);
    buf_free(&packed);
    buf_free(&out);
    buf_free(&attachment);
    dossier_destroy(&dossier);
    return 0;
}
