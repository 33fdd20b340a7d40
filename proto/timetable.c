/* timetable: the tables of the timetable types; see timetable.h. */
#include "timetable.h"

#include <string.h>

const char *const timetable_days[TIMETABLE_DAYS] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                    "Friday", "Saturday", "Sunday"};

int timetable_day(const char *name)
{
    for (int i = 0; name && i < TIMETABLE_DAYS; i++)
        if (strcmp(name, timetable_days[i]) == 0)
            return i;
    return -1;
}

/* A page of a week has some 60 blocks; a two-week plan of a whole school some thousands. */
enum { BLOCKS_MOST = 20000, TEXT_MOST = 4096 };

#define TEXT NULL, 0, TEXT_MOST

static const field_t reason_fields[] = {
    {"field", FIELD_TEXT, offsetof(reason_t, field), TEXT, 0},
    {"why", FIELD_TEXT, offsetof(reason_t, why), TEXT, 0},
};
const schema_t reason_schema = SCHEMA(reason_t, "reason", reason_fields);

static const field_t evidence_fields[] = {
    {"name", FIELD_TEXT, offsetof(evidence_t, name), TEXT, 0},
    {"value", FIELD_REAL, offsetof(evidence_t, value), NULL, -1e9, 1e9, 0},
};
const schema_t evidence_schema = SCHEMA(evidence_t, "evidence", evidence_fields);

static const field_t timeblock_fields[] = {
    {"id", FIELD_TEXT, offsetof(timeblock_t, id), TEXT, 0},
    {"day", FIELD_TEXT, offsetof(timeblock_t, day), TEXT, 0},
    {"name", FIELD_TEXT, offsetof(timeblock_t, name), TEXT, 0},
    {"startTime", FIELD_TEXT, offsetof(timeblock_t, start_time), TEXT, 0},
    {"endTime", FIELD_TEXT, offsetof(timeblock_t, end_time), TEXT, 0},
    {"notes", FIELD_TEXT, offsetof(timeblock_t, notes), TEXT, 0},
    {"inferred", FIELD_TEXTS, offsetof(timeblock_t, inferred), NULL, 0, 16, 0},
    {"confidence", FIELD_REAL, offsetof(timeblock_t, confidence), NULL, 0, 1, 0},
    {"page", FIELD_INT32, offsetof(timeblock_t, page), NULL, 0, 100000, 0},
    {"box", FIELD_STRUCT, offsetof(timeblock_t, box), &box_schema, 0, 0, 0},
    {"week", FIELD_TEXT, offsetof(timeblock_t, week), TEXT, 0},
    {"reasons", FIELD_LIST, offsetof(timeblock_t, reasons), &reason_schema, 0, 32, FIELD_OMIT_EMPTY},
    {"evidence", FIELD_LIST, offsetof(timeblock_t, evidence), &evidence_schema, 0, 64, FIELD_OMIT_EMPTY},
};
const schema_t timeblock_schema = SCHEMA(timeblock_t, "timeblock", timeblock_fields);

static const field_t timetable_fields[] = {
    {"teacher", FIELD_TEXT, offsetof(timetable_t, teacher), TEXT, 0},
    {"className", FIELD_TEXT, offsetof(timetable_t, class_name), TEXT, 0},
    {"term", FIELD_TEXT, offsetof(timetable_t, term), TEXT, 0},
    {"year", FIELD_INT32, offsetof(timetable_t, year), NULL, 0, 9999, FIELD_ZERO_IS_NULL},
    {"school", FIELD_TEXT, offsetof(timetable_t, school), TEXT, 0},
    {"week", FIELD_TEXT, offsetof(timetable_t, week), TEXT, 0},
    {"confidence", FIELD_REAL, offsetof(timetable_t, confidence), NULL, 0, 1, 0},
    {"page", FIELD_INT32, offsetof(timetable_t, page), NULL, 0, 100000, FIELD_OMIT_EMPTY},
    {"timeblocks", FIELD_LIST, offsetof(timetable_t, timeblocks), &timeblock_schema, 0, BLOCKS_MOST, 0},
};
const schema_t timetable_schema = SCHEMA(timetable_t, "timetable", timetable_fields);
