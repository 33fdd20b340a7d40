/* check_brokers: which brokers answer, and whether the stages that every document needs have actors at them. */
#include "checks.h"
#include "listener.h"
#include "proto/base/clock.h"
#include "proto/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where nobody has named a broker, one that is there is on this machine, and answers at once. */
enum { UNNAMED_S = 1 };

/* Those that every document needs, and one that only drawings need. */
static const struct {
    const char *name;
    bool needed;
} stages[] = {{"classification", true}, {"ocr", true}, {"llm", true}, {"validation", true}, {"render", false}};

/* Whether it is known where brokers are to be: by the settings, or by the `yogi up` that runs here. -1: which one is
 * not. */
static int find(doctor_t *doctor)
{
    char endpoint[SITE_ENDPOINT];
    fault_t fault = {0};
    if (yogi_settings_given(environ, "YOGI_BROKERS"))
        return 1;
    int found = site_find(doctor->process.settings.data, endpoint, &fault);
    if (found > 0)
        doctor->process.settings.brokers = arena_text(doctor->process.arena, endpoint);
    if (found < 0)
        doctor_fault(doctor, NULL, &fault);
    return found;
}

/* Where nobody has named one: whether anybody listens at the usual place, which is on this machine. */
static bool is_likely(const doctor_t *doctor)
{
    listener_t listener;
    const char *colon = strrchr(doctor->process.settings.brokers, ':');
    return colon && listener_find(atoi(colon + 1), &listener);
}

static void show_none(doctor_t *doctor)
{
    doctor_note(doctor, LEVEL_WARNING,
                "yogi up starts everything on this machine; YOGI_BROKERS names brokers elsewhere",
                "none runs here, and none is named");
}

static void show_one(doctor_t *doctor, uint32_t i, bool named)
{
    const stats_t *stats = asker_answer(doctor->asker, i);
    const char *endpoint = asker_endpoint(doctor->asker, i);
    bool final;
    const char *refusal = asker_refusal(doctor->asker, &final);
    if (stats)
        doctor_note(doctor, LEVEL_OK, NULL,
                    "%.200s answers (protocol %d), up for %lld min, %lld of %lld jobs, %lld hosts", endpoint,
                    MESSAGE_VERSION, (long long)stats->uptime_ms / 60000, (long long)stats->jobs,
                    (long long)stats->jobs_most, (long long)stats->actors);
    else if (refusal)
        doctor_note(doctor, LEVEL_FAULT, NULL, "%.200s: %s", endpoint, refusal);
    else if (named)
        doctor_note(doctor, LEVEL_FAULT, "start it there (yogi broker), or look at YOGI_BROKERS",
                    "%.200s does not answer", endpoint);
    else
        show_none(doctor);
}

void check_brokers(doctor_t *doctor)
{
    fault_t fault = {0};
    int named = find(doctor);
    if (named < 0)
        return;
    if (!named && !is_likely(doctor)) {
        show_none(doctor);
        return;
    }
    doctor->asker = asker_new(&doctor->process, &fault);
    if (!doctor->asker) {
        doctor_fault(doctor, NULL, &fault);
        return;
    }
    int64_t wait_s = named || doctor->wait_s < UNNAMED_S ? doctor->wait_s : UNNAMED_S;
    asker_gather(doctor->asker, &doctor->process, clock_now_us() + wait_s * 1000000);
    for (uint32_t i = 0; i < asker_brokers(doctor->asker); i++)
        show_one(doctor, i, named > 0);
    if (asker_fault(doctor->asker)->code != FAULT_NONE)
        doctor_fault(doctor, "use one version of all programs", asker_fault(doctor->asker));
}

/* ---- stages ---- */

void check_stages(doctor_t *doctor)
{
    arena_t *arena = doctor->process.arena;
    buf_t served = {0};
    if (!doctor->asker || !asker_answers(doctor->asker)) {
        doctor_note(doctor, LEVEL_LEFT, NULL, "no broker is there to ask");
        return;
    }
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        const char *name = stages[i].name;
        level_t level = stages[i].needed ? LEVEL_FAULT : LEVEL_WARNING;
        int64_t hosts = asker_hosts(doctor->asker, name);
        if (hosts < 0)
            doctor_note(doctor, level, "add it to YOGI_BROKER_STAGES", "no broker knows the stage %s", name);
        else if (hosts == 0)
            doctor_note(doctor, level, arena_format(arena, "yogi actor %s", name), "nobody serves the stage %s", name);
        else
            buf_format(&served, "%s%s %lld", served.size ? ", " : "", name, (long long)hosts);
    }
    if (served.size)
        doctor_note(doctor, LEVEL_OK, NULL, "hosts: %s", served.bytes);
    buf_free(&served);
}
