import type { SQSRecord } from "aws-lambda";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { runBatch } from "../../shared/aws/fifo-batch.ts";
import { type Next, WorldFault } from "../../shared/ports.ts";

const lines: string[] = [];
beforeEach(() => {
  lines.length = 0;
  for (const level of ["warn", "error"] as const)
    vi.spyOn(console, level).mockImplementation((line: string) => void lines.push(line));
});

function record(id: string, group: string | undefined, received = 1): SQSRecord {
  return {
    messageId: id,
    receiptHandle: `handle-${id}`,
    body: id,
    attributes: {
      ApproximateReceiveCount: String(received),
      SentTimestamp: "0",
      SenderId: "",
      ApproximateFirstReceiveTimestamp: "0",
      ...(group !== undefined && { MessageGroupId: group }),
    },
    messageAttributes: {},
    md5OfBody: "",
    eventSource: "aws:sqs",
    eventSourceARN: "",
    awsRegion: "",
  };
}

/** What was worked, in order, and what became of it. */
async function run(records: SQSRecord[], becomes: Record<string, Next | Error>) {
  const worked: string[] = [];
  const hidden: Record<string, number> = {};
  const { batchItemFailures } = await runBatch(
    records,
    async (body) => {
      worked.push(body);
      await Promise.resolve();
      const next = becomes[body] ?? { kind: "done" };
      if (next instanceof Error) throw next;
      return next;
    },
    { changeVisibility: async (handle, seconds) => void Object.assign(hidden, { [handle]: seconds }) },
  );
  return { worked, hidden, failed: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier) };
}

describe("a batch", () => {
  it("of which everything is done reports nothing", async () => {
    const { worked, failed, hidden } = await run([record("a1", "a"), record("b1", "b"), record("a2", "a")], {});
    expect(worked.sort()).toEqual(["a1", "a2", "b1"]);
    expect([failed, hidden]).toEqual([[], {}]);
  });

  it("works a group in order", async () => {
    const { worked } = await run([record("a1", "a"), record("a2", "a"), record("a3", "a")], {});
    expect(worked).toEqual(["a1", "a2", "a3"]);
  });

  it("hands back the rest of a group unworked with its first failure, and no other group", async () => {
    const records = [record("a1", "a"), record("b1", "b"), record("a2", "a"), record("b2", "b"), record("a3", "a")];
    const { worked, failed, hidden } = await run(records, { a2: { kind: "retry", afterSeconds: 7.2 } });
    expect(worked).not.toContain("a3");
    expect(worked).toContain("b2");
    expect(failed).toEqual(["a2", "a3"]);
    expect(hidden).toEqual({ "handle-a2": 8, "handle-a3": 8 });
  });

  it("off a standard queue has no groups", async () => {
    const { worked, failed } = await run([record("x", undefined), record("y", undefined)], {
      x: new WorldFault("throttled"),
    });
    expect(worked).toEqual(["x", "y"]);
    expect(failed).toEqual(["x"]);
  });

  it.each([
    [1, 5],
    [2, 10],
    [4, 40],
    [5, 60],
    [90, 60],
  ])("brings back the world's fault of delivery %i after %i seconds", async (received, seconds) => {
    const { hidden } = await run([record("a1", "a", received)], { a1: new WorldFault("throttled") });
    expect(hidden).toEqual({ "handle-a1": seconds });
  });

  it.each([
    [0, 1],
    [86_400, 43_080],
  ])("asks SQS for nothing that it refuses: %i s become %i s", async (asked, seconds) => {
    const { hidden } = await run([record("a1", "a")], { a1: { kind: "retry", afterSeconds: asked } });
    expect(hidden).toEqual({ "handle-a1": seconds });
  });

  it("reports the failure even when its visibility cannot be changed", async () => {
    const { batchItemFailures } = await runBatch(
      [record("a1", "a")],
      async () => ({ kind: "retry", afterSeconds: 5 }),
      {
        changeVisibility: async () => {
          throw new WorldFault("throttled");
        },
      },
    );
    expect(batchItemFailures).toEqual([{ itemIdentifier: "a1" }]);
  });

  it("logs a fault of our own by kind and place, never with what it quotes", async () => {
    const { failed } = await run([record("a1", "a")], { a1: new SyntaxError("Unexpected token in my secret message") });
    expect(failed).toEqual(["a1"]);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "error", code: "work_failed", reason: "SyntaxError" });
    expect(lines[0]).not.toContain("secret message");
  });
});
