/* check_reading: what documents are read with: tesseract's models, and fonts for pages that do not bring their own. */
#include "actors/ocr/tessdata/tessdata.h"
#include "checks.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- models ---- */

static bool has_model(const char *language)
{
    bool found = false;
    buf_t path = {0};
    const char *folder;
    for (size_t i = 0; !found && (folder = tessdata_folder(i)); i++) {
        buf_clear(&path);
        tessdata_path(folder, language, &path);
        found = access(path.bytes, R_OK) == 0;
    }
    buf_free(&path);
    return found;
}

static void miss_model(doctor_t *doctor, const char *language, bool asked)
{
    buf_t todo = {0};
    if (tessdata_is_name(language)) {
        buf_text(&todo, "install the package ");
        tessdata_package(language, &todo);
    } else {
        buf_text(&todo, "write YOGI_LANGUAGES as eng+deu");
    }
    doctor_note(doctor, LEVEL_FAULT, todo.bytes, "tesseract has no model for \"%.40s\"%s", language,
                asked ? " of YOGI_LANGUAGES" : ", which pictures are read with");
    buf_free(&todo);
}

void check_models(doctor_t *doctor)
{
    const char *wanted = doctor->process.settings.languages;
    char *list = arena_text(doctor->process.arena, wanted && *wanted ? wanted : "eng"), *rest = NULL;
    size_t missing = 0, there = 0;
    for (char *one = strtok_r(list, "+", &rest); one; one = strtok_r(NULL, "+", &rest))
        if (tessdata_is_name(one) && has_model(one))
            there++;
        else
            missing++, miss_model(doctor, one, wanted && *wanted);
    if (!missing)
        doctor_note(doctor, LEVEL_OK, NULL, "tesseract has the model%s for %s", there == 1 ? "" : "s",
                    wanted && *wanted ? wanted : "eng");
}

/* ---- fonts ---- */

/* DEEP: folders below one another. */
enum { DEEP = 8 };

static bool is_font(const char *name)
{
    static const char *const endings[] = {".ttf", ".otf", ".ttc", ".pfb", ".t1"};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(dot, endings[i]) == 0)
            return true;
    return false;
}

/* Whether there is a font in the folder or below. */
static bool holds_font(const char *folder, int deep)
{
    DIR *entries = deep < DEEP ? opendir(folder) : NULL;
    bool found = false;
    const struct dirent *entry;
    while (entries && !found && (entry = readdir(entries))) {
        char path[PATH_MAX];
        struct stat info;
        if (*entry->d_name == '.' || snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) >= (int)sizeof path ||
            stat(path, &info) < 0)
            continue;
        found = S_ISDIR(info.st_mode) ? holds_font(path, deep + 1) : is_font(entry->d_name) && access(path, R_OK) == 0;
    }
    if (entries)
        closedir(entries);
    return found;
}

/* The folders that the sandbox lets workers read (actors/sandbox/folders.c). */
void check_fonts(doctor_t *doctor)
{
    if (access("/etc/fonts/fonts.conf", R_OK) < 0)
        doctor_note(doctor, LEVEL_FAULT, "install the package fontconfig-config",
                    "there is no /etc/fonts/fonts.conf: no font is found");
    else if (!holds_font("/usr/share/fonts", 0) && !holds_font("/usr/local/share/fonts", 0))
        doctor_note(doctor, LEVEL_FAULT, "install the package fonts-dejavu-core",
                    "no font is in /usr/share/fonts: pages that do not bring theirs cannot be drawn");
    else
        doctor_note(doctor, LEVEL_OK, NULL, "there are some for pages that do not bring theirs");
}
