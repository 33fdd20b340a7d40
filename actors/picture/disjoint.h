/* disjoint: sets of things that belong together, as a forest over their numbers (union-find with path halving; Tarjan
 * and van Leeuwen, 1984). parent[i] is i at first. The least number of a set is its root, so that the order of joining
 * does not matter.
 */
#ifndef YOGI_PICTURE_DISJOINT_H
#define YOGI_PICTURE_DISJOINT_H

/* The root of the set that i is in. */
static inline int disjoint_root(int *parent, int i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

/* Makes the sets of i and j one. */
static inline void disjoint_join(int *parent, int i, int j)
{
    int a = disjoint_root(parent, i), b = disjoint_root(parent, j);
    parent[a > b ? a : b] = a > b ? b : a;
}

#endif
