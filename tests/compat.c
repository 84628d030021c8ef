// SPDX-License-Identifier: GPL-2.0
/*
 * A 32-bit program, of x86 or arm, that sends to itself over TCP by each of its system calls. It
 * needs no library. It prints in JSON how many bytes it sent, spliced, peeked and discarded.
 *
 * The Makefile has the compilers and their options.
 */
#define NR_EXIT	      1
#define NR_READ	      3
#define NR_WRITE      4
#define NR_OPEN	      5
#define NR_READV      145
#define NR_WRITEV     146
#define NR_SENDFILE   187
#define NR_SENDFILE64 239

#ifdef __arm__
#define NR_SENDTO	 290
#define NR_RECVFROM	 292
#define NR_SENDMSG	 296
#define NR_RECVMSG	 297
#define NR_RECVMMSG	 365
#define NR_SENDMMSG	 374
#define socket_call(...) call(__VA_ARGS__, 0)

/* for socket_call() */
#define CALL_SOCKET   281
#define CALL_BIND     282
#define CALL_CONNECT  283
#define CALL_LISTEN   284
#define CALL_ACCEPT   285
#define CALL_NAME     286
#define CALL_SEND     289
#define CALL_RECV     291
#define CALL_SENDMSG  NR_SENDMSG
#define CALL_RECVMSG  NR_RECVMSG
#define CALL_SENDMMSG NR_SENDMMSG
#else
#define NR_SOCKETCALL 102
#define NR_RECVMMSG   337
#define NR_SENDMMSG   345
#define NR_SENDTO     369
#define NR_SENDMSG    370
#define NR_RECVFROM   371
#define NR_RECVMSG    372

/* of socketcall */
#define CALL_SOCKET   1
#define CALL_BIND     2
#define CALL_CONNECT  3
#define CALL_LISTEN   4
#define CALL_ACCEPT   5
#define CALL_NAME     6
#define CALL_SEND     9
#define CALL_RECV     10
#define CALL_SENDMSG  16
#define CALL_RECVMSG  17
#define CALL_SENDMMSG 20
#endif

#define MSG_PEEK    0x2
#define MSG_TRUNC   0x20
#define MSG_WAITALL 0x100

#define BYTES 3000
#define MANY  4

struct iovec {
	void *base;
	unsigned int length;
};

struct msghdr {
	void *name;
	unsigned int name_length;
	struct iovec *iov;
	unsigned int count;
	void *control;
	unsigned int control_length, flags;
};

struct mmsghdr {
	struct msghdr header;
	unsigned int length;
};

static char data[6 * BYTES];
static struct iovec iov = {data, BYTES};
static struct msghdr message = {.iov = &iov, .count = 1};
static struct mmsghdr many[MANY];

#ifdef __arm__
static int call(int number, int a, int b, int c, int d, int e)
{
	register int r7 __asm__("r7") = number;
	register int r0 __asm__("r0") = a;
	register int r1 __asm__("r1") = b;
	register int r2 __asm__("r2") = c;
	register int r3 __asm__("r3") = d;
	register int r4 __asm__("r4") = e;

	__asm__ volatile("svc #0"
			 : "+r"(r0)
			 : "r"(r7), "r"(r1), "r"(r2), "r"(r3), "r"(r4)
			 : "memory");
	return r0;
}
#else
static int call(int number, int a, int b, int c, int d, int e)
{
	int result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory");
	return result;
}

static int socket_call(int number, int a, int b, int c, int d)
{
	int arguments[] = {a, b, c, d, 0, 0};

	return call(NR_SOCKETCALL, number, (int)arguments, 0, 0, 0);
}
#endif

static void print(const char *text)
{
	int length = 0;

	while (text[length])
		length++;
	call(NR_WRITE, 1, (int)text, length, 0, 0);
}

static void print_number(unsigned int number)
{
	char digits[12], *at = digits + sizeof(digits) - 1;

	*at = '\0';
	do
		*--at = '0' + number % 10;
	while (number /= 10);
	print(at);
}

/* Ends the program if a call moved other than `wanted` bytes, or messages. */
static int moved(const char *what, int result, int wanted)
{
	if (result == wanted)
		return result;
	print(what);
	print(" failed\n");
	call(NR_EXIT, 1, 0, 0, 0, 0);
	return 0;
}

static int take(int socket, int bytes)
{
	return moved("recv", socket_call(CALL_RECV, socket, (int)data, bytes, MSG_WAITALL), bytes);
}

/* Both ends of a connection. */
static void connect_to_self(int ends[2])
{
	/* struct sockaddr_in: AF_INET, any port, 127.0.0.1 */
	unsigned char address[16] = {2, 0, 0, 0, 127, 0, 0, 1};
	int size = sizeof(address), listener = socket_call(CALL_SOCKET, 2, 1, 0, 0);

	socket_call(CALL_BIND, listener, (int)address, size, 0);
	moved("listen", socket_call(CALL_LISTEN, listener, 1, 0, 0), 0);
	socket_call(CALL_NAME, listener, (int)address, (int)&size, 0);
	ends[0] = socket_call(CALL_SOCKET, 2, 1, 0, 0);
	moved("connect", socket_call(CALL_CONNECT, ends[0], (int)address, size, 0), 0);
	ends[1] = socket_call(CALL_ACCEPT, listener, 0, 0, 0);
}

static int send_by_each_call(int socket, int receiver)
{
	int sent = 0;

	sent += moved("write", call(NR_WRITE, socket, (int)data, BYTES, 0, 0), BYTES);
	sent += moved("writev", call(NR_WRITEV, socket, (int)&iov, 1, 0, 0), BYTES);
	sent += moved("sendto", call(NR_SENDTO, socket, (int)data, BYTES, 0, 0), BYTES);
	sent += moved("sendmsg", call(NR_SENDMSG, socket, (int)&message, 0, 0, 0), BYTES);
	sent += moved("send", socket_call(CALL_SEND, socket, (int)data, BYTES, 0), BYTES);
	sent += moved("sendmsg", socket_call(CALL_SENDMSG, socket, (int)&message, 0, 0), BYTES);
	take(receiver, sent);
	moved("sendmmsg", call(NR_SENDMMSG, socket, (int)many, MANY, 0, 0), MANY);
	moved("sendmmsg", socket_call(CALL_SENDMMSG, socket, (int)many, MANY, 0), MANY);
	sent += take(receiver, MANY * BYTES);
	return sent + take(receiver, MANY * BYTES);
}

void entry(void)
{
	int ends[2], sent, spliced, file = call(NR_OPEN, (int)"/proc/self/exe", 0, 0, 0, 0);
	int peeked, discarded;

	for (int i = 0; i < MANY; i++)
		many[i].header = message;
	connect_to_self(ends);
	sent = send_by_each_call(ends[0], ends[1]);
	spliced = moved("sendfile", call(NR_SENDFILE, ends[0], file, 0, BYTES / 2, 0), BYTES / 2);
	spliced +=
		moved("sendfile64", call(NR_SENDFILE64, ends[0], file, 0, BYTES / 2, 0), BYTES / 2);
	peeked = moved("recvfrom",
		       call(NR_RECVFROM, ends[1], (int)data, BYTES, MSG_PEEK | MSG_WAITALL, 0),
		       BYTES);
	peeked += moved("recvmsg", call(NR_RECVMSG, ends[1], (int)&message, MSG_PEEK, 0, 0), BYTES);
	peeked += moved("recvmsg", socket_call(CALL_RECVMSG, ends[1], (int)&message, MSG_PEEK, 0),
			BYTES);
	moved("read", call(NR_READ, ends[1], (int)data, BYTES, 0, 0), BYTES);
	sent += moved("write", call(NR_WRITE, ends[0], (int)data, BYTES, 0, 0), BYTES);
	moved("readv", call(NR_READV, ends[1], (int)&iov, 1, 0, 0), BYTES);
	moved("sendmmsg", call(NR_SENDMMSG, ends[0], (int)many, 2, 0, 0), 2);
	sent += 2 * BYTES;
	discarded = moved("recvmmsg", call(NR_RECVMMSG, ends[1], (int)many, 2, MSG_TRUNC, 0), 2);
	discarded *= BYTES;
	print("{\"sent\": ");
	print_number(sent);
	print(", \"spliced\": ");
	print_number(spliced);
	print(", \"peeked\": ");
	print_number(peeked);
	print(", \"discarded\": ");
	print_number(discarded);
	print("}\n");
	call(NR_EXIT, 0, 0, 0, 0, 0);
}
