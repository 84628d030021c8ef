// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "run/proof_run.h"

/*
 * A retransmit leaves twice, and a kretprobe may find no free instance: such a try proves nothing.
 */
#define TRIES 5

/* Stores the first reason why the kernel refused the proving probes of a part. */
static void part__say_why(const struct measure *measure, struct proof_part *part,
			  const struct proof_site *of)
{
	size_t count;
	const struct probe_status *probes = tracer__probes(measure->tracer, &count);

	snprintf(part->why, sizeof(part->why), "%s is not counted", sites[of->site].name);
	part->code = "not_counted";
	for (size_t i = 0; i < count; i++) {
		if (strncmp(probes[i].program, of->programs, strlen(of->programs)) ||
		    probes[i].state != PROBE_REFUSED)
			continue;
		snprintf(part->why, sizeof(part->why), "%s: %s", probes[i].function, probes[i].why);
		part->code = refusal__code(&probes[i].refusal);
		return;
	}
}

static void proof__compare(const struct measure *measure, struct proof *proof,
			   const struct side_counts counts[SIDE_COUNT])
{
	for (int part = 0; part < PROOF_PARTS; part++) {
		const struct proof_site *of = &proof_sites[part];
		const struct side_counts *side = &counts[sites[of->site].side];

		if (tracer__counts(measure->tracer, of->group))
			proof__take(proof, part, &side->tally, &side->causes);
		else
			part__say_why(measure, &proof->part[part], of);
	}
}

static int proof__of_transport(struct measure *measure, const struct transport *transport,
			       struct proof *proof)
{
	struct side_counts counts[SIDE_COUNT];
	int err = 0;

	for (int try = 0; try < TRIES && !err; try++) {
		*proof = (struct proof){.transport = transport->name};
		err = measure__short_run(measure, transport, counts, NULL);
		if (err)
			break;
		proof__compare(measure, proof, counts);
		side_counts__free(counts);
		if (proof__equal(proof))
			break;
	}
	return err;
}

/* Some bytes passed the site: 0 equal to 0 proves nothing. */
static bool proof__shows(const struct proof *proofs, size_t count, int part)
{
	for (size_t i = 0; i < count; i++)
		if (proofs[i].part[part].known && proofs[i].part[part].proved)
			return true;
	return false;
}

int proof__make(struct measure *measure, struct proof *proofs)
{
	const struct options *options = measure->options;
	bool equal = true;
	int err;

	measure->proving = true;
	err = measure__attach(measure);
	for (size_t i = 0; i < options->transport_count && !err; i++) {
		err = proof__of_transport(measure, options->transport[i], &proofs[i]);
		equal = equal && proof__equal(&proofs[i]);
	}
	for (int part = 0; part < PROOF_PARTS && !err && equal; part++)
		if (proof__shows(proofs, options->transport_count, part))
			measure->proved |= 1u << proof_sites[part].site;
	measure->proving = false;
	measure__detach(measure);
	return err;
}
