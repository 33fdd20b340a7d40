/* skeleton: the process around a stage.
 *
 * Started by a supervisor (proto/base/child.h) with its channel as descriptor 3; speaks proto/work.h there until the
 * other side closes it. It owns the loop, the clock and the trail; the stage is a function from dossier to dossier. The
 * stage parses documents from strangers, so this process may crash: nobody else is hurt. It opens no socket and writes
 * no file; before it says that it is ready it shuts itself in (actors/sandbox), so that it could not do so either.
 *
 * One worker is one thread: libgomp, which tesseract brings along, reads OMP_THREAD_LIMIT when it is loaded, so a
 * worker started without it starts itself once more with it.
 */
#ifndef YOGI_ACTORS_SKELETON_H
#define YOGI_ACTORS_SKELETON_H

#include "actors/stage.h"

/* Serves the stage of the table that argv[1] names; the exit code of the process. */
int skeleton_main(int argc, char **argv, const stage_t *const *stages, size_t count);

#endif
