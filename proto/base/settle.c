/* settle: see settle.h. */
#include "settle.h"

#include <link.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Segments that can be written have been, by the loader: those stay. */
static int give_back(struct dl_phdr_info *object, size_t size, void *page)
{
    uintptr_t mask = *(const uintptr_t *)page - 1;
    (void)size;
    for (size_t i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        uintptr_t from = object->dlpi_addr + segment->p_vaddr, to = from + segment->p_memsz;
        if (segment->p_type == PT_LOAD && !(segment->p_flags & PF_W))
            (void)madvise((void *)(from & ~mask), (to - (from & ~mask) + mask) & ~mask, MADV_DONTNEED);
    }
    return 0;
}

void settle(void)
{
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    dl_iterate_phdr(give_back, &page);
}
