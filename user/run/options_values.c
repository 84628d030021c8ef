// SPDX-License-Identifier: GPL-2.0
/* Reads the values of options. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "run/options_rows.h"

static const struct trace_word {
	const char *word;
	unsigned int bits;
} trace_words[] = {
	{"copies", TRACE_COPIES},
	{"sched", TRACE_SCHED},
	{"counters", TRACE_COUNTERS},
};

static const struct number_range size_range = {"size", "bytes", MESSAGE_BYTES_MIN,
					       MESSAGE_BYTES_MAX, true};
static const struct number_range threads_range = {"threads", "threads", 1, THREADS_MAX, false};
static const struct number_range messages_range = {"messages", "messages", 1, NUMBER_MAX, false};
static const struct number_range cpu_range = {"cpus", "a processor", 0, CPU_SETSIZE - 1, false};
static const struct number_range seed_range = {"seed", "a number", 0, NUMBER_MAX, false};
static const struct number_range repeat_max_range = {"repeat-max", "repeats", 1, 10000, false};
static const struct number_range repeat_range = {"repeat", "repeats", 1, 10000, false};
static const struct number_range port_range = {"port", "a TCP port", 0, UINT16_MAX, false};

unsigned int trace__all(void)
{
	unsigned int bits = 0;

	for (size_t i = 0; i < sizeof(trace_words) / sizeof(*trace_words); i++)
		bits |= trace_words[i].bits;
	return bits;
}

void options__choices(int key, const char *prefix, struct choices *choices)
{
	switch (key) {
	case KEY_TRACE:
		choices__add(choices, "all");
		choices__add(choices, "none");
		for (size_t i = 0; i < sizeof(trace_words) / sizeof(*trace_words); i++)
			choices__add(choices, "%s", trace_words[i].word);
		break;
	case KEY_TRANSPORT:
		choices__add(choices, "all");
		for (size_t i = 0; transports[i]; i++)
			choices__add(choices, "%s", transports[i]->name);
		for (size_t i = 0; senders[i] && strchr(prefix, '+'); i++)
			for (size_t j = 0; receivers[j]; j++)
				choices__add(choices, "%s+%s", senders[i]->name,
					     receivers[j]->name);
		break;
	case KEY_MODE:
		for (int mode = 0; mode < RUN_MODES; mode++)
			choices__add(choices, "%s", run_mode_names[mode]);
		break;
	case KEY_PATH:
		path__choices(prefix, choices);
		break;
	default:
		common_options__choices(key, choices);
	}
}

/*
 * `want` is the start of the line; the words that the list may have follow, without "all" and
 * "none".
 */
static int bad_word(const char *option, int key, const char *word, const char *want)
{
	struct choices choices = {.count = 0}, items = {.count = 0};
	char names[1024], hint[CHOICE_SIZE + 32];

	options__choices(key, "", &choices);
	for (size_t i = 0; i < choices.count; i++)
		if (strcmp(choices.word[i], "all") && strcmp(choices.word[i], "none"))
			choices__add(&items, "%s", choices.word[i]);
	return arguments__bad("--%s %s: want %s%s%s", option, word, want,
			      choices__list(&items, names, sizeof(names)),
			      choices__hint(&choices, word, hint, sizeof(hint)));
}

static int take_size(void *options, const char *item)
{
	return number_list__add(&((struct options *)options)->sizes, &size_range, item);
}

static int take_threads(void *options, const char *item)
{
	return number_list__add(&((struct options *)options)->threads, &threads_range, item);
}

static int take_cpu(void *options, const char *item)
{
	struct number_list *cpus = &((struct options *)options)->cpus;

	if (cpus->count == SIDE_COUNT)
		return arguments__bad(
			"--cpus: want two processors, the sender's and the receiver's");
	return number__parse(item, &cpu_range, &cpus->value[cpus->count++]);
}

static int transport__add(struct options *options, const struct transport *transport, bool by_all)
{
	for (size_t i = 0; i < options->transport_count; i++)
		if (options->transport[i] == transport)
			return arguments__bad("--transport: %s is listed twice; want each once",
					      transport->name);
	if (options->transport_count == LIST_MAX)
		return arguments__bad("--transport: want at most %d items", LIST_MAX);
	options->by_all[options->transport_count] = by_all;
	options->transport[options->transport_count++] = transport;
	return 0;
}

static int take_transport(void *options, const char *item)
{
	const struct transport *transport = transport__find(item);
	int err = 0;

	if (transport)
		return transport__add(options, transport, false);
	if (strcmp(item, "all"))
		return bad_word("transport", KEY_TRANSPORT, item, "all, or a list of ");
	for (size_t i = 0; transports[i] && !err; i++)
		err = transport__add(options, transports[i], true);
	return err;
}

static int take_trace(void *input, const char *item)
{
	struct options *options = input;
	unsigned int bits = 0;

	for (size_t i = 0; i < sizeof(trace_words) / sizeof(*trace_words); i++)
		if (!strcmp(item, trace_words[i].word))
			bits = trace_words[i].bits;
	if (!strcmp(item, "all") || !strcmp(item, "none"))
		return arguments__bad("--trace: want %s alone, not in a list", item);
	if (!bits)
		return bad_word("trace", KEY_TRACE, item, "all, none, or a list of ");
	if (options->traced & bits)
		return arguments__bad("--trace: %s is listed twice; want each once", item);
	options->traced |= bits;
	return 0;
}

static int parse_trace(struct options *options, const char *list)
{
	options->traced = TRACE_NONE;
	if (!strcmp(list, "none"))
		return 0;
	if (strcmp(list, "all"))
		return list__walk("trace", list, options, take_trace);
	options->traced = trace__all();
	return 0;
}

static int parse_mode(struct options *options, const char *word)
{
	for (int mode = 0; mode < RUN_MODES; mode++) {
		if (!strcmp(word, run_mode_names[mode])) {
			options->mode = mode;
			return 0;
		}
	}
	return bad_word("mode", KEY_MODE, word, "one of ");
}

static int parse_precision(struct options *options, const char *text)
{
	if (!number__read_real(text, "%", &options->precision) || options->precision <= 0 ||
	    options->precision > 100)
		return arguments__bad(
			"--precision %s: want a percentage above 0 and up to 100, such as 5%%",
			text);
	options->precision /= 100;
	return 0;
}

static int parse_inject(struct options *options, const char *fault)
{
	if (strcmp(fault, "early-reuse"))
		return arguments__bad("--inject %s: want early-reuse", fault);
	options->fault = FAULT_EARLY_REUSE;
	return 0;
}

static int parse_port(struct options *options, const char *text)
{
	uint64_t port = 0;
	int err = number__parse(text, &port_range, &port);

	options->port = port;
	return err;
}

static int parse_repeats(const char *text, const struct number_range *range, unsigned int *repeats)
{
	uint64_t number = 0;
	int err = number__parse(text, range, &number);

	*repeats = number;
	return err;
}

static int take_flag(struct options *options, int key)
{
	switch (key) {
	case KEY_VERIFY:
		options->verify = true;
		return 0;
	case KEY_PROVE:
		options->prove = true;
		return 0;
	case KEY_ROWS:
		options->rows = true;
		return 0;
	case KEY_TIME:
		options->time = true;
		return 0;
	case KEY_TIMESTAMPS:
		options->timestamps = true;
		return 0;
	case KEY_BASELINE_RUNS:
		options->baseline_runs = true;
		return 0;
	}
	return -EINVAL;
}

/* The options about how often and in what order. */
static int take_repetition(struct options *options, int key, const char *value)
{
	switch (key) {
	case KEY_REPEAT:
		return parse_repeats(value, &repeat_range, &options->repeat);
	case KEY_REPEAT_MAX:
		return parse_repeats(value, &repeat_max_range, &options->repeat_max);
	case KEY_PRECISION:
		return parse_precision(options, value);
	case KEY_WARM_UP:
		return number__parse_seconds("warm-up", value, false, 0, 3600, &options->warm_up);
	case KEY_SEED:
		return number__parse(value, &seed_range, &options->seed);
	}
	return take_flag(options, key);
}

int options__take(void *input, int key, const char *value)
{
	struct options *options = input;

	switch (key) {
	case KEY_TRACE:
		return parse_trace(options, value);
	case KEY_TRANSPORT:
		return list__walk("transport", value, options, take_transport);
	case KEY_SIZE:
		return list__walk("size", value, options, take_size);
	case KEY_THREADS:
		return list__walk("threads", value, options, take_threads);
	case KEY_PATH:
		return path__parse(value, &options->path);
	case KEY_MODE:
		return parse_mode(options, value);
	case KEY_PORT:
		return parse_port(options, value);
	case KEY_SECONDS:
		return number__parse_seconds("seconds", value, true, 0, 86400, &options->seconds);
	case KEY_MESSAGES:
		return number__parse(value, &messages_range, &options->messages);
	case KEY_CPUS:
		return list__walk("cpus", value, options, take_cpu);
	case KEY_OUT:
		options->out = value;
		return 0;
	case KEY_RESUME:
		options->resume = value;
		return 0;
	case KEY_INJECT:
		return parse_inject(options, value);
	}
	return take_repetition(options, key, value);
}
