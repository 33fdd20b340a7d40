/* routes: the gateway's table of routes, a line each: METHOD PATH RIGHTS. For tests/integration/gateway_openapi.py. */
#include "gateway/api/api.h"

#include <stdio.h>

int main(void)
{
    size_t count;
    const route_t *routes = api_routes(&count);
    for (size_t i = 0; i < count; i++)
        printf("%s %s %u\n", routes[i].method, routes[i].path, (unsigned)routes[i].rights);
    return 0;
}
