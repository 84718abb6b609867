/* SPDX-License-Identifier: MIT */
/*
 * viewer.c - a whole viewer: prints what every process is, and again at each change, until the supervisor ends
 *
 *   cc viewer.c $(pkg-config --cflags --libs brummer) && ./a.out DIR
 */
#include <stdio.h>

#include <brummer/reader.h>
#include <brummer/wait.h>

#define PROCESSES_MAX 256

static struct brm_state states[PROCESSES_MAX];

static void print(const struct brm_reader *reader)
{
	struct brm_cut cut;
	uint32_t count = brm_reader_list(reader, states, NULL, PROCESSES_MAX, &cut);
	char name[BRM_NAME_MAX];

	for (uint32_t i = 0; i < count; i++)
		if (brm_reader_name(reader, &states[i], name) == 0)
			printf("%s %s run %u\n", name, brm_status_word(brm_state_status(&states[i])), states[i].run);
	puts("--");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct brm_instance instance;
	struct brm_reader *reader;
	struct brm_ticket ticket;
	int error = brm_instance_of_dir(argc > 1 ? argv[1] : ".", &instance);

	if (error == 0)
		error = brm_reader_open(instance.region, &reader);
	if (error != 0) {
		fprintf(stderr, "viewer: cannot read the region: %s\n", brm_strerror(error));
		return 1;
	}
	do {
		brm_wait_sample(reader, &ticket); /* before looking, so that no change is slept through */
		print(reader);
		error = brm_wait(reader, &ticket, BRM_WAIT_STATES, -1);
		if (brm_reader_refresh(reader) == 1)
			error = 0; /* another region has taken its place */
	} while (error == 0 && brm_reader_lifecycle(reader) < BRM_LIFE_CLOSED);
	print(reader);
	brm_reader_close(reader);
	return 0;
}
