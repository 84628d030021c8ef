// SPDX-License-Identifier: GPL-2.0
#include "ledger/proof.h"

const struct proof_site proof_sites[PROOF_PARTS] = {
	{SITE_SEND_COPY, EXTRA_PROVED_COPY, GROUP_PROVE_SEND, "prove_leave",
	 "pages of the socket's own in the packets that left"},
	{SITE_SEND_PIN, EXTRA_PROVED_PIN, GROUP_PROVE_SEND, "prove_leave",
	 "user pages in the packets that left"},
	{SITE_SEND_SPLICE, EXTRA_PROVED_SPLICE, GROUP_PROVE_SEND, "prove_leave",
	 "pages of files in the packets that left"},
	{SITE_RECEIVE_COPY, EXTRA_PROVED_RECEIVE, GROUP_PROVE_RECEIVE, "prove_iter",
	 "the iterator over user memory, moved by skb_copy_datagram_iter"},
	{SITE_DEFERRED_COPY, EXTRA_PROVED_DEFERRED, GROUP_PROVE_DEFERRED, "prove_ubufs",
	 "the packet's pages before and after skb_copy_ubufs"},
};

void proof__take(struct proof *proof, int part, const struct tally *tally,
		 const struct causes *causes)
{
	enum site site = proof_sites[part].site;

	proof->part[part] = (struct proof_part){
		.known = true,
		.counted = tally->site[site].bytes,
		.proved = tally->extra[proof_sites[part].proved].bytes,
	};
	for (size_t i = 0; i < causes->count; i++)
		if (causes->cause[i].site == site)
			proof->part[part].counted += causes->cause[i].bytes;
}

bool proof__equal(const struct proof *proof)
{
	for (int part = 0; part < PROOF_PARTS; part++)
		if (proof->part[part].known &&
		    proof->part[part].counted != proof->part[part].proved)
			return false;
	return true;
}
