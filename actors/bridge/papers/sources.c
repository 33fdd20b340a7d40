/* sources: see sources.h. */
#include "sources.h"

#include "proto/base/memory.h"
#include "proto/fetch/source.h"
#include "proto/s3/s3_settings.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sources {
    const settings_t *settings;
    source_rules_t *rules;
    s3_t *s3; /* NULL: no bucket is set */
};

sources_t *sources_new(const settings_t *settings, fault_t *fault)
{
    sources_t *sources = memory_new(1, sizeof *sources);
    sources->settings = settings;
    sources->rules = source_rules_new(settings->source_roots, settings->source_endpoints, fault);
    if (sources->rules && settings->s3_bucket) {
        s3_plan_t plan = s3_settings_plan(settings);
        sources->s3 = s3_new(&plan, fault);
    }
    if (!sources->rules || (settings->s3_bucket && !sources->s3))
        sources_destroy(&sources);
    return sources;
}

void sources_destroy(sources_t **sources)
{
    if (!sources || !*sources)
        return;
    source_rules_destroy(&(*sources)->rules);
    s3_destroy(&(*sources)->s3);
    free(*sources);
    *sources = NULL;
}

const settings_t *sources_settings(const sources_t *sources)
{
    return sources->settings;
}

/* The key of s3://BUCKET/KEY where it is of this bucket; NULL where it is of another. */
static const char *key_of(const char *text, const char *bucket)
{
    static const char scheme[] = "s3://";
    size_t length = strlen(bucket);
    if (strncmp(text, scheme, sizeof scheme - 1) != 0)
        return text;
    text += sizeof scheme - 1;
    return strncmp(text, bucket, length) == 0 && text[length] == '/' ? text + length + 1 : NULL;
}

int sources_key(sources_t *sources, const char *key, buf_t *url, fault_t *fault)
{
    const char *bucket = sources->settings->s3_bucket;
    if (!bucket)
        return fault_set(fault, FAULT_INPUT, "s3Key needs a bucket, and none is set here (S3_BUCKET)");
    key = key_of(key, bucket);
    if (!key)
        return fault_set(fault, FAULT_INPUT, "s3Key is of another bucket than %s (S3_BUCKET)", bucket);
    if (!*key || strlen(key) > S3_KEY_MOST)
        return fault_set(fault, FAULT_INPUT, "s3Key is a text of 1 to %d bytes", S3_KEY_MOST);
    return s3_url(sources->s3, key, SOURCES_URL_SECONDS, url, fault);
}

/* ---- paths ---- */

static void add_file(buf_t *url, const char *folder, size_t length, const char *path)
{
    buf_t whole = {0};
    buf_add(&whole, folder, length);
    if (length && folder[length - 1] != '/')
        buf_char(&whole, '/');
    buf_text(&whole, path);
    buf_text(url, "file://");
    s3_encode(url, buf_string(&whole), true);
    buf_free(&whole);
}

/* Whether the file is there and may be read, with its URL appended. */
static int try_file(sources_t *sources, const char *folder, size_t length, const char *path, buf_t *url, fault_t *fault)
{
    source_t source;
    int64_t bytes;
    buf_t file = {0};
    add_file(&file, folder, length, path);
    int fd = -1, checked = source_check(sources->rules, buf_string(&file), &source, fault);
    if (checked == 0) {
        fd = source_open(sources->rules, &source, &bytes, fault);
        source_free(&source);
    }
    if (fd >= 0) {
        close(fd);
        buf_add(url, file.bytes, file.size);
    }
    buf_free(&file);
    return fd < 0 ? -1 : 0;
}

int sources_path(sources_t *sources, const char *path, buf_t *url, fault_t *fault)
{
    const char *roots = sources->settings->source_roots;
    int found = -1;
    if (!roots || !*roots)
        return fault_set(fault, FAULT_INPUT, "imagePath: no folder may be read here (YOGI_SOURCE_ROOTS)");
    if (strstr(path, "..") && (strncmp(path, "../", 3) == 0 || strstr(path, "/../") || strcmp(path, "..") == 0))
        return fault_set(fault, FAULT_INPUT, "imagePath goes through ..");
    if (*path == '/')
        found = try_file(sources, "", 0, path, url, fault);
    else
        while (strncmp(path, "./", 2) == 0)
            path += 2;
    for (const char *root = roots; *path != '/' && found < 0 && *root; root += *root == ':') {
        size_t length = strcspn(root, ":");
        if (length)
            found = try_file(sources, root, length, path, url, fault);
        root += length;
    }
    return found < 0 ? fault_prefix(fault, "imagePath") : 0;
}

int sources_url(sources_t *sources, const char *from, buf_t *url, fault_t *fault)
{
    source_t source;
    if (source_check(sources->rules, from, &source, fault) < 0)
        return fault_prefix(fault, "url");
    source_free(&source);
    buf_text(url, from);
    return 0;
}
