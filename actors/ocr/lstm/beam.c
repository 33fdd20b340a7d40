/* beam: see beam.h. */
#include "beam.h"

#include "beam_node.h"
#include "proto/base/memory.h"

#include <math.h>
#include <stdlib.h>

/* How much less a text counts that the dictionary does not know; what is taken off every logarithm; and the least
 * logarithm of a chance within a word of the dictionary. */
#define OUTSIDE         2.25F
#define OFFSET          -0.085
#define KNOWN_LEAST     (-25.0F / 7.0F)
#define CERTAINTY_LEAST -20.0F

/* How a code stands at a place. */
typedef enum { RANK_TOP, RANK_FEW, RANK_REST, RANKS } rank_t;

enum { FEW = 5 }; /* codes that are looked at first */

struct beam {
    const charset_t *charset;
    const dictionary_t *dictionary; /* NULL: none */
    int empty;                      /* code of no sign */
    float chance_least;             /* that of CERTAINTY_LEAST */
    positions_t begin;              /* where words begin */

    /* of the line under way */
    node_t *nodes;         /* all that were kept, place by place */
    int node_count;        /* how many */
    int node_room;         /* room in nodes */
    position_t *positions; /* sets of nodes */
    int position_count;
    int position_room;
    beam_sign_t *signs; /* the text */
    int sign_room;
    int *path; /* nodes of the best way */
    int path_room;

    /* of the place under way */
    const float *chances;    /* of the codes */
    uint8_t *rank;           /* rank_t of each code */
    int top, second;         /* the likeliest codes */
    int few[RANKS][FEW + 1]; /* codes of the first two ranks, in the order of their signs */
    int few_count[RANKS];
    ways_t ways[2][NEXTS]; /* outside and inside of words */
    node_t begins[NEXTS];  /* the best node behind which words begin */
};

beam_t *beam_new(const charset_t *charset, const dictionary_t *dictionary, int empty)
{
    beam_t *beam = memory_new(1, sizeof *beam);
    beam->charset = charset;
    beam->dictionary = dictionary;
    beam->empty = empty;
    beam->chance_least = expf(CERTAINTY_LEAST);
    beam->rank = memory_new((size_t)charset_codes(charset), 1);
    if (dictionary)
        dictionary_begin(dictionary, &beam->begin);
    return beam;
}

void beam_destroy(beam_t **beam)
{
    if (!beam || !*beam)
        return;
    free((*beam)->nodes);
    free((*beam)->positions);
    free((*beam)->signs);
    free((*beam)->path);
    free((*beam)->rank);
    free(*beam);
    *beam = NULL;
}

static float certainty(const beam_t *b, float chance)
{
    float logarithm = chance > b->chance_least ? logf(chance) : CERTAINTY_LEAST;
    return (float)((double)logarithm + OFFSET);
}

/* Puts a code among the others of its rank, in the order of the signs. */
static void list_code(beam_t *b, rank_t rank, int code)
{
    int *few = b->few[rank], at = b->few_count[rank]++;
    for (; at > 0 && charset_rank(b->charset, few[at - 1]) > charset_rank(b->charset, code); at--)
        few[at] = few[at - 1];
    few[at] = code;
    b->rank[code] = (uint8_t)rank;
}

/* Finds the likeliest codes of a place: the first two and the empty one, and some more. */
static void rank_codes(beam_t *b, const float *chances)
{
    int best[FEW] = {0}, count = 0, codes = charset_codes(b->charset);
    b->chances = chances;
    for (int code = 0; code < codes; code++) {
        b->rank[code] = RANK_REST;
        if (count == FEW && chances[code] <= chances[best[FEW - 1]])
            continue;
        int at = count < FEW ? count++ : FEW - 1;
        for (; at > 0 && chances[best[at - 1]] < chances[code]; at--)
            best[at] = best[at - 1];
        best[at] = code;
    }
    b->top = best[0], b->second = count > 1 ? best[1] : -1;
    b->few_count[RANK_TOP] = b->few_count[RANK_FEW] = 0;
    for (int i = 0; i < count; i++)
        if (i < 2 || best[i] == b->empty)
            list_code(b, RANK_TOP, best[i]);
        else
            list_code(b, RANK_FEW, best[i]);
    if (b->rank[b->empty] != RANK_TOP)
        list_code(b, RANK_TOP, b->empty);
}

static uint64_t add_text(const beam_t *b, const node_t *before, int code, bool again)
{
    uint64_t text = before ? before->text : 0, codes = (uint64_t)charset_codes(b->charset);
    if (again || code == b->empty)
        return text;
    uint64_t carry = ((text >> 32) * codes) >> 32;
    return text * codes + carry + (uint64_t)code;
}

/* A node behind another; what it has beyond that is set by the caller. */
static node_t node_behind(const beam_t *b, const node_t *before, int code, int sign, float sure, bool again)
{
    return (node_t){.code = code,
                    .sign = sign,
                    .again = again,
                    .certainty = sure,
                    .score = sure + (before ? before->score : 0),
                    .before = before ? (int)(before - b->nodes) : -1,
                    .text = add_text(b, before, code, again)};
}

static void add_node(ways_t *ways, const node_t *node)
{
    if (ways_want(ways, node->score))
        ways_add(ways, node);
}

/* The same sign goes on, or a place without a sign follows. */
static void add_again(beam_t *b, const node_t *before, int code, int sign, float chance, bool known, next_t next)
{
    float sure = certainty(b, chance);
    if (known ? sure <= KNOWN_LEAST : sure * OUTSIDE < CERTAINTY_LEAST && code != b->empty)
        return;
    node_t node = node_behind(b, before, code, sign, known ? sure : sure * OUTSIDE, true);
    node.kind = before->kind;
    add_node(&b->ways[known][next], &node);
}

static void keep_set(beam_t *b, node_t *node, const positions_t *set)
{
    if (b->position_count + set->count > b->position_room) {
        b->position_room = 2 * (b->position_room + POSITIONS_MOST);
        b->positions = memory_grow(b->positions, (size_t)b->position_room, sizeof *b->positions);
    }
    node->set = b->position_count;
    node->set_size = set->count;
    for (int i = 0; i < set->count; i++)
        b->positions[b->position_count++] = set->items[i];
}

/* Remembers the best node behind which words may begin. */
static void offer_begin(beam_t *b, const node_t *before, int code, int sign, word_kind_t kind, float sure, next_t next)
{
    node_t node = node_behind(b, before, code, sign, sure, false);
    if (b->begins[next].code >= 0 && node.score <= b->begins[next].score)
        return;
    node.kind = kind;
    node.new_word = true;
    b->begins[next] = node;
}

/* The last node with a sign of a way, NULL where there is none. */
static const node_t *last_sign(const beam_t *b, const node_t *node)
{
    while (node && (node->sign == CHARSET_NONE || node->again))
        node = node->before >= 0 ? &b->nodes[node->before] : NULL;
    return node;
}

/* A sign within a word of the dictionary, or a space behind one. */
static void add_known_sign(beam_t *b, const node_t *before, int code, int sign, float sure, next_t next)
{
    ways_t *known = &b->ways[true][next], *outside = &b->ways[false][next];
    node_t node = node_behind(b, before, code, sign, sure, false);
    if (!ways_want(known, node.score) && !ways_want(outside, node.score))
        return;
    const node_t *last = last_sign(b, before);
    if (sign == CHARSET_SPACE) {
        if (!last || !last->ends)
            return;
        offer_begin(b, before, code, sign, last->kind, sure, next);
        node.kind = last->kind;
        add_node(outside, &node);
        return;
    }
    if (last && ((last->new_word && last->sign != CHARSET_SPACE) || last->set_size == 0))
        return; /* a word is parted from the last by a space, and goes on only where one was begun */
    positions_t from = b->begin, to;
    if (last) {
        from.count = last->set_size;
        for (int i = 0; i < from.count; i++)
            from.items[i] = b->positions[last->set + i];
    }
    node.kind = dictionary_next(b->dictionary, &from, sign, false, &to, &node.ends);
    if (node.kind == WORD_NONE || !ways_want(known, node.score))
        return;
    node.begins = !last || last->new_word;
    keep_set(b, &node, &to);
    ways_add(known, &node);
}

/* A code behind a way, inside or outside of words. */
static void add_code(beam_t *b, const node_t *before, int code, int sign, float chance, bool known, next_t next)
{
    float sure = certainty(b, chance);
    if (known) {
        if (sure <= KNOWN_LEAST)
            return;
        if (sign != CHARSET_NONE) {
            add_known_sign(b, before, code, sign, sure, next);
            return;
        }
        node_t node = node_behind(b, before, code, sign, sure, false);
        add_node(&b->ways[true][next], &node);
        return;
    }
    node_t node = node_behind(b, before, code, sign, sure * OUTSIDE, false);
    node.kind = WORD_ANY;
    add_node(&b->ways[false][next], &node);
    if (b->dictionary && sign == CHARSET_SPACE && sure > KNOWN_LEAST)
        offer_begin(b, before, code, sign, WORD_NONE, sure, next);
}

/* A new code behind a way (NULL: at the beginning). */
static void go_on(beam_t *b, const node_t *before, int code, bool known, next_t was, rank_t rank)
{
    const float *chances = b->chances;
    if (before && before->code == code)
        return;
    int sign = code == b->empty ? CHARSET_NONE : charset_sign(b->charset, code);
    if ((sign == CHARSET_NONE || certainty(b, chances[code]) < CERTAINTY_LEAST) && code != b->empty)
        return;
    add_code(b, before, code, sign, chances[code], known, NEXT_ANY);
    if (rank != RANK_TOP || code == b->empty)
        return;
    float sum = chances[code] + chances[b->empty];
    if (before && was == NEXT_ANY && before->code != b->empty &&
        ((before->code == b->top && code == b->second) || (code == b->top && before->code == b->second)))
        sum += chances[before->code];
    add_code(b, before, code, sign, sum, known, NEXT_SAME);
}

/* All that may follow a way with codes of a rank. */
static void follow(beam_t *b, const node_t *before, bool known, next_t was, rank_t rank)
{
    if (before && b->rank[before->code] == rank) {
        float chance = b->chances[before->code];
        if (was != NEXT_OTHER)
            add_again(b, before, before->code, before->sign, chance, known, NEXT_ANY);
        if (was == NEXT_ANY && rank == RANK_TOP && before->code != b->empty)
            add_again(b, before, before->code, before->sign, chance + b->chances[b->empty], known, NEXT_OTHER);
    }
    if (was == NEXT_SAME)
        return;
    if (rank != RANK_REST) {
        for (int i = 0; i < b->few_count[rank]; i++)
            go_on(b, before, b->few[rank][i], known, was, rank);
        return;
    }
    for (int i = 0, code; (code = charset_code(b->charset, i)) >= 0; i++)
        if (b->rank[code] == RANK_REST)
            go_on(b, before, code, known, was, rank);
}

/* Nodes of a place by their ways. */
typedef struct {
    int first[2][NEXTS], count[2][NEXTS];
} place_t;

static bool any_way(const beam_t *b)
{
    return b->ways[false][NEXT_ANY].count + b->ways[true][NEXT_ANY].count > 0;
}

/* Tries the likeliest codes first, others only where none of them may follow. */
static void follow_all(beam_t *b, const place_t *last)
{
    for (int rank = 0; rank < RANKS && !any_way(b); rank++)
        for (int known = 0; known < 2; known++)
            for (int next = 0; next < NEXTS; next++)
                for (int i = last->count[known][next] - 1; i >= 0; i--)
                    follow(b, &b->nodes[last->first[known][next] + i], known, (next_t)next, (rank_t)rank);
    for (int next = 0; next < NEXTS; next++) {
        node_t *node = &b->begins[next];
        if (node->code < 0 || !ways_want(&b->ways[true][next], node->score))
            continue;
        keep_set(b, node, &b->begin);
        ways_add(&b->ways[true][next], node);
    }
}

/* Moves what was kept at a place to the nodes. */
static void keep_place(beam_t *b, place_t *place)
{
    int room = b->node_count + 2 * NEXTS * BEAM_WIDTH;
    if (room > b->node_room) {
        b->node_room = 2 * room;
        b->nodes = memory_grow(b->nodes, (size_t)b->node_room, sizeof *b->nodes);
    }
    for (int known = 0; known < 2; known++)
        for (int next = 0; next < NEXTS; next++) {
            const ways_t *ways = &b->ways[known][next];
            place->first[known][next] = b->node_count;
            place->count[known][next] = ways->count;
            for (int i = 0; i < ways->count; i++)
                b->nodes[b->node_count++] = ways->items[i];
        }
}

/* The best way at the last place; -1 where there is none. Words of the dictionary must be whole. */
static int best_node(const beam_t *b, const place_t *place)
{
    int best = -1;
    for (int next = 0; next < NEXTS; next++)
        for (int known = 0; known < 2; known++)
            for (int i = 0; i < place->count[known][next] && next != NEXT_SAME; i++) {
                int node = place->first[known][next] + i;
                const node_t *last = known ? last_sign(b, &b->nodes[node]) : NULL;
                if (known && (!last || (!last->ends && last->sign != CHARSET_SPACE)))
                    continue;
                if (best < 0 || b->nodes[node].score > b->nodes[best].score)
                    best = node;
            }
    return best;
}

/* Lays the nodes of a way into path; there is one for each place. */
static void lay_path(beam_t *b, int node, int places)
{
    if (places > b->path_room) {
        b->path_room = 2 * places;
        b->path = memory_grow(b->path, (size_t)b->path_room, sizeof *b->path);
        b->signs = memory_grow(b->signs, (size_t)b->path_room, sizeof *b->signs);
    }
    for (int place = places - 1; place >= 0; place--) {
        b->path[place] = node;
        node = b->nodes[node].before;
    }
}

/* The signs of the path. Places without a sign count to the certainty of the sign behind them, before a space to that
 * of the sign before. */
static int read_path(beam_t *b, int places)
{
    int count = 0, place = 0;
    while (place < places) {
        double sure = 0;
        for (; place < places && b->nodes[b->path[place]].sign == CHARSET_NONE; place++)
            sure = fmin(sure, b->nodes[b->path[place]].certainty);
        beam_sign_t *last = count ? &b->signs[count - 1] : NULL;
        if (last) /* half of what lies between belongs to either */
            last->to += (place - last->to) / 2;
        const node_t *node = place < places ? &b->nodes[b->path[place]] : NULL;
        if (last && (!node || (node->sign == CHARSET_SPACE && node->kind != WORD_NONE))) {
            last->certainty = fmin(last->certainty, sure);
            sure = 0;
        }
        if (!node)
            break;
        bool loose = node->sign == CHARSET_SPACE && node->kind == WORD_NONE; /* its neighbours were counted before */
        int from = last ? last->to : 0;
        int sign = node->sign;
        beam_sign_t *out = &b->signs[count++];
        *out = (beam_sign_t){sign, node->kind, node->begins, sure, from, 0};
        do {
            double here = b->nodes[b->path[place]].certainty;
            bool forget = loose && b->nodes[b->path[place]].kind == WORD_NONE;
            out->certainty = forget || here < out->certainty ? here : out->certainty;
        } while (++place < places && b->nodes[b->path[place]].again);
        out->to = place;
    }
    if (count)
        b->signs[count - 1].to = places;
    return count;
}

const beam_sign_t *beam_find(beam_t *b, const float *chances, int places, int signs, int *count)
{
    place_t last = {0};
    b->node_count = b->position_count = 0;
    *count = 0;
    for (int place = 0; place < places; place++) {
        for (int next = 0; next < NEXTS; next++) {
            b->ways[false][next].count = b->ways[true][next].count = 0;
            b->begins[next].code = -1;
        }
        rank_codes(b, chances + (size_t)place * (size_t)signs);
        if (place == 0) {
            follow(b, NULL, false, NEXT_ANY, RANK_TOP);
            if (b->dictionary)
                follow(b, NULL, true, NEXT_ANY, RANK_TOP);
        } else {
            follow_all(b, &last);
        }
        keep_place(b, &last);
    }
    int best = best_node(b, &last);
    if (best < 0)
        return b->signs;
    lay_path(b, best, places);
    *count = read_path(b, places);
    return b->signs;
}
