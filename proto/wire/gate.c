/* gate: see gate.h. */
#include "gate.h"
#include "proto/base/memory.h"
#include "proto/base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

/* Parts of a question; a part of ours is at most 255 bytes (RFC 27). */
enum { VERSION, REQUEST, DOMAIN, ADDRESS, IDENTITY, MECHANISM, CREDENTIALS, PARTS, PART_MOST = 255 };

struct gate {
    void *socket;
};

typedef struct {
    size_t size[PARTS];
    uint8_t bytes[PARTS][PART_MOST];
    bool whole; /* it had all parts and no more, within their sizes */
} question_t;

gate_t *gate_new(void *context, fault_t *fault)
{
    gate_t *gate = memory_new(1, sizeof *gate);
    int linger = 0;
    gate->socket = zmq_socket(context, ZMQ_REP);
    if (gate->socket && zmq_setsockopt(gate->socket, ZMQ_LINGER, &linger, sizeof linger) == 0 &&
        zmq_bind(gate->socket, "inproc://zeromq.zap.01") == 0)
        return gate;
    fault_set(fault, FAULT_SYSTEM, "ZeroMQ's questions about keys cannot be answered: %s", zmq_strerror(errno));
    gate_destroy(&gate);
    return NULL;
}

void gate_destroy(gate_t **gate)
{
    if (!gate || !*gate)
        return;
    if ((*gate)->socket)
        zmq_close((*gate)->socket);
    free(*gate);
    *gate = NULL;
}

void *gate_socket(const gate_t *gate)
{
    return gate->socket;
}

/* The next question; false when there is none. */
static bool take_question(void *socket, question_t *question)
{
    *question = (question_t){.whole = true};
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    size_t part = 0;
    bool more = true;
    while (more && zmq_msg_recv(&frame, socket, ZMQ_DONTWAIT) >= 0) {
        size_t size = zmq_msg_size(&frame);
        more = zmq_msg_more(&frame);
        if (part < PARTS && size <= PART_MOST) {
            memcpy(question->bytes[part], zmq_msg_data(&frame), size);
            question->size[part] = size;
        } else {
            question->whole = false;
        }
        part++;
    }
    zmq_msg_close(&frame);
    question->whole &= part == PARTS;
    return part > 0 && !more;
}

static bool part_is(const question_t *question, int part, const char *text)
{
    return question->size[part] == strlen(text) && memcmp(question->bytes[part], text, strlen(text)) == 0;
}

static bool is_for_us(const question_t *question)
{
    return question->whole && part_is(question, VERSION, "1.0") && part_is(question, DOMAIN, GATE_DOMAIN) &&
           part_is(question, MECHANISM, "CURVE") && question->size[CREDENTIALS] == KEY_BYTES;
}

static void answer(void *socket, const question_t *question, bool welcome, const char *key)
{
    const char *code = welcome ? "200" : "400", *words = welcome ? "" : "not on the allow-list";
    zmq_send(socket, "1.0", 3, ZMQ_SNDMORE);
    zmq_send(socket, question->bytes[REQUEST], question->size[REQUEST], ZMQ_SNDMORE);
    zmq_send(socket, code, strlen(code), ZMQ_SNDMORE);
    zmq_send(socket, words, strlen(words), ZMQ_SNDMORE);
    zmq_send(socket, key, welcome ? strlen(key) : 0, ZMQ_SNDMORE); /* the user id */
    zmq_send(socket, "", 0, 0);                                    /* no metadata */
}

int gate_answer(gate_t *gate, const allow_t *allow, stranger_t *stranger)
{
    question_t question;
    *stranger = (stranger_t){0};
    if (!take_question(gate->socket, &question))
        return 0;
    bool known = false;
    if (is_for_us(&question)) {
        key_write(question.bytes[CREDENTIALS], stranger->key);
        known = allow_find(allow, stranger->key) != NULL;
    }
    size_t size = question.size[ADDRESS] < sizeof stranger->address ? question.size[ADDRESS] : 0;
    memcpy(stranger->address, question.bytes[ADDRESS], size);
    text_neuter(stranger->address);
    answer(gate->socket, &question, known, stranger->key);
    return known ? 1 : -1;
}
