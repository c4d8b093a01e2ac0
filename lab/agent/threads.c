/*
 * A stretch of operations that threads of the worker carry out at the same time, each thread its own in their order. They
 * start together; a clock that counts says which of them overlapped.
 */
#include "agent.h"

#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

/* A thread has the buffers of execute.c beside its stack. */
#define STACK_BYTES (1024 * 1024)

/* How often a thread looks for the others before it lets them have its processor. */
#define SPINS 100000

/* How often before one of its operations: the next of each are to meet, but which comes first is not ours to say. */
#define MEETING_SPINS 20000

static struct {
	int first, past;
	int awaited;
	/* How many operations each thread has, and how many it has come to. */
	int count[MAX_THREADS + 1], reached[MAX_THREADS + 1];
} stretch;

static uint32_t next_tick(void)
{
	return __atomic_add_fetch(&results->tick, 1, __ATOMIC_SEQ_CST);
}

/* Waits a moment until the others have come as far, or are done. */
static void meet(int thread, int reached)
{
	__atomic_store_n(&stretch.reached[thread], reached, __ATOMIC_SEQ_CST);
	for (int other = 1, spins = 0; other <= MAX_THREADS; other++)
		while (stretch.count[other] >= reached && spins++ < MEETING_SPINS &&
		       __atomic_load_n(&stretch.reached[other], __ATOMIC_SEQ_CST) < reached)
			;
}

static void *run_thread(void *which)
{
	int thread = (int)(intptr_t)which;
	int reached = 0;

	prepare_thread(thread);
	__atomic_sub_fetch(&stretch.awaited, 1, __ATOMIC_SEQ_CST);
	for (int spins = 0; __atomic_load_n(&stretch.awaited, __ATOMIC_SEQ_CST) > 0; spins++)
		if (spins > SPINS)
			sched_yield();
	for (int i = stretch.first; i < stretch.past; i++) {
		if (batch.op[i].thread != thread)
			continue;
		meet(thread, ++reached);
		results->answer[i].began = next_tick();
		execute(i);
		results->answer[i].ended = next_tick();
	}
	return NULL;
}

/* Runs the operations from `first` on that are marked. */
int run_stretch(int first)
{
	pthread_t started[MAX_THREADS];
	pthread_attr_t attributes;
	int count = 0;

	memset(&stretch, 0, sizeof(stretch));
	stretch.first = first;
	for (stretch.past = first; stretch.past < batch.count && batch.op[stretch.past].thread; stretch.past++)
		stretch.count[batch.op[stretch.past].thread]++;
	for (int thread = 1; thread <= MAX_THREADS; thread++)
		count += stretch.count[thread] > 0;
	stretch.awaited = count;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	count = 0;
	for (intptr_t thread = 1; thread <= MAX_THREADS; thread++)
		if (stretch.count[thread] && pthread_create(&started[count++], &attributes, run_thread, (void *)thread))
			_exit(1); /* no thread could be made: the process is said to have died */
	for (int i = 0; i < count; i++)
		pthread_join(started[i], NULL);
	return stretch.past;
}
