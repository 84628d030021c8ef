// SPDX-License-Identifier: GPL-2.0
/* Defaults of options, and options that exclude each other. */
#include <errno.h>
#include <sys/param.h>
#include <sys/random.h>

#include "run/options_rows.h"

/* With 13 or 14 transports, the interval of a ratio then leaves out two outliers on each side. */
#define ADVISE_REPEATS 21
#define ADVISE_SECONDS 0.05

static void options__fill_in_repeats(struct options *options, const struct arguments *arguments)
{
	bool precise = arguments__saw(arguments, KEY_PRECISION);

	if (precise && !options->repeat_max)
		options->repeat_max = MAX(options->repeat, REPEAT_MAX_DEFAULT);
	if (!options->repeat_max)
		options->repeat_max = options->repeat;
	if (!precise)
		options->precision = 0.05;
	/* without probes every run is a baseline run */
	options->baseline_runs =
		(options->baseline_runs || options->out) && options->traced & TRACE_PROBES;
	if (options->out && options->seconds > 0 && !arguments__saw(arguments, KEY_WARM_UP))
		options->warm_up = WARM_UP_DEFAULT;
	options->shuffle =
		options->out || options->repeat_max > 1 || arguments__saw(arguments, KEY_SEED);
	if (!arguments__saw(arguments, KEY_SEED) &&
	    getrandom(&options->seed, sizeof(options->seed), 0) == sizeof(options->seed))
		options->seed &= NUMBER_MAX - 1;
}

/* Adds the first transports of the table, at most `count`. */
static void options__add_transports(struct options *options, size_t count)
{
	for (size_t i = 0; i < count && transports[i]; i++) {
		options->by_all[options->transport_count] = true;
		options->transport[options->transport_count++] = transports[i];
	}
}

static void options__fill_in(struct options *options, const struct arguments *arguments)
{
	if (!arguments__saw(arguments, KEY_TRACE))
		options->traced = trace__all();
	if (options->time)
		options->traced |= TRACE_TIME;
	if (!options->transport_count)
		options__add_transports(options, options->advise ? SIZE_MAX : TRANSPORTS_DEFAULT);
	if (!options->sizes.count)
		options__take(options, KEY_SIZE, "64K");
	if (!options->threads.count)
		options__take(options, KEY_THREADS, "1");
	if (!options->messages && options->seconds == 0)
		options->seconds = options->advise ? ADVISE_SECONDS : 2;
	options__fill_in_repeats(options, arguments);
}

/* Refuses options that exclude each other. */
static int options__check(const struct options *options, const struct arguments *arguments)
{
	const uint64_t beside_resume = arguments__bit(KEY_RESUME) | arguments__bit(KEY_JSON) |
				       arguments__bit(KEY_ROWS) | arguments__bit(KEY_VERBOSE);

	if (options->messages && options->seconds > 0)
		return arguments__bad(
			"--seconds and --messages: want one of them to end a run, not both");
	if (options->time && arguments__saw(arguments, KEY_TRACE) &&
	    !(options->traced & TRACE_COPIES))
		return arguments__bad("--time: want --trace with copies in it");
	if (options->cpus.count == 1)
		return arguments__bad(
			"--cpus: want two processors, the sender's and the receiver's");
	if (options->repeat_max && options->repeat_max < options->repeat)
		return arguments__bad("--repeat-max %u: want at least --repeat %u",
				      options->repeat_max, options->repeat);
	if (options->resume && arguments->seen & ~beside_resume)
		return arguments__bad(
			"--resume: the options given at first apply; want no other "
			"option but --json, --rows and --verbose");
	return 0;
}

/* The advice is for one setting, and `harness run` keeps runs. */
static int options__check_advise(const struct options *options)
{
	if (options->sizes.count > 1 || options->threads.count > 1)
		return arguments__bad("advise: want one --size and one --threads");
	if (options->out || options->resume)
		return arguments__bad(
			"advise: want no --out and no --resume; `harness run` keeps results");
	if (!(options->traced & TRACE_COPIES))
		return arguments__bad("advise: want --trace with copies in it");
	if (options->time)
		return arguments__bad("advise: want no --time; `harness run` has it");
	return 0;
}

static void options__take_common(struct options *options, const struct common_options *common)
{
	options->attach = common->attach;
	options->without = common->without;
	options->btf_path = common->btf_path;
	options->map_entries = common->map_entries;
	options->json = common->json;
	options->verbose = common->verbose;
}

static int parse(const char *command, const struct argp *argp, int argc, char **argv,
		 struct options *options)
{
	struct common_options common = {};
	struct arguments arguments = {
		.command = command,
		.argp = argp,
		.own = {.take = options__take, .options = options},
		.child = {.take = common_options__take, .options = &common},
	};
	int err;

	options->argc = argc;
	options->argv = argv;
	path__parse("lo", &options->path);
	err = arguments__parse(&arguments, argc, argv);
	if (err)
		return err;
	options__take_common(options, &common);
	err = options__check(options, &arguments);
	if (err)
		return err;
	options__fill_in(options, &arguments);
	return options->advise ? options__check_advise(options) : 0;
}

int options__parse(int argc, char **argv, struct options *options)
{
	*options = (struct options){.repeat = 1};
	return parse("harness run", &run_argp, argc, argv, options);
}

int options__parse_advise(int argc, char **argv, struct options *options)
{
	*options =
		(struct options){.advise = true, .repeat = ADVISE_REPEATS, .baseline_runs = true};
	return parse("harness advise", &advise_argp, argc, argv, options);
}
