/* cronnext: what actors/bridge/cron says of patterns, one line in and one line out, for tests beside cron-parser.
 *
 *     in    pattern TAB zone TAB after TAB first TAB last TAB seed TAB strict TAB count
 *     out   count moments in Unix milliseconds, each the next after the one before; "end" where there is none; or
 * "refused"
 *
 * Times are Unix milliseconds; first and last may be empty. A zone is opened once.
 */
#include "actors/bridge/cron/cron.h"
#include "proto/base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 8, ZONES_MOST = 1024 };

static struct {
    char name[64];
    zone_t *zone;
} zones[ZONES_MOST];

static const zone_t *zone_of(const char *name)
{
    fault_t fault;
    size_t i = 0;
    while (i < ZONES_MOST && zones[i].zone && strcmp(zones[i].name, name) != 0)
        i++;
    if (i == ZONES_MOST || (!zones[i].zone && !(zones[i].zone = zone_open(ZONE_FOLDER, name, &fault)))) {
        fprintf(stderr, "%s\n", i == ZONES_MOST ? "too many zones" : fault.text);
        exit(2);
    }
    snprintf(zones[i].name, sizeof zones[i].name, "%s", name);
    return zones[i].zone;
}

static void answer(char *fields[FIELDS])
{
    cron_t cron;
    cron_ways_t ways = {.seed = fields[5], .strict = fields[6][0] == '1'};
    cron_span_t span = {CRON_ALWAYS};
    fault_t fault;
    int64_t at = strtoll(fields[2], NULL, 10);
    if (fields[3][0])
        span.first_ms = strtoll(fields[3], NULL, 10);
    if (fields[4][0])
        span.last_ms = strtoll(fields[4], NULL, 10);
    if (cron_parse(fields[0], &ways, &cron, &fault) < 0) {
        printf("refused\t%s\n", fault.text);
        return;
    }
    for (int count = atoi(fields[7]), i = 0; i < count; i++) {
        if (!cron_next(&cron, zone_of(fields[1]), &span, at, &at)) {
            printf(i ? " end" : "end");
            break;
        }
        printf(i ? " %" PRId64 : "%" PRId64, at);
    }
    printf("\n");
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    for (ssize_t size; (size = getline(&line, &room, stdin)) > 0;) {
        char *fields[FIELDS], *at = line;
        line[strcspn(line, "\n")] = 0;
        for (int i = 0; i < FIELDS; i++) {
            if (!at) {
                fprintf(stderr, "a line has fewer than %d fields\n", FIELDS);
                return 2;
            }
            fields[i] = strsep(&at, "\t");
        }
        answer(fields);
    }
    free(line);
    for (size_t i = 0; i < ZONES_MOST; i++)
        zone_close(&zones[i].zone);
    return 0;
}
