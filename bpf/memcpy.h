/* SPDX-License-Identifier: GPL-2.0 */
/* Proof of user_memcpy: a uprobe on a function whose third argument is a number of bytes. */

SEC("uprobe")
int BPF_KPROBE(user_memcpy)
{
	struct thread *thread;

	if (!armed)
		return 0;
	thread = current_thread();
	if (thread)
		book(thread->owner, SITE_USER_MEMCPY, PT_REGS_PARM3(ctx));
	return 0;
}
