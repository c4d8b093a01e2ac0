/*
 * What the program needs of QEMU's libqtest and of GLib's tests, so that it compiles without them. It speaks qtest over the
 * standard input and output of the QEMU that QTEST_QEMU_BINARY names, and QMP over a socket that this inherits as descriptor 3.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct QTestState {
    pid_t pid;
    FILE *to;
    FILE *from;
    FILE *qmp_to;
    FILE *qmp_from;
} QTestState;

/* The one that runs: it ends with the program. */
static QTestState qtest_state;

__attribute__((format(printf, 1, 2)))
static inline void g_test_message(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    printf("# ");
    vprintf(format, args);
    printf("\n");
    va_end(args);
    fflush(stdout);
}

static inline void qtest_quit(QTestState *qts)
{
    if (qts->pid <= 0) {
        return;
    }
    kill(qts->pid, SIGTERM);
    waitpid(qts->pid, NULL, 0);
    qts->pid = 0;
}

__attribute__((format(printf, 1, 2), noreturn))
static inline void qtest_bail_out(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    printf("Bail out! ");
    vprintf(format, args);
    printf("\n");
    va_end(args);
    fflush(stdout);
    exit(1);
}

#define g_assert_cmphex(a, op, b)                                               \
    do {                                                                        \
        uint64_t _a = (a), _b = (b);                                            \
        if (!(_a op _b)) {                                                      \
            qtest_bail_out("assertion failed (" #a " " #op " " #b "): (0x%"     \
                           PRIx64 " " #op " 0x%" PRIx64 ")", _a, _b);           \
        }                                                                       \
    } while (0)

/* How QEMU has ended, where it should not have. */
__attribute__((noreturn))
static inline void qtest_ended(QTestState *qts)
{
    int status = 0;
    pid_t pid = qts->pid;

    qts->pid = 0;
    waitpid(pid, &status, 0);
    if (WIFSIGNALED(status)) {
        qtest_bail_out("QEMU has ended: signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    }
    qtest_bail_out("QEMU has ended with status %d", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
}

static inline char *qtest_line(QTestState *qts, FILE *from)
{
    static char *line;
    static size_t size;
    ssize_t length;

    /* Where an assertion of QEMU's fails, GLib says so as if this were one of its tests. */
    do {
        length = getline(&line, &size, from);
        if (length < 0) {
            qtest_ended(qts);
        }
    } while (!strncmp(line, "Bail out!", 9));
    line[strcspn(line, "\r\n")] = '\0';
    return line;
}

/* What is answered behind OK. */
static inline const char *qtest_answer(QTestState *qts)
{
    char *line;

    fflush(qts->to);
    line = qtest_line(qts, qts->from);
    if (strncmp(line, "OK", 2)) {
        qtest_bail_out("QEMU answers: %.100s", line);
    }
    return line[2] == ' ' ? line + 3 : line + 2;
}

static inline void qmp_until(QTestState *qts, const char *part)
{
    fflush(qts->qmp_to);
    while (!strstr(qtest_line(qts, qts->qmp_from), part)) {
    }
}

static inline void qtest_system_reset(QTestState *qts)
{
    fprintf(qts->qmp_to, "{\"execute\":\"system_reset\"}\n");
    qmp_until(qts, "\"RESET\"");
}

static inline void qtest_at_exit(void)
{
    qtest_quit(&qtest_state);
}

static inline QTestState *qtest_init(const char *args)
{
    static const char own[] = "-accel qtest -display none -qtest stdio -qtest-log none "
                              "-chardev socket,fd=3,id=qmp -mon chardev=qmp,mode=control ";
    const char *binary = getenv("QTEST_QEMU_BINARY");
    static char words[65536];
    QTestState *qts = &qtest_state;
    char *argv[512];
    int io[2], qmp[2], count = 0;
    char *rest, *word;

    if (!binary) {
        fprintf(stderr, "QTEST_QEMU_BINARY: expected the path of a QEMU\n");
        exit(2);
    }
    snprintf(words, sizeof(words), "%s%s", own, args);
    argv[count++] = (char *)binary;
    for (word = strtok_r(words, " ", &rest); word && count < 511; word = strtok_r(NULL, " ", &rest)) {
        argv[count++] = word;
    }
    argv[count] = NULL;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, io) || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, qmp)) {
        perror("socketpair");
        exit(2);
    }
    qts->pid = fork();
    if (qts->pid == 0) {
        int control = fcntl(qmp[1], F_DUPFD, 10);

        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(io[1], 0);
        dup2(io[1], 1);
        dup2(control, 3);
        close(control);
        execvp(binary, argv);
        perror(binary);
        _exit(127);
    }
    if (qts->pid < 0) {
        perror("fork");
        exit(2);
    }
    close(io[1]);
    close(qmp[1]);
    qts->to = fdopen(io[0], "w");
    qts->from = fdopen(fcntl(io[0], F_DUPFD_CLOEXEC, 0), "r");
    qts->qmp_to = fdopen(qmp[0], "w");
    qts->qmp_from = fdopen(fcntl(qmp[0], F_DUPFD_CLOEXEC, 0), "r");
    if (!qts->to || !qts->from || !qts->qmp_to || !qts->qmp_from) {
        perror("fdopen");
        exit(2);
    }
    atexit(qtest_at_exit);
    qmp_until(qts, "\"QMP\"");
    fprintf(qts->qmp_to, "{\"execute\":\"qmp_capabilities\"}\n");
    qmp_until(qts, "\"return\"");
    return qts;
}

static inline void qtest_outl(QTestState *qts, uint16_t port, uint32_t value)
{
    fprintf(qts->to, "outl 0x%x 0x%x\n", port, value);
    qtest_answer(qts);
}

static inline void qtest_writel(QTestState *qts, uint64_t at, uint32_t value)
{
    fprintf(qts->to, "writel 0x%" PRIx64 " 0x%x\n", at, value);
    qtest_answer(qts);
}

static inline void qtest_writeq(QTestState *qts, uint64_t at, uint64_t value)
{
    fprintf(qts->to, "writeq 0x%" PRIx64 " 0x%" PRIx64 "\n", at, value);
    qtest_answer(qts);
}

static inline uint32_t qtest_readl(QTestState *qts, uint64_t at)
{
    fprintf(qts->to, "readl 0x%" PRIx64 "\n", at);
    return strtoull(qtest_answer(qts), NULL, 16);
}

static inline uint64_t qtest_readq(QTestState *qts, uint64_t at)
{
    fprintf(qts->to, "readq 0x%" PRIx64 "\n", at);
    return strtoull(qtest_answer(qts), NULL, 16);
}

static inline void qtest_memset(QTestState *qts, uint64_t at, uint8_t byte, size_t size)
{
    fprintf(qts->to, "memset 0x%" PRIx64 " 0x%zx 0x%x\n", at, size, byte);
    qtest_answer(qts);
}

static inline void qtest_memwrite(QTestState *qts, uint64_t at, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    size_t i;

    fprintf(qts->to, "write 0x%" PRIx64 " 0x%zx 0x", at, size);
    for (i = 0; i < size; i++) {
        static const char digits[] = "0123456789abcdef";

        putc(digits[bytes[i] >> 4], qts->to);
        putc(digits[bytes[i] & 15], qts->to);
    }
    putc('\n', qts->to);
    qtest_answer(qts);
}

static inline void qtest_memread(QTestState *qts, uint64_t at, void *data, size_t size)
{
    uint8_t *bytes = data;
    const char *answer;
    size_t i;

    fprintf(qts->to, "read 0x%" PRIx64 " 0x%zx\n", at, size);
    answer = qtest_answer(qts);
    if (strlen(answer) != 2 + 2 * size) {
        qtest_bail_out("QEMU answers a read of %zu bytes with %.100s", size, answer);
    }
    for (i = 0; i < size; i++) {
        const char pair[3] = { answer[2 + 2 * i], answer[3 + 2 * i], '\0' };

        bytes[i] = strtoul(pair, NULL, 16);
    }
}

static inline void qtest_clock_step(QTestState *qts, int64_t nanoseconds)
{
    fprintf(qts->to, "clock_step %" PRId64 "\n", nanoseconds);
    qtest_answer(qts);
}

static struct {
    const char *path;
    void (*run)(void);
} qtest_only;

static inline void g_test_init(int *argc, char ***argv, void *end)
{
    (void)argc;
    (void)argv;
    (void)end;
}

static inline void qtest_add_func(const char *path, void (*run)(void))
{
    qtest_only.path = path;
    qtest_only.run = run;
}

static inline int g_test_run(void)
{
    qtest_only.run();
    printf("ok 1 %s\n", qtest_only.path);
    return 0;
}
