/* A frame from anybody is refused, or its messages are within their limits and come out the same after another round.
 */
#include "proto/message.h"
#include "target.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static message_t messages[MESSAGE_FRAME_MOST];
    fault_t fault = {0};
    int count = message_decode_frame(bytes, size, messages, &fault);
    if ((count < 0) != (fault.code != FAULT_NONE) || count == 0)
        abort(); /* a refusal has words */
    buf_t again = {0}, text = {0};
    for (int i = 0; i < count; i++) {
        message_t back;
        size_t taken;
        buf_clear(&again);
        if (message_check(&messages[i], NULL) < 0)
            abort(); /* what decoding lets through, checking does */
        message_encode(&messages[i], &again);
        if (message_decode(again.bytes, again.size, &back, &taken, NULL) < 0 || taken != again.size)
            abort();
        if (!message_equal(&messages[i], &back))
            abort();
        message_print(&back, &text);
    }
    buf_free(&again);
    buf_free(&text);
    return 0;
}
