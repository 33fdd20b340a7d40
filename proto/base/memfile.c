/* memfile: see memfile.h. */
#include "memfile.h"
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8 /* Linux 6.3: it can never be made executable */
#endif

int memfile_begin(memfile_t *file, fault_t *fault)
{
    const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    *file = (memfile_t){.fd = memfd_create("document", flags | MFD_NOEXEC_SEAL)};
    if (file->fd < 0 && errno == EINVAL) /* an older kernel */
        file->fd = memfd_create("document", flags);
    if (file->fd < 0)
        return fault_set(fault, FAULT_SYSTEM, "no memory file: %s", strerror(errno));
    hash_begin(&file->hash);
    return 0;
}

int memfile_add(memfile_t *file, const void *bytes, size_t size, fault_t *fault)
{
    hash_add(&file->hash, bytes, size);
    if (output_all(file->fd, bytes, size) < 0)
        return fault_set(fault, FAULT_SYSTEM, "no memory for a copy of the document: %s", strerror(errno));
    file->bytes += (int64_t)size;
    return 0;
}

int memfile_seal(memfile_t *file, char sha256[HASH_HEX], fault_t *fault)
{
    hash_hex(&file->hash, sha256);
    if (fcntl(file->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0) {
        fault_set(fault, FAULT_SYSTEM, "the memory file cannot be sealed: %s", strerror(errno));
        memfile_drop(file);
        return -1;
    }
    int fd = file->fd;
    file->fd = -1;
    return fd;
}

void memfile_drop(memfile_t *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}
