/* Says which answer it is before it asserts it. */
static inline void expect(int step, const char *what, uint64_t got, uint64_t expected)
{
    if (got != expected) {
        g_test_message("step %d: %s: expected 0x%" PRIx64 ", got 0x%" PRIx64, step, what, expected, got);
    }
    g_assert_cmphex(got, ==, expected);
}

/* What an IOMMU says of itself: where it is another, so may be its answers. */
static inline void compare(const char *what, uint64_t got, uint64_t expected)
{
    if (got != expected) {
        g_test_message("%s is 0x%" PRIx64 " here, and was 0x%" PRIx64, what, got, expected);
    }
}

/* Of a register of 32 bits, and of one of 64, the bits that `mask` has. */
static inline void expect_l(QTestState *qts, int step, const char *what, uint64_t at, uint32_t mask, uint32_t expected)
{
    expect(step, what, qtest_readl(qts, at) & mask, expected);
}

static inline void expect_q(QTestState *qts, int step, const char *what, uint64_t at, uint64_t mask, uint64_t expected)
{
    expect(step, what, qtest_readq(qts, at) & mask, expected);
}

/* Memory is little-endian, whatever this machine is. */
static inline uint64_t bytes_of(uint8_t *bytes, uint64_t word, int size)
{
    int i;

    for (i = 0; i < size; i++) {
        bytes[i] = word >> (8 * i);
    }
    return word;
}

static inline uint64_t word_of(const uint8_t *bytes, int size)
{
    uint64_t word = 0;
    int i;

    for (i = size - 1; i >= 0; i--) {
        word = word << 8 | bytes[i];
    }
    return word;
}

static inline uint64_t memory_word(QTestState *qts, uint64_t at, int size)
{
    uint8_t bytes[8];

    qtest_memread(qts, at, bytes, size);
    return word_of(bytes, size);
}

static inline void expect_word(QTestState *qts, int step, const char *what, uint64_t at, uint64_t expected)
{
    expect(step, what, memory_word(qts, at, 8), expected);
}

/* Parts of the tables that the machine may change by itself, and what they hold as far as is known. */
#define WATCHED_WORDS 16
static struct watched {
    uint64_t at;
    uint64_t words[WATCHED_WORDS];
} watched[16];
static int watched_count;

static inline void watch(uint64_t at)
{
    watched[watched_count++].at = at;
}

static inline void known(uint64_t at, uint64_t word)
{
    int i;

    for (i = 0; i < watched_count; i++) {
        if (at >= watched[i].at && at < watched[i].at + 8 * WATCHED_WORDS) {
            watched[i].words[(at - watched[i].at) / 8] = word;
        }
    }
}

/* The machine has changed a word of memory. */
static inline void expect_changed(QTestState *qts, int step, uint64_t at, uint64_t expected)
{
    expect_word(qts, step, "a word of memory that the unit changes", at, expected);
    known(at, expected);
}

/* And no other word that is watched. */
static inline void expect_rest(QTestState *qts, int step)
{
    uint8_t bytes[8 * WATCHED_WORDS];
    char what[64];
    int i, j;

    for (i = 0; i < watched_count; i++) {
        qtest_memread(qts, watched[i].at, bytes, sizeof(bytes));
        for (j = 0; j < WATCHED_WORDS; j++) {
            snprintf(what, sizeof(what), "the word of memory at 0x%" PRIx64, watched[i].at + 8 * j);
            expect(step, what, word_of(bytes + 8 * j, 8), watched[i].words[j]);
        }
    }
}

/* The guest stores 64-bit words. */
static inline void store_words(QTestState *qts, uint64_t at, const uint64_t *words, int count)
{
    uint8_t bytes[4096];
    int i;

    for (i = 0; i < count; i++) {
        known(at + 8 * i, bytes_of(bytes + 8 * i, words[i], 8));
    }
    qtest_memwrite(qts, at, bytes, 8 * count);
}
#define STORE(qts, at, ...)                                                     \
    store_words(qts, at, (const uint64_t[]){ __VA_ARGS__ },                     \
                sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))

/* Every word of a range says where it is. */
static inline void stamp(QTestState *qts, uint64_t at, uint64_t end)
{
    static uint8_t bytes[0x10000];
    size_t i;

    for (; at < end; at += sizeof(bytes)) {
        for (i = 0; i < sizeof(bytes); i += 4) {
            bytes_of(bytes + i, at + i, 4);
        }
        qtest_memwrite(qts, at, bytes, sizeof(bytes));
    }
}

/*
 * QEMU's `edu` (docs/specs/edu.rst): its registers, and its buffer of 4096 bytes, which its DMA finds at 0x40000. Each DMA of
 * the test moves four bytes, and has a word of that buffer to itself. A transfer takes 100 ms of the machine's clock.
 */
#define EDU_BUFFER 0x40000
#define EDU_BYTES 4096
#define EDU_MARKER 0xb5000000u

static inline void edu(QTestState *qts, uint64_t bar, uint64_t from, uint64_t to, uint64_t count, uint64_t command)
{
    qtest_writeq(qts, bar + 0x80, from);
    qtest_writeq(qts, bar + 0x88, to);
    qtest_writeq(qts, bar + 0x90, count);
    qtest_writeq(qts, bar + 0x98, command);
    qtest_clock_step(qts, 101000000);
}

/* The device reads the four bytes at an address, into the word of its buffer that has this number. */
static inline void edu_read(QTestState *qts, uint64_t bar, int word, uint64_t address)
{
    edu(qts, bar, address, EDU_BUFFER + 4 * word, 4, 1);
}

static inline void edu_write(QTestState *qts, uint64_t bar, int word, uint64_t address)
{
    edu(qts, bar, EDU_BUFFER + 4 * word, address, 4, 3);
}

/* Its buffer before the first: the word of each number holds EDU_MARKER and the number. */
static inline void edu_fill(QTestState *qts, uint64_t bar, uint64_t pages)
{
    uint8_t bytes[EDU_BYTES];
    int i;

    for (i = 0; i < EDU_BYTES / 4; i++) {
        bytes_of(bytes + 4 * i, EDU_MARKER | i, 4);
    }
    qtest_memwrite(qts, pages, bytes, sizeof(bytes));
    edu(qts, bar, pages, EDU_BUFFER, EDU_BYTES, 1);
}

/* What is in its buffer in the end; the machine has been reset, so that it reaches memory. */
static inline void edu_empty(QTestState *qts, uint64_t bar, uint64_t pages, uint8_t *bytes)
{
    edu(qts, bar, EDU_BUFFER, pages, EDU_BYTES, 3);
    qtest_memread(qts, pages, bytes, EDU_BYTES);
}

/* What the device has written lies there. */
static inline void expect_landed(QTestState *qts, int step, int word, uint64_t at)
{
    char what[64];

    snprintf(what, sizeof(what), "what the device writes, at 0x%" PRIx64, at);
    expect(step, what, memory_word(qts, at, 4), EDU_MARKER | word);
}

/* It lies in none of the places where it would if it were translated. */
static inline void expect_nowhere(QTestState *qts, int step, int word, const uint64_t *places, int count)
{
    int i;

    for (i = 0; i < count; i++) {
        if (memory_word(qts, places[i], 4) == (EDU_MARKER | word)) {
            g_test_message("step %d: what the device writes reaches 0x%" PRIx64, step, places[i]);
        }
        g_assert_cmphex(memory_word(qts, places[i], 4) == (EDU_MARKER | word), ==, false);
    }
}
#define EXPECT_NOWHERE(qts, step, word, ...)                                    \
    expect_nowhere(qts, step, word, (const uint64_t[]){ __VA_ARGS__ },          \
                   sizeof((const uint64_t[]){ __VA_ARGS__ }) / sizeof(uint64_t))
