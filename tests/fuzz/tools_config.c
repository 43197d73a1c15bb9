/* SPDX-License-Identifier: GPL-2.0 */
/* tools_config.c - any bytes as a domain file, and as a command line word. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#include "base/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const keys[] = {"name", "memory", "disk", "a"};
    struct config_error err;
    struct config *given = config_empty("f"), *c;
    char *word = malloc(size + 1);

    MUST(config_override(given, "vmid=3", &err) == 0);
    c = config_parse("f", (const char *)data, size, given, &err);
    config_free(given);
    MUST(c || (err.text[0] && err.line >= 1 && err.column >= 1));
    memcpy(word, data, size);
    word[size] = '\0';
    if (!c)
        c = config_empty("f");
    config_override(c, word, &err);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char **items;
        size_t n;
        int64_t number;
        bool truth;
        char *text;

        if (config_get_strings(c, keys[i], &items, &n, &err) == 1)
            free(items);
        if (config_get_string(c, keys[i], &text, &err) == 1)
            free(text);
        config_get_int(c, keys[i], &number, &err);
        config_get_bool(c, keys[i], &truth, &err);
    }
    config_free(c);
    free(word);
    return 0;
}
