/* handlers: one for each route; the room is the first word of its name. Used by the table in api.c alone. */
#ifndef YOGI_GATEWAY_HANDLERS_H
#define YOGI_GATEWAY_HANDLERS_H

#include "gateway/http/call.h"

typedef void handler_fn(call_t *call, void *gateway);

handler_fn uploads_post;
handler_fn documents_get_list, documents_get_one, documents_delete_one, documents_get_status, documents_get_file,
    documents_post_retry, documents_post_cancel;
handler_fn sheets_get;
handler_fn timetables_get_list, timetables_get_one, timetables_put_one, timetables_post_save_as;
handler_fn exports_get_ics, exports_get_csv, exports_get_html, exports_get_json, exports_post_feed, exports_delete_feed,
    exports_get_feed;
handler_fn events_get;
handler_fn letters_get_list, letters_post_retry;
handler_fn llm_get_providers, llm_get_settings, llm_post_settings, llm_delete_settings, llm_post_validate,
    llm_post_extend, llm_get_status;
handler_fn queues_get, metrics_get;
handler_fn pages_get;
handler_fn health_get, health_get_ready;

#endif
