/* Whatever a worker writes, its supervisor takes whole frames or gives the channel up. */
#include "proto/base/channel.h"
#include "target.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    int ends[2];
    if (size > 65536 || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0)
        return 0;
    channel_t *channel = channel_new(ends[0], MOST);
    fault_t fault = {0};
    channel_frame_t frame;
    size_t taken = 0;
    if (send(ends[1], bytes, size, MSG_NOSIGNAL) == (ssize_t)size) {
        int got;
        while ((got = channel_receive(channel, &frame, &fault)) == 1)
            taken += frame.size + 8;
        if (taken > size || (got < 0) != (fault.code != FAULT_NONE))
            abort();
    }
    close(ends[1]);
    channel_destroy(&channel);
    return 0;
}
