/* mark: points at which a test kills the process, to see what is left on disk. In builds with sanitizers alone;
 * nothing elsewhere.
 *
 * MARK_KILL=blob.half:3 in the environment ends the process by SIGKILL when it comes to MARK ("blob.half") for the
 * third time. The names are told in tests/integration/gateway_kill.py, which hits each of them.
 */
#ifndef YOGI_BASE_MARK_H
#define YOGI_BASE_MARK_H

#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__ /* of gcc */
#define YOGI_MARKS
#define MARK(point) mark_reach(point)
void mark_reach(const char *point); /* may not return; from any thread */
#else
#define MARK(point) ((void)0)
#endif

#endif
