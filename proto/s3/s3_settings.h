/* s3_settings: the bucket that the settings name (S3_*, AWS_*), as s3_new takes it. Pure. */
#ifndef YOGI_S3_SETTINGS_H
#define YOGI_S3_SETTINGS_H

#include "proto/settings.h"
#include "s3.h"

/* settings->s3_bucket is set (asserted). Texts are the settings'. */
s3_plan_t s3_settings_plan(const settings_t *settings);

#endif
