// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/param.h>
#include <sys/random.h>

#include "base/arguments.h"
#include "host/environment.h"
#include "run/options.h"
#include "base/text.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Beyond what a char can be, but for the two that are also letters. */
enum key {
	KEY_HELP = 'h',
	KEY_VERSION = 'V',
	KEY_FIRST = 256,
	KEY_TRACE = KEY_FIRST,
	KEY_ATTACH,
	KEY_WITHOUT,
	KEY_BTF,
	KEY_MAP_ENTRIES,
	KEY_TRANSPORT,
	KEY_SIZE,
	KEY_THREADS,
	KEY_PATH,
	KEY_MODE,
	KEY_PORT,
	KEY_SECONDS,
	KEY_MESSAGES,
	KEY_REPEAT,
	KEY_REPEAT_MAX,
	KEY_PRECISION,
	KEY_TWINS,
	KEY_WARM_UP,
	KEY_SEED,
	KEY_CPUS,
	KEY_VERIFY,
	KEY_PROVE,
	KEY_TIMESTAMPS,
	KEY_INJECT,
	KEY_OUT,
	KEY_RESUME,
	KEY_JSON,
	KEY_ROWS,
	KEY_VERBOSE,
};

static const struct argp_option option_table[] = {
	{.doc = "What to measure:", .group = 1},
	{"trace", KEY_TRACE, "LIST", 0, "What the kernel counts:", 0},
	{"attach", KEY_ATTACH, "WAY", 0, "How probes are attached:", 0},
	{"without", KEY_WITHOUT, "LIST", 0,
	 "Kernel functions and tracepoints never to attach to, where one misbehaves", 0},
	{"btf", KEY_BTF, "FILE", 0,
	 "The kernel's types from FILE, for a kernel without BTF of its own; leaves kprobes and "
	 "raw tracepoints",
	 0},
	{"map-entries", KEY_MAP_ENTRIES, "N", 0,
	 "Threads and sockets that can be told apart; what is beyond is lost, and said", 0},

	{.doc = "The traffic; every combination of the lists is one run:", .group = 2},
	{"transport", KEY_TRANSPORT, "LIST", 0, "Ways to send, default all:", 0},
	{"size", KEY_SIZE, "LIST", 0,
	 "Bytes of a message, 8 to 16M; K and M are binary; default 64K", 0},
	{"threads", KEY_THREADS, "LIST", 0, "Connections, each with a thread a side; default 1", 0},
	{"path", KEY_PATH, "PATH", 0,
	 "What the bytes cross: lo (default), veth, nic:A,B for two interfaces, which leave the "
	 "system for as long as the runs take, or netns:A,B between two namespaces you made",
	 0},
	{"mode", KEY_MODE, "MODE", 0,
	 "stream (default): as fast as it goes; rr: the receiver asks for each message and times "
	 "the answer: p50, p90, p99, p99.9 and the longest",
	 0},
	{"port", KEY_PORT, "PORT", 0, "TCP port of the sender; default any", 0},
	{"seconds", KEY_SECONDS, "S", 0, "A run ends after S seconds, such as 0.5; default 2", 0},
	{"messages", KEY_MESSAGES, "N", 0, "A run ends after N messages, over all threads", 0},
	{"repeat", KEY_REPEAT, "N", 0, "Do every combination N times; default 1", 0},
	{"repeat-max", KEY_REPEAT_MAX, "N", 0,
	 "Go on up to N times while the throughput of a combination is not precise enough", 0},
	{"precision", KEY_PRECISION, "P%", 0,
	 "What is: half of the median's 95% interval, which takes six repeats; default 5%", 0},
	{"twins", KEY_TWINS, NULL, 0,
	 "Do every run twice, once without probes: that one's throughput is the transport's", 0},
	{"warm-up", KEY_WARM_UP, "S", 0,
	 "The same traffic for S seconds before each run, not counted; default 0.1 with --out, "
	 "else 0",
	 0},
	{"seed", KEY_SEED, "N", 0, "Of the random order of the runs; default any, and recorded", 0},
	{"cpus", KEY_CPUS, "A,B", 0,
	 "Every thread of the sender on processor A, of the receiver on B; default any", 0},
	{"verify", KEY_VERIFY, NULL, 0, "Change every message and check every byte received", 0},
	{"prove", KEY_PROVE, NULL, 0,
	 "First prove the counts in short runs, in which the effect of each copy is looked for, "
	 "too",
	 0},
	{"timestamps", KEY_TIMESTAMPS, NULL, 0,
	 "Ask for transmit timestamps (SO_TIMESTAMPING) with the data, which zero-copy pays for",
	 0},
	{"inject", KEY_INJECT, "FAULT", OPTION_HIDDEN, "For tests: early-reuse", 0},

	{.doc = "The output:", .group = 3},
	{"out", KEY_OUT, "DIR", 0,
	 "Also write results.csv, runs.jsonl, environment.json and, at the end, summary.csv and "
	 "summary.json there; implies --twins and a random order",
	 0},
	{"resume", KEY_RESUME, "DIR", 0,
	 "Go on with what --out DIR left unfinished, as it was asked for then", 0},
	{"json", KEY_JSON, NULL, 0, "One JSON document instead of the table", 0},
	{"rows", KEY_ROWS, NULL, 0,
	 "Every single run, where a combination a row is the default: several sizes, thread counts "
	 "or repeats",
	 0},
	{"verbose", KEY_VERBOSE, NULL, 0, "The BPF library's own messages on standard error", 0},

	{.doc = "Other:", .group = -1},
	{"help", KEY_HELP, NULL, 0, "This text", 0},
	{"version", KEY_VERSION, NULL, 0, "The version of the harness", 0},
	{},
};

static const struct trace_word {
	const char *word;
	unsigned int bits;
} trace_words[] = {
	{"copies", TRACE_COPIES},
	{"sched", TRACE_SCHED},
	{"counters", TRACE_COUNTERS},
};

struct parse {
	struct options *options;
	uint64_t seen; /* a bit an option */
	bool told;     /* what is wrong has been said */
	bool help, version;
};

struct range {
	const char *option;
	const char *noun;
	uint64_t min, max;
	bool suffix; /* K and M, binary */
};

/* Numbers in JSON are doubles in many readers: exact to 2^53. */
static const struct range size_range = {"size", "bytes", MESSAGE_BYTES_MIN, MESSAGE_BYTES_MAX,
					true};
static const struct range threads_range = {"threads", "threads", 1, THREADS_MAX, false};
static const struct range messages_range = {"messages", "messages", 1, 1ull << 53, false};
static const struct range cpu_range = {"cpus", "a processor", 0, CPU_SETSIZE - 1, false};
static const struct range seed_range = {"seed", "a number", 0, 1ull << 53, false};
static const struct range repeat_max_range = {"repeat-max", "repeats", 1, 10000, false};
static const struct range repeat_range = {"repeat", "repeats", 1, 10000, false};
static const struct range map_entries_range = {"map-entries", "entries", 1, 1 << 24, false};
static const struct range port_range = {"port", "a TCP port", 0, UINT16_MAX, false};

static bool number__read(const char *text, const struct range *range, uint64_t *number)
{
	unsigned long long value;
	int shift = 0;
	char *end;

	/* strtoull() would take blanks and signs. */
	if (!isdigit((unsigned char)text[0]))
		return false;
	value = strtoull(text, &end, 10); /* beyond what it holds: the largest, above any max */
	if (range->suffix && (*end == 'K' || *end == 'M'))
		shift = *end++ == 'K' ? 10 : 20;
	if (*end || value > range->max >> shift)
		return false;
	*number = value << shift;
	return *number >= range->min;
}

static int number__parse(const char *text, const struct range *range, uint64_t *number)
{
	char max[TEXT_NUMBER];

	if (number__read(text, range, number))
		return 0;
	snprintf(max, sizeof(max), "%llu", (unsigned long long)range->max);
	if (range->suffix)
		text__size(max, range->max);
	return arguments__bad("--%s %s: want %s from %llu to %s%s", range->option, text,
			      range->noun, (unsigned long long)range->min, max,
			      range->suffix ? ", such as 1000, 64K or 1M" : "");
}

/* Digits only: strtod() would take nan, inf and hexadecimal. */
static bool real__read(const char *text, const char *unit, double *number)
{
	size_t length = strspn(text, "0123456789.");
	char *end;

	if (!length || (text[length] && strcmp(text + length, unit)))
		return false;
	*number = strtod(text, &end);
	return end == text + length;
}

static int seconds__parse(const char *text, double *seconds)
{
	if (real__read(text, "", seconds) && *seconds > 0 && *seconds <= 86400)
		return 0;
	return arguments__bad(
		"--seconds %s: want seconds above 0 and up to 86400, such as 0.5 or 10", text);
}

static int parse_warm_up(struct options *options, const char *text)
{
	if (real__read(text, "", &options->warm_up) && options->warm_up <= 3600)
		return 0;
	return arguments__bad("--warm-up %s: want seconds from 0 to 3600, such as 0.5", text);
}

static int parse_precision(struct options *options, const char *text)
{
	if (real__read(text, "%", &options->precision) && options->precision > 0 &&
	    options->precision <= 100) {
		options->precision /= 100;
		return 0;
	}
	return arguments__bad(
		"--precision %s: want a percentage above 0 and up to 100, such as 5%%", text);
}

/* Hands each item of a comma-separated list to `take`. */
static int list__walk(const char *option, const char *list, struct options *options,
		      int (*take)(struct options *options, const char *item))
{
	char *copy = strdup(list), *rest = copy, *item;
	int err = copy ? 0 : -ENOMEM;

	while (!err && (item = strsep(&rest, ",")))
		err = *item ? take(options, item)
			    : arguments__bad(
				      "--%s '%s': an item is empty; want items between single "
				      "commas",
				      option, list);
	free(copy);
	return err;
}

static int number_list__add(struct number_list *list, const struct range *range, const char *item)
{
	uint64_t number;
	int err;

	err = number__parse(item, range, &number);
	if (err)
		return err;
	for (size_t i = 0; i < list->count; i++)
		if (list->value[i] == number)
			return arguments__bad(
				"--%s: %s is listed twice; want each once (--repeat repeats)",
				range->option, item);
	if (list->count == LIST_MAX)
		return arguments__bad("--%s: want at most %d items", range->option, LIST_MAX);
	list->value[list->count++] = number;
	return 0;
}

static int take_size(struct options *options, const char *item)
{
	return number_list__add(&options->sizes, &size_range, item);
}

static int take_cpu(struct options *options, const char *item)
{
	struct number_list *cpus = &options->cpus;

	if (cpus->count == SIDE_COUNT)
		return arguments__bad(
			"--cpus: want two processors, the sender's and the receiver's");
	return number__parse(item, &cpu_range, &cpus->value[cpus->count++]);
}

static int take_threads(struct options *options, const char *item)
{
	return number_list__add(&options->threads, &threads_range, item);
}

/* "two_copy, eight_sends, ..." */
static void transport__names(char *text, size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; transports[i]; i++)
		text__append(text, size, "%s%s", i ? ", " : "", transports[i]->name);
}

static int transport__add(struct options *options, const struct transport *transport)
{
	for (size_t i = 0; i < options->transport_count; i++)
		if (options->transport[i] == transport)
			return arguments__bad("--transport: %s is listed twice; want each once",
					      transport->name);
	if (options->transport_count == LIST_MAX)
		return arguments__bad("--transport: want at most %d items", LIST_MAX);
	options->transport[options->transport_count++] = transport;
	return 0;
}

static int take_transport(struct options *options, const char *item)
{
	const struct transport *transport = transport__find(item);
	char names[256];
	int err = 0;

	if (transport)
		return transport__add(options, transport);
	if (strcmp(item, "all")) {
		transport__names(names, sizeof(names));
		return arguments__bad("--transport %s: want all, or a list of %s", item, names);
	}
	for (size_t i = 0; transports[i] && !err; i++)
		err = transport__add(options, transports[i]);
	return err;
}

static void trace__names(char *text, size_t size)
{
	text[0] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(trace_words); i++)
		text__append(text, size, "%s%s", i ? ", " : "", trace_words[i].word);
}

static unsigned int trace__all(void)
{
	unsigned int bits = 0;

	for (size_t i = 0; i < ARRAY_SIZE(trace_words); i++)
		bits |= trace_words[i].bits;
	return bits;
}

static int take_trace(struct options *options, const char *item)
{
	unsigned int bits = 0;
	char names[256];

	for (size_t i = 0; i < ARRAY_SIZE(trace_words); i++)
		if (!strcmp(item, trace_words[i].word))
			bits = trace_words[i].bits;
	if (!bits) {
		trace__names(names, sizeof(names));
		return arguments__bad("--trace %s: want all, none, or a list of %s", item, names);
	}
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
	return arguments__bad("--mode %s: want stream or rr", word);
}

/* What the names are is the tracer's to judge. */
static int take_without(struct options *options, const char *item)
{
	(void)options;
	(void)item;
	return 0;
}

static int parse_inject(struct options *options, const char *fault)
{
	if (strcmp(fault, "early-reuse"))
		return arguments__bad("--inject %s: want early-reuse", fault);
	options->fault = FAULT_EARLY_REUSE;
	return 0;
}

/* What the type of an option cannot hold is in a wider number first. */
static int parse_port(struct options *options, const char *text)
{
	uint64_t port = 0;
	int err = number__parse(text, &port_range, &port);

	options->port = port;
	return err;
}

static int parse_repeat(struct options *options, const char *text)
{
	uint64_t repeat = 0;
	int err = number__parse(text, &repeat_range, &repeat);

	options->repeat = repeat;
	return err;
}

static int parse_repeat_max(struct options *options, const char *text)
{
	uint64_t repeat = 0;
	int err = number__parse(text, &repeat_max_range, &repeat);

	options->repeat_max = repeat;
	return err;
}

static int parse_value(struct options *options, int key, const char *arg)
{
	switch (key) {
	case KEY_TRACE:
		return parse_trace(options, arg);
	case KEY_ATTACH:
		return attach__parse(arg, &options->attach);
	case KEY_WITHOUT:
		options->without = arg;
		return list__walk("without", arg, options, take_without);
	case KEY_BTF:
		options->btf_path = arg;
		return 0;
	case KEY_MAP_ENTRIES:
		return number__parse(arg, &map_entries_range, &options->map_entries);
	case KEY_TRANSPORT:
		return list__walk("transport", arg, options, take_transport);
	case KEY_SIZE:
		return list__walk("size", arg, options, take_size);
	case KEY_THREADS:
		return list__walk("threads", arg, options, take_threads);
	case KEY_PATH:
		return path__parse(arg, &options->path);
	case KEY_MODE:
		return parse_mode(options, arg);
	case KEY_PORT:
		return parse_port(options, arg);
	case KEY_SECONDS:
		return seconds__parse(arg, &options->seconds);
	case KEY_MESSAGES:
		return number__parse(arg, &messages_range, &options->messages);
	case KEY_REPEAT:
		return parse_repeat(options, arg);
	case KEY_CPUS:
		return list__walk("cpus", arg, options, take_cpu);
	case KEY_REPEAT_MAX:
		return parse_repeat_max(options, arg);
	case KEY_PRECISION:
		return parse_precision(options, arg);
	case KEY_WARM_UP:
		return parse_warm_up(options, arg);
	case KEY_SEED:
		return number__parse(arg, &seed_range, &options->seed);
	case KEY_OUT:
		options->out = arg;
		return 0;
	case KEY_RESUME:
		options->resume = arg;
		return 0;
	case KEY_INJECT:
		return parse_inject(options, arg);
	}
	return -EINVAL;
}

static const char *option__name(int key)
{
	const struct argp_option *option = option_table;

	while (option->key != key)
		option++;
	return option->name;
}

static int parse_word(const struct argp_state *state, const char *word)
{
	if (state->arg_num > 0)
		return arguments__bad("%s: one word too many; want harness [run] [options]", word);
	if (strcmp(word, "run"))
		return arguments__bad("%s: unknown command; want run", word);
	return 0;
}

static uint64_t option__bit(int key)
{
	return 1ull << (key - KEY_FIRST);
}

static int parse_option(struct parse *parse, int key, const char *arg)
{
	uint64_t bit = option__bit(key);

	if (parse->seen & bit)
		return arguments__bad("--%s is given twice; want it once", option__name(key));
	parse->seen |= bit;
	switch (key) {
	case KEY_VERIFY:
		parse->options->verify = true;
		return 0;
	case KEY_PROVE:
		parse->options->prove = true;
		return 0;
	case KEY_TIMESTAMPS:
		parse->options->timestamps = true;
		return 0;
	case KEY_TWINS:
		parse->options->twins = true;
		return 0;
	case KEY_JSON:
		parse->options->json = true;
		return 0;
	case KEY_ROWS:
		parse->options->rows = true;
		return 0;
	case KEY_VERBOSE:
		parse->options->verbose = true;
		return 0;
	}
	return parse_value(parse->options, key, arg);
}

/* argp wants positive error numbers; any of them ends the parsing. */
static error_t parse_key(int key, char *arg, struct argp_state *state)
{
	struct parse *parse = state->input;
	int err = 0;

	if (key == KEY_HELP || key == KEY_VERSION) {
		parse->help = key == KEY_HELP;
		parse->version = key == KEY_VERSION;
		err = -ECANCELED;
	} else if (key == ARGP_KEY_ERROR) {
		if (!parse->told)
			arguments__bad_option(state, option_table, "harness");
		return 0;
	} else if (key == ARGP_KEY_ARG) {
		err = parse_word(state, arg);
	} else if (key >= KEY_FIRST && key <= KEY_VERBOSE) {
		err = parse_option(parse, key, arg);
	} else {
		return ARGP_ERR_UNKNOWN;
	}
	parse->told = err;
	return -err;
}

/* Adds to the help text what tables elsewhere decide. */
static char *help_text(int key, const char *text, void *input)
{
	char help[1024];

	(void)input;
	if (key != KEY_TRACE && key != KEY_ATTACH && key != KEY_TRANSPORT)
		return (char *)text;
	snprintf(help, sizeof(help), "%s ", text);
	if (key == KEY_TRACE) {
		trace__names(help + strlen(help), sizeof(help) - strlen(help));
		text__append(help, sizeof(help), ", all (default) or none");
	} else if (key == KEY_ATTACH) {
		attach__names(help + strlen(help), sizeof(help) - strlen(help));
		text__append(help, sizeof(help), "; auto (default) takes the first that works");
	} else {
		for (size_t i = 0; transports[i]; i++)
			text__append(help, sizeof(help), "%s%s (%s)", i ? ", " : "",
				     transports[i]->name, transports[i]->summary);
	}
	return strdup(help);
}

static const struct argp argp = {
	.options = option_table,
	.parser = parse_key,
	.args_doc = "[run]",
	.doc = "Counts how often each byte is copied on its way over TCP, where, and at what cost."
	       "\vWithout options: every transport, 64K messages, one connection over the "
	       "loopback, everything traced.\n\n"
	       "Exit status: 0 all runs valid; 1 a run failed or is invalid; 2 usage; 77 this "
	       "kernel or user cannot give what was asked for; 130 interrupted.",
	.help_filter = help_text,
};

static bool parse__saw(const struct parse *parse, int key)
{
	return parse->seen & option__bit(key);
}

static void options__fill_in_repeats(struct options *options, const struct parse *parse)
{
	if (parse__saw(parse, KEY_PRECISION) && !options->repeat_max)
		options->repeat_max = MAX(options->repeat, REPEAT_MAX_DEFAULT);
	if (!options->repeat_max)
		options->repeat_max = options->repeat;
	if (!parse__saw(parse, KEY_PRECISION))
		options->precision = 0.05;
	/* a twin without probes, where there are probes to do without */
	options->twins = (options->twins || options->out) && options->traced & TRACE_PROBES;
	if (options->out && options->seconds > 0 && !parse__saw(parse, KEY_WARM_UP))
		options->warm_up = WARM_UP_DEFAULT;
	options->shuffle = options->out || options->repeat_max > 1 || parse__saw(parse, KEY_SEED);
	/* exact in JSON, where many readers take numbers for doubles */
	if (!parse__saw(parse, KEY_SEED) &&
	    getrandom(&options->seed, sizeof(options->seed), 0) == sizeof(options->seed))
		options->seed &= (1ull << 53) - 1;
}

static void options__fill_in(struct options *options, const struct parse *parse)
{
	if (!parse__saw(parse, KEY_TRACE))
		options->traced = trace__all();
	if (!options->transport_count)
		take_transport(options, "all");
	if (!options->sizes.count)
		take_size(options, "64K");
	if (!options->threads.count)
		take_threads(options, "1");
	if (!options->messages && options->seconds == 0)
		options->seconds = 2;
	options__fill_in_repeats(options, parse);
}

/* What fits together and what does not. */
static int options__check(const struct options *options, const struct parse *parse)
{
	const uint64_t beside_resume = option__bit(KEY_RESUME) | option__bit(KEY_JSON) |
				       option__bit(KEY_ROWS) | option__bit(KEY_VERBOSE);

	if (options->messages && options->seconds > 0)
		return arguments__bad(
			"--seconds and --messages: want one of them to end a run, not both");
	if (options->cpus.count == 1)
		return arguments__bad(
			"--cpus: want two processors, the sender's and the receiver's");
	if (options->repeat_max && options->repeat_max < options->repeat)
		return arguments__bad("--repeat-max %u: want at least --repeat %u",
				      options->repeat_max, options->repeat);
	if (options->resume && parse->seen & ~beside_resume)
		return arguments__bad(
			"--resume: goes on as was asked for at first; want no other option but "
			"--json, --rows and --verbose");
	return 0;
}

int options__parse(int argc, char **argv, struct options *options)
{
	struct parse parse = {.options = options};
	int err;

	*options = (struct options){.argc = argc, .argv = argv, .repeat = 1};
	path__parse("lo", &options->path);
	err = argp_parse(&argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_EXIT | ARGP_NO_HELP, NULL,
			 &parse);
	if (parse.help)
		argp_help(&argp, stdout, ARGP_HELP_STD_HELP & ~ARGP_HELP_EXIT_OK, "harness");
	if (parse.version)
		printf("harness %s\n", environment__version());
	if (parse.help || parse.version)
		return 1;
	if (err)
		return -EINVAL;
	err = options__check(options, &parse);
	if (err)
		return err;
	options__fill_in(options, &parse);
	return 0;
}
