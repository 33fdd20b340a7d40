/* stage_map: the names of the stages that yogi-worker has, once for the worker that runs them and for the host that
 * starts it. A new stage is a new line here, and its folder. */
#ifndef YOGI_ACTORS_STAGE_MAP_H
#define YOGI_ACTORS_STAGE_MAP_H

#define STAGE_MAP(X)                                                                                                   \
    X(classification)                                                                                                  \
    X(ocr)                                                                                                             \
    X(llm)                                                                                                             \
    X(validation)                                                                                                      \
    X(render)                                                                                                          \
    X(noop)

#endif
