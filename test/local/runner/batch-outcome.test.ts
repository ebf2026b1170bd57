import { describe, expect, it } from "vitest";
import { doneWith } from "../../../local/event-sources/sqs-event.ts";

const batch = ["a", "b", "c"].map((MessageId) => ({ MessageId, ReceiptHandle: `handle of ${MessageId}` }));
const answered = (answer: unknown) => ({ ok: true as const, payload: JSON.stringify(answer) });
const failing = (...ids: unknown[]) =>
  answered({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) });

describe("after an invocation these messages are deleted", () => {
  it.each([
    ["all, where nothing failed", failing(), ["a", "b", "c"]],
    ["all, where the answer is null", answered(null), ["a", "b", "c"]],
    ["all, where the answer names no failures", answered({}), ["a", "b", "c"]],
    ["those that are not reported", failing("b", "c"), ["a"]],
    ["none, where all are reported", failing("a", "b", "c"), []],
    ["none, where a message is reported that was not in the batch", failing("b", "x"), []],
    ["none, where a report names nothing", failing(""), []],
    ["none, where a report names null", failing(null), []],
    ["none, where the answer has another form", answered({ batchItemFailures: [{ id: "b" }] }), []],
    ["none, where the function failed", { ok: false as const, error: { errorType: "Error", errorMessage: "no" } }, []],
  ])("%s", (_, result, expected) => {
    expect(doneWith(batch, result, true).map(({ MessageId }) => MessageId)).toEqual(expected);
  });

  it("all, whatever the answer, where the template does not ask for reports", () => {
    expect(doneWith(batch, failing("b"), false)).toEqual(batch);
  });
});
