/* beam_node: see beam_node.h. */
#include "beam_node.h"

bool ways_want(const ways_t *ways, float score)
{
    return ways->count < BEAM_WIDTH || score > ways->items[0].score;
}

/* Index at which a node of this score belongs, from a hole upwards or downwards; moves the others. */
static int sift_up(ways_t *ways, int hole, float score)
{
    while (hole > 0 && score < ways->items[(hole - 1) / 2].score) {
        ways->items[hole] = ways->items[(hole - 1) / 2];
        hole = (hole - 1) / 2;
    }
    return hole;
}

static int sift_down(ways_t *ways, int hole, float score)
{
    for (int child; (child = 2 * hole + 1) < ways->count; hole = child) {
        if (child + 1 < ways->count && ways->items[child + 1].score < ways->items[child].score)
            child++;
        if (ways->items[child].score >= score)
            break;
        ways->items[hole] = ways->items[child];
    }
    return hole;
}

static bool same_text(const node_t *a, const node_t *b)
{
    return a->code == b->code && a->text == b->text && a->kind == b->kind && a->new_word == b->new_word;
}

void ways_add(ways_t *ways, const node_t *node)
{
    for (int i = 0; i < ways->count; i++) {
        if (!same_text(&ways->items[i], node))
            continue;
        if (node->score > ways->items[i].score) {
            int hole = sift_down(ways, i, node->score);
            ways->items[sift_up(ways, hole, node->score)] = *node;
        }
        return;
    }
    int hole = sift_up(ways, ways->count++, node->score);
    ways->items[hole] = *node;
    if (ways->count > BEAM_WIDTH) {
        node_t last = ways->items[--ways->count];
        hole = sift_down(ways, 0, last.score);
        ways->items[hole] = last;
    }
}
