/* layer: see layer.h. Format: tesseract 5.3, LSTM::DeSerialize in src/lstm/lstm.cpp. */
#include "layer.h"

#include "proto/base/memory.h"

#include <stdlib.h>
#include <string.h>

/* Steps of a line, or columns, of which the inputs are weighed together: their sums lie in the first cache. */
enum { TOGETHER = 8 };

int layer_parse(bytes_t *bytes, int inputs, layer_t *layer)
{
    matrix_file_t gates[LAYER_GATES];
    int all = bytes_i32(bytes);
    for (int k = 0; k < LAYER_GATES; k++)
        if (matrix_parse(bytes, &gates[k]) || gates[k].outputs != gates[0].outputs || gates[k].inputs != all)
            return -1;
    if (inputs < 1 || all != inputs + gates[0].outputs) /* more would be cells in two directions */
        return -1;
    int width = matrix_width(gates);
    *layer = (layer_t){.inputs = inputs, .outputs = gates[0].outputs, .width = width};
    matrix_pack(gates, LAYER_GATES, 0, inputs, &layer->in);
    matrix_pack(gates, LAYER_GATES, inputs, all, &layer->back);
    layer->starts = memory_new((size_t)(LAYER_GATES * width), sizeof *layer->starts);
    layer->scales = memory_new((size_t)(LAYER_GATES * width), sizeof *layer->scales);
    matrix_starts(gates, LAYER_GATES, layer->starts);
    matrix_scales(gates, LAYER_GATES, layer->scales);
    return 0;
}

void layer_free(layer_t *layer)
{
    matrix_free(&layer->in);
    matrix_free(&layer->back);
    free(layer->starts);
    free(layer->scales);
    *layer = (layer_t){0};
}

void layer_work_need(layer_work_t *work, const layer_t *layer, int rows)
{
    size_t room = (size_t)(LAYER_GATES * layer->width) * (size_t)rows;
    if (room <= work->room)
        return;
    layer_work_free(work);
    work->sums = memory_new(room, sizeof *work->sums);
    work->states = memory_new(room, sizeof *work->states);
    work->said = memory_new(room, sizeof *work->said);
    work->room = room;
}

void layer_work_free(layer_work_t *work)
{
    free(work->sums);
    free(work->states);
    free(work->said);
    *work = (layer_work_t){0};
}

/* Begins the sums of some rows with the biases. */
static void start(const layer_t *l, int32_t *sums, int rows)
{
    size_t gates = (size_t)(LAYER_GATES * l->width);
    for (int i = 0; i < rows; i++)
        memcpy(sums + (size_t)i * gates, l->starts, gates * sizeof *sums);
}

/* One step of one row: its sums hold the inputs already. */
static void finish(const layer_t *l, const layer_run_t *run, const int32_t *sums, float *state, int8_t *said)
{
    kernel_cells_t cells = {run->squash, sums, l->scales, state, said, l->width};
    run->kernel->cells(&cells);
}

void layer_along(const layer_t *l, const layer_run_t *run, const int8_t *in, size_t in_stride, int steps, int8_t *out,
                 size_t out_stride)
{
    layer_work_need(run->work, l, TOGETHER);
    int32_t *sums = run->work->sums;
    float *state = run->work->states;
    const int8_t *said = run->work->said;
    size_t gates = (size_t)(LAYER_GATES * l->width);
    memset(state, 0, (size_t)l->width * sizeof *state);
    memset(run->work->said, 0, (size_t)l->width);
    for (int done = 0; done < steps;) {
        int count = steps - done < TOGETHER ? steps - done : TOGETHER;
        int first = l->backwards ? steps - done - count : done; /* of the inputs, in their order */
        start(l, sums, count);
        run->kernel->multiply(&l->in, in + (size_t)first * in_stride, in_stride, count, sums, gates);
        for (int i = 0; i < count; i++) {
            int at = l->backwards ? count - 1 - i : i;
            int8_t *here = out + (size_t)(first + at) * out_stride;
            run->kernel->multiply(&l->back, said, 0, 1, sums + (size_t)at * gates, gates);
            finish(l, run, sums + (size_t)at * gates, state, here);
            said = here;
        }
        done += count;
    }
}

/* Some columns, at most TOGETHER. */
static void across_some(const layer_t *l, const layer_run_t *run, const int8_t *in, size_t in_stride, int columns,
                        int steps, int8_t *out, size_t out_stride)
{
    int32_t *sums = run->work->sums;
    size_t gates = (size_t)(LAYER_GATES * l->width), width = (size_t)l->width;
    memset(run->work->states, 0, (size_t)columns * width * sizeof *run->work->states);
    for (int i = 0; i < columns; i++)
        memset(out + (size_t)i * out_stride, 0, width);
    for (int step = 0; step < steps; step++) {
        start(l, sums, columns);
        run->kernel->multiply(&l->in, in + (size_t)step * in_stride, in_stride * (size_t)steps, columns, sums, gates);
        run->kernel->multiply(&l->back, out, out_stride, columns, sums, gates);
        for (int i = 0; i < columns; i++)
            finish(l, run, sums + (size_t)i * gates, run->work->states + (size_t)i * width,
                   out + (size_t)i * out_stride);
    }
}

void layer_across(const layer_t *l, const layer_run_t *run, const int8_t *in, size_t in_stride, int columns, int steps,
                  int8_t *out, size_t out_stride)
{
    layer_work_need(run->work, l, TOGETHER);
    for (int done = 0; done < columns; done += TOGETHER) {
        int count = columns - done < TOGETHER ? columns - done : TOGETHER;
        across_some(l, run, in + (size_t)done * in_stride * (size_t)steps, in_stride, count, steps,
                    out + (size_t)done * out_stride, out_stride);
    }
}
