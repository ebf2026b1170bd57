/** What can be asked of batches. */
import { ListQuery, NoQuery, SendQuery } from "../../shared/domain/api-shapes.ts";
import { BatchToSend } from "../../shared/domain/batch-shapes.ts";
import { cancelBatch, listBatches, listBatchRecipients, showBatch } from "./batch-pages.ts";
import { createBatch } from "./batches.ts";
import type { Route } from "./route.ts";

export const batchRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/v1/batches",
    scope: "send",
    answer: createBatch,
    about: {
      operation: "createBatch",
      group: "Batches",
      summary: "Send a message to many, or ask what would become of it",
      detail: [
        "Up to 1,000 recipients. `{{name}}` in any text of the message stands for a recipient's value of that name; two braces mean nothing else.",
        "What can be said of the batch as it is written is said here, and then nothing of it is sent: `field` names the recipient by its index.",
        "Two recipients with an address in common are refused, unless their values make two messages of it.",
        "What becomes of each recipient is decided at their turn, and stands in the list of recipients: opt-outs, windows, contacts that nobody knows.",
        "It is queued at a bounded pace, so that what agents answer is not held up; one batch after the other.",
        "With `sendAt` it goes out from then on, at the same pace, of which the messages of one minute go together.",
        "Quiet hours that begin meanwhile are waited for, and nobody is refused for them.",
        "With `dryRun=true` the first 100 recipients are judged, and the first 20 shown.",
      ].join(" "),
      query: SendQuery,
      body: BatchToSend,
      takesIdempotencyKey: true,
      answers: {
        200: { when: "With `dryRun=true`: what would become of it, and nothing did.", shape: "BatchPlanAnswer" },
        202: { when: "The batch will be worked through.", shape: "ShownBatch" },
      },
      problems: ["account_unknown", "address_invalid", "media_unknown", "too_long", "quiet_hours"],
    },
  },
  {
    method: "GET",
    path: "/v1/batches",
    scope: "read",
    answer: listBatches,
    about: {
      operation: "listBatches",
      group: "Batches",
      summary: "List batches, newest first",
      detail: "Those of the last 90 days. A key that is limited to some accounts sees those that were made with it.",
      query: ListQuery,
      answers: { 200: { when: "A page of batches.", shape: "BatchPage" } },
    },
  },
  {
    method: "GET",
    path: "/v1/batches/{batch}",
    scope: "read",
    answer: showBatch,
    about: {
      operation: "showBatch",
      group: "Batches",
      summary: "Show a batch, and how far it has come",
      query: NoQuery,
      answers: { 200: { when: "The batch as it is now.", shape: "ShownBatch" } },
    },
  },
  {
    method: "GET",
    path: "/v1/batches/{batch}/recipients",
    scope: "read",
    answer: listBatchRecipients,
    about: {
      operation: "listBatchRecipients",
      group: "Batches",
      summary: "List the recipients of a batch in their order, each with what became of it",
      detail: "Events say the same by `data.batch` of `message.queued`: its `id`, and the index of the `recipient`.",
      query: ListQuery,
      answers: { 200: { when: "A page of recipients.", shape: "BatchRecipientPage" } },
    },
  },
  {
    method: "DELETE",
    path: "/v1/batches/{batch}",
    scope: "send",
    answer: cancelBatch,
    about: {
      operation: "cancelBatch",
      group: "Batches",
      summary: "Cancel what has not been put on its way",
      detail: [
        "Up to 50 messages that were just being queued may still go out.",
        "Of a batch with `sendAt` the messages that have not gone out are cancelled, too: each fails with the code `cancelled`.",
        "A repetition is answered with the batch as it is.",
      ].join(" "),
      query: NoQuery,
      answers: { 200: { when: "It is cancelled.", shape: "ShownBatch" } },
      problems: ["not_cancellable"],
    },
  },
];
