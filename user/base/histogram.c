// SPDX-License-Identifier: GPL-2.0
#include "base/histogram.h"

#include <string.h>
#include <sys/param.h>

#define PER_OCTAVE (1u << HISTOGRAM_BITS)

static unsigned int bucket__of(uint64_t value)
{
	unsigned int shift;

	if (value < PER_OCTAVE)
		return value;
	shift = 63 - __builtin_clzll(value) - HISTOGRAM_BITS;
	return (shift << HISTOGRAM_BITS) + (value >> shift);
}

/* The largest value of the bucket. */
static uint64_t bucket__highest(unsigned int bucket)
{
	unsigned int shift;

	if (bucket < PER_OCTAVE)
		return bucket;
	shift = (bucket >> HISTOGRAM_BITS) - 1;
	/* the last bucket has 2^64 - 1, by overflow */
	return (((uint64_t)bucket - (shift << HISTOGRAM_BITS) + 1) << shift) - 1;
}

void histogram__record(struct histogram *histogram, uint64_t value)
{
	histogram->count++;
	histogram->sum += value;
	histogram->max = MAX(histogram->max, value);
	histogram->bucket[bucket__of(value)]++;
}

void histogram__merge(struct histogram *into, const struct histogram *from)
{
	into->count += from->count;
	into->sum += from->sum;
	into->max = MAX(into->max, from->max);
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++)
		into->bucket[i] += from->bucket[i];
}

uint64_t histogram__quantile(const struct histogram *histogram, unsigned int thousandths)
{
	uint64_t rank = (histogram->count * thousandths + 999) / 1000, seen = 0;

	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		seen += histogram->bucket[i];
		if (seen && seen >= rank)
			return MIN(bucket__highest(i), histogram->max);
	}
	return 0;
}

bool histogram__take_part(const struct histogram *histogram, unsigned int index,
			  struct histogram_part *part)
{
	bool any = index == 0;

	part->first = index * HISTOGRAM_PART;
	part->max = histogram->max;
	part->sum = index == 0 ? histogram->sum : 0;
	memcpy(part->bucket, histogram->bucket + part->first, sizeof(part->bucket));
	for (unsigned int i = 0; i < HISTOGRAM_PART; i++)
		any |= part->bucket[i] > 0;
	return any;
}

void histogram__add_part(struct histogram *histogram, const struct histogram_part *part)
{
	histogram->sum += part->sum;
	histogram->max = MAX(histogram->max, part->max);
	for (unsigned int i = 0; i < HISTOGRAM_PART; i++) {
		histogram->count += part->bucket[i];
		histogram->bucket[part->first + i] += part->bucket[i];
	}
}
