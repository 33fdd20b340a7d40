/* package: see package.h. */
#include "package.h"

#include <stdint.h>
#include <string.h>

/* CRC-32 as in ISO 3309, bit by bit: parts are small. */
static uint32_t checksum(const uint8_t *bytes, size_t size)
{
    uint32_t crc = 0xFFFFFFFF;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (0xEDB88320u & (0u - (crc & 1)));
    }
    return ~crc;
}

static void put(buf_t *out, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        buf_char(out, (char)(value >> 8 * i & 0xFF));
}

/* The fields that the local and the central header share. */
static void put_common(buf_t *out, const char *name, uint32_t crc, size_t size)
{
    put(out, 20, 2);         /* version needed */
    put(out, 0, 2);          /* flags */
    put(out, 0, 2);          /* stored */
    put(out, 0x00210000, 4); /* 1 January 1980 */
    put(out, crc, 4);
    put(out, size, 4);
    put(out, size, 4);
    put(out, strlen(name), 2);
    put(out, 0, 2); /* extra field */
}

void package_add(package_t *package, const char *name, const void *bytes, size_t size)
{
    uint32_t crc = checksum(bytes, size);
    size_t offset = package->zip.size;
    put(&package->central, 0x02014B50, 4);
    put(&package->central, 20, 2); /* made by */
    put_common(&package->central, name, crc, size);
    put(&package->central, 0, 8); /* comment, disk, attributes */
    put(&package->central, 0, 2);
    put(&package->central, offset, 4);
    buf_text(&package->central, name);
    put(&package->zip, 0x04034B50, 4);
    put_common(&package->zip, name, crc, size);
    buf_text(&package->zip, name);
    buf_add(&package->zip, bytes, size);
    package->count++;
}

void package_add_text(package_t *package, const char *name, const char *text)
{
    package_add(package, name, text, strlen(text));
}

void package_finish(package_t *package)
{
    size_t start = package->zip.size, size = package->central.size;
    buf_add(&package->zip, package->central.bytes, size);
    put(&package->zip, 0x06054B50, 4);
    put(&package->zip, 0, 4);
    put(&package->zip, package->count, 2);
    put(&package->zip, package->count, 2);
    put(&package->zip, size, 4);
    put(&package->zip, start, 4);
    put(&package->zip, 0, 2);
}

void package_free(package_t *package)
{
    buf_free(&package->zip);
    buf_free(&package->central);
    package->count = 0;
}
