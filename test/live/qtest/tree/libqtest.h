/* The part of QEMU's tests/qtest/libqtest.h, and of GLib, that an exported program uses: declarations alone. */
typedef struct QTestState QTestState;

QTestState *qtest_init(const char *extra_args);
void qtest_quit(QTestState *s);
void qtest_system_reset(QTestState *s);
void qtest_outl(QTestState *s, uint16_t addr, uint32_t value);
void qtest_writel(QTestState *s, uint64_t addr, uint32_t value);
void qtest_writeq(QTestState *s, uint64_t addr, uint64_t value);
uint32_t qtest_readl(QTestState *s, uint64_t addr);
uint64_t qtest_readq(QTestState *s, uint64_t addr);
void qtest_memread(QTestState *s, uint64_t addr, void *data, size_t size);
void qtest_memwrite(QTestState *s, uint64_t addr, const void *data, size_t size);
void qtest_memset(QTestState *s, uint64_t addr, uint8_t pattern, size_t size);
int64_t qtest_clock_step(QTestState *s, int64_t step);
void qtest_add_func(const char *str, void (*fn)(void));
void g_test_init(int *argc, char ***argv, ...) __attribute__((sentinel));
int g_test_run(void);
void g_test_message(const char *format, ...) __attribute__((format(printf, 1, 2)));
void g_assertion_message(const char *text, unsigned long long a, unsigned long long b) __attribute__((noreturn));
#define g_assert_cmphex(n1, cmp, n2)                                            \
    do {                                                                        \
        unsigned long long a_ = (n1), b_ = (n2);                                \
        if (!(a_ cmp b_)) {                                                     \
            g_assertion_message(#n1 " " #cmp " " #n2, a_, b_);                  \
        }                                                                       \
    } while (0)
