/* The demo's folder of uploads: which file a path means, and that nothing outside of the folder is ever opened or made.
 */
#include "check.h"
#include "gateway/move/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int folder = -1;

static void make_file(const char *name, const char *content)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    close(fd);
}

static int setup(void **state)
{
    (void)state;
    char path[] = "/tmp/yogi-folder-XXXXXX";
    if (!mkdtemp(path) || chdir(path) < 0)
        return -1;
    mkdir("uploads", 0755);
    mkdir("uploads/doc", 0755);
    mkdir("uploads/uploads", 0755);
    make_file("secret", "secret");
    make_file("uploads/doc/a.png", "a");
    make_file("uploads/flat.png", "flat");
    make_file("uploads/uploads/flat.png", "deeper");
    assert_int_equal(symlink("../../secret", "uploads/doc/link"), 0);
    assert_int_equal(symlink("/", "uploads/root"), 0);
    assert_int_equal(mkfifo("uploads/doc/pipe", 0600), 0);
    folder = open("uploads", O_RDONLY | O_DIRECTORY);
    return folder < 0 ? -1 : 0;
}

static void finds(const char *path, const char *want)
{
    struct stat status;
    arena_t *arena = arena_new();
    const char *found = folder_find(folder, path, arena, &status);
    assert_string_equal(found ? found : "none", want ? want : "none");
    arena_destroy(&arena);
}

static void test_finds(void **state)
{
    (void)state;
    finds("doc/a.png", "doc/a.png");
    finds("./data/uploads/doc/a.png", "doc/a.png");
    finds("/data/uploads/doc/a.png", "doc/a.png");
    finds("/data//uploads/./doc//a.png", "doc/a.png");
    finds("uploads/flat.png", "uploads/flat.png"); /* the longest end */
    finds("flat.png", "flat.png");
    finds("/srv/flat.png", "flat.png");
    finds("../../x/flat.png", "flat.png");
    finds("doc/../../secret", NULL);
    finds("../secret", NULL);
    finds("doc/link", NULL);
    finds("root/etc/passwd", NULL);
    finds("doc/pipe", NULL);
    finds("doc", NULL);
    finds("", NULL);
    finds("/", NULL);
    finds("..", NULL);
}

static void test_opens_nothing_else(void **state)
{
    (void)state;
    const char *const names[] = {"../secret", "/etc/passwd", "doc/../../secret", "doc/link",  "root/etc/passwd",
                                 "",          "doc//a.png",  "./doc/a.png",      "doc/a.png/"};
    char temporary[FOLDER_NAME_BYTES];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_int_equal(folder_open(folder, names[i]), -1);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(folder_make(folder, names[i], temporary), -1);
    assert_int_equal(folder_make(folder, "root/tmp/x", temporary), -1);
}

static void test_takes(void **state)
{
    (void)state;
    char part[FOLDER_PART_MOST + 2];
    memset(part, 'x', sizeof part);
    part[FOLDER_PART_MOST] = 0;
    assert_true(folder_takes(part));
    part[FOLDER_PART_MOST] = 'x';
    part[FOLDER_PART_MOST + 1] = 0;
    assert_false(folder_takes(part));
    assert_true(folder_takes("a/b..c/.d"));
    assert_false(folder_takes("a/../b"));
    assert_false(folder_takes("a/."));
    assert_false(folder_takes("/a"));
}

static void count(void *user, const char *name, const struct stat *status)
{
    int *files = user;
    assert_true(S_ISREG(status->st_mode));
    assert_null(strstr(name, "secret"));
    ++*files;
}

/* A file is there whole under its name or not at all; what was left is removed. */
static void test_places(void **state)
{
    (void)state;
    char temporary[FOLDER_NAME_BYTES];
    int files = 0;
    int fd = folder_make(folder, "new/sub/file", temporary);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "x", 1), 1);
    assert_int_equal(access("uploads/new/sub/file", F_OK), -1);
    assert_int_equal(folder_place(folder, fd, temporary, "new/sub/file"), 0);
    close(fd);
    assert_int_equal(access("uploads/new/sub/file", F_OK), 0);
    fd = folder_make(folder, "new/sub/file", temporary);
    close(fd);
    assert_int_equal(folder_walk(folder, false, count, &files), 0);
    assert_int_equal(files, 4);
    assert_int_equal(folder_walk(folder, true, count, &files), 0);
    fd = folder_open(folder, temporary);
    assert_int_equal(fd, -1);
    fd = folder_make(folder, "new/sub/file", temporary);
    close(fd);
    folder_drop(folder, temporary);
    assert_int_equal(folder_open(folder, temporary), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_finds), cmocka_unit_test(test_opens_nothing_else),
                                       cmocka_unit_test(test_takes), cmocka_unit_test(test_places)};
    return cmocka_run_group_tests(tests, setup, NULL);
}
