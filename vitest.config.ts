import { defineConfig } from "vitest/config";

const house = { pool: "forks", testTimeout: 30_000, hookTimeout: 60_000 } as const;
/** What starts servers, processes or a whole local run. */
const STARTING = "aws|cli|infra|journeys|local";

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      { test: { ...house, name: "runs", include: [`test/@(${STARTING})/**/*.test.ts`] } },
      // Pure code, and fakes: the files of a worker share what they import.
      {
        test: {
          ...house,
          name: "parts",
          include: [`test/!(${STARTING})/**/*.test.ts`, "test/*.test.ts"],
          isolate: false,
        },
      },
    ],
  },
});
