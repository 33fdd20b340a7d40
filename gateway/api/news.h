/* news: what has happened to a document, as the demo's clients read it: server-sent events without a name, whose data
 * is JSON with a type. Used by the handler of a stream and by the pump.
 *
 *     {"type":"connected","documentId":…}
 *     {"type":"progress","step":…,"percentage":…,"documentId":…}
 *     {"type":"complete","documentId":…,"status":…,"confidence":…,"timetableData":{…}}
 *     {"type":"error","documentId":…,"error":…,"errorDetails":{"provider":…,"model":…,"step":…,"hint":…}}
 */
#ifndef YOGI_GATEWAY_NEWS_H
#define YOGI_GATEWAY_NEWS_H

#include "gateway/store/documents.h"
#include "gateway/store/events.h"
#include "gateway/store/timetables.h"
#include "proto/base/buf.h"

/* A document as it stands; in the arena. */
typedef struct {
    document_row_t row;
    timetable_list_t timetables; /* where it has ended */
    verdict_t verdict;           /* DONE or NOT_FOUND */
} news_subject_t;

/* In a task of the store. */
int news_look(session_t *session, const char *tenant, const char *document, arena_t *arena, news_subject_t *subject,
              fault_t *fault) __attribute__((warn_unused_result));

/* Whether the event is the end of a run. */
bool news_is_end(const event_row_t *event);

/* Append an event. */
void news_connected(const char *document, buf_t *out);
void news_progress(const event_row_t *event, buf_t *out);

/* The end of a document that has ended, or is gone. number: of the event; 0 = none is known. step: where; or NULL. */
void news_end(const char *document, const news_subject_t *subject, int64_t number, const char *step, buf_t *out);

#endif
