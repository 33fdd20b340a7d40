/* noops_worker: a worker as yogi-worker is, with the stage noop under four names, so that a job has a long way to go
 * through cheap stages. */
#include "actors/skeleton.h"

int main(int argc, char **argv)
{
    stage_t stages[] = {stage_noop, stage_noop, stage_noop, stage_noop};
    static const char *const names[] = {"one", "two", "three", "four"};
    const stage_t *list[4];
    for (int i = 0; i < 4; i++) {
        stages[i].name = names[i];
        list[i] = &stages[i];
    }
    return skeleton_main(argc, argv, list, 4);
}
