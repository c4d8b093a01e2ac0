/*
 * Which system calls stop. The others, and ioctls of other kinds of files (KVM_RUN), run at full speed.
 */
#include "recorder.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "expected x86-64 or arm64"
#endif

/* System calls of the x32 interface have this bit. */
#define X32 0x40000000u

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define LOW(at) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args) + 8 * (at))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, action)
#define IF_EQUAL(value, yes, no) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, yes, no)
#define STOP_AT(nr) IF_EQUAL(nr, 0, 1), RETURN(SECCOMP_RET_TRACE)

bool install_filter(void)
{
	struct sock_filter program[] = {
		LOAD(arch),
		IF_EQUAL(ARCHITECTURE, 1, 0),
		RETURN(SECCOMP_RET_ALLOW),
		LOAD(nr),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32, 0, 1),
		RETURN(SECCOMP_RET_ALLOW),
		/* ioctls of VFIO and iommufd: type ';' */
		IF_EQUAL(SYS_ioctl, 0, 5),
		LOW(1),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff00),
		IF_EQUAL(';' << 8, 0, 1),
		RETURN(SECCOMP_RET_TRACE),
		RETURN(SECCOMP_RET_ALLOW),
		/* mmap of files */
		IF_EQUAL(SYS_mmap, 0, 4),
		LOW(4),
		IF_EQUAL(0xffffffffu, 0, 1),
		RETURN(SECCOMP_RET_ALLOW),
		RETURN(SECCOMP_RET_TRACE),
		/* fcntl(F_DUPFD), fcntl(F_DUPFD_CLOEXEC) */
		IF_EQUAL(SYS_fcntl, 0, 5),
		LOW(1),
		IF_EQUAL(0, 1, 0),
		IF_EQUAL(1030, 0, 1),
		RETURN(SECCOMP_RET_TRACE),
		RETURN(SECCOMP_RET_ALLOW),
#ifdef SYS_open
		STOP_AT(SYS_open),
#endif
		STOP_AT(SYS_openat),
		STOP_AT(SYS_openat2),
		STOP_AT(SYS_close),
		STOP_AT(SYS_close_range),
		STOP_AT(SYS_dup),
#ifdef SYS_dup2
		STOP_AT(SYS_dup2),
#endif
		STOP_AT(SYS_dup3),
		STOP_AT(SYS_read),
		STOP_AT(SYS_readv),
		STOP_AT(SYS_write),
		STOP_AT(SYS_writev),
#ifdef SYS_poll
		STOP_AT(SYS_poll),
#endif
		STOP_AT(SYS_ppoll),
		STOP_AT(SYS_munmap),
		STOP_AT(SYS_recvmsg),
		STOP_AT(SYS_pidfd_getfd),
		RETURN(SECCOMP_RET_ALLOW),
	};
	struct sock_fprog all = { sizeof(program) / sizeof(program[0]), program };

	/* Without the privilege, only a process that gains none by execve() may have a filter. */
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &all) == 0)
		return true;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &all) == 0;
}
