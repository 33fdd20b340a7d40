/* lean: see lean.h. Not a place for anything that this program calls itself: these are other libraries' names. */
#include "lean.h"

#include "actors/picture/picture_codec_plain.h"

void lean_open(void)
{
    (void)picture_codec_packed();
}

int lean_packed(void)
{
    return picture_codec_packed();
}

/* The names of gcc's OpenMP library for "omp parallel" and "omp sections", for a team of one: the sections are given
 * out in turn, 0 when there are no more. */
typedef struct {
    unsigned next, count; /* section under way, of how many */
} team_t;

static _Thread_local team_t team;

void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags);
void GOMP_parallel_sections(void (*body)(void *), void *data, unsigned threads, unsigned count, unsigned flags);
unsigned GOMP_sections_next(void);
void GOMP_sections_end_nowait(void);

void GOMP_parallel(void (*body)(void *), void *data, unsigned threads, unsigned flags)
{
    (void)threads, (void)flags;
    body(data);
}

void GOMP_parallel_sections(void (*body)(void *), void *data, unsigned threads, unsigned count, unsigned flags)
{
    (void)threads, (void)flags;
    team_t outer = team;
    team = (team_t){0, count};
    body(data);
    team = outer;
}

unsigned GOMP_sections_next(void)
{
    return team.next < team.count ? ++team.next : 0;
}

void GOMP_sections_end_nowait(void)
{
}
