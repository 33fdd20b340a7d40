/* simulation: runs worlds, one for each seed.
 *
 *     simulation [-n STEPS] [-c SEEDS] [-s FIRST] [-v]
 *
 * Closes with the steps that were made and how many in a second. Exit code 1, the seed and what was broken when a rule
 * was.
 */
#include "proto/base/clock.h"
#include "world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    uint64_t steps = 100000, seeds = 1, first = 1, made = 0, finished = 0, taken_over = 0, kills = 0, freezes = 0;
    bool trace = false;
    for (int option; (option = getopt(argc, argv, "n:c:s:v")) != -1;) {
        if (option == 'n')
            steps = strtoull(optarg, NULL, 10);
        else if (option == 'c')
            seeds = strtoull(optarg, NULL, 10);
        else if (option == 's')
            first = strtoull(optarg, NULL, 10);
        else if (option == 'v')
            trace = true;
        else
            return 2;
    }
    int64_t begun = clock_process_us();
    for (uint64_t seed = first; seed < first + seeds; seed++) {
        world_t world;
        world_open(&world, seed, trace);
        world_run(&world, steps);
        made += world.steps;
        finished += world.finished;
        taken_over += world.taken_over;
        kills += world.kills;
        freezes += world.freezes;
        if (seeds == 1)
            printf("seed %" PRIu64 " hash %016" PRIx64 "\n", seed, world.hash);
        world_close(&world);
    }
    double seconds = (double)(clock_process_us() - begun) / 1e6;
    printf("%" PRIu64 " steps, %" PRIu64 " jobs, %" PRIu64 " kills, %" PRIu64 " freezes, %" PRIu64
           " taken over; %.0f steps/s\n",
           made, finished, kills, freezes, taken_over, (double)made / (seconds > 0 ? seconds : 1));
    return 0;
}
