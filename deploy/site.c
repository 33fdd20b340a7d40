/* site: see site.h. */
#include "site.h"
#include "proto/base/folders.h"
#include "proto/base/hash.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* BASES: candidates for BASE. LOOKED_AT: folders of sockets in one of them; nobody runs so many. */
enum { KEY_DIGITS = 16, BASES = 3, LOOKED_AT_MOST = 1000 };

/* ---- the folder of data ---- */

/* An environment variable that names a folder; what is not an absolute path counts as not set (XDG Base Directory). */
static const char *folder_of(const char *variable)
{
    const char *value = getenv(variable);
    return value && value[0] == '/' ? value : NULL;
}

int site_data(const char *wanted, char path[PATH_MAX], fault_t *fault)
{
    const char *shared = folder_of("XDG_DATA_HOME"), *home = folder_of("HOME");
    const struct passwd *user = home ? NULL : getpwuid(geteuid());
    if (user && user->pw_dir && user->pw_dir[0] == '/')
        home = user->pw_dir;
    int size;
    if (wanted)
        size = snprintf(path, PATH_MAX, "%s", wanted);
    else if (shared)
        size = snprintf(path, PATH_MAX, "%s/yogi", shared);
    else if (home)
        size = snprintf(path, PATH_MAX, "%s/.local/share/yogi", home);
    else
        return fault_set(fault, FAULT_SETTING, "this user has no home, so name a folder for the data: --data DIR");
    if (size >= PATH_MAX)
        return fault_set(fault, FAULT_SETTING, "the path of the folder of data is longer than %d bytes", PATH_MAX - 1);
    return 0;
}

static int make_data(const char *wanted, char data[PATH_MAX], fault_t *fault)
{
    char path[PATH_MAX];
    struct stat status;
    if (site_data(wanted, path, fault) < 0)
        return -1;
    if (folders_make(path) < 0 || !realpath(path, data) || stat(data, &status) < 0)
        return fault_set(fault, FAULT_OUTPUT, "%.200s: the folder of data cannot be made: %s", path, strerror(errno));
    if (!S_ISDIR(status.st_mode))
        return fault_set(fault, FAULT_OUTPUT, "%.200s is not a folder", path);
    return 0;
}

pid_t site_user(const char *data)
{
    char path[PATH_MAX + 8];
    snprintf(path, sizeof path, "%s/lock", data);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return 0;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    pid_t user = 0;
    if (fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
        user = lock.l_pid > 0 ? lock.l_pid : -1;
    close(fd);
    return user;
}

/* ---- folders of sockets ---- */

/* The candidates for BASE, "" where there is none. */
static void name_bases(char bases[BASES][PATH_MAX])
{
    const char *runtime = folder_of("XDG_RUNTIME_DIR");
    *bases[0] = 0;
    if (runtime && snprintf(bases[0], PATH_MAX, "%s/yogi", runtime) >= PATH_MAX)
        *bases[0] = 0;
    snprintf(bases[1], PATH_MAX, "/run/user/%u/yogi", geteuid());
    snprintf(bases[2], PATH_MAX, "/tmp/yogi-%u", geteuid());
}

/* Whether it is a folder of this user's into which nobody else can look. */
static bool is_private(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid() &&
           (status.st_mode & 077) == 0;
}

static bool make_private(const char *path)
{
    return (mkdir(path, 0700) == 0 || errno == EEXIST) && is_private(path);
}

static void key_of(const char *data, char key[KEY_DIGITS + 1])
{
    char digest[HASH_HEX];
    hash_t hash;
    hash_begin(&hash);
    hash_add(&hash, data, strlen(data));
    hash_hex(&hash, digest);
    memcpy(key, digest, KEY_DIGITS);
    key[KEY_DIGITS] = 0;
}

/* Makes the first that can be had. A comma or a space would end the endpoint in a list of them. */
static int make_run(site_t *site, fault_t *fault)
{
    char bases[BASES][PATH_MAX], key[KEY_DIGITS + 1];
    name_bases(bases);
    key_of(site->data, key);
    for (int i = 0; i < BASES; i++) {
        int size = snprintf(site->run, sizeof site->run, "%s/%s", bases[i], key);
        if (*bases[i] && !strpbrk(bases[i], ", ") && size + 1 + SITE_NAME_MOST < SITE_SOCKET &&
            make_private(bases[i]) && make_private(site->run))
            return 0;
    }
    return fault_set(fault, FAULT_OUTPUT,
                     "no folder for sockets can be had: %.100s and %.100s are not this user's alone (mode 0700), or "
                     "cannot be made, or their paths are too long for sockets (%d bytes)",
                     *bases[0] ? bases[0] : bases[1], bases[2], SITE_SOCKET - 1);
}

int site_make(const char *wanted, site_t *site, fault_t *fault)
{
    return make_data(wanted, site->data, fault) < 0 ? -1 : make_run(site, fault);
}

char *site_endpoint(const site_t *site, const char *name, char endpoint[SITE_ENDPOINT])
{
    snprintf(endpoint, SITE_ENDPOINT, "ipc://%.*s/%.*s", SITE_SOCKET - SITE_NAME_MOST - 2, site->run, SITE_NAME_MOST,
             name);
    return endpoint;
}

/* ---- finding ---- */

typedef struct {
    const char *wanted;  /* folder of data that is looked for; NULL = any */
    char own[PATH_MAX];  /* the user's own folder; "" = there is none */
    site_t found, other; /* the best; one more */
    int count;           /* of those that run */
    bool is_own;         /* found is on the user's own folder */
} search_t;

static void look_at(search_t *search, const char *base, const char *key)
{
    site_t site;
    char link[SITE_SOCKET + 8];
    int size = snprintf(site.run, sizeof site.run, "%s/%s", base, key);
    if (size + 1 + SITE_NAME_MOST >= SITE_SOCKET)
        return;
    snprintf(link, sizeof link, "%s/data", site.run);
    ssize_t length = readlink(link, site.data, sizeof site.data - 1);
    if (length <= 0)
        return;
    site.data[length] = 0;
    if (!is_private(site.run) || !site_user(site.data) || (search->wanted && strcmp(search->wanted, site.data) != 0))
        return;
    bool is_own = strcmp(site.data, search->own) == 0;
    search->other = is_own ? search->found : site;
    if (is_own || search->count == 0)
        search->found = site;
    search->is_own |= is_own;
    search->count++;
}

static void look_in(search_t *search, const char *base)
{
    DIR *folder = *base && is_private(base) ? opendir(base) : NULL;
    if (!folder)
        return;
    const struct dirent *entry;
    for (int i = 0; i < LOOKED_AT_MOST && (entry = readdir(folder)); i++)
        if (strspn(entry->d_name, "0123456789abcdef") == KEY_DIGITS && !entry->d_name[KEY_DIGITS])
            look_at(search, base, entry->d_name);
    closedir(folder);
}

int site_find(const char *wanted, char endpoint[SITE_ENDPOINT], fault_t *fault)
{
    char real[PATH_MAX], path[PATH_MAX], bases[BASES][PATH_MAX];
    fault_t none;
    search_t search = {0};
    if (wanted && !realpath(wanted, real))
        return 0; /* nobody uses what is not there */
    search.wanted = wanted ? real : NULL;
    if (site_data(NULL, path, &none) < 0 || !realpath(path, search.own))
        *search.own = 0;
    name_bases(bases);
    for (int i = 0; i < BASES && search.count == 0; i++)
        look_in(&search, bases[i]);
    if (search.count > 1 && !search.is_own)
        return fault_set(fault, FAULT_SETTING,
                         "several yogi up run here, on %.120s, on %.120s …: say which one is meant by YOGI_DATA=DIR",
                         search.found.data, search.other.data);
    if (search.count)
        site_endpoint(&search.found, "broker", endpoint);
    return search.count > 0;
}
