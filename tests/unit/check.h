/* check: cmocka with the headers that it wants before itself. */
#ifndef YOGI_TESTS_CHECK_H
#define YOGI_TESTS_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
