/* picture: the life of a picture_t; see picture.h. */
#include "picture.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static picture_t *make(int width, int height, int channels, bool zeroed)
{
    assert(width > 0 && height > 0 && (channels == 1 || channels == 3));
    picture_t *picture = calloc(1, sizeof *picture);
    if (!picture)
        return NULL;
    *picture = (picture_t){.width = width, .height = height, .channels = channels};
    picture->stride = (size_t)width * (size_t)channels;
    picture->pixels = zeroed ? calloc((size_t)height, picture->stride) : malloc((size_t)height * picture->stride);
    if (!picture->pixels)
        picture_destroy(&picture);
    return picture;
}

picture_t *picture_new(int width, int height, int channels)
{
    return make(width, height, channels, true);
}

picture_t *picture_unset(int width, int height, int channels)
{
    return make(width, height, channels, false);
}

void picture_destroy(picture_t **picture)
{
    if (!picture || !*picture)
        return;
    free((*picture)->pixels);
    free(*picture);
    *picture = NULL;
}

picture_t *picture_clone(const picture_t *picture)
{
    picture_t *copy = picture_unset(picture->width, picture->height, picture->channels);
    if (!copy)
        return NULL;
    for (int y = 0; y < copy->height; y++)
        memcpy(copy->pixels + (size_t)y * copy->stride, picture->pixels + (size_t)y * picture->stride, copy->stride);
    copy->dpi = picture->dpi;
    return copy;
}
