/* stats: see stats.h. */
#include "stats.h"
#include "figures.h"
#include "proto/base/clock.h"
#include "screen.h"
#include "watch.h"

#include <stdio.h>

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
        asker_gather(asker, process, until_us);
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
