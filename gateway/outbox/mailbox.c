/* mailbox: see mailbox.h. */
#include "mailbox.h"

#include "proto/base/memory.h"

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

int mailbox_begin(mailbox_t *mailbox, fault_t *fault)
{
    *mailbox = (mailbox_t){.bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (mailbox->bell < 0)
        return fault_set(fault, FAULT_SYSTEM, "the system gives no eventfd");
    pthread_mutex_init(&mailbox->lock, NULL);
    mailbox->done_end = &mailbox->done;
    mailbox->notes_end = &mailbox->notes;
    return 0;
}

void mailbox_end(mailbox_t *mailbox)
{
    for (errand_t *errand; (errand = mailbox->done);) {
        mailbox->done = errand->mail;
        errand_destroy(&errand);
    }
    for (note_t *note; (note = mailbox->notes);) {
        mailbox->notes = note->next;
        errand_destroy(&note->want);
        free(note);
    }
    close(mailbox->bell);
    pthread_mutex_destroy(&mailbox->lock);
}

void mailbox_ring(mailbox_t *mailbox)
{
    uint64_t one = 1;
    if (write(mailbox->bell, &one, sizeof one) != sizeof one)
        return; /* it is full: the thread will come anyway */
}

void mailbox_done(mailbox_t *mailbox, errand_t *errand)
{
    pthread_mutex_lock(&mailbox->lock);
    errand->mail = NULL;
    *mailbox->done_end = errand;
    mailbox->done_end = &errand->mail;
    pthread_mutex_unlock(&mailbox->lock);
    mailbox_ring(mailbox);
}

void mailbox_note(mailbox_t *mailbox, ident_t job, errand_t *want)
{
    note_t *note = memory_new(1, sizeof *note);
    note->job = job;
    note->want = want;
    pthread_mutex_lock(&mailbox->lock);
    *mailbox->notes_end = note;
    mailbox->notes_end = &note->next;
    pthread_mutex_unlock(&mailbox->lock);
    mailbox_ring(mailbox);
}

void mailbox_take(mailbox_t *mailbox, errand_t **done, note_t **notes)
{
    uint64_t rings;
    *done = NULL, *notes = NULL;
    if (read(mailbox->bell, &rings, sizeof rings) < 0)
        return;
    pthread_mutex_lock(&mailbox->lock);
    *done = mailbox->done;
    *notes = mailbox->notes;
    mailbox->done = NULL, mailbox->done_end = &mailbox->done;
    mailbox->notes = NULL, mailbox->notes_end = &mailbox->notes;
    pthread_mutex_unlock(&mailbox->lock);
}
