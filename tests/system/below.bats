# SPDX-License-Identifier: GPL-2.0
# Packets without a socket: segments of a packet before they get its socket, and packets that a router in the same
# kernel sends on. They are charged to the sender, to the byte, by each attach method.

load ../carry

# skb_segment linearises new packets before they have a socket; plain payload needs no copy.
@test "without checksum offload a file's bytes are copied at transmit, once" {
	pair $HTA 10.99.1.1 $HTB 10.99.1.2
	without to-$HTB tx
	carries spliced 10.99.1.2 "$ONCE_MORE"
}

@test "a router without scatter-gather copies every byte again, for their sender" {
	router
	without to-$HTB sg $HTR
	carries plain 10.99.3.2 "$ONCE_MORE"
}
