/* dev3 is attached, but 0x8000000..0x80fffff is not reserved for it
 * Made by nestcheck; the answers asserted are those of kernel=linux-7.2, smmu=architecture.
 * Device files: dev1 (SMMU 0, group 1), dev3 (SMMU 1, group 3)
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <linux/types.h>

#ifdef USE_SYSTEM_HEADERS
#include <linux/iommufd.h>
#include <linux/vfio.h>
#else
struct vfio_device_bind_iommufd {
	__u32 argsz;
	__u32 flags;
	__s32 iommufd;
	__u32 out_devid;
	__aligned_u64 token_uuid_ptr;
};

struct iommu_ioas_alloc {
	__u32 size;
	__u32 flags;
	__u32 out_ioas_id;
};

struct iommu_hwpt_alloc {
	__u32 size;
	__u32 flags;
	__u32 dev_id;
	__u32 pt_id;
	__u32 out_hwpt_id;
	__u32 __reserved;
	__u32 data_type;
	__u32 data_len;
	__aligned_u64 data_uptr;
	__u32 fault_id;
	__u32 __reserved2;
};

struct vfio_device_attach_iommufd_pt {
	__u32 argsz;
	__u32 flags;
	__u32 pt_id;
	__u32 pasid;
};

#define VFIO_DEVICE_BIND_IOMMUFD _IO(';', 0x76)
#define IOMMU_IOAS_ALLOC _IO(';', 0x81)
#define IOMMU_HWPT_ALLOC _IO(';', 0x89)
#define VFIO_DEVICE_ATTACH_IOMMUFD_PT _IO(';', 0x77)
#endif

/* An id, and no descriptor, that never existed: what a name stands for whose call gave nothing. */
#define NEVER 0x7fffffff

__attribute__((unused)) static const char *errno_name(long error)
{
	switch (error) {
	case 0:
		return "no error";
	case EPERM:
		return "EPERM";
	case ENOENT:
		return "ENOENT";
	case EIO:
		return "EIO";
	case ENXIO:
		return "ENXIO";
	case E2BIG:
		return "E2BIG";
	case EBADF:
		return "EBADF";
	case ENOMEM:
		return "ENOMEM";
	case EFAULT:
		return "EFAULT";
	case EBUSY:
		return "EBUSY";
	case EEXIST:
		return "EEXIST";
	case ENODEV:
		return "ENODEV";
	case EINVAL:
		return "EINVAL";
	case ENOTTY:
		return "ENOTTY";
	case ENOSPC:
		return "ENOSPC";
	case ESPIPE:
		return "ESPIPE";
	case ERANGE:
		return "ERANGE";
	case EBADE:
		return "EBADE";
	case EOVERFLOW:
		return "EOVERFLOW";
	case EBADFD:
		return "EBADFD";
	case EMSGSIZE:
		return "EMSGSIZE";
	case EOPNOTSUPP:
		return "EOPNOTSUPP";
	case EADDRINUSE:
		return "EADDRINUSE";
	case ENOTRECOVERABLE:
		return "ENOTRECOVERABLE";
	default:
		return strerror(error);
	}
}

__attribute__((unused)) static __u64 word_at(const unsigned char *bytes, int index)
{
	__u64 word;

	memcpy(&word, bytes + 8 * index, sizeof(word));
	return word;
}

/* The memory that traces speak of: 4 MiB at a fixed address. */
static int make_memory(void)
{
	void *at = (void *)0xfffff6ff9000ULL;

	return mmap(at, 0x400000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at;
}

/* The same bytes, where the kernel cannot write its answer. */
__attribute__((unused)) static void *read_only(const void *bytes, size_t length)
{
	char *at = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED)
		abort();
	memcpy(at, bytes, length);
	mprotect(at, 65536, PROT_READ);
	return at;
}

__attribute__((unused)) static void memory_store(__u64 at, const char *bytes, size_t length)
{
	memcpy((void *)(uintptr_t)at, bytes, length);
}

static int differs;
static char **files;

__attribute__((unused)) static const char *device_file(int index)
{
	return files[index];
}

/* `error`: the errno that is expected, or 0. */
__attribute__((unused)) static void expect(int step, const char *what, long ret, long error)
{
	long got = ret < 0 ? errno : 0;

	if (got == error)
		return;
	printf("step %d: %s: expected %s, got %s\n", step, what, errno_name(error), errno_name(got));
	differs = 1;
}

__attribute__((unused)) static void expect_field(int step, const char *field, __u64 got, __u64 expected)
{
	if (got == expected)
		return;
	printf("step %d: %s: expected 0x%llx, got 0x%llx\n", step, field, (unsigned long long)expected,
	       (unsigned long long)got);
	differs = 1;
}

__attribute__((unused)) static void expect_memory(int step, __u64 at, const char *bytes, size_t length)
{
	if (!memcmp((void *)(uintptr_t)at, bytes, length))
		return;
	printf("step %d: other bytes at 0x%llx\n", step, (unsigned long long)at);
	differs = 1;
}

int main(int argc, char **argv)
{
	__u32 iommufd0 = NEVER;
	__u32 cdev0 = NEVER;
	__u32 device0 = NEVER;
	__u32 ioas0 = NEVER;
	__u32 hwpt0 = NEVER;
	__u32 cdev1 = NEVER;

	if (argc != 3) {
		fprintf(stderr, "usage: %s /dev/vfio/devices/vfioN...\n", argv[0]);
		return 2;
	}
	files = argv + 1;
	if (!make_memory())
		printf("no memory at its place: what maps it will fail\n");

	/* 1: openIommufd() as iommufd0 */
	{
		long ret;

		ret = open("/dev/iommu", O_RDWR);
		expect(1, "openIommufd", ret, 0);
		if (ret >= 0) iommufd0 = ret;
	}

	/* 2: openCdev(device=dev1) as cdev0 */
	{
		long ret;

		ret = open(device_file(0), O_RDWR);
		expect(2, "openCdev", ret, 0);
		if (ret >= 0) cdev0 = ret;
	}

	/* 3: vfioBind(fd=cdev0, iommufd=iommufd0) as device0 */
	{
		struct vfio_device_bind_iommufd c = { .argsz = sizeof(c) };
		unsigned char at16[1] = { 0 };
		long ret;

		c.iommufd = iommufd0;
		c.token_uuid_ptr = (uintptr_t)at16;
		ret = ioctl(cdev0, VFIO_DEVICE_BIND_IOMMUFD, &c);
		expect(3, "VFIO_DEVICE_BIND_IOMMUFD", ret, 0);
		if (ret == 0) device0 = c.out_devid;
	}

	/* 4: ioasAlloc(fd=iommufd0) as ioas0 */
	{
		struct iommu_ioas_alloc c = { .size = sizeof(c) };
		long ret;

		ret = ioctl(iommufd0, IOMMU_IOAS_ALLOC, &c);
		expect(4, "IOMMU_IOAS_ALLOC", ret, 0);
		if (ret == 0) ioas0 = c.out_ioas_id;
	}

	/* 5: hwptAlloc(fd=iommufd0, devId=device0, ptId=ioas0) as hwpt0 */
	{
		struct iommu_hwpt_alloc c = { .size = sizeof(c) };
		unsigned char at32[1] = { 0 };
		long ret;

		c.dev_id = device0;
		c.pt_id = ioas0;
		c.data_uptr = (uintptr_t)at32;
		ret = ioctl(iommufd0, IOMMU_HWPT_ALLOC, &c);
		expect(5, "IOMMU_HWPT_ALLOC", ret, 0);
		if (ret == 0) hwpt0 = c.out_hwpt_id;
	}

	/* 6: openCdev(device=dev3) as cdev1 */
	{
		long ret;

		ret = open(device_file(1), O_RDWR);
		expect(6, "openCdev", ret, 0);
		if (ret >= 0) cdev1 = ret;
	}

	/* 7: vfioBind(fd=cdev1, iommufd=iommufd0) */
	{
		struct vfio_device_bind_iommufd c = { .argsz = sizeof(c) };
		unsigned char at16[1] = { 0 };
		long ret;

		c.iommufd = iommufd0;
		c.token_uuid_ptr = (uintptr_t)at16;
		ret = ioctl(cdev1, VFIO_DEVICE_BIND_IOMMUFD, &c);
		expect(7, "VFIO_DEVICE_BIND_IOMMUFD", ret, 0);
	}

	/* 8: vfioAttach(fd=cdev1, ptId=ioas0) */
	{
		struct vfio_device_attach_iommufd_pt c = { .argsz = sizeof(c) };
		long ret;

		c.pt_id = ioas0;
		ret = ioctl(cdev1, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &c);
		expect(8, "VFIO_DEVICE_ATTACH_IOMMUFD_PT", ret, 0);
	}

	/* 9: vfioAttach(fd=cdev1, ptId=hwpt0) */
	{
		struct vfio_device_attach_iommufd_pt c = { .argsz = sizeof(c) };
		long ret;

		c.pt_id = hwpt0;
		ret = ioctl(cdev1, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &c);
		expect(9, "VFIO_DEVICE_ATTACH_IOMMUFD_PT", ret, EINVAL);
	}

	printf("%s\n", differs ? "an answer differs" : "all answers as expected");
	return differs;
}
