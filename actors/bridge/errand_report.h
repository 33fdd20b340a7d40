/* errand_report: what the queue hears of a job while it is under way at the brokers: how far it is, which stages have
 * ended, and from where another bridge could go on. For errands.c.
 */
#ifndef YOGI_BRIDGE_ERRAND_REPORT_H
#define YOGI_BRIDGE_ERRAND_REPORT_H

#include "errand.h"

/* Parts of a stage (PROGRESS), as the job's progress. */
void errand_report_progress(const errand_t *errand, const message_t *message);

/* A line in the job's log for each stage that has ended since the last, and its progress. */
void errand_report_stages(errand_t *errand, const dossier_t *dossier);

/* The same of a RECORD, whose dossier is kept beside the job. */
void errand_report_record(errand_t *errand, const message_t *message);

#endif
