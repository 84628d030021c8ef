// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "output/json.h"
#include "run/session_parts.h"

#define NAMES 512

/* Whether the transport can run here and its sends are counted, if copies are. */
static int session__try_transport(const struct session *session, const struct transport *transport,
				  const char **code, struct failure *failure)
{
	const struct tracer *tracer = session->measure.tracer;

	*code = "unsupported";
	if (transport__check(transport, failure))
		return failure->err;
	*code = "sends_not_seen";
	if (!transport->sender->inside_ring || !(session->options->traced & TRACE_COPIES) ||
	    !tracer || tracer__sees_io_uring(tracer))
		return 0;
	return failure__set(failure, -EOPNOTSUPP,
			    "only sends that are system calls are counted here (by tracepoint "
			    "before Linux 6.16, by kprobe before 6.3), so those of io_uring are "
			    "not; use --attach fentry where it works, or --trace none");
}

/* The names in a document's "left_out", in the order of the transports: "uring_send, uring_zc". */
static void left_out__names(const json_t *left_out, char *names, size_t size)
{
	size_t i;
	const json_t *entry;

	names[0] = '\0';
	json_array_foreach (left_out, i, entry)
		text__append(names, size, "%s%s", i ? ", " : "",
			     json_string_value(json__at(entry, "transport")) ?: "?");
}

/* --resume: the runs that are left are those of the same transports. */
static int session__compare_left_out(const struct session *session)
{
	const struct archive *archive = session->archive;
	char then[NAMES], now[NAMES];

	if (!archive || !archive->environment)
		return 0;
	left_out__names(json__at(archive->environment, "left_out"), then, sizeof(then));
	left_out__names(session->left_out, now, sizeof(now));
	if (!strcmp(then, now))
		return 0;
	fprintf(stderr, "harness: --resume %s: then '%s' could not run, and now '%s'\n",
		archive->name, then, now);
	return -ESTALE;
}

int session__admit_transports(struct session *session, struct options *options)
{
	size_t kept = 0;

	for (size_t i = 0; i < options->transport_count; i++) {
		const struct transport *transport = options->transport[i];
		struct failure failure = {};
		const char *code;
		int err = session__try_transport(session, transport, &code, &failure);

		if (err && !(err == -EOPNOTSUPP && options->by_all[i])) {
			fprintf(stderr, "harness: %s: %s\n", transport->name, failure.text);
			return err;
		}
		if (err) {
			fprintf(stderr, "harness: %s is left out: %s\n", transport->name,
				failure.text);
			json_array_append_new(session->left_out,
					      json_pack("{s:s, s:s, s:s}", "transport",
							transport->name, "code", code, "why",
							failure.text));
			continue;
		}
		options->transport[kept] = transport;
		options->by_all[kept++] = options->by_all[i];
	}
	options->transport_count = kept;
	return session__compare_left_out(session);
}
