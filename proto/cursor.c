/* cursor: see cursor.h. */
#include "cursor.h"

static uint64_t big_endian(const uint8_t *at, int bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

static int64_t sign_extend(uint64_t value, int bytes)
{
    int shift = 64 - 8 * bytes;
    return (int64_t)(value << shift) >> shift;
}

/* Reads the head whose tag is 0xC0 … 0xDF. */
static const char *read_tagged(cursor_t *cursor, uint8_t tag, head_t *head)
{
    /* for each tag from 0xC0: the kind, the bytes of its length or value, and for ext one type byte */
    static const struct {
        int kind, bytes; /* kind_t or -1 for the tag that is never used */
    } tags[32] = {{KIND_NIL, 0},   {-1, 0},        {KIND_BOOL, 0}, {KIND_BOOL, 0}, {KIND_BYTES, 1}, {KIND_BYTES, 2},
                  {KIND_BYTES, 4}, {KIND_EXT, 1},  {KIND_EXT, 2},  {KIND_EXT, 4},  {KIND_REAL, 4},  {KIND_REAL, 8},
                  {KIND_INT, 1},   {KIND_INT, 2},  {KIND_INT, 4},  {KIND_INT, 8},  {KIND_INT, 1},   {KIND_INT, 2},
                  {KIND_INT, 4},   {KIND_INT, 8},  {KIND_EXT, 0},  {KIND_EXT, 0},  {KIND_EXT, 0},   {KIND_EXT, 0},
                  {KIND_EXT, 0},   {KIND_TEXT, 1}, {KIND_TEXT, 2}, {KIND_TEXT, 4}, {KIND_ARRAY, 2}, {KIND_ARRAY, 4},
                  {KIND_MAP, 2},   {KIND_MAP, 4}};
    int kind = tags[tag - 0xC0].kind, bytes = tags[tag - 0xC0].bytes;
    if (kind < 0)
        return "a tag that is never used";
    if (cursor->end - cursor->at < bytes)
        return "cut off";
    uint64_t value = big_endian(cursor->at, bytes);
    cursor->at += bytes;
    head->kind = (kind_t)kind;
    switch (head->kind) {
    case KIND_BOOL:
        head->integer = tag == 0xC3;
        break;
    case KIND_INT:
        head->integer = tag >= 0xD0 ? sign_extend(value, bytes) : value > INT64_MAX ? INT64_MAX : (int64_t)value;
        break;
    case KIND_REAL:
        if (bytes == 4) {
            uint32_t bits = (uint32_t)value;
            float single;
            memcpy(&single, &bits, sizeof single);
            head->real = single;
        } else {
            memcpy(&head->real, &value, sizeof head->real);
        }
        break;
    case KIND_EXT:
        head->count = (tag >= 0xD4 ? 1u << (tag - 0xD4) : (uint32_t)value);
        break;
    default:
        head->count = (uint32_t)value;
        break;
    }
    return NULL;
}

const char *cursor_read(cursor_t *cursor, head_t *head)
{
    *head = (head_t){0};
    if (cursor->at == cursor->end)
        return "cut off";
    const char *wrong;
    uint8_t tag = *cursor->at++;
    if (tag < 0x80) {
        head->kind = KIND_INT;
        head->integer = tag;
    } else if (tag < 0x90) {
        head->kind = KIND_MAP;
        head->count = tag & 15;
    } else if (tag < 0xA0) {
        head->kind = KIND_ARRAY;
        head->count = tag & 15;
    } else if (tag < 0xC0) {
        head->kind = KIND_TEXT;
        head->count = tag & 31;
    } else if (tag >= 0xE0) {
        head->kind = KIND_INT;
        head->integer = (int64_t)tag - 256;
    } else if ((wrong = read_tagged(cursor, tag, head)) != NULL) {
        return wrong;
    }
    size_t left = (size_t)(cursor->end - cursor->at), need = head->count;
    if (head->kind == KIND_EXT)
        need += 1;
    if (head->kind == KIND_MAP)
        need *= 2;
    if (head->kind >= KIND_TEXT && need > left) /* every item takes a byte at least */
        return "cut off";
    if (head->kind == KIND_TEXT || head->kind == KIND_BYTES || head->kind == KIND_EXT) {
        head->bytes = (const char *)cursor->at;
        cursor->at += need;
    }
    return NULL;
}

static const char *skip(cursor_t *cursor, int depth)
{
    head_t head;
    if (depth > CURSOR_DEPTH_MOST)
        return "nested too deep";
    const char *wrong = cursor_read(cursor, &head);
    uint64_t items = head.kind == KIND_MAP ? 2 * (uint64_t)head.count : head.kind == KIND_ARRAY ? head.count : 0;
    while (!wrong && items-- > 0)
        wrong = skip(cursor, depth + 1);
    return wrong;
}

const char *cursor_skip(cursor_t *cursor)
{
    return skip(cursor, 0);
}
