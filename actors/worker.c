/* worker: yogi-worker STAGE, one stage in a process of its own; see skeleton.h. */
#include "skeleton.h"

#define STAGE_ROW(name) &stage_##name,
static const stage_t *const stages[] = {STAGE_MAP(STAGE_ROW)};
#undef STAGE_ROW

int main(int argc, char **argv)
{
    return skeleton_main(argc, argv, stages, sizeof stages / sizeof *stages);
}
