import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const common = { pool: "forks", isolate: false } as const;
/** What starts servers, processes or a whole local run. */
const STARTING = "aws|cli|examples|infra|journeys|local";

/** Each starts a stack of its own: those of one desk of tickets always run, the others by `npm run test:desks`. */
const OTHER_DESKS = process.env.RECADO_TEST_DESKS ? [] : ["test/journeys/desks/!(chatwoot).test.ts"];

/** Most of its time it waits: begun last, everybody would wait for it alone. */
const BEGINS_FIRST = "test/journeys/removals.test.ts";

class Sequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isFirst = ({ moduleId }: TestSpecification) => moduleId.endsWith(BEGINS_FIRST);
    return (await super.sort(files)).toSorted((one, other) => Number(isFirst(other)) - Number(isFirst(one)));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: Sequencer },
    // More than there may be cores: half of the time a worker waits for what it has started.
    maxWorkers: 4,
    projects: [
      {
        test: {
          ...common,
          name: "runs",
          include: [`test/@(${STARTING})/**/*.test.ts`],
          exclude: OTHER_DESKS,
          globalSetup: "test/journeys/assemblies.ts",
          // What should be there in a moment may take long on busy cores, and only never is wrong.
          testTimeout: 300_000,
          hookTimeout: 900_000,
          maxConcurrency: 30,
        },
      },
      // Pure code, and fakes.
      {
        test: {
          ...common,
          name: "parts",
          include: [`test/!(${STARTING})/**/*.test.ts`, "test/*.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
