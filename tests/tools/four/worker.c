/* A worker with four stages that do what the stage noop does, so that a document can pass through four of them. */
#include "actors/skeleton.h"

int main(int argc, char **argv)
{
    static const char *const names[] = {"first", "second", "third", "fourth"};
    stage_t stages[4];
    const stage_t *list[4];
    for (int i = 0; i < 4; i++) {
        stages[i] = stage_noop;
        stages[i].name = names[i];
        list[i] = &stages[i];
    }
    return skeleton_main(argc, argv, list, 4);
}
