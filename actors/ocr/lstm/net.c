/* net: see net.h. Format: tesseract 5.3, Network::CreateFromFile in src/lstm/network.cpp and the DeSerialize of each
 * kind of layer beside it. */
#include "net.h"

#include "front.h"
#include "layer.h"
#include "proto/base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LAYERS_MOST = 8 }; /* along the line; the fast models have three */

struct net {
    const kernel_t *kernel;
    squash_t squash;
    front_t front;
    layer_t across;             /* up and down the columns */
    layer_t along[LAYERS_MOST]; /* along the line, one above the other */
    int layers;                 /* how many of them there are */
    kernel_matrix_t output;     /* of the signs */
    int32_t *starts;            /* [width of output] */
    float *scales;              /* the same */
    int signs;                  /* signs */
    layer_work_t work;          /* of the layers */
    int8_t *lines[2];           /* what a layer is given, and what it says */
    float *chances;             /* [places][signs] */
    int32_t *sums;              /* [width of output] */
    size_t line_room;           /* bytes in each of lines */
    size_t chance_room;         /* numbers in chances */
};

/* What stands before every layer. */
typedef struct {
    char kind[24];       /* "LSTM" */
    int inputs, outputs; /* numbers taken and given */
    int rates;           /* whether rates of learning stand behind its parts */
} head_t;

static int parse_head(bytes_t *bytes, head_t *head)
{
    enum { RATES = 64 };
    char name[80];
    if (bytes_u8(bytes) != 0) /* numbered kinds are of before 4.0 */
        return -1;
    bytes_text(bytes, head->kind, sizeof head->kind);
    (void)bytes_take(bytes, 2); /* whether it was being trained */
    head->rates = bytes_i32(bytes) & RATES;
    head->inputs = bytes_i32(bytes);
    head->outputs = bytes_i32(bytes);
    (void)bytes_i32(bytes); /* number of weights */
    bytes_text(bytes, name, sizeof name);
    return bytes->failed ? -1 : 0;
}

/* A head of a kind that has parts, of which there must be so many; 0 when it is one. */
static int parse_group(bytes_t *bytes, const char *kind, int parts, head_t *head)
{
    if (parse_head(bytes, head) || strcmp(head->kind, kind) != 0 || (parts && bytes_i32(bytes) != parts))
        return -1;
    return 0;
}

/* Behind the parts of a group: what it was trained with. */
static int parse_rates(bytes_t *bytes, const head_t *group)
{
    uint32_t rates = group->rates ? (uint32_t)bytes_i32(bytes) : 0;
    return bytes_take(bytes, (size_t)rates * sizeof(float)) || !rates ? 0 : -1;
}

static int parse_input(bytes_t *bytes, net_t *net)
{
    enum { HEIGHT_MOST = 256 };
    head_t head;
    int shape[5];
    if (parse_group(bytes, "Input", 0, &head))
        return -1;
    for (int i = 0; i < 5; i++)
        shape[i] = bytes_i32(bytes); /* pictures, height, width, colours, what is made of it */
    net->front.height = shape[1];
    return shape[2] == 0 && shape[3] == 1 && shape[1] > 3 && shape[1] <= HEIGHT_MOST ? 0 : -1;
}

static int parse_front(bytes_t *bytes, net_t *net, int *outputs)
{
    head_t group, convolve, tanh, pool;
    matrix_file_t weights;
    if (parse_group(bytes, "Series", 2, &group) || parse_group(bytes, "Convolve", 1, &convolve) ||
        bytes_i32(bytes) != 1) /* one pixel to each side */
        return -1;
    if (parse_group(bytes, "Tanh", 0, &tanh) || matrix_parse(bytes, &weights) || weights.inputs != 9 ||
        parse_rates(bytes, &group) || parse_group(bytes, "Maxpool", 0, &pool))
        return -1;
    front_t *front = &net->front;
    front->across = bytes_i32(bytes);
    front->down = bytes_i32(bytes);
    if (front->across < 1 || front->down < 1 || front->across > 8 || front->down > front->height)
        return -1;
    front_open(front, &weights);
    *outputs = weights.outputs;
    return 0;
}

static int parse_across(bytes_t *bytes, net_t *net, int *outputs)
{
    head_t group, head;
    if (parse_group(bytes, "XYTranspose", 1, &group) || parse_group(bytes, "SummLSTM", 0, &head) ||
        layer_parse(bytes, *outputs, &net->across) || parse_rates(bytes, &group))
        return -1;
    *outputs = net->across.outputs;
    return 0;
}

/* Layers along the line, one each, as many as there are. */
static int parse_along(bytes_t *bytes, net_t *net, int count, int *outputs)
{
    for (; net->layers < count; net->layers++) {
        head_t head, group = {0};
        layer_t *layer = &net->along[net->layers];
        if (parse_head(bytes, &head))
            return -1;
        bool backwards = strcmp(head.kind, "RTLReversed") == 0;
        if (backwards) {
            group = head;
            if (bytes_i32(bytes) != 1 || parse_head(bytes, &head))
                return -1;
        }
        if (strcmp(head.kind, "LSTM") != 0 || layer_parse(bytes, *outputs, layer))
            return -1;
        layer->backwards = backwards;
        *outputs = layer->outputs;
        if (parse_rates(bytes, &group)) {
            net->layers++; /* so that it is freed */
            return -1;
        }
    }
    return 0;
}

static int parse_output(bytes_t *bytes, net_t *net, int inputs)
{
    head_t head;
    matrix_file_t weights;
    if (parse_group(bytes, "Softmax", 0, &head) || matrix_parse(bytes, &weights) || weights.inputs != inputs)
        return -1;
    int width = matrix_width(&weights);
    net->signs = weights.outputs;
    net->starts = memory_new((size_t)width, sizeof *net->starts);
    net->scales = memory_new((size_t)width, sizeof *net->scales);
    net->sums = memory_new((size_t)width, sizeof *net->sums);
    matrix_pack(&weights, 1, 0, inputs, &net->output);
    matrix_starts(&weights, 1, net->starts);
    matrix_scales(&weights, 1, net->scales);
    return 0;
}

net_t *net_parse(bytes_t *bytes, const kernel_t *kernel)
{
    enum { OTHERS = 5 }; /* layers that are not along the line: input, convolution, squares, columns, signs */
    net_t *net = memory_new(1, sizeof *net);
    head_t head;
    int outputs, parts;
    net->kernel = kernel;
    squash_fill(&net->squash);
    if (parse_group(bytes, "Series", 0, &head))
        goto refuse;
    parts = bytes_i32(bytes);
    if (parts <= OTHERS || parts > OTHERS + LAYERS_MOST || parse_input(bytes, net) ||
        parse_front(bytes, net, &outputs) || parse_across(bytes, net, &outputs) ||
        parse_along(bytes, net, parts - OTHERS, &outputs) || parse_output(bytes, net, outputs) ||
        parse_rates(bytes, &head))
        goto refuse;
    return net;
refuse:
    net_destroy(&net);
    return NULL;
}

void net_destroy(net_t **net)
{
    if (!net || !*net)
        return;
    net_t *n = *net;
    front_free(&n->front);
    layer_free(&n->across);
    for (int i = 0; i < n->layers; i++)
        layer_free(&n->along[i]);
    matrix_free(&n->output);
    layer_work_free(&n->work);
    free(n->starts);
    free(n->scales);
    free(n->sums);
    free(n->lines[0]);
    free(n->lines[1]);
    free(n->chances);
    free(n);
    *net = NULL;
}

void net_seed(net_t *net, int64_t seed)
{
    noise_free(&net->front.noise);
    net->front.noise.seed = seed;
}

int net_height(const net_t *net)
{
    return net->front.height;
}

int net_step(const net_t *net)
{
    return net->front.across;
}

int net_signs(const net_t *net)
{
    return net->signs;
}

/* Bytes of the widest layer for one place. */
static size_t widest(const net_t *net)
{
    size_t most = (size_t)front_rows(&net->front) * (size_t)net->front.width;
    most = (size_t)net->across.width > most ? (size_t)net->across.width : most;
    for (int i = 0; i < net->layers; i++)
        most = (size_t)net->along[i].width > most ? (size_t)net->along[i].width : most;
    return most;
}

static void make_room(net_t *net, int places)
{
    size_t line = widest(net) * (size_t)places, chances = (size_t)net->signs * (size_t)places;
    if (line > net->line_room) {
        for (int i = 0; i < 2; i++) {
            free(net->lines[i]);
            net->lines[i] = memory_new(line, 1);
        }
        net->line_room = line;
    }
    if (chances > net->chance_room) {
        free(net->chances);
        net->chances = memory_new(chances, sizeof *net->chances);
        net->chance_room = chances;
    }
}

/* Sums to chances, in the order of the signs as tesseract adds them up. */
static void softmax(const int32_t *sums, const float *scales, int count, float *out)
{
    const float least = -86; /* so that no chance is 0 */
    float most = (float)sums[0] * scales[0], total = 0;
    for (int i = 0; i < count; i++) {
        out[i] = (float)sums[i] * scales[i];
        most = out[i] > most ? out[i] : most;
    }
    for (int i = 0; i < count; i++) {
        float x = out[i] - most;
        out[i] = expf(x < least ? least : x);
        total += out[i];
    }
    for (int i = 0; i < count; i++)
        out[i] /= total;
}

const float *net_run(net_t *net, const uint8_t *pixels, int width, size_t stride, int *places)
{
    layer_run_t run = {net->kernel, &net->squash, &net->work};
    int count = front_columns(&net->front, width), rows = front_rows(&net->front);
    size_t strokes = (size_t)net->front.width, in_stride = (size_t)net->across.width;
    make_room(net, count);
    int8_t *in = net->lines[0], *out = net->lines[1];
    front_run(&net->front, net->kernel, &net->squash, pixels, width, stride, in);
    layer_across(&net->across, &run, in, strokes, count, rows, out, in_stride);
    for (int i = 0; i < net->layers; i++) {
        int8_t *swap = in;
        in = out, out = swap;
        layer_along(&net->along[i], &run, in, in_stride, count, out, (size_t)net->along[i].width);
        in_stride = (size_t)net->along[i].width;
    }
    for (int i = 0; i < count; i++) {
        memcpy(net->sums, net->starts, (size_t)(net->output.blocks * KERNEL_OUTPUTS) * sizeof *net->sums);
        net->kernel->multiply(&net->output, out + (size_t)i * in_stride, 0, 1, net->sums, 0);
        softmax(net->sums, net->scales, net->signs, net->chances + (size_t)i * (size_t)net->signs);
    }
    *places = count;
    return net->chances;
}
