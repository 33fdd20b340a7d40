/* s3_settings: see s3_settings.h. */
#include "s3_settings.h"

/* CONNECT, STALL: what a server far away or in trouble may take. RETRY: the longest that a caller waits for one that
 * stumbles. */
enum { CONNECT_MS = 5000, STALL_MS = 30000, RETRY_MS = 3000 };

s3_plan_t s3_settings_plan(const settings_t *settings)
{
    return (s3_plan_t){.endpoint = settings->s3_endpoint,
                       .region = settings->aws_region,
                       .bucket = settings->s3_bucket,
                       .public_endpoint = settings->s3_public_endpoint,
                       .addressing = (s3_addressing_t)settings->s3_addressing,
                       .account = {.id = settings->aws_access_key_id,
                                   .secret = settings->aws_secret_access_key,
                                   .token = settings->aws_session_token,
                                   .identity_file = settings->aws_web_identity_token_file,
                                   .role = settings->aws_role_arn,
                                   .session = settings->aws_role_session_name,
                                   .sts_endpoint = settings->aws_endpoint_url_sts,
                                   .shared_file = settings->aws_shared_credentials_file,
                                   .profile = settings->aws_profile},
                       .line = {.authorities = settings->source_authorities,
                                .connect_ms = CONNECT_MS,
                                .stall_ms = STALL_MS,
                                .retry_ms = RETRY_MS}};
}
