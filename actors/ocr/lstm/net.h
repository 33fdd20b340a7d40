/* net: the network that reads a line: from its pixels to the chance of every sign at every place.
 *
 * It runs what tesseract's fast models consist of, and nothing else: a convolution of 3 x 3 with tanh, the largest of
 * each square of it, memory cells up and down each column, layers of memory cells along the line in one way or the
 * other, and a softmax; all weights are bytes. The results are those of tesseract 5.3 to the last bit.
 *
 * Called by model, in the worker of the stage ocr. It knows no sign and no word. Diagnostics: net_parse refuses; later
 * nothing can fail but memory, which aborts.
 */
#ifndef YOGI_OCR_LSTM_NET_H
#define YOGI_OCR_LSTM_NET_H

#include "bytes.h"
#include "kernel.h"

typedef struct net net_t;

/* The network at the beginning of the bytes, which are behind it then; NULL where it is of another kind or damaged. */
net_t *net_parse(bytes_t *bytes, const kernel_t *kernel);
void net_destroy(net_t **net);

/* Sets what the noise beyond the edges begins with. */
void net_seed(net_t *net, int64_t seed);

int net_height(const net_t *net); /* px that its pictures are high */
int net_step(const net_t *net);   /* px from place to place */
int net_signs(const net_t *net);  /* signs that it tells apart */

/* Most px that a picture is wide. */
enum { NET_WIDTH_MOST = 32000 };

/* Runs a grey picture, net_height rows of stride bytes, at least net_step wide. Gives the chances, net_signs for each
 * of *places places; they belong to the network and live until the next run. */
const float *net_run(net_t *net, const uint8_t *pixels, int width, size_t stride, int *places);

#endif
