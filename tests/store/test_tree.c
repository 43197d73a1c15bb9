/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The tree against a plain model: a table of paths and values, copied whole
 * where the tree shares.
 */
#include "store_test.h"

#define NR_PATHS 400
#define NR_SNAPS 6

struct model {
    bool there[NR_PATHS];
    int value[NR_PATHS];
};

/* Path i: depth 1 to 4, with few names, so that they meet often. */
static void path_of(int i, char *path, size_t size)
{
    static const char *const name[] = {"a", "b", "cc", "a1", "zz"};
    size_t len = 0;

    for (i += 1; i > 0; i = (i - 1) / 5)
        len += (size_t)snprintf(path + len, size - len, "/%s",
                                name[(i - 1) % 5]);
}

static int index_of(const char *path)
{
    char other[64];

    for (int i = 0; i < NR_PATHS; i++) {
        path_of(i, other, sizeof(other));
        if (!strcmp(path, other))
            return i;
    }
    return -1;
}

static void model_make(struct model *m, const char *path)
{
    char part[64];

    snprintf(part, sizeof(part), "%s", path);
    for (char *p = part + strlen(part); p > part; p--) {
        int i;

        if (*p && *p != '/')
            continue;
        *p = '\0';
        i = index_of(part);
        if (i >= 0 && !m->there[i]) {
            m->there[i] = true;
            m->value[i] = -1;
        }
    }
}

static void model_remove(struct model *m, const char *path)
{
    char other[64];
    size_t len = strlen(path);

    for (int i = 0; i < NR_PATHS; i++) {
        path_of(i, other, sizeof(other));
        if (!strncmp(other, path, len) && (!other[len] || other[len] == '/'))
            m->there[i] = false;
    }
}

static void compare(const struct tree *t, const struct model *m)
{
    char path[64];

    for (int i = 0; i < NR_PATHS; i++) {
        const struct node *n;
        char value[16] = "";

        path_of(i, path, sizeof(path));
        n = tree_find(t, path);
        CHECK_EQ(!!n, m->there[i]);
        if (!n || !m->there[i])
            continue;
        if (m->value[i] >= 0)
            snprintf(value, sizeof(value), "%d", m->value[i]);
        CHECK_EQ(n->value_len, strlen(value));
        CHECK(!memcmp(node_value(n), value, strlen(value)));
    }
    CHECK(!tree_check(t->top));
}

static void test_random(void)
{
    static struct model model, snap_model[NR_SNAPS];
    struct tree tree, snap[NR_SNAPS] = {0};
    uint64_t seed = 1;
    char path[64], value[16];

    tree_init(&tree);
    for (int step = 0; step < 20000; step++) {
        int i = (int)(unit_random(&seed) % NR_PATHS);
        int s = (int)(unit_random(&seed) % NR_SNAPS);
        struct node *gone;

        path_of(i, path, sizeof(path));
        switch (unit_random(&seed) % 8) {
        case 0:
            gone = tree_remove(&tree, path);
            CHECK_EQ(!!gone, model.there[i]);
            if (gone)
                node_put(gone);
            model_remove(&model, path);
            break;
        case 1:
            tree_drop(&snap[s]);
            snap[s].top = node_get(tree.top);
            snap_model[s] = model;
            break;
        case 2:
            if (!snap[s].top)
                break;
            tree_write(&snap[s], path, "5", 1, OWNER_INHERIT);
            model_make(&snap_model[s], path);
            snap_model[s].value[i] = 5;
            break;
        default:
            snprintf(value, sizeof(value), "%d", step);
            tree_write(&tree, path, value, strlen(value), OWNER_INHERIT);
            model_make(&model, path);
            model.value[i] = step;
        }
        if (step % 500 == 0) {
            compare(&tree, &model);
            for (int k = 0; k < NR_SNAPS; k++)
                if (snap[k].top)
                    compare(&snap[k], &snap_model[k]);
        }
    }
    for (int k = 0; k < NR_SNAPS; k++)
        tree_drop(&snap[k]);
    tree_drop(&tree);
}

static void test_snapshot_costs_what_it_touches(void)
{
    struct tree tree, snap;
    char path[64];

    tree_init(&tree);
    for (int i = 0; i < 1000; i++) {
        snprintf(path, sizeof(path), "/x/%d/y", i);
        tree_write(&tree, path, "v", 1, OWNER_INHERIT);
    }
    snap = (struct tree){.top = node_get(tree.top)};
    tree_write(&tree, "/x/500/y", "w", 1, OWNER_INHERIT);
    CHECK(tree_find(&tree, "/x/499") == tree_find(&snap, "/x/499"));
    CHECK(tree_find(&tree, "/x/500") != tree_find(&snap, "/x/500"));
    CHECK_EQ(*node_value(tree_find(&snap, "/x/500/y")), 'v');
    tree_drop(&snap);
    tree_drop(&tree);
}

static void test_rights(void)
{
    static const struct right list[] = {{5, 0}, {6, RIGHT_READ}, {7, 3}};
    struct rights *r = rights_new(list, 3);

    CHECK_EQ(rights_for(r, 0, -1), 7);
    CHECK_EQ(rights_for(r, 5, -1), 7);
    CHECK_EQ(rights_for(r, 6, -1), RIGHT_READ);
    CHECK_EQ(rights_for(r, 7, -1), RIGHT_READ | RIGHT_WRITE);
    CHECK_EQ(rights_for(r, 8, -1), 0);
    CHECK_EQ(rights_for(r, 8, 5), 7);
    CHECK_EQ(rights_for(r, 8, 6), RIGHT_READ);
    rights_put(r);
}

static const struct unit_test tests[] = {
    {"snapshots and writes agree with a plain model", test_random},
    {"a snapshot shares what was not touched",
     test_snapshot_costs_what_it_touches},
    {"the owner may all, others what the list says", test_rights},
};
UNIT_MAIN("store tree", tests)
