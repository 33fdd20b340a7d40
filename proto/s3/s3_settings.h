/* s3_settings: the bucket that the settings name (S3_*, AWS_*), as s3_new takes it. Pure. */
#ifndef YOGI_S3_SETTINGS_H
#define YOGI_S3_SETTINGS_H

#include "proto/settings.h"
#include "s3.h"

/* Texts are the settings'; its bucket may be NULL, and is then the caller's to set. */
s3_plan_t s3_settings_plan(const settings_t *settings);

#endif
