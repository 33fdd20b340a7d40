/* message: see message.h. The interpreter of message_table.c. */
#include "message.h"
#include "base/text.h"
#include "cursor.h"
#include "message_table.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

enum { HEAD_ITEMS = 3, TOKEN_BYTES = 16 };

/* Items that a newer peer may have added behind those we know; more is nonsense. */
enum { ITEMS_MOST = 64 };

static int bad(fault_t *fault, const char *what, const char *where)
{
    if (fault)
        fault_set(fault, FAULT_MESSAGE, "malformed message: %s%s%s", what, where ? " in " : "", where ? where : "");
    return -1;
}

static const message_row_t *row_of(uint64_t command)
{
    return command < COMMAND_COUNT && message_rows[command].name ? &message_rows[command] : NULL;
}

const char *message_command_name(uint32_t command)
{
    const message_row_t *row = row_of(command);
    return row ? row->name : NULL;
}

bool message_may_send(uint32_t command, role_t role)
{
    const message_row_t *row = row_of(command);
    return row && (row->senders & role);
}

/* ---- checks that decoding and message_check share ---- */

/* Characters of names: a table, since every message has several. */
static const bool name_characters[256] = {
    ['a'] = 1, ['b'] = 1, ['c'] = 1, ['d'] = 1, ['e'] = 1, ['f'] = 1, ['g'] = 1, ['h'] = 1, ['i'] = 1, ['j'] = 1,
    ['k'] = 1, ['l'] = 1, ['m'] = 1, ['n'] = 1, ['o'] = 1, ['p'] = 1, ['q'] = 1, ['r'] = 1, ['s'] = 1, ['t'] = 1,
    ['u'] = 1, ['v'] = 1, ['w'] = 1, ['x'] = 1, ['y'] = 1, ['z'] = 1, ['0'] = 1, ['1'] = 1, ['2'] = 1, ['3'] = 1,
    ['4'] = 1, ['5'] = 1, ['6'] = 1, ['7'] = 1, ['8'] = 1, ['9'] = 1, ['-'] = 1, ['_'] = 1, ['.'] = 1,
};

static bool name_valid(slice_t name)
{
    bool valid = true;
    for (uint32_t i = 0; i < name.size; i++)
        valid &= name_characters[(unsigned char)name.at[i]];
    return valid;
}

/* What is wrong with a field's value as it lies in the message, in words; NULL when nothing is. */
static const char *wrong_value(const message_field_t *field, const message_t *message)
{
    const void *place = (const char *)message + field->offset;
    const slice_t *slice = place;
    switch (field->kind) {
    case WIRE_SMALL:
        return *(const uint32_t *)place > field->most ? "number out of range" : NULL;
    case WIRE_NUMBER:
        return *(const uint64_t *)place > field->most ? "number out of range" : NULL;
    case WIRE_NAME:
        return slice->size > field->most ? "name too long" : name_valid(*slice) ? NULL : "not a name";
    case WIRE_TEXT:
        return slice->size > field->most ? "text too long" : text_valid(slice->at, slice->size) ? NULL : "not UTF-8";
    case WIRE_TOKENS:
        return slice->size % TOKEN_BYTES                 ? "not a list of tokens"
               : slice->size / TOKEN_BYTES > field->most ? "list too long"
                                                         : NULL;
    case WIRE_BYTES:
        return slice->size > field->most ? "too many bytes" : NULL;
    case WIRE_NAMES:
        if (message->name_count > field->most)
            return "list too long";
        for (uint32_t i = 0; i < message->name_count; i++)
            if (message->names[i].size == 0 || message->names[i].size > MESSAGE_NAME_MOST ||
                !name_valid(message->names[i]))
                return "not a name";
        return NULL;
    case WIRE_FLAG:
    case WIRE_IDENT:
    case WIRE_TOKEN:
        return NULL;
    }
    return "no such kind";
}

/* Whether the field has no value, or one below its least. */
static bool is_missing(const message_field_t *field, const message_t *message)
{
    const void *place = (const char *)message + field->offset;
    switch (field->kind) {
    case WIRE_SMALL:
        return *(const uint32_t *)place < field->least;
    case WIRE_NUMBER:
        return *(const uint64_t *)place < field->least;
    case WIRE_NAME:
    case WIRE_TEXT:
    case WIRE_TOKENS:
    case WIRE_BYTES:
        return ((const slice_t *)place)->size == 0;
    case WIRE_NAMES:
        return message->name_count == 0;
    case WIRE_IDENT:
        return ident_none(*(const ident_t *)place);
    case WIRE_TOKEN:
        return ((const token_t *)place)->incarnation == 0;
    case WIRE_FLAG:
        return false;
    }
    return true;
}

/* Whether the body, with what is attached, is within its limit. */
static bool fits(const message_t *message, const message_row_t *row)
{
    return (uint64_t)message->body.size + message->attachment.size <= (row->body ? MESSAGE_BODY_MOST : 0);
}

int message_check(const message_t *message, fault_t *fault)
{
    const message_row_t *row = row_of(message->command);
    if (!row)
        return bad(fault, "no such command", NULL);
    for (int i = 0; i < row->count; i++) {
        const message_field_t *field = &message_fields[row->fields[i] & ~MESSAGE_REQUIRED];
        const char *wrong = wrong_value(field, message);
        if (wrong)
            return bad(fault, wrong, field->name);
        if ((row->fields[i] & MESSAGE_REQUIRED) && is_missing(field, message))
            return bad(fault, "a field is missing", field->name);
    }
    return fits(message, row) ? 0 : bad(fault, "a body too large", row->name);
}

failed_t message_failed(const fault_t *fault)
{
    if (fault->code == FAULT_TOO_LARGE)
        return FAILED_TOO_LARGE;
    return fault_class(fault->code) == FAULT_CLASS_PERMANENT ? FAILED_PERMANENT : FAILED_RETRYABLE;
}

/* ---- writing ---- */

static uint8_t *put_pair(uint8_t *at, uint64_t high, uint64_t low)
{
    if (high == 0 && low == 0) {
        *at++ = 0xC0;
        return at;
    }
    uint8_t bytes[IDENT_BYTES];
    ident_write((ident_t){high, low}, bytes);
    return cursor_put_bytes(at, bytes, sizeof bytes);
}

/* Writes a field, and asserts that its value lies within its table; `must`: that it has one. */
static uint8_t *put_field(uint8_t *at, const message_field_t *field, bool must, const message_t *message)
{
    const void *place = (const char *)message + field->offset;
    uint64_t least = must ? field->least : 0, number;
    const slice_t *slice = place;
    const ident_t *pair = place; /* token_t has the same shape */
    switch (field->kind) {
    case WIRE_FLAG:
        *at++ = *(const bool *)place ? 0xC3 : 0xC2;
        break;
    case WIRE_SMALL:
        number = *(const uint32_t *)place;
        assert(number >= least && number <= field->most);
        return cursor_put_natural(at, number);
    case WIRE_NUMBER:
        number = *(const uint64_t *)place;
        assert(number >= least && number <= field->most);
        return cursor_put_natural(at, number);
    case WIRE_IDENT:
    case WIRE_TOKEN:
        assert(!must || pair->high || (field->kind == WIRE_IDENT && pair->low));
        return put_pair(at, pair->high, pair->low);
    case WIRE_NAME:
    case WIRE_TEXT:
        assert((!must || slice->size) && !wrong_value(field, message));
        return cursor_put_text(at, slice->at, slice->size);
    case WIRE_TOKENS:
    case WIRE_BYTES:
        assert(!wrong_value(field, message));
        return cursor_put_bytes(at, slice->at, slice->size);
    case WIRE_NAMES:
        assert((!must || message->name_count) && !wrong_value(field, message));
        at = cursor_put_array(at, message->name_count);
        for (uint32_t i = 0; i < message->name_count; i++)
            at = cursor_put_text(at, message->names[i].at, message->names[i].size);
        break;
    }
    return at;
}
_Static_assert(sizeof(ident_t) == sizeof(token_t), "ids and tokens are two numbers of 64 bits");

/* Room for any envelope without its tokens and what is attached: every field takes 21 bytes at most but for texts and
 * names. */
enum {
    ENVELOPE_MOST = 16 + 21 * MESSAGE_FIELDS_MOST + MESSAGE_TEXT_MOST + 3 * MESSAGE_PEER_MOST +
                    MESSAGE_NAMES_MOST * (MESSAGE_NAME_MOST + 5)
};

/* How many fields are written: bytes that are not there are left out, as peers that do not know them have it. */
static int fields_written(const message_row_t *row, const message_t *message)
{
    const message_field_t *last = row->count ? &message_fields[row->fields[row->count - 1] & ~MESSAGE_REQUIRED] : NULL;
    return row->count - (last && last->kind == WIRE_BYTES && is_missing(last, message));
}

void message_encode(const message_t *message, buf_t *out)
{
    const message_row_t *row = row_of(message->command);
    assert(row && fits(message, row));
    int count = fields_written(row, message);
    buf_reserve(out, (size_t)ENVELOPE_MOST + message->tokens.size + message->attachment.size + message->body.size);
    uint8_t *start = (uint8_t *)out->bytes + out->size, *at = start;
    at = cursor_put_array(at, (size_t)(HEAD_ITEMS + count));
    at = cursor_put_natural(at, MESSAGE_VERSION);
    at = cursor_put_natural(at, message->command);
    at = cursor_put_natural(at, message->body.size);
    for (int i = 0; i < count; i++)
        at = put_field(at, &message_fields[row->fields[i] & ~MESSAGE_REQUIRED], row->fields[i] & MESSAGE_REQUIRED,
                       message);
    if (message->body.size)
        memcpy(at, message->body.at, message->body.size);
    out->size += (size_t)(at - start) + message->body.size;
    out->bytes[out->size] = 0;
}

/* ---- reading ---- */

static const char *read_slice(cursor_t *from, kind_t kind, slice_t *slice)
{
    head_t head;
    if (kind == KIND_TEXT && from->at < from->end && *from->at >> 5 == 5) { /* a short text: nearly all of them */
        uint32_t size = *from->at & 31;
        if ((size_t)(from->end - from->at) <= size)
            return "cut off";
        if (size)
            *slice = (slice_t){(const char *)from->at + 1, size};
        from->at += 1 + size;
        return NULL;
    }
    const char *wrong = cursor_read(from, &head);
    if (wrong)
        return wrong;
    if (head.kind == KIND_NIL)
        return NULL;
    if (head.kind != kind)
        return kind == KIND_TEXT ? "not a text" : "not bytes";
    if (head.count)
        *slice = (slice_t){head.bytes, head.count};
    return NULL;
}

static const char *read_pair(cursor_t *from, ident_t *pair)
{
    if (from->end - from->at >= 2 + IDENT_BYTES && from->at[0] == 0xC4 && from->at[1] == IDENT_BYTES) {
        *pair = ident_read(from->at + 2);
        from->at += 2 + IDENT_BYTES;
        return NULL;
    }
    slice_t none = {0};
    const char *wrong = read_slice(from, KIND_BYTES, &none);
    return wrong ? wrong : none.size ? "not 16 bytes" : NULL;
}

static const char *read_names(cursor_t *from, message_t *message)
{
    head_t head;
    const char *wrong = cursor_read(from, &head);
    if (wrong || head.kind == KIND_NIL)
        return wrong;
    if (head.kind != KIND_ARRAY)
        return "not a list";
    if (head.count > MESSAGE_NAMES_MOST)
        return "list too long";
    for (message->name_count = 0; message->name_count < head.count; message->name_count++)
        if ((wrong = read_slice(from, KIND_TEXT, &message->names[message->name_count])) != NULL)
            return wrong;
    return NULL;
}

/* A whole number, or nil, which is 0. */
static const char *read_number(cursor_t *from, uint64_t *number)
{
    if (cursor_natural(from, number))
        return NULL;
    head_t head;
    const char *wrong = cursor_read(from, &head);
    *number = 0;
    return wrong ? wrong : head.kind == KIND_NIL ? NULL : "not a number of 0 or more";
}

static const char *read_flag(cursor_t *from, bool *flag)
{
    head_t head;
    const char *wrong = cursor_read(from, &head);
    if (!wrong && head.kind != KIND_BOOL && head.kind != KIND_NIL)
        return "not true or false";
    *flag = head.integer != 0;
    return wrong;
}

static const char *read_field(cursor_t *from, const message_field_t *field, message_t *message)
{
    void *place = (char *)message + field->offset;
    const char *wrong = NULL;
    uint64_t number = 0;
    switch (field->kind) {
    case WIRE_FLAG:
        return read_flag(from, place);
    case WIRE_SMALL:
        wrong = read_number(from, &number);
        if (number > field->most)
            return "number out of range";
        *(uint32_t *)place = (uint32_t)number;
        return wrong;
    case WIRE_NUMBER:
        wrong = read_number(from, place);
        return wrong ? wrong : *(uint64_t *)place > field->most ? "number out of range" : NULL;
    case WIRE_IDENT:
    case WIRE_TOKEN:
        return read_pair(from, place);
    case WIRE_NAME:
    case WIRE_TEXT:
        wrong = read_slice(from, KIND_TEXT, place);
        if (!wrong && ((slice_t *)place)->size == 0)
            return NULL;
        break;
    case WIRE_TOKENS:
    case WIRE_BYTES:
        wrong = read_slice(from, KIND_BYTES, place);
        break;
    case WIRE_NAMES:
        wrong = read_names(from, message);
        break;
    }
    return wrong ? wrong : wrong_value(field, message);
}

/* Version, command and size of the body; how many items follow. */
static const char *read_head(cursor_t *from, message_t *message, uint64_t *body, uint32_t *items)
{
    head_t head;
    uint64_t version, command;
    const char *wrong = cursor_read(from, &head);
    if (wrong)
        return wrong;
    if (head.kind != KIND_ARRAY || head.count < HEAD_ITEMS || head.count > HEAD_ITEMS + ITEMS_MOST)
        return "not an envelope";
    if (!cursor_natural(from, &version) || !cursor_natural(from, &command) || !cursor_natural(from, body))
        return "not an envelope";
    if (version != MESSAGE_VERSION)
        return "another version";
    const message_row_t *row = row_of(command);
    if (!row)
        return "no such command";
    if (*body > (row->body ? MESSAGE_BODY_MOST : 0))
        return "a body too large";
    message->command = (command_t)command;
    *items = head.count - HEAD_ITEMS;
    return NULL;
}

static int read_fields(cursor_t *from, message_t *message, uint32_t items, fault_t *fault)
{
    const message_row_t *row = &message_rows[message->command];
    const char *wrong = NULL;
    for (uint32_t i = 0; i < items || i < row->count; i++) {
        if (i >= row->count) { /* added by a newer peer */
            if ((wrong = cursor_skip(from)) != NULL)
                return bad(fault, wrong, row->name);
            continue;
        }
        const message_field_t *field = &message_fields[row->fields[i] & ~MESSAGE_REQUIRED];
        if (i < items && (wrong = read_field(from, field, message)) != NULL)
            return bad(fault, wrong, field->name);
        if ((row->fields[i] & MESSAGE_REQUIRED) && is_missing(field, message))
            return bad(fault, "a field is missing", field->name);
    }
    return 0;
}

int message_decode(const void *bytes, size_t size, message_t *message, size_t *taken, fault_t *fault)
{
    memset(message, 0, sizeof *message);
    if (size > UINT32_MAX)
        return bad(fault, "over 4 GiB", NULL);
    cursor_t from = {bytes, (const uint8_t *)bytes + size};
    uint64_t body = 0;
    uint32_t items = 0;
    const char *wrong = read_head(&from, message, &body, &items);
    if (wrong)
        return bad(fault, wrong, NULL);
    if (read_fields(&from, message, items, fault) < 0)
        return -1;
    if ((uint64_t)(from.end - from.at) < body)
        return bad(fault, "the body is cut off", message_rows[message->command].name);
    if (body + message->attachment.size > MESSAGE_BODY_MOST)
        return bad(fault, "a body too large", message_rows[message->command].name);
    if (body)
        message->body = (slice_t){(const char *)from.at, (uint32_t)body};
    *taken = (size_t)(from.at - (const uint8_t *)bytes) + body;
    return 0;
}

int message_decode_frame(const void *bytes, size_t size, message_t messages[MESSAGE_FRAME_MOST], fault_t *fault)
{
    int count = 0;
    size_t at = 0, taken = 0;
    if (size > MESSAGE_FRAME_BYTES_MOST)
        return bad(fault, "a frame too large", NULL);
    do {
        if (count == MESSAGE_FRAME_MOST)
            return bad(fault, "too many messages in one frame", NULL);
        if (message_decode((const char *)bytes + at, size - at, &messages[count], &taken, fault) < 0)
            return -1;
        at += taken;
        count++;
    } while (at < size);
    return count;
}

/* ---- comparing and printing ---- */

static bool field_equal(const message_field_t *field, const message_t *a, const message_t *b)
{
    const void *left = (const char *)a + field->offset, *right = (const char *)b + field->offset;
    switch (field->kind) {
    case WIRE_FLAG:
        return *(const bool *)left == *(const bool *)right;
    case WIRE_SMALL:
        return *(const uint32_t *)left == *(const uint32_t *)right;
    case WIRE_NUMBER:
        return *(const uint64_t *)left == *(const uint64_t *)right;
    case WIRE_IDENT:
    case WIRE_TOKEN:
        return memcmp(left, right, sizeof(ident_t)) == 0;
    case WIRE_NAME:
    case WIRE_TEXT:
    case WIRE_TOKENS:
    case WIRE_BYTES:
        return slice_equal(*(const slice_t *)left, *(const slice_t *)right);
    case WIRE_NAMES:
        for (uint32_t i = 0; i < a->name_count && i < b->name_count; i++)
            if (!slice_equal(a->names[i], b->names[i]))
                return false;
        return a->name_count == b->name_count;
    }
    return false;
}

bool message_equal(const message_t *a, const message_t *b)
{
    const message_row_t *row = row_of(a->command);
    if (!row || a->command != b->command || !slice_equal(a->body, b->body))
        return false;
    for (int i = 0; i < row->count; i++)
        if (!field_equal(&message_fields[row->fields[i] & ~MESSAGE_REQUIRED], a, b))
            return false;
    return true;
}

static void print_text(const char *name, slice_t slice, buf_t *out)
{
    char text[MESSAGE_TEXT_MOST + 1];
    uint32_t size = slice.size < sizeof text - 1 ? slice.size : (uint32_t)sizeof text - 1;
    if (size)
        memcpy(text, slice.at, size);
    text[size] = 0;
    text_neuter(text);
    buf_format(out, " %s=\"%s\"", name, text);
}

static void print_field(const message_field_t *field, const message_t *message, buf_t *out)
{
    const void *place = (const char *)message + field->offset;
    const slice_t *slice = place;
    char id[IDENT_TEXT];
    switch (field->kind) {
    case WIRE_FLAG:
        if (*(const bool *)place)
            buf_format(out, " %s", field->name);
        break;
    case WIRE_SMALL:
        buf_format(out, " %s=%u", field->name, *(const uint32_t *)place);
        break;
    case WIRE_NUMBER:
        buf_format(out, " %s=%" PRIu64, field->name, *(const uint64_t *)place);
        break;
    case WIRE_IDENT:
        buf_format(out, " %s=%s", field->name, ident_format(*(const ident_t *)place, id));
        break;
    case WIRE_TOKEN:
        buf_format(out, " %s=%016" PRIx64 ".%" PRIu64, field->name, ((const token_t *)place)->incarnation,
                   ((const token_t *)place)->counter);
        break;
    case WIRE_NAME:
    case WIRE_TEXT:
        print_text(field->name, *slice, out);
        break;
    case WIRE_TOKENS:
        buf_format(out, " %s=%u", field->name, message_token_count(*slice));
        break;
    case WIRE_BYTES:
        buf_format(out, " %s=%u", field->name, slice->size);
        break;
    case WIRE_NAMES:
        for (uint32_t i = 0; i < message->name_count; i++)
            print_text(field->name, message->names[i], out);
        break;
    }
}

void message_print(const message_t *message, buf_t *out)
{
    const message_row_t *row = row_of(message->command);
    if (!row) {
        buf_text(out, "no message");
        return;
    }
    buf_text(out, row->name);
    for (int i = 0; i < row->count; i++) {
        const message_field_t *field = &message_fields[row->fields[i] & ~MESSAGE_REQUIRED];
        if (field->kind == WIRE_SMALL || !is_missing(field, message))
            print_field(field, message, out);
    }
    if (message->body.size)
        buf_format(out, " body=%u", message->body.size);
}

/* ---- tokens and slices ---- */

token_t message_token(slice_t tokens, uint32_t i)
{
    ident_t pair = ident_read((const uint8_t *)tokens.at + (size_t)i * TOKEN_BYTES);
    return (token_t){pair.high, pair.low};
}

uint32_t message_token_count(slice_t tokens)
{
    return tokens.size / TOKEN_BYTES;
}

void message_token_add(token_t token, buf_t *list)
{
    uint8_t bytes[TOKEN_BYTES];
    ident_write((ident_t){token.incarnation, token.counter}, bytes);
    buf_add(list, bytes, sizeof bytes);
}

slice_t slice_of(const char *text)
{
    return text && *text ? (slice_t){text, (uint32_t)strlen(text)} : (slice_t){0};
}

bool slice_is(slice_t slice, const char *text)
{
    return slice_equal(slice, slice_of(text));
}
