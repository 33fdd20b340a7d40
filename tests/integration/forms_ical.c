/* forms_ical: the occurrences of a calendar as libical sees them, for tests/integration/forms_ics.py.
 *
 *     forms_ical FILE.ics MOST     prints for each event, at most MOST times: UID, start and end in UTC, SUMMARY, by
 * tabs
 */
#include <libical/ical.h>

#include <stdio.h>
#include <stdlib.h>

static char *read_line(char *out, size_t size, void *file)
{
    return fgets(out, (int)size, file);
}

/* Seconds since 1970 of a time in its own zone, by the VTIMEZONE of the calendar. */
static long long seconds(struct icaltimetype time)
{
    return (long long)icaltime_as_timet_with_zone(time, time.zone);
}

static void print_event(icalcomponent *event, long most)
{
    icalproperty *rule = icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY);
    struct icaltimetype start = icalcomponent_get_dtstart(event), end = icalcomponent_get_dtend(event);
    struct icaldurationtype length = icaltime_subtract(end, start);
    struct icaltimetype next;
    icalrecur_iterator *turns = icalrecur_iterator_new(icalproperty_get_rrule(rule), start);
    for (long i = 0; turns && i < most && !icaltime_is_null_time(next = icalrecur_iterator_next(turns)); i++) {
        next.zone = start.zone;
        struct icaltimetype close = icaltime_add(next, length);
        close.zone = start.zone;
        printf("%s\t%lld\t%lld\t%s\n", icalcomponent_get_uid(event), seconds(next), seconds(close),
               icalcomponent_get_summary(event));
    }
    icalrecur_iterator_free(turns);
}

int main(int argc, char **argv)
{
    FILE *file = argc == 3 ? fopen(argv[1], "rb") : NULL;
    if (!file)
        return 2;
    icalparser *parser = icalparser_new();
    icalparser_set_gen_data(parser, file);
    icalcomponent *calendar = icalparser_parse(parser, read_line);
    fclose(file);
    icalparser_free(parser);
    if (!calendar)
        return 3;
    icalrestriction_check(calendar);
    int errors = icalcomponent_count_errors(calendar);
    if (errors)
        fprintf(stderr, "%d errors:\n%s\n", errors, icalcomponent_as_ical_string(calendar));
    for (icalcomponent *event = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT); event;
         event = icalcomponent_get_next_component(calendar, ICAL_VEVENT_COMPONENT))
        print_event(event, atol(argv[2]));
    icalcomponent_free(calendar);
    icalmemory_free_ring();
    return errors ? 4 : 0;
}
