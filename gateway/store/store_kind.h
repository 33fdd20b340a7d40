/* store_kind: what a piece of work does to the database. */
#ifndef YOGI_GATEWAY_STORE_KIND_H
#define YOGI_GATEWAY_STORE_KIND_H

typedef enum {
    STORE_READ,    /* changes nothing */
    STORE_WRITE,   /* what it changes is on disk when it is done */
    STORE_RELAXED, /* what it changes may be forgotten if the database's machine dies within the next second: leases,
                      progress, holds */
    STORE_KINDS
} store_kind_t;

#endif
