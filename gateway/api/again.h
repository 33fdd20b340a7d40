/* again: a document is read once more, as its tenant wishes, by /documents/:id/retry and /dead-letters/:id/retry. */
#ifndef YOGI_GATEWAY_AGAIN_H
#define YOGI_GATEWAY_AGAIN_H

#include "api.h"

/* Takes "options" of the call's body, hands the document in once more, and answers. */
void again_run(call_t *call, gateway_t *gateway, const char *document);

#endif
