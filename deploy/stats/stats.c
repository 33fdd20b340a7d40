/* stats: see stats.h. */
#include "stats.h"
#include "figures.h"
#include "proto/base/clock.h"
#include "proto/link.h"
#include "screen.h"
#include "watch.h"

#include <stdio.h>

/* OTHERS: how long the other brokers may take once one has answered. */
enum { OTHERS_US = 1000000 };

/* Asks, again whenever one more broker is heard, until all have answered or the time is over. */
static void ask_once(process_t *process, asker_t *asker, int64_t until_us)
{
    struct pollfd polls[ASKER_POLLS + 1];
    uint32_t asked = 0;
    bool final;
    while (asker_answers(asker) < asker_brokers(asker) && asker_fault(asker)->code == FAULT_NONE &&
           clock_now_us() < until_us && !process_told_to_end(process) && !(asker_refusal(asker, &final) && final)) {
        int64_t next_us = until_us;
        if (asker_heard(asker) > asked) {
            if (asked == 0)
                until_us = clock_now_us() + OTHERS_US;
            asked = asker_heard(asker);
            asker_ask(asker);
        }
        asker_step(asker, &next_us);
        if (asker_heard(asker) > asked)
            continue;
        size_t count = asker_poll(asker, polls);
        polls[count++] = (struct pollfd){process->signal_fd, POLLIN, 0};
        int64_t left_us = (next_us < until_us ? next_us : until_us) - clock_now_us();
        if (left_us > 0 && asker_answers(asker) < asker_brokers(asker))
            poll(polls, count, (int)((left_us + 999) / 1000));
    }
}

static int print(const asker_t *asker, bool json)
{
    buf_t out = {0};
    figures_t figures;
    figures_take(asker, clock_now_us(), &figures);
    if (json)
        figures_json(asker, &out);
    else
        figures_table(&figures, NULL, 0, &out);
    int code = fputs(buf_string(&out), stdout) < 0 || fflush(stdout) != 0 ? fault_exit(FAULT_OUTPUT) : 0;
    buf_free(&out);
    return code;
}

int stats_run(process_t *process, const stats_options_t *options)
{
    fault_t fault = {0};
    int64_t until_us = clock_now_us() + (int64_t)options->wait * 1000000;
    asker_t *asker = asker_new(process, &fault);
    if (!asker)
        return process_fail(process, &fault);
    int code = 0;
    if (!options->json && !options->once && screen_is_there()) {
        if (watch_run(process, asker, until_us, &fault) < 0)
            code = process_fail(process, &fault);
    } else {
        ask_once(process, asker, until_us);
        if (asker_answers(asker)) {
            code = print(asker, options->json);
        } else {
            asker_tell_silence(asker, &fault);
            code = process_fail(process, &fault);
        }
    }
    asker_destroy(&asker);
    return code;
}
