/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How often each value was seen, in buckets whose width grows with the value (as HdrHistogram has
 * them): values below 128 exactly, the others to within 1/128. Fixed memory, any 64-bit value.
 * Pure.
 */
#ifndef HARNESS_HISTOGRAM_H
#define HARNESS_HISTOGRAM_H

#include <stdbool.h>
#include <stdint.h>

#define HISTOGRAM_BITS	  7
#define HISTOGRAM_BUCKETS ((64 - HISTOGRAM_BITS + 1) << HISTOGRAM_BITS)
#define HISTOGRAM_PART	  64 /* buckets in one message */

struct histogram {
	uint64_t count;
	uint64_t sum;
	uint64_t max; /* exact */
	uint64_t bucket[HISTOGRAM_BUCKETS];
};

void histogram__record(struct histogram *histogram, uint64_t value);
void histogram__merge(struct histogram *into, const struct histogram *from);

/*
 * The upper end of the first bucket up to which at least `thousandths` of all values lie, but at
 * most the largest value seen; 0 of an empty histogram.
 */
uint64_t histogram__quantile(const struct histogram *histogram, unsigned int thousandths);

/* A piece of a histogram, small enough for a message. */
struct histogram_part {
	uint64_t sum; /* of the whole histogram, in its first part; 0 in the others */
	uint64_t max; /* of the whole histogram, in every part */
	unsigned int first;
	uint64_t bucket[HISTOGRAM_PART];
};

/* Part number `index`, below HISTOGRAM_PARTS. False: a merge does not need the part. */
#define HISTOGRAM_PARTS (HISTOGRAM_BUCKETS / HISTOGRAM_PART)
bool histogram__take_part(const struct histogram *histogram, unsigned int index,
			  struct histogram_part *part);
void histogram__add_part(struct histogram *histogram, const struct histogram_part *part);

#endif
