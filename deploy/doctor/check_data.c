/* check_data: the folder of data: whose it is, what room it has, on what it lies, who uses it. */
#include "checks.h"
#include "gateway/store/store_postgres.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Bytes that are free: below LITTLE uploads soon fail, SOME goes within days. */
#define LITTLE (100LL << 20)
#define SOME   (1LL << 30)

/* ---- what it lies on ---- */

typedef struct {
    unsigned long magic;
    const char *name, *todo;
} system_t;

static const char NETWORK[] = "SQLite needs locks that such a system may not keep: use a local disk, or PostgreSQL";
static const char MEMORY[] = "all of it goes when the machine is started again: use a disk";

/* Kinds of file systems that data do not lie well on; numbers that linux/magic.h lacks are of statfs(2). */
static const system_t systems[] = {
    {NFS_SUPER_MAGIC, "NFS", NETWORK}, {SMB_SUPER_MAGIC, "SMB", NETWORK}, {0xFF534D42, "CIFS", NETWORK},
    {0xFE534D42, "SMB", NETWORK},      {0x65735546, "FUSE", NETWORK},     {0x00C36400, "Ceph", NETWORK},
    {TMPFS_MAGIC, "tmpfs", MEMORY},    {RAMFS_MAGIC, "ramfs", MEMORY},
};

static void check_system(doctor_t *doctor, const char *path)
{
    struct statfs info;
    bool local = !postgres_wanted(&doctor->process.settings);
    if (statfs(path, &info) < 0)
        return;
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++)
        if ((unsigned long)info.f_type == systems[i].magic && (local || systems[i].todo == MEMORY))
            doctor_note(doctor, LEVEL_WARNING, systems[i].todo, "%.200s lies on %s", path, systems[i].name);
}

static void check_room(doctor_t *doctor, const char *path)
{
    struct statvfs info;
    if (statvfs(path, &info) < 0)
        return;
    long long bytes = (long long)info.f_bavail * (long long)info.f_frsize;
    if (info.f_flag & ST_RDONLY)
        doctor_note(doctor, LEVEL_FAULT, "mount it for writing, or name another folder in YOGI_DATA",
                    "%.200s cannot be written: its file system is read-only", path);
    else if (bytes < LITTLE || (info.f_files && info.f_favail < 1000))
        doctor_note(doctor, LEVEL_FAULT, "make room", "%.200s has room for %lld MB in %llu files", path, bytes >> 20,
                    (unsigned long long)info.f_favail);
    else if (bytes < SOME)
        doctor_note(doctor, LEVEL_WARNING, "make room", "%.200s has room for %lld MB", path, bytes >> 20);
}

/* ---- rights ---- */

/* A file as the gateway makes them, written through to the disk. */
static int write_probe(const char *folder)
{
    char path[PATH_MAX + 32];
    static const char bytes[4096];
    snprintf(path, sizeof path, "%s/.doctor-XXXXXX", folder);
    int fd = mkstemp(path);
    if (fd < 0)
        return -1;
    bool written = write(fd, bytes, sizeof bytes) == (ssize_t)sizeof bytes && fsync(fd) == 0;
    int cause = errno;
    close(fd);
    unlink(path);
    errno = cause;
    return written ? 0 : -1;
}

static void check_there(doctor_t *doctor, const struct stat *info)
{
    const char *path = doctor->data;
    if (write_probe(path) < 0) {
        doctor_note(doctor, LEVEL_FAULT,
                    "give it to the user that Yogi runs as (chown), or name another folder in YOGI_DATA",
                    "%.200s cannot be written by user %u: %s", path, geteuid(), strerror(errno));
        return;
    }
    if (info->st_mode & S_IRWXO)
        doctor_note(doctor, LEVEL_WARNING, "chmod 700 it", "%.200s is open to everybody on this machine (mode %04o)",
                    path, (unsigned)info->st_mode & 07777);
    check_system(doctor, path);
    check_room(doctor, path);
    pid_t user = site_user(path);
    if (user > 0)
        doctor_note(doctor, LEVEL_OK, NULL, "%.200s can be written; yogi up uses it (process %d)", path, (int)user);
    else
        doctor_note(doctor, LEVEL_OK, NULL, "%.200s can be written", path);
}

/* Whether a folder can be made in this one; it is removed again. */
static bool can_make(const char *folder)
{
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/.doctor-XXXXXX", folder);
    return mkdtemp(path) && rmdir(path) == 0;
}

/* What is to be made: the nearest folder that is there must let us. */
static void check_missing(doctor_t *doctor)
{
    char above[PATH_MAX];
    struct stat info;
    snprintf(above, sizeof above, "%s", doctor->data);
    for (char *slash; stat(above, &info) < 0 && (slash = strrchr(above, '/'));)
        slash[slash == above] = 0;
    if (!S_ISDIR(info.st_mode) || !can_make(above))
        doctor_note(doctor, LEVEL_FAULT, "make it, or name another folder in YOGI_DATA",
                    "%.200s is not there and cannot be made in %.200s", doctor->data, above);
    else
        doctor_note(doctor, LEVEL_OK, NULL, "%.200s is made when it is needed", doctor->data);
    check_room(doctor, above);
}

void check_data(doctor_t *doctor)
{
    struct stat info;
    fault_t fault = {0};
    if (!*doctor->data && site_data(doctor->process.settings.data, doctor->data, &fault) < 0) {
        doctor_fault(doctor, NULL, &fault);
        return;
    }
    if (stat(doctor->data, &info) < 0) {
        if (errno == ENOENT)
            check_missing(doctor);
        else
            doctor_note(doctor, LEVEL_FAULT, "let this user into the folders above it",
                        "%.200s cannot be looked at: %s", doctor->data, strerror(errno));
        return;
    }
    doctor->has_data = S_ISDIR(info.st_mode);
    if (doctor->has_data)
        check_there(doctor, &info);
    else
        doctor_note(doctor, LEVEL_FAULT, "name a folder in YOGI_DATA", "%.200s is not a folder", doctor->data);
}
