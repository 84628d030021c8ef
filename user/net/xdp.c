// SPDX-License-Identifier: GPL-2.0
#include "net/xdp.h"

#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <string.h>

enum xdp_mode xdp__mode(const char *device)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, opts);
	int index = if_nametoindex(device);

	if (!index || bpf_xdp_query(index, 0, &opts))
		return XDP_MODE_UNKNOWN;
	if (opts.skb_prog_id || opts.attach_mode == XDP_ATTACHED_SKB)
		return XDP_MODE_GENERIC;
	if (opts.drv_prog_id || opts.attach_mode == XDP_ATTACHED_DRV)
		return XDP_MODE_NATIVE;
	return opts.attach_mode == XDP_ATTACHED_HW ? XDP_MODE_HARDWARE : XDP_MODE_NONE;
}

const char *xdp__name(enum xdp_mode mode)
{
	static const char *const names[] = {
		[XDP_MODE_NONE] = "none",
		[XDP_MODE_GENERIC] = "generic",
		[XDP_MODE_NATIVE] = "native",
		[XDP_MODE_HARDWARE] = "hardware",
	};

	return names[mode];
}

bool xdp__copies(enum xdp_mode mode, const char *driver)
{
	return mode == XDP_MODE_GENERIC || (mode == XDP_MODE_NATIVE && !strcmp(driver, "veth"));
}
