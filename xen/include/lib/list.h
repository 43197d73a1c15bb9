/* SPDX-License-Identifier: GPL-2.0 */
/*
 * list.h - doubly linked lists whose links live in the things listed.
 * A head that names itself is empty; an entry taken off names itself too.
 */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include "lib/types.h"

struct list {
    struct list *next, *prev;
};

#define LIST_INIT(name) {&(name), &(name)}

static inline void list_init(struct list *l)
{
    l->next = l->prev = l;
}

static inline bool list_empty(const struct list *l)
{
    return l->next == l;
}

static inline void list_insert(struct list *e, struct list *prev)
{
    e->next = prev->next;
    e->prev = prev;
    prev->next->prev = e;
    prev->next = e;
}

static inline void list_add(struct list *e, struct list *head)
{
    list_insert(e, head);
}

static inline void list_add_tail(struct list *e, struct list *head)
{
    list_insert(e, head->prev);
}

static inline void list_del(struct list *e)
{
    e->prev->next = e->next;
    e->next->prev = e->prev;
    list_init(e);
}

#define list_entry(ptr, type, member) container_of(ptr, type, member)
#define list_first(head, type, member) list_entry((head)->next, type, member)

#define list_for_each(pos, head, member)                                       \
    for (pos = list_entry((head)->next, __typeof__(*pos), member);             \
         &pos->member != (head);                                               \
         pos = list_entry(pos->member.next, __typeof__(*pos), member))

/* The same, and the body may take pos off the list. */
#define list_for_each_safe(pos, tmp, head, member)                             \
    for (pos = list_entry((head)->next, __typeof__(*pos), member),             \
        tmp = list_entry(pos->member.next, __typeof__(*pos), member);          \
         &pos->member != (head); pos = tmp,                                    \
        tmp = list_entry(pos->member.next, __typeof__(*pos), member))

#endif
