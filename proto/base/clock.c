/* clock: see clock.h. */
#include "clock.h"

#include <time.h>

static int64_t read_us(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_now_us(void)
{
    return read_us(CLOCK_MONOTONIC);
}

int64_t clock_process_us(void)
{
    return read_us(CLOCK_PROCESS_CPUTIME_ID);
}

int64_t clock_wall_ms(void)
{
    return read_us(CLOCK_REALTIME) / 1000;
}

int64_t clock_wall_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Writes the lowest `count` digits of a number. */
static char *put(char *to, int number, int count)
{
    for (int i = count; i-- > 0; number /= 10)
        to[i] = (char)('0' + number % 10);
    return to + count;
}

/* By hand: strftime and snprintf take a microsecond, and every stage of every job is stamped twice. */
char *clock_format(int64_t wall_ms, char out[32])
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    char *to = put(out, utc.tm_year + 1900, 4);
    *to++ = '-';
    to = put(to, utc.tm_mon + 1, 2);
    *to++ = '-';
    to = put(to, utc.tm_mday, 2);
    *to++ = 'T';
    to = put(to, utc.tm_hour, 2);
    *to++ = ':';
    to = put(to, utc.tm_min, 2);
    *to++ = ':';
    to = put(to, utc.tm_sec, 2);
    *to++ = '.';
    to = put(to, (int)(wall_ms % 1000), 3);
    *to++ = 'Z';
    *to = 0;
    return out;
}
