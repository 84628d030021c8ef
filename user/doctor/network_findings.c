// SPDX-License-Identifier: GPL-2.0
#include "doctor/network_findings.h"

struct finding interface__finding(const struct interface *interface, enum xdp_mode xdp)
{
	enum delivery delivery = interface__delivery(interface);
	struct finding finding = {.key = interface->name};

	if (delivery == DELIVERY_HERE)
		finding__means(&finding, MARK_NOTE, REMARK_DELIVERS_HERE, NO_VALUES);
	else if (delivery == DELIVERY_TO_PEER)
		finding__means(&finding, MARK_NOTE, REMARK_DELIVERS_TO_PEER, NO_VALUES);
	if (xdp__copies(xdp, interface->driver))
		finding__means(&finding, MARK_NOTE, REMARK_XDP_COPIES,
			       VALUES(WORD("mode", xdp__name(xdp))));
	if (interface->error)
		finding.mark = MARK_UNKNOWN;
	return finding;
}

struct finding offload__finding(const struct interface *interface, enum offload offload)
{
	struct finding finding = {.key = offloads[offload].key};

	if (!interface__copies_without(interface, offload))
		return finding;
	finding__means(&finding, MARK_NOTE,
		       offload == OFFLOAD_SG ? REMARK_SCATTER_GATHER_OFF : REMARK_TX_CHECKSUM_OFF,
		       VALUES(WORD("device", interface->name)));
	if (!interface->offload[offload].fixed)
		finding__change(&finding, REMARK_TURN_ON_OFFLOAD,
				VALUES(WORD("device", interface->name),
				       WORD("offload", offloads[offload].ethtool)));
	return finding;
}

struct finding tap__finding(const struct taps *taps, const struct tap *tap)
{
	struct finding finding = {};

	if (!tap->owner_count)
		finding__value(&finding, NULL,
			       taps->unseen ? REMARK_TAP_OWNERS_HIDDEN : REMARK_TAP_OWNERS_ABSENT,
			       NO_VALUES);
	if (!tap->running)
		finding__means(&finding, MARK_OK, REMARK_TAP_STOPPED, NO_VALUES);
	else if (!tap__sees_sends(tap))
		finding__means(&finding, MARK_OK, REMARK_TAP_RECEIVES, NO_VALUES);
	else
		finding__means(&finding, MARK_NOTE, REMARK_TAP_CLONES, NO_VALUES);
	for (size_t i = 0; i < tap->owner_count && finding.mark == MARK_NOTE; i++)
		finding__change(
			&finding, REMARK_END_TAP,
			VALUES(WHOLE("pid", tap->owner[i].pid), WORD("comm", tap->owner[i].comm)));
	return finding;
}
