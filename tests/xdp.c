// SPDX-License-Identifier: GPL-2.0
/*
 * Gives a network interface an XDP program that lets every packet pass, until it is taken off or
 * the interface goes.
 *
 * xdp INTERFACE generic|native
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <err.h>
#include <linux/bpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	static const struct bpf_insn pass[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};
	unsigned int index, flags;
	int program, error;

	if (argc != 3)
		errx(EXIT_FAILURE, "usage: xdp INTERFACE generic|native");
	index = if_nametoindex(argv[1]);
	if (!index)
		err(EXIT_FAILURE, "%s", argv[1]);
	flags = strcmp(argv[2], "generic") ? XDP_FLAGS_DRV_MODE : XDP_FLAGS_SKB_MODE;
	program = bpf_prog_load(BPF_PROG_TYPE_XDP, "pass", "GPL", pass, 2, NULL);
	if (program < 0)
		err(EXIT_FAILURE, "load");
	error = bpf_xdp_attach(index, program, flags, NULL);
	if (error)
		errx(EXIT_FAILURE, "%s: %s", argv[1], strerror(-error));
	return EXIT_SUCCESS;
}
