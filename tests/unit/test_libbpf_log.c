// SPDX-License-Identifier: GPL-2.0
/* Why a program was refused, from what libbpf prints. The logs are real ones, shortened. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tracer/libbpf_log.h"

static int forget(void **state)
{
	(void)state;
	libbpf_log__forget();
	return 0;
}

static void test_verifier(void **state)
{
	(void)state;
	libbpf_log__take(
		"libbpf: prog 'copy_ubufs_enter': BPF program load failed: Permission "
		"denied\n");
	assert_string_equal(libbpf_log__program(), "copy_ubufs_enter");
	assert_string_equal(libbpf_log__why(),
			    "prog 'copy_ubufs_enter': BPF program load failed: Permission denied");
	libbpf_log__take(
		"libbpf: prog 'copy_ubufs_enter': -- BEGIN PROG LOAD LOG --\n"
		"0: R1=ctx(off=0,imm=0) R10=fp0\n"
		"1: (79) r1 = *(u64 *)(r2 +0)\n"
		"R2 !read_ok\n"
		"processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0\n"
		"-- END PROG LOAD LOG --\n");
	assert_string_equal(libbpf_log__why(),
			    "prog 'copy_ubufs_enter': BPF program load failed: "
			    "Permission denied: R2 !read_ok");
	/* later messages are about other programs, or have other words */
	libbpf_log__take("libbpf: prog 'start_xmit': BPF program load failed: Invalid argument\n");
	libbpf_log__take("libbpf: prog 'copy_ubufs_enter': -- BEGIN PROG LOAD LOG --\nagain\n");
	assert_string_equal(libbpf_log__why(),
			    "prog 'copy_ubufs_enter': BPF program load failed: "
			    "Permission denied: R2 !read_ok");
	assert_string_equal(libbpf_log__program(), "copy_ubufs_enter");
}

static void test_no_log(void **state)
{
	(void)state;
	libbpf_log__take("libbpf: failed to load object 'harness_bpf'\n");
	assert_string_equal(libbpf_log__program(), "");
	assert_string_equal(libbpf_log__why(), "");
	libbpf_log__take(
		"libbpf: prog 'retransmit': failed to attach: No such file or directory\n");
	libbpf_log__take(
		"libbpf: prog 'retransmit': -- BEGIN PROG LOAD LOG --\n"
		"processed 0 insns (limit 1000000) max_states_per_insn 0\n"
		"-- END PROG LOAD LOG --\n");
	assert_string_equal(libbpf_log__why(),
			    "prog 'retransmit': failed to attach: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_verifier, forget),
		cmocka_unit_test_setup(test_no_log, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
