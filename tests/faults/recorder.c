/* Notes every change to files below a folder, in the order in which it happens; or lets the disk fill up.
 *
 * Loaded before all else (LD_PRELOAD). RECORD_ROOT is the folder, RECORD_LOG the file that is written:
 *
 *     kind (1 byte) · file (u32) · offset (u64) · length of the bytes (u32) · the bytes
 *
 * Kinds: o a file was made · w bytes were written · t it was cut to a length (the offset) · s a file was flushed ·
 * f a folder was flushed · r renamed (both names, with a zero byte in between) · u removed · d a folder was made ·
 * x a folder was removed · n a name (for o, s, f, u, d, x: the bytes are the name) · m a line for the reader (written
 * to a file that is named *.marks). Files are numbers given when they are first opened.
 *
 * A number written to a file that is named *.limit: so many changes go through from then on, and every later one that
 * needs room fails with ENOSPC.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_FILES 65536

static char root[4096], *names[MOST_FILES];
static size_t root_length;
static int sink = -1, append[MOST_FILES], marks[MOST_FILES];
#define MARKS 1
#define LIMIT 2
static long full_after = -1, counted;
static pthread_mutex_t turn = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

#define REAL(name) (__typeof__(&name))real(#name)

static void *real(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

__attribute__((constructor)) static void begin(void) {
    const char *where = getenv("RECORD_ROOT"), *log = getenv("RECORD_LOG");
    if (!where || !realpath(where, root)) return;
    root_length = strlen(root);
    if (log) sink = (REAL(open))(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
}

static int absolute(const char *path, char *out) {
    if (path[0] == '/') { strncpy(out, path, 4095); out[4095] = 0; }
    else { char here[2048]; if (!getcwd(here, sizeof here)) return 0; snprintf(out, 4096, "%.2047s/%.2040s", here, path); }
    return root_length && !strncmp(out, root, root_length) && (out[root_length] == '/' || !out[root_length]);
}

static void note(char kind, const char *name, const void *bytes, uint32_t length, uint64_t offset) {
    if (sink < 0) return;
    uint32_t named = name ? strlen(name) : 0;
    unsigned char head[1 + 4 + 8 + 4];
    head[0] = kind; memcpy(head + 1, &named, 4); memcpy(head + 5, &offset, 8); memcpy(head + 13, &length, 4);
    __typeof__(&write) put = REAL(write);
    put(sink, head, sizeof head);
    if (named) put(sink, name, named);
    const char *rest = bytes;
    while (length) { ssize_t done = put(sink, rest, length); if (done <= 0) return; rest += done; length -= done; }
}

/* Whether there is no room any more for what is about to be done. */
static int full(void) {
    counted++;
    if (full_after >= 0 && counted > full_after) { errno = ENOSPC; return 1; }
    return 0;
}

/* Files that are no part of what is watched. */
static int apart(const char *path) {
    size_t length = strlen(path);
    if (length < 6) return 0;
    return !strcmp(path + length - 6, ".marks") ? MARKS : !strcmp(path + length - 6, ".limit") ? LIMIT : 0;
}

static int opened(int fd, const char *path, int flags, int fresh) {
    if (fd < 0 || fd >= MOST_FILES) return fd;
    free(names[fd]); names[fd] = strdup(path); append[fd] = !!(flags & O_APPEND);
    marks[fd] = apart(path);
    if (marks[fd]) return fd;
    if (fresh) note('o', path, NULL, 0, 0);
    else if (flags & O_TRUNC) note('t', path, NULL, 0, 0);
    return fd;
}

static int open_any(const char *symbol, int at, const char *path, int flags, mode_t mode) {
    char whole[4096];
    int (*plain)(const char *, int, ...) = at ? NULL : real(symbol);
    int (*relative)(int, const char *, int, ...) = at ? real(symbol) : NULL;
    int ours = absolute(path, whole);
    if (!ours) return plain ? plain(path, flags, mode) : relative(at, path, flags, mode);
    pthread_mutex_lock(&turn);
    int fresh = (flags & O_CREAT) && access(path, F_OK), fd = -1;
    int counts = fresh && !apart(whole);
    if (!counts || !full()) fd = plain ? plain(path, flags, mode) : relative(at, path, flags, mode);
    int trouble = errno;
    opened(fd, whole, flags, fresh && fd >= 0);
    pthread_mutex_unlock(&turn);
    errno = trouble;
    return fd;
}

#define MODE mode_t mode = 0; if (flags & (O_CREAT | O_TMPFILE)) { va_list more; va_start(more, flags); mode = va_arg(more, int); va_end(more); }
int open(const char *path, int flags, ...) { MODE return open_any("open", 0, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE return open_any("open64", 0, path, flags, mode); }
int openat(int at, const char *path, int flags, ...) { MODE return open_any("openat", at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE return open_any("openat64", at, path, flags, mode); }

int close(int fd) {
    if (fd == sink && sink >= 0) { errno = EBADF; return -1; }
    pthread_mutex_lock(&turn);
    if (fd >= 0 && fd < MOST_FILES) { free(names[fd]); names[fd] = NULL; }
    int done = (REAL(close))(fd);
    pthread_mutex_unlock(&turn);
    return done;
}

static int watched(int fd) { return fd >= 0 && fd < MOST_FILES && names[fd]; }

ssize_t write(int fd, const void *bytes, size_t length) {
    if (!watched(fd)) return (REAL(write))(fd, bytes, length);
    pthread_mutex_lock(&turn);
    ssize_t done = -1;
    if (marks[fd] == LIMIT) {
        char number[32] = {0};
        memcpy(number, bytes, length < 31 ? length : 31);
        full_after = counted + atol(number);
        done = length;
    }
    else if (marks[fd]) { note('m', "", bytes, length, 0); done = (REAL(write))(fd, bytes, length); }
    else if (!full()) {
        off_t at = append[fd] ? lseek(fd, 0, SEEK_END) : lseek(fd, 0, SEEK_CUR);
        done = (REAL(write))(fd, bytes, length);
        if (done > 0) note('w', names[fd], bytes, done, at);
    }
    int trouble = errno;
    pthread_mutex_unlock(&turn);
    errno = trouble;
    return done;
}

static ssize_t pwrite_any(const char *symbol, int fd, const void *bytes, size_t length, off_t at) {
    ssize_t (*put)(int, const void *, size_t, off_t) = real(symbol);
    if (!watched(fd)) return put(fd, bytes, length, at);
    pthread_mutex_lock(&turn);
    ssize_t done = full() ? -1 : put(fd, bytes, length, at);
    int trouble = errno;
    if (done > 0) note('w', names[fd], bytes, done, at);
    pthread_mutex_unlock(&turn);
    errno = trouble;
    return done;
}
ssize_t pwrite(int fd, const void *bytes, size_t length, off_t at) { return pwrite_any("pwrite", fd, bytes, length, at); }
ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t at) { return pwrite_any("pwrite64", fd, bytes, length, at); }

static int truncate_any(const char *symbol, int fd, off_t length) {
    int (*cut)(int, off_t) = real(symbol);
    if (!watched(fd)) return cut(fd, length);
    pthread_mutex_lock(&turn);
    int done = cut(fd, length);
    if (!done) note('t', names[fd], NULL, 0, length);
    pthread_mutex_unlock(&turn);
    return done;
}
int ftruncate(int fd, off_t length) { return truncate_any("ftruncate", fd, length); }
int ftruncate64(int fd, off64_t length) { return truncate_any("ftruncate64", fd, length); }

static int sync_any(const char *symbol, int fd) {
    int (*flush)(int) = real(symbol);
    if (!watched(fd)) return flush(fd);
    pthread_mutex_lock(&turn);
    struct stat told;
    int done = flush(fd);
    if (!done && !fstat(fd, &told)) note(S_ISDIR(told.st_mode) ? 'f' : 's', names[fd], NULL, 0, 0);
    pthread_mutex_unlock(&turn);
    return done;
}
int fsync(int fd) { return sync_any("fsync", fd); }
int fdatasync(int fd) { return sync_any("fdatasync", fd); }

int rename(const char *from, const char *to) {
    char one[4096], other[4096], both[8193];
    int ours = absolute(from, one) | absolute(to, other);
    if (!ours) return (REAL(rename))(from, to);
    pthread_mutex_lock(&turn);
    int done = full() ? -1 : (REAL(rename))(from, to);
    int trouble = errno;
    snprintf(both, sizeof both, "%s%c%s", one, 1, other);
    if (!done) note('r', both, NULL, 0, 0);
    pthread_mutex_unlock(&turn);
    errno = trouble;
    return done;
}
int renameat(int at, const char *from, int beside, const char *to) {
    (void)at; (void)beside;
    return rename(from, to);
}

#define ON_A_NAME(kind, call, needs_room)                                   \
    char whole[4096];                                                       \
    if (!absolute(path, whole)) return call;                                \
    pthread_mutex_lock(&turn);                                              \
    int done = needs_room && full() ? -1 : call, trouble = errno;           \
    if (!done) note(kind, whole, NULL, 0, 0);                               \
    pthread_mutex_unlock(&turn);                                            \
    errno = trouble;                                                        \
    return done;
int unlink(const char *path) { ON_A_NAME('u', (REAL(unlink))(path), 0) }
int rmdir(const char *path) { ON_A_NAME('x', (REAL(rmdir))(path), 0) }
int mkdir(const char *path, mode_t mode) { ON_A_NAME('d', (REAL(mkdir))(path, mode), 1) }
