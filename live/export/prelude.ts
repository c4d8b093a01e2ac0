import { ERRNO } from '../../spec/errno.ts';

/** What a program has around its calls, for whom it is written. */
export interface Dialect {
  /** Before the declarations of the interface. */
  readonly before: readonly string[];
  /** Behind them: how an answer is asserted. */
  readonly after: readonly string[];
  /** Before the first call; `devices`: how many device files it needs. */
  readonly opening: (devices: number) => readonly string[];
  /** Behind the last. */
  readonly closing: readonly string[];
}

const UNUSED = '__attribute__((unused)) static';

const INCLUDES: readonly string[] = [
  ...['errno', 'fcntl', 'poll', 'stdint', 'stdio', 'stdlib', 'string', 'unistd'],
  ...['sys/eventfd', 'sys/ioctl', 'sys/mman', 'linux/types'],
].map((name) => `#include <${name}.h>`);

const COMMON: readonly string[] = [
  '/* An id, and no descriptor, that never existed: what a name stands for whose call gave nothing. */',
  '#define NEVER 0x7fffffff',
  '',
  `${UNUSED} const char *errno_name(long error)`,
  '{',
  '\tswitch (error) {',
  '\tcase 0:',
  '\t\treturn "no error";',
  ...Object.keys(ERRNO).flatMap((name) => [`\tcase ${name}:`, `\t\treturn "${name}";`]),
  '\tdefault:',
  '\t\treturn strerror(error);',
  '\t}',
  '}',
  '',
  `${UNUSED} __u64 word_at(const unsigned char *bytes, int index)`,
  '{',
  '\t__u64 word;',
  '',
  '\tmemcpy(&word, bytes + 8 * index, sizeof(word));',
  '\treturn word;',
  '}',
  '',
  '/* The memory that traces speak of: 4 MiB at a fixed address. */',
  'static int make_memory(void)',
  '{',
  '\tvoid *at = (void *)0xfffff6ff9000ULL;',
  '',
  '\treturn mmap(at, 0x400000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at;',
  '}',
  '',
  `${UNUSED} void memory_store(__u64 at, const char *bytes, size_t length)`,
  '{',
  '\tmemcpy((void *)(uintptr_t)at, bytes, length);',
  '}',
  '',
];

/** A program of its own: its arguments are the device files, its status 1 if an answer differs. */
export const PROGRAM: Dialect = {
  before: ['#define _GNU_SOURCE', ...INCLUDES, ''],
  after: [
    ...COMMON,
    'static int differs;',
    'static char **files;',
    '',
    `${UNUSED} const char *device_file(int index)`,
    '{',
    '\treturn files[index];',
    '}',
    '',
    '/* `error`: the errno that is expected, or 0. */',
    `${UNUSED} void expect(int step, const char *what, long ret, long error)`,
    '{',
    '\tlong got = ret < 0 ? errno : 0;',
    '',
    '\tif (got == error)',
    '\t\treturn;',
    '\tprintf("step %d: %s: expected %s, got %s\\n", step, what, errno_name(error), errno_name(got));',
    '\tdiffers = 1;',
    '}',
    '',
    `${UNUSED} void expect_field(int step, const char *field, __u64 got, __u64 expected)`,
    '{',
    '\tif (got == expected)',
    '\t\treturn;',
    '\tprintf("step %d: %s: expected 0x%llx, got 0x%llx\\n", step, field, (unsigned long long)expected,',
    '\t       (unsigned long long)got);',
    '\tdiffers = 1;',
    '}',
    '',
    `${UNUSED} void expect_memory(int step, __u64 at, const char *bytes, size_t length)`,
    '{',
    '\tif (!memcmp((void *)(uintptr_t)at, bytes, length))',
    '\t\treturn;',
    '\tprintf("step %d: other bytes at 0x%llx\\n", step, (unsigned long long)at);',
    '\tdiffers = 1;',
    '}',
    '',
    'int main(int argc, char **argv)',
    '{',
  ],
  opening: (devices) => [
    `if (argc != ${1 + devices}) {`,
    `\tfprintf(stderr, "usage: %s${devices > 0 ? ' /dev/vfio/devices/vfioN...' : ''}\\n", argv[0]);`,
    '\treturn 2;',
    '}',
    'files = argv + 1;',
    'if (!make_memory())',
    '\tprintf("no memory at its place: what maps it will fail\\n");',
  ],
  closing: ['printf("%s\\n", differs ? "an answer differs" : "all answers as expected");', 'return differs;'],
};

/** A test of the kernel's harness, to lie in tools/testing/selftests/iommu; NESTCHECK_DEVICES has the device files. */
export const KSELFTEST: Dialect = {
  before: ['#define _GNU_SOURCE', ...INCLUDES, '', '#include "../kselftest_harness.h"', ''],
  after: [
    ...COMMON,
    `${UNUSED} const char *device_file(int index)`,
    '{',
    '\tstatic char names[1024];',
    '\tconst char *given = getenv("NESTCHECK_DEVICES");',
    '\tchar *rest, *name;',
    '',
    '\tsnprintf(names, sizeof(names), "%s", given ? given : "");',
    '\tfor (name = strtok_r(names, " ", &rest); name && index--;)',
    '\t\tname = strtok_r(NULL, " ", &rest);',
    '\treturn name;',
    '}',
    '',
    '#define expect(step, what, ret, error)                                        \\',
    '\tdo {                                                                  \\',
    '\t\tlong _got = (ret) < 0 ? errno : 0;                            \\',
    '\t\tEXPECT_EQ((error), _got)                                      \\',
    '\t\t\tTH_LOG("step %d: %s: expected %s, got %s", step, what, \\',
    '\t\t\t       errno_name(error), errno_name(_got));          \\',
    '\t} while (0)',
    '',
    '#define expect_field(step, field, got, expected)                              \\',
    '\tEXPECT_EQ((__u64)(expected), (__u64)(got))                            \\',
    '\t\tTH_LOG("step %d: %s", step, field)',
    '',
    '#define expect_memory(step, at, bytes, length)                                \\',
    '\tEXPECT_EQ(0, memcmp((void *)(uintptr_t)(at), bytes, length))          \\',
    '\t\tTH_LOG("step %d: other bytes at 0x%llx", step, (unsigned long long)(at))',
    '',
    'FIXTURE(nestcheck)',
    '{',
    '};',
    '',
    'FIXTURE_SETUP(nestcheck)',
    '{',
    '\tif (access("/dev/iommu", R_OK | W_OK))',
    '\t\tSKIP(return, "no /dev/iommu");',
    '}',
    '',
    'FIXTURE_TEARDOWN(nestcheck)',
    '{',
    '}',
    '',
    'TEST_F(nestcheck, trace)',
    '{',
  ],
  opening: (devices) => [
    ...(devices > 0
      ? [
          `if (!device_file(${devices - 1}))`,
          `\tSKIP(return, "NESTCHECK_DEVICES: needs ${devices} device files");`,
        ]
      : []),
    'ASSERT_TRUE(make_memory());',
  ],
  closing: [],
};
