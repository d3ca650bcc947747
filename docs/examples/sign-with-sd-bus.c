/*
 * Signs a file of any size with the first Key that has a certificate of the wanted type.
 *
 *   sign-with-sd-bus signature FILE OUTPUT [KEY-TYPE]     the raw signature, with the certificate's preferred algorithm
 *   sign-with-sd-bus message   FILE OUTPUT [KEY-TYPE]     a signed message (CMS) beside which FILE has to be kept
 *
 * KEY-TYPE is rsa-2048 (the default), ec-p256, sm2 …  Needs libsystemd-dev, pkg-config and a C compiler:
 *
 *   cc -std=c11 -Wall -Wextra -o sign-with-sd-bus sign-with-sd-bus.c $(pkg-config --cflags --libs libsystemd)
 *
 * Only descriptors cross the bus, never the file. An error is printed with its D-Bus name. When it is Timeout, the PIN's
 * dialog is still open, and the same call again joins it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define SERVICE "org.ukeyd.UKey1"
#define CERTIFICATE "org.ukeyd.UKey1.Certificate"
/* How long ukeyd may take, and how long this program waits for it: longer, so that it hears why. */
#define TIMEOUT_MS 50000u
#define WAIT_US (60ull * 1000 * 1000)

struct certificate {
    char *path;
    char *algorithm;
};

static void out_of_memory(void) {
    fputs("out of memory\n", stderr);
    exit(1);
}

/* Reads the properties of one certificate, a{sv}. Fills `found` when they are of this key type. */
static int read_certificate(sd_bus_message *reply, const char *path, const char *wanted, struct certificate *found) {
    const char *name, *type = "", *algorithm = NULL;
    int r = sd_bus_message_enter_container(reply, 'a', "{sv}");
    while (r >= 0 && (r = sd_bus_message_enter_container(reply, 'e', "sv")) > 0) {
        r = sd_bus_message_read(reply, "s", &name);
        if (r >= 0 && strcmp(name, "KeyType") == 0) {
            r = sd_bus_message_read(reply, "v", "s", &type);
        } else if (r >= 0 && strcmp(name, "Algorithms") == 0) {
            r = sd_bus_message_enter_container(reply, 'v', "as");
            if (r >= 0) r = sd_bus_message_enter_container(reply, 'a', "s");
            const char *each;
            bool first = true;
            while (r >= 0 && (r = sd_bus_message_read(reply, "s", &each)) > 0) {
                if (first) algorithm = each;
                first = false;
            }
            if (r >= 0) r = sd_bus_message_exit_container(reply);
            if (r >= 0) r = sd_bus_message_exit_container(reply);
        } else if (r >= 0) {
            r = sd_bus_message_skip(reply, "v");
        }
        if (r >= 0) r = sd_bus_message_exit_container(reply);
    }
    if (r >= 0) r = sd_bus_message_exit_container(reply);
    if (r >= 0 && !found->path && algorithm && strcmp(type, wanted) == 0) {
        found->path = strdup(path);
        found->algorithm = strdup(algorithm);
        if (!found->path || !found->algorithm) out_of_memory();
    }
    return r;
}

/* Looks through everything that ukeyd shows, a{oa{sa{sv}}}. */
static int find_certificate(sd_bus_message *reply, const char *wanted, struct certificate *found) {
    const char *path, *interface;
    int r = sd_bus_message_enter_container(reply, 'a', "{oa{sa{sv}}}");
    while (r >= 0 && (r = sd_bus_message_enter_container(reply, 'e', "oa{sa{sv}}")) > 0) {
        r = sd_bus_message_read(reply, "o", &path);
        if (r >= 0) r = sd_bus_message_enter_container(reply, 'a', "{sa{sv}}");
        while (r >= 0 && (r = sd_bus_message_enter_container(reply, 'e', "sa{sv}")) > 0) {
            r = sd_bus_message_read(reply, "s", &interface);
            if (r >= 0) {
                r = strcmp(interface, CERTIFICATE) == 0 ? read_certificate(reply, path, wanted, found)
                                                        : sd_bus_message_skip(reply, "a{sv}");
            }
            if (r >= 0) r = sd_bus_message_exit_container(reply);
        }
        if (r >= 0) r = sd_bus_message_exit_container(reply);
        if (r >= 0) r = sd_bus_message_exit_container(reply);
    }
    return r;
}

/* Sends a call and waits; on an error prints its name and text. */
static sd_bus_message *answer(sd_bus *bus, sd_bus_message *call) {
    sd_bus_error error = SD_BUS_ERROR_NULL;
    sd_bus_message *reply = NULL;
    int r = sd_bus_call(bus, call, WAIT_US, &error, &reply);
    if (r < 0) {
        fprintf(stderr, "%s: %s\n", error.name ? error.name : strerror(-r), error.message ? error.message : "");
    }
    sd_bus_error_free(&error);
    return r < 0 ? NULL : reply;
}

static int sign(sd_bus *bus, bool message, const struct certificate *certificate, int file, int output) {
    sd_bus_message *call = NULL;
    const char *method = message ? "SignMessageFile" : "SignFile";
    int r = sd_bus_message_new_method_call(bus, &call, SERVICE, certificate->path, CERTIFICATE, method);
    if (r >= 0) {
        r = message ? sd_bus_message_append(call, "hh", file, output)
                    : sd_bus_message_append(call, "sh", certificate->algorithm, file);
    }
    if (r >= 0) r = sd_bus_message_open_container(call, 'a', "{sv}");
    if (r >= 0) r = sd_bus_message_append(call, "{sv}", "reason", "s", "Sign an order");
    if (r >= 0) r = sd_bus_message_append(call, "{sv}", "timeout-ms", "u", TIMEOUT_MS);
    if (r >= 0 && message) r = sd_bus_message_append(call, "{sv}", "detached", "b", 1);
    if (r >= 0) r = sd_bus_message_close_container(call);
    sd_bus_message *reply = r < 0 ? NULL : answer(bus, call);
    sd_bus_message_unref(call);
    if (!reply) return -1;
    if (!message) {
        const void *signature = NULL;
        size_t length = 0;
        r = sd_bus_message_read_array(reply, 'y', &signature, &length);
        if (r >= 0 && write(output, signature, length) != (ssize_t)length) r = -errno;
    }
    sd_bus_message_unref(reply);
    return r;
}

int main(int argc, char **argv) {
    if (argc < 4 || (strcmp(argv[1], "signature") != 0 && strcmp(argv[1], "message") != 0)) {
        fprintf(stderr, "usage: %s signature|message FILE OUTPUT [KEY-TYPE]\n", argv[0]);
        return 2;
    }
    const char *type = argc > 4 ? argv[4] : "rsa-2048";
    int file = open(argv[2], O_RDONLY | O_CLOEXEC);
    /* The message's file has to be empty and open for writing. */
    int output = open(argv[3], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0 || output < 0) {
        perror(file < 0 ? argv[2] : argv[3]);
        return 1;
    }
    sd_bus *bus = NULL;
    int r = sd_bus_open_system(&bus);
    if (r < 0) {
        fprintf(stderr, "no system bus: %s\n", strerror(-r));
        return 1;
    }
    sd_bus_message *call = NULL, *objects = NULL;
    r = sd_bus_message_new_method_call(bus, &call, SERVICE, "/org/ukeyd/UKey1", "org.freedesktop.DBus.ObjectManager",
                                       "GetManagedObjects");
    if (r >= 0) objects = answer(bus, call);
    sd_bus_message_unref(call);
    struct certificate certificate = {0};
    r = objects ? find_certificate(objects, type, &certificate) : -1;
    sd_bus_message_unref(objects);
    if (r >= 0 && !certificate.path) {
        fprintf(stderr, "no Key with a certificate of type %s is plugged in\n", type);
        r = -1;
    }
    if (r >= 0) r = sign(bus, strcmp(argv[1], "message") == 0, &certificate, file, output);
    free(certificate.path);
    free(certificate.algorithm);
    sd_bus_flush_close_unref(bus);
    if (r < 0) {
        fprintf(stderr, "%s was not signed\n", argv[2]);
        unlink(argv[3]);
        return 1;
    }
    return 0;
}
