/* kernel: see kernel.h. */
#include "kernel_kinds.h"

#include <stdbool.h>

#if defined(__x86_64__)
static bool runs_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}

static bool runs_vnni(void)
{
    return runs_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
}
#endif

static bool runs_always(void)
{
    return true;
}

const kernel_t *kernel_at(int index)
{
    static const struct {
        const kernel_t *kernel;
        bool (*runs)(void);
    } kinds[] = {
        {&kernel_plain, runs_always},
#if defined(__x86_64__)
        {&kernel_avx2, runs_avx2},
        {&kernel_vnni, runs_vnni},
#endif
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (kinds[i].runs() && index-- == 0)
            return kinds[i].kernel;
    return NULL;
}

const kernel_t *kernel_best(void)
{
    const kernel_t *best = kernel_at(0), *next;
    for (int i = 1; (next = kernel_at(i)); i++)
        best = next;
    return best;
}
