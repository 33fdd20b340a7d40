/* instrumented: whether this build carries the address sanitizer, whose reports and leak check at the end of the
 * process need more of the system than the stages do. Its additions are in no other build. */
#ifndef YOGI_SANDBOX_INSTRUMENTED_H
#define YOGI_SANDBOX_INSTRUMENTED_H

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define INSTRUMENTED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(INSTRUMENTED)
#define INSTRUMENTED 1
#endif
#ifndef INSTRUMENTED
#define INSTRUMENTED 0
#endif

#endif
