/* key: a CURVE key as people and files have it: 40 characters of Z85 (ZeroMQ RFC 32) for 32 bytes. Pure. */
#ifndef YOGI_WIRE_KEY_H
#define YOGI_WIRE_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* TEXT: with its closing zero. */
enum { KEY_BYTES = 32, KEY_TEXT = 41 };

/* Whether these bytes are a key. */
bool key_valid(const char *text, size_t size);

/* The bytes of a key as text. Returns text. */
char *key_write(const uint8_t bytes[KEY_BYTES], char text[KEY_TEXT]);

#endif
