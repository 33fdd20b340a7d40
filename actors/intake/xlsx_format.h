/* xlsx_format: numbers as a spreadsheet shows them, by number format. Used by xlsx.c and opendocument.c.
 * Source: ECMA-376 part 1, 18.8.30 and 18.8.31 (numFmts).
 */
#ifndef YOGI_INTAKE_XLSX_FORMAT_H
#define YOGI_INTAKE_XLSX_FORMAT_H

#include "proto/base/buf.h"

#include <stdbool.h>

/* The code of a built-in format, "General" for one without a code of its own. */
const char *xlsx_format_builtin(int id);

/* Appends value as format code shows it; dates count from 1900, or 1904 where since_1904. */
void xlsx_format_number(double value, const char *code, bool since_1904, buf_t *out);

#endif
