/* The protocol's messages: golden bytes, limits, what must be refused, and PROTOCOL.md says what the table says. */
#include "proto/message.h"
#include "check.h"
#include "proto/message_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRACE "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
#define BODY                                                                                                           \
    "\x82\xa1v\x01\xa8"                                                                                                \
    "document\x81\xa2id\xa1x"
#define PICTURE "\x89PNG\r\n\x1a\n\0"
#define SLICE(text)                                                                                                    \
    {                                                                                                                  \
        text, sizeof(text) - 1                                                                                         \
    }

/* Braces and not constants: clang takes no variable, const or not, in what initialises a static. */
#define JOB                                                                                                            \
    {                                                                                                                  \
        0x0190b6e4c2a17f3e, 0x8a5d112233445566                                                                         \
    }
#define INSTANCE                                                                                                       \
    {                                                                                                                  \
        0x0011223344556677, 0x8899aabbccddeeff                                                                         \
    }
#define TOKEN                                                                                                          \
    {                                                                                                                  \
        0x1122334455667788, 258                                                                                        \
    }
static const token_t token = TOKEN;
#define TWO_TOKENS                                                                                                     \
    "\x11\x22\x33\x44\x55\x66\x77\x88\0\0\0\0\0\0\x01\x02"                                                             \
    "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"

/* What stands in tests/fixtures/protocol/v1/NAME.bin, as it was made by make.py there. */
static const struct {
    const char *name;
    message_t message;
} golden[] = {
    {"hello_owner",
     {.command = COMMAND_HELLO, .role = ROLE_OWNER, .instance = INSTANCE, .window = 256, .peer = SLICE("gateway-1")}},
    {"hello_actor",
     {.command = COMMAND_HELLO,
      .role = ROLE_ACTOR,
      .instance = INSTANCE,
      .token = TOKEN,
      .window = 1,
      .names = {SLICE("ocr"), SLICE("llm")},
      .name_count = 2,
      .peer = SLICE("host-1")}},
    {"welcome",
     {.command = COMMAND_WELCOME,
      .token = TOKEN,
      .heartbeat_ms = 1000,
      .silence_ms = 4000,
      .window = 256,
      .resumed = true}},
    {"heartbeat",
     {.command = COMMAND_HEARTBEAT,
      .token = TOKEN,
      .held = 2,
      .digest = 0xFEDCBA9876543210,
      .listed = true,
      .tokens = SLICE(TWO_TOKENS)}},
    {"goodbye", {.command = COMMAND_GOODBYE, .text = SLICE("draining")}},
    {"ack", {.command = COMMAND_ACK, .acked = COMMAND_DONE, .job = JOB, .token = TOKEN}},
    {"submit",
     {.command = COMMAND_SUBMIT,
      .job = JOB,
      .epoch = 7,
      .names = {SLICE("classification"), SLICE("ocr"), SLICE("llm")},
      .name_count = 3,
      .priority = MESSAGE_PRIORITY_MOST,
      .attempt = 1,
      .crashes = 2,
      .losses = 3,
      .attempts = 5,
      .backoff = BACKOFF_EXPONENTIAL,
      .backoff_ms = 250,
      .jitter = 50,
      .remaining_ms = 60000,
      .record = true,
      .budget = 65536,
      .trace = SLICE(TRACE),
      .body = SLICE(BODY)}},
    {"cancel", {.command = COMMAND_CANCEL, .job = JOB, .epoch = 7, .token = TOKEN}},
    {"stats", {.command = COMMAND_STATS, .number = 9, .body = SLICE(BODY)}},
    {"accepted",
     {.command = COMMAND_ACCEPTED,
      .job = JOB,
      .epoch = 7,
      .token = TOKEN,
      .place = PLACE_RUNNING,
      .stage = SLICE("ocr"),
      .attempt = 1,
      .crashes = 2,
      .losses = 3}},
    {"refused",
     {.command = COMMAND_REFUSED,
      .job = JOB,
      .epoch = 7,
      .reason = REFUSED_BUSY,
      .retry_ms = 200,
      .text = SLICE("full; submit it again later")}},
    {"progress",
     {.command = COMMAND_PROGRESS,
      .job = JOB,
      .epoch = 7,
      .token = TOKEN,
      .stage = SLICE("ocr"),
      .done = 3,
      .total = 10}},
    {"record",
     {.command = COMMAND_RECORD,
      .job = JOB,
      .epoch = 7,
      .token = TOKEN,
      .stage = SLICE("ocr"),
      .next = SLICE("llm"),
      .attempt = 1,
      .crashes = 2,
      .losses = 3,
      .body = SLICE(BODY)}},
    {"finished",
     {.command = COMMAND_FINISHED,
      .job = JOB,
      .epoch = 7,
      .token = TOKEN,
      .outcome = OUTCOME_FAILED,
      .class = FAILED_PERMANENT,
      .fault = SLICE("damaged"),
      .text = SLICE("page 2 is cut off"),
      .stage = SLICE("ocr"),
      .attempt = 1,
      .crashes = 2,
      .losses = 3}},
    {"finished_attached",
     {.command = COMMAND_FINISHED,
      .job = JOB,
      .epoch = 7,
      .token = TOKEN,
      .outcome = OUTCOME_COMPLETED,
      .stage = SLICE("render"),
      .attachment = SLICE(PICTURE),
      .body = SLICE(BODY)}},
    {"done_attached",
     {.command = COMMAND_DONE, .job = JOB, .token = TOKEN, .attachment = SLICE(PICTURE), .body = SLICE(BODY)}},
    {"credit", {.command = COMMAND_CREDIT, .number = 300, .stage = SLICE("ocr"), .slots = 1024}},
    {"started", {.command = COMMAND_STARTED, .job = JOB, .token = TOKEN}},
    {"done", {.command = COMMAND_DONE, .job = JOB, .token = TOKEN, .next = SLICE("validation"), .body = SLICE(BODY)}},
    {"failed",
     {.command = COMMAND_FAILED,
      .job = JOB,
      .token = TOKEN,
      .class = FAILED_CRASHED,
      .fault = SLICE("memory"),
      .text = SLICE("more than 2 GiB")}},
    {"return", {.command = COMMAND_RETURN, .job = JOB, .token = TOKEN}},
    {"offer", {.command = COMMAND_OFFER, .job = JOB, .token = TOKEN, .stage = SLICE("ocr")}},
    {"job",
     {.command = COMMAND_JOB,
      .job = JOB,
      .token = TOKEN,
      .names = {SLICE("ocr"), SLICE("llm")},
      .name_count = 2,
      .priority = 10,
      .attempt = 1,
      .crashes = 2,
      .losses = 3,
      .attempts = 5,
      .remaining_ms = 60000,
      .trace = SLICE(TRACE),
      .body = SLICE(BODY)}},
    {"job_tenant",
     {.command = COMMAND_JOB,
      .job = JOB,
      .token = TOKEN,
      .names = {SLICE("store")},
      .name_count = 1,
      .priority = 10,
      .attempt = 1,
      .crashes = 2,
      .losses = 3,
      .attempts = 5,
      .remaining_ms = 60000,
      .trace = SLICE(TRACE),
      .tenant = SLICE("north"),
      .body = SLICE(BODY)}},
    {"submit_tenant",
     {.command = COMMAND_SUBMIT,
      .job = JOB,
      .epoch = 7,
      .names = {SLICE("classification"), SLICE("ocr"), SLICE("llm")},
      .name_count = 3,
      .priority = MESSAGE_PRIORITY_MOST,
      .attempt = 1,
      .crashes = 2,
      .losses = 3,
      .attempts = 5,
      .backoff = BACKOFF_EXPONENTIAL,
      .backoff_ms = 250,
      .jitter = 50,
      .remaining_ms = 60000,
      .record = true,
      .budget = 65536,
      .trace = SLICE(TRACE),
      .tenant = SLICE("north"),
      .body = SLICE(BODY)}},
};

enum { GOLDEN = sizeof golden / sizeof *golden };

/* Made before fields were added to their commands: they are read still, and written no more. */
static bool is_older(const char *name)
{
    return strcmp(name, "submit") == 0 || strcmp(name, "job") == 0;
}

static void read_file(const char *path, buf_t *out)
{
    char block[4096];
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s cannot be read", path);
    for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;)
        buf_add(out, block, got);
    fclose(file);
}

static void read_golden(const char *name, buf_t *out)
{
    char path[512];
    snprintf(path, sizeof path, "%s/tests/fixtures/protocol/v1/%s.bin", YOGI_SOURCE, name);
    read_file(path, out);
}

static void test_golden(void **state)
{
    (void)state;
    uint8_t seen[COMMAND_COUNT] = {0};
    for (int i = 0; i < GOLDEN; i++) {
        buf_t kept = {0}, made = {0};
        message_t read;
        size_t taken = 0;
        fault_t fault = {0};
        read_golden(golden[i].name, &kept);
        message_encode(&golden[i].message, &made);
        if (!is_older(golden[i].name)) {
            assert_int_equal(made.size, kept.size);
            assert_memory_equal(made.bytes, kept.bytes, kept.size);
        }
        if (message_decode(kept.bytes, kept.size, &read, &taken, &fault) < 0)
            fail_msg("%s: %s", golden[i].name, fault.text);
        assert_int_equal(taken, kept.size);
        assert_true(message_equal(&read, &golden[i].message));
        seen[golden[i].message.command] = 1;
        buf_free(&kept);
        buf_free(&made);
    }
    for (uint32_t command = 0; command < COMMAND_COUNT; command++)
        assert_int_equal(seen[command], message_command_name(command) != NULL); /* every command has its golden bytes */
}

static void test_other_ages(void **state)
{
    (void)state;
    message_t read;
    size_t taken;
    buf_t older = {0}, newer = {0};
    read_golden("submit_older", &older);
    read_golden("submit_newer", &newer);
    assert_int_equal(message_decode(newer.bytes, newer.size, &read, &taken, NULL), 0);
    assert_int_equal(taken, newer.size);
    assert_true(message_equal(
        &read, &golden[GOLDEN - 1].message)); /* what it knows is there, what it does not is passed over */
    assert_int_equal(message_decode(older.bytes, older.size, &read, &taken, NULL), 0);
    assert_int_equal(read.priority, MESSAGE_PRIORITY_MOST);
    assert_int_equal(read.attempts, 0);
    assert_int_equal(read.trace.size, 0);
    assert_int_equal(read.body.size, sizeof BODY - 1);
    buf_free(&older);
    buf_free(&newer);
}

/* Every cut is refused, and so is every message with a byte left over. */
static void test_cuts(void **state)
{
    (void)state;
    static message_t messages[MESSAGE_FRAME_MOST];
    for (int i = 0; i < GOLDEN; i++) {
        buf_t bytes = {0};
        message_t read;
        size_t taken;
        message_encode(&golden[i].message, &bytes);
        for (size_t size = 0; size < bytes.size; size++) {
            char *cut = malloc(size ? size : 1); /* so that reading past it is seen */
            assert_non_null(cut);
            memcpy(cut, bytes.bytes, size);
            assert_int_equal(message_decode(cut, size, &read, &taken, NULL), -1);
            free(cut);
        }
        assert_int_equal(message_decode_frame(bytes.bytes, bytes.size, messages, NULL), 1);
        buf_char(&bytes, 0);
        assert_int_equal(message_decode_frame(bytes.bytes, bytes.size, messages, NULL), -1);
        buf_free(&bytes);
    }
}

static void test_frames(void **state)
{
    (void)state;
    static message_t messages[MESSAGE_FRAME_MOST];
    buf_t frame = {0};
    for (int i = 0; i < MESSAGE_FRAME_MOST; i++)
        message_encode(&golden[i % GOLDEN].message, &frame);
    assert_int_equal(message_decode_frame(frame.bytes, frame.size, messages, NULL), MESSAGE_FRAME_MOST);
    for (int i = 0; i < MESSAGE_FRAME_MOST; i++)
        assert_true(message_equal(&messages[i], &golden[i % GOLDEN].message));
    message_encode(&golden[0].message, &frame);
    assert_int_equal(message_decode_frame(frame.bytes, frame.size, messages, NULL), -1); /* one too many */
    assert_int_equal(message_decode_frame("", 0, messages, NULL), -1);
    assert_int_equal(message_decode_frame(frame.bytes, (size_t)MESSAGE_FRAME_BYTES_MOST + 1, messages, NULL), -1);
    buf_free(&frame);
}

/* Bytes that are no message, and words of why. */
static void test_refused(void **state)
{
    (void)state;
#define ID                                                                                                             \
    "\xc4\x10"                                                                                                         \
    "0123456789abcdef"
    static const struct {
        const char *bytes;
        size_t size;
        const char *why;
    } bad[] = {
#define BYTES(text) text, sizeof(text) - 1
        {BYTES("\x93\x02\x04\x00"), "another version"},
        {BYTES("\x93\x01\x06\x00"), "no such command"},
        {BYTES("\x93\x01\xcd\xff\xff\x00"), "no such command"},
        {BYTES("\x92\x01\x04"), "not an envelope"},
        {BYTES("\x83\x01\x04\x00\x01\x01\x01"), "not an envelope"},
        {BYTES("\x93\xff\x04\x00"), "not an envelope"},
        {BYTES("\xdd\xff\xff\xff\xff\x01\x04\x00"), "cut off"},
        {BYTES("\x93\x01\x04\x01x"), "a body too large"},
        {BYTES("\x94\x01\x0c\xcf\x00\x00\x01\x00\x00\x00\x00\x00\x00"), "a body too large"},
        {BYTES("\x94\x01\x0c\x05\x00"
               "1234"),
         "the body is cut off in STATS"},
        {BYTES("\x94\x01\x04\x00\xa1\xff"), "not UTF-8 in text"},
        {BYTES("\x94\x01\x04\x00\xa1\x00"), "not UTF-8 in text"},
        {BYTES("\x94\x01\x04\x00\x07"), "not a text in text"},
        {BYTES("\x96\x01\x1f\x00\xc0\xc0\x00"), "a field is missing in job"},
        {BYTES("\x94\x01\x1f\x00" ID), "a field is missing in token"},
        {BYTES("\x95\x01\x1f\x00" ID "\xc4\x0f"
               "0123456789abcde"),
         "not 16 bytes in token"},
        {BYTES("\x96\x01\x1e\x00\x01\xa3OCR\x01"), "not a name in stage"},
        {BYTES("\x96\x01\x1e\x00\x01\xa3ocr\xcd\x04\x01"), "number out of range in slots"},
        {BYTES("\x96\x01\x1e\x00\x01\xa3ocr\xff"), "not a number of 0 or more in slots"},
        {BYTES("\x96\x01\x0a\x00" ID "\x00\x91\xa1"
               "a"),
         "a field is missing in epoch"},
        {BYTES("\x96\x01\x0a\x00" ID "\x01\x90"), "a field is missing in route"},
        {BYTES("\x96\x01\x0a\x00" ID "\x01\x99\xa1"
               "a\xa1"
               "b\xa1"
               "c\xa1"
               "d\xa1"
               "e\xa1"
               "f\xa1"
               "g\xa1"
               "h\xa1"
               "i"),
         "list too long in route"},
        {BYTES("\x99\x01\x03\x00\xc0\x00\x00\xc2\xc3\xc4\x03"
               "abc"),
         "not a list of tokens in tokens"},
        {BYTES("\x97\x01\x03\x00\xc0\x00\x00\x05"), "not true or false in want"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        message_t read;
        size_t taken;
        fault_t fault = {0};
        assert_int_equal(message_decode(bad[i].bytes, bad[i].size, &read, &taken, &fault), -1);
        assert_int_equal(fault.code, FAULT_MESSAGE);
        if (!strstr(fault.text, bad[i].why))
            fail_msg("case %zu: \"%s\" instead of \"%s\"", i, fault.text, bad[i].why);
    }
}

static void test_check(void **state)
{
    (void)state;
    fault_t fault = {0};
    char long_name[MESSAGE_NAME_MOST + 2];
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = 0;
    message_t message = golden[6].message;
    assert_int_equal(message_check(&message, &fault), 0);
    message.priority = MESSAGE_PRIORITY_MOST + 1;
    assert_int_equal(message_check(&message, &fault), -1);
    assert_non_null(strstr(fault.text, "priority"));
    message = golden[6].message;
    message.names[1] = slice_of(long_name);
    assert_int_equal(message_check(&message, &fault), -1);
    message.names[1] = slice_of("");
    assert_int_equal(message_check(&message, &fault), -1);
    message = (message_t){.command = (command_t)6};
    assert_int_equal(message_check(&message, &fault), -1);
}

/* What is attached has a limit of its own, and one together with the body. */
static void test_attachment(void **state)
{
    (void)state;
    fault_t fault = {0};
    buf_t bytes = {0};
    message_t read, message = {.command = COMMAND_DONE, .job = JOB, .token = TOKEN};
    size_t taken;
    char *most = calloc(MESSAGE_BODY_MOST, 1);
    assert_non_null(most);
    message.attachment = (slice_t){most, MESSAGE_ATTACHMENT_MOST};
    message.body = (slice_t){most, MESSAGE_BODY_MOST - MESSAGE_ATTACHMENT_MOST};
    assert_int_equal(message_check(&message, &fault), 0);
    message_encode(&message, &bytes);
    assert_true(bytes.size <= MESSAGE_FRAME_BYTES_MOST);
    assert_int_equal(message_decode(bytes.bytes, bytes.size, &read, &taken, NULL), 0);
    assert_true(taken == bytes.size && message_equal(&read, &message));
    message.body.size++;
    assert_int_equal(message_check(&message, &fault), -1);
    assert_non_null(strstr(fault.text, "a body too large"));
    message.body.size = 0;
    message.attachment.size++;
    assert_int_equal(message_check(&message, &fault), -1);
    assert_non_null(strstr(fault.text, "attachment"));
    buf_free(&bytes);
    free(most);
    /* a newer peer's next field, behind an attachment that is none */
    static const char newer[] = "\x99\x01\x20\x00"
                                "\xc4\x10"
                                "0123456789abcdef"
                                "\xc4\x10"
                                "0123456789abcdef"
                                "\xa0\xc2\xc0\x07";
    assert_int_equal(message_decode(newer, sizeof newer - 1, &read, &taken, NULL), 0);
    assert_int_equal(read.attachment.size, 0);
}

static void test_senders(void **state)
{
    (void)state;
    assert_true(message_may_send(COMMAND_SUBMIT, ROLE_OWNER));
    assert_false(message_may_send(COMMAND_SUBMIT, ROLE_ACTOR));
    assert_false(message_may_send(COMMAND_CREDIT, ROLE_OWNER));
    assert_false(message_may_send(COMMAND_JOB, ROLE_ACTOR));
    assert_true(message_may_send(COMMAND_JOB, ROLE_BROKER));
    assert_false(message_may_send(6, ROLE_OWNER));
    assert_false(message_may_send(100000, ROLE_OWNER));
}

static void test_equal_and_print(void **state)
{
    (void)state;
    for (int i = 0; i < GOLDEN; i++)
        for (int j = 0; j < GOLDEN; j++)
            assert_int_equal(message_equal(&golden[i].message, &golden[j].message), i == j);
    message_t other = golden[6].message;
    other.trace.size--;
    assert_false(message_equal(&other, &golden[6].message));
    buf_t text = {0};
    message_print(&golden[13].message, &text);
    assert_string_equal(text.bytes, "FINISHED job=0190b6e4-c2a1-7f3e-8a5d-112233445566 epoch=7 "
                                    "token=1122334455667788.258 outcome=2 class=1 fault=\"damaged\" "
                                    "text=\"page 2 is cut off\" stage=\"ocr\" attempt=1 crashes=2 losses=3");
    buf_clear(&text);
    message_print(&(message_t){.command = COMMAND_GOODBYE, .text = SLICE("\x1b[2Jx\n")}, &text);
    for (size_t i = 0; i < text.size; i++)
        assert_true((unsigned char)text.bytes[i] >= ' '); /* what comes from outside cannot move the cursor */
    buf_free(&text);
}

static void test_tokens(void **state)
{
    (void)state;
    buf_t list = {0};
    token_t other = {UINT64_MAX, 1};
    message_token_add(token, &list);
    message_token_add(other, &list);
    slice_t slice = {list.bytes, (uint32_t)list.size};
    assert_int_equal(message_token_count(slice), 2);
    assert_true(token_equal(message_token(slice, 0), token));
    assert_true(token_equal(message_token(slice, 1), other));
    assert_true(message_token_digest((token_t){1, 2}) ==
                UINT64_C(0x3ec2d42f3a45cc6e)); /* as PROTOCOL.md has it, by another program */
    assert_int_not_equal(message_token_digest((token_t){1, 2}), message_token_digest((token_t){2, 1}));
    buf_free(&list);
}

/* The row of PROTOCOL.md for a command, as the table has it. */
static void write_row(uint32_t command, buf_t *row)
{
    const message_row_t *entry = &message_rows[command];
    buf_format(row, "| %u | %s |", command, entry->name);
    if (entry->senders & ROLE_OWNER)
        buf_text(row, " O");
    if (entry->senders & ROLE_ACTOR)
        buf_text(row, " A");
    if (entry->senders & ROLE_BROKER)
        buf_text(row, " B");
    buf_text(row, " |");
    for (int i = 0; i < entry->count; i++)
        buf_format(row, "%s %s%s", i ? "," : "", message_fields[entry->fields[i] & ~MESSAGE_REQUIRED].name,
                   entry->fields[i] & MESSAGE_REQUIRED ? "!" : "");
    buf_format(row, " | %s", !entry->body ? "|\n" : command == COMMAND_STATS ? "figures |\n" : "dossier |\n");
}

static void test_protocol_page(void **state)
{
    (void)state;
    buf_t page = {0};
    read_file(YOGI_SOURCE "/proto/PROTOCOL.md", &page);
    for (uint32_t command = 0; command < COMMAND_COUNT; command++) {
        buf_t row = {0};
        if (!message_command_name(command))
            continue;
        write_row(command, &row);
        if (!strstr(page.bytes, row.bytes))
            fail_msg("PROTOCOL.md does not have: %s", row.bytes);
        buf_free(&row);
    }
    for (size_t i = 0; i < message_field_count; i++) { /* every field is explained */
        char name[64];
        snprintf(name, sizeof name, "%s |", message_fields[i].name);
        char with_comma[64];
        snprintf(with_comma, sizeof with_comma, "%s, ", message_fields[i].name);
        if (!strstr(page.bytes, name) && !strstr(page.bytes, with_comma))
            fail_msg("PROTOCOL.md does not explain %s", message_fields[i].name);
    }
    buf_free(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),     cmocka_unit_test(test_other_ages),      cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_frames),     cmocka_unit_test(test_refused),         cmocka_unit_test(test_check),
        cmocka_unit_test(test_senders),    cmocka_unit_test(test_equal_and_print), cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_attachment), cmocka_unit_test(test_protocol_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
