/* SPDX-License-Identifier: GPL-2.0 */
/*
 * test_xm.c - what xm makes of files and device strings, and of answers.
 */
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "devstr.h"
#include "domcfg.h"
#include "unit.h"
#include "xm.h"

const struct command *xm_current;

/* main.c has these; the parts under test do not print. */
int xm_error(const char *fmt, ...)
{
    (void)fmt;
    return XM_FAILED;
}

int xm_misuse(const char *fmt, ...)
{
    (void)fmt;
    return XM_FAILED;
}

int cmd_help(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return XM_OK;
}

static void check_sxp(struct sxp *s, const char *wanted, const char *err)
{
    struct buf b = BUF_INIT;

    if (!wanted) {
        if (s)
            unit_fail(__FILE__, __LINE__, "was accepted");
    } else if (!s) {
        unit_fail(__FILE__, __LINE__, "refused: %s", err);
    } else {
        sxp_print_flat(&b, s);
        while (b.len && b.data[b.len - 1] == '\n')
            b.data[--b.len] = '\0';
        if (strcmp(b.data, wanted) != 0)
            unit_fail(__FILE__, __LINE__, "gives %s", b.data);
    }
    buf_free(&b);
    sxp_free(s);
}

struct row {
    const char *text, *wanted; /* NULL: refused */
};

static void disks(void)
{
    static const struct row rows[] = {
        {"phy:vg/x,xvda,w", "(vbd (uname phy:vg/x) (dev xvda) (mode w))"},
        {" file:/a b , xvda1 , r ",
         "(vbd (uname 'file:/a b') (dev xvda1) (mode r))"},
        {"tap:aio:/xen/test1,xvda,w",
         "(tap (uname tap:aio:/xen/test1) (dev xvda) (mode w))"},
        {"phy:x,hda,w!,1", "(vbd (uname phy:x) (dev hda) (mode w!) "
                           "(backend 1))"},
        {"/dev/vg/x,raw,xvda,rw",
         "(vbd (uname file:/dev/vg/x) (dev xvda) (mode rw))"},
        {"format=raw, vdev=xvda, access=r, target=/x.img",
         "(vbd (uname file:/x.img) (dev xvda) (mode r))"},
        {"vdev=xvdc,devtype=cdrom,access=r",
         "(vbd (uname '') (dev xvdc:cdrom) (mode r))"},
        {"format=raw,target=/x.img", NULL},
        {"/x.img,,xvdb", "(vbd (uname file:/x.img) (dev xvdb) (mode w))"},
        {"/x.q, qcow2, xvdb",
         "(tap (uname tap:qcow2:/x.q) (dev xvdb) (mode w))"},
        {",xvdc:cdrom,r", "(vbd (uname '') (dev xvdc:cdrom) (mode r))"},
        {",xvdc,r", NULL},
        {"phy:x,xvda", NULL},
        {"phy:x,xvda,wphy:y,xvdb,w", NULL},
        {"", NULL},
        {"a,b,c,d,e,f", NULL},
    };
    char err[256];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unit_set_row(rows[i].text);
        check_sxp(disk_to_sxp(rows[i].text, err, sizeof(err)), rows[i].wanted,
                  err);
    }
}

static void vifs(void)
{
    static const struct row rows[] = {
        {"", "(vif)"},
        {"mac=00:16:3e:1d:97:dc, bridge=xenbr0",
         "(vif (mac 00:16:3e:1d:97:dc) (bridge xenbr0))"},
        {" bridge = br1 ,, rate=10Mb/s", "(vif (bridge br1) (rate 10Mb/s))"},
        {"ip = \"\", bridge='br0', be_mac=x",
         "(vif (ip '') (bridge br0) (be_mac x))"},
        {"brigde=x", NULL},
        {"xenbr0", NULL},
    };
    char err[256];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unit_set_row(rows[i].text);
        check_sxp(vif_to_sxp(rows[i].text, err, sizeof(err)), rows[i].wanted,
                  err);
    }
}

/* The file that an installer wrote in 2007, to the letter. */
static void installer_file(void)
{
    static const char text[] =
        "# Automatically generated xen config file\n"
        "name = \"test1\"\nmemory = \"160\"\n"
        "disk = [ 'tap:aio:/xen/test1,xvda,w', ]\n"
        "vif = [ 'mac=00:16:3e:1d:97:dc, bridge=xenbr0', ]\n"
        "vfb = [\"type=vnc,vncunused=1\"]\n"
        "uuid = \"a0624382-30a6-462b-b75a-b8ecba9e38fc\"\n"
        "bootloader=\"/usr/bin/pygrub\"\nvcpus=1\n"
        "on_reboot   = 'restart'\non_crash    = 'restart'\n";
    struct config_error err = {{0}, 0, 0};
    struct config *c =
        config_parse("test1", text, sizeof(text) - 1, NULL, &err);

    CHECK(c != NULL);
    if (!c)
        return;
    check_sxp(domcfg_to_sxp(c, "x", &err),
              "(vm (name test1) (uuid a0624382-30a6-462b-b75a-b8ecba9e38fc) "
              "(bootloader /usr/bin/pygrub) (memory 160) (vcpus 1) "
              "(on_reboot restart) (on_crash restart) (image (linux)) "
              "(device (tap (uname tap:aio:/xen/test1) (dev xvda) "
              "(mode w))) (device (vif (mac 00:16:3e:1d:97:dc) "
              "(bridge xenbr0))) (device (vfb (type vnc) (vncunused 1))))",
              err.text);
    config_free(c);
}

static void refused_files(void)
{
    static const char *const rows[] = {
        "builder = 'hvm'", "type = 'pvh'",  "memory = 'much'",
        "disk = ['xvda']", "vif = ['mac']", "restart = 'sometimes'",
        "nfs_root = '/x'", "nics = 100",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct config_error err = {{0}, 0, 0};
        struct config *c =
            config_parse("f", rows[i], strlen(rows[i]), NULL, &err);

        unit_set_row(rows[i]);
        CHECK(c != NULL);
        check_sxp(domcfg_to_sxp(c, "f", &err), NULL, "");
        CHECK(strncmp(err.text, "f:1:", 4) == 0);
        config_free(c);
    }
}

/* What the same thing has been called over the years. */
static void old_spellings(void)
{
    static const struct row rows[] = {
        {"kernel='/k'; root='root=/dev/sda1 ro'",
         "(vm (name f) (image (linux (kernel /k) (root '/dev/sda1 ro'))))"},
        {"builder='pv'; kernel='/k'",
         "(vm (name f) (image (linux (kernel /k))))"},
        {"cpus=2", "(vm (name f) (cpus (2)) (image (linux)))"},
        {"cpus=[2,'3-4']", "(vm (name f) (cpus (2 3-4)) (image (linux)))"},
        {"restart='onreboot'",
         "(vm (name f) (on_poweroff destroy) (on_reboot restart) "
         "(on_crash destroy) (image (linux)))"},
        {"restart='never'; on_crash='preserve'",
         "(vm (name f) (on_crash preserve) (on_poweroff destroy) "
         "(on_reboot destroy) (image (linux)))"},
        {"dhcp=''", "(vm (name f) (image (linux)))"},
        {"cpus=[['1']]", NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct config_error err = {{0}, 0, 0};
        const char *text = rows[i].text;
        struct config *c = config_parse("f", text, strlen(text), NULL, &err);

        unit_set_row(text);
        check_sxp(domcfg_to_sxp(c, "f", &err), rows[i].wanted, err.text);
        config_free(c);
    }
}

static void kernel_address(void)
{
    static const char text[] = "kernel='/k'; ip='10.0.0.5'; netmask='255.0.0.0'"
                               "; gateway='10.0.0.1'; hostname='h'";
    struct config_error err = {{0}, 0, 0};
    struct config *c = config_parse("f", text, sizeof(text) - 1, NULL, &err);

    check_sxp(domcfg_to_sxp(c, "f", &err),
              "(vm (name f) (image (linux (kernel /k) (ip "
              "10.0.0.5:127.0.255.255:10.0.0.1:255.0.0.0:h:eth0:off))))",
              err.text);
    config_free(c);
}

#define HEAD "<?xml version=\"1.0\"?>\n<methodResponse>"

static void answers(void)
{
    static const struct row rows[] = {
        {HEAD "<params><param><value><int>5</int></value></param></params>"
              "</methodResponse>",
         "5"},
        {HEAD "<params><param><value>a &lt;b&gt; &amp;amp; &#65;</value>"
              "</param></params></methodResponse>",
         "'a <b> &amp; A'"},
        {HEAD "<params> <param>\n<value><array><data><value><string>domain"
              "</string></value><value><array><data><value><i4>1</i4>"
              "</value></data></array></value><value/></data></array>"
              "</value></param></params></methodResponse>",
         "(domain (1) '')"},
        {HEAD "<params><param><value><struct><member><name>a</name><value>"
              "<boolean>1</boolean></value></member></struct></value>"
              "</param></params></methodResponse>",
         "((a 1))"},
        {HEAD "<params><param><value><array><data><value>", NULL},
        {HEAD "<params><param><value><int>5</value>", NULL},
        {"<html>no</html>", NULL},
        {"", NULL},
        {"<?xml", NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sxp *s = NULL;
        char *fault = NULL;
        int code = 0;
        enum answer a = answer_parse(rows[i].text, &s, &code, &fault);

        unit_set_row(rows[i].text);
        CHECK_EQ(a, rows[i].wanted ? ANSWER_OK : ANSWER_BROKEN);
        check_sxp(s, rows[i].wanted, "");
    }
}

static void faults(void)
{
    static const char text[] =
        HEAD "<fault><value><struct><member><name>faultCode</name><value>"
             "<int>3</int></value></member><member><name>faultString</name>"
             "<value>x</value></member></struct></value></fault>"
             "</methodResponse>";
    struct sxp *s = NULL;
    char *fault = NULL;
    int code = 0;

    CHECK_EQ(answer_parse(text, &s, &code, &fault), ANSWER_FAULT);
    CHECK_EQ(code, 3);
    CHECK(fault && strcmp(fault, "x") == 0);
    free(fault);
}

/* Cut at every place, the text is broken, and nothing worse happens. */
static void cut_answers(void)
{
    static const char text[] =
        HEAD "<params><param><value><array><data><value><string>a&amp;b"
             "</string></value><value><struct><member><name>n</name><value>"
             "<nil/></value></member></struct></value></data></array></value>"
             "</param></params></methodResponse>";
    size_t end = strlen(text) - strlen("</param></params></methodResponse>");

    for (size_t len = 0; len < end; len++) {
        char *cut = strndup(text, len);
        struct sxp *s = NULL;
        char *fault = NULL;
        int code;

        CHECK_EQ(answer_parse(cut, &s, &code, &fault), ANSWER_BROKEN);
        free(cut);
    }
}

static void deep_answer(void)
{
    struct buf b = BUF_INIT;
    struct sxp *s = NULL;
    char *fault = NULL;
    int code;

    buf_puts(&b, HEAD "<params><param>");
    for (int i = 0; i < 100000; i++)
        buf_puts(&b, "<value><array><data>");
    CHECK_EQ(answer_parse(b.data, &s, &code, &fault), ANSWER_BROKEN);
    buf_free(&b);
}

static void calls(void)
{
    struct sxp *args = sxp_list(NULL);
    struct buf b = BUF_INIT;

    sxp_add(args, sxp_atom("a<&"));
    sxp_add(args, sxp_add(sxp_list("x"), sxp_atom("1")));
    call_encode(&b, "m", args);
    CHECK(strcmp(b.data,
                 "<?xml version='1.0'?>\n<methodCall><methodName>m"
                 "</methodName><params><param><value><string>a&lt;&amp;"
                 "</string></value></param><param><value><array><data>"
                 "<value><string>x</string></value><value><string>1</string>"
                 "</value></data></array></value></param></params>"
                 "</methodCall>\n") == 0);
    buf_free(&b);
    sxp_free(args);
}

static const struct unit_test tests[] = {
    {"disk strings are taken apart", disks},
    {"vif strings are taken apart", vifs},
    {"an installer's file is accepted unchanged", installer_file},
    {"bad values are refused with their place", refused_files},
    {"what files have said over the years is understood", old_spellings},
    {"an address becomes the kernel's ip=", kernel_address},
    {"answers become lists", answers},
    {"a fault has its code and text", faults},
    {"a cut answer is broken, wherever it is cut", cut_answers},
    {"nesting has an end", deep_answer},
    {"a call is written as XML", calls},
};

UNIT_MAIN("xm", tests)
