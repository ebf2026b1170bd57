/**
 * Answers customers like the function behind the bus, each conversation strictly in order: a FIFO queue that is
 * subscribed to Recado's topic of events invokes it. Raw delivery: the body of a record is the event as everywhere.
 */
import { handler as answer } from "../lambda/handler.mjs";

export async function handler({ Records }) {
  const held = new Set();
  const batchItemFailures = [];
  for (const { messageId, body } of Records) {
    const event = JSON.parse(body);
    if (!held.has(event.subject)) await answer({ detail: event }).catch(() => held.add(event.subject));
    // What is behind a failure comes again with it, so that the conversation stays in order.
    if (held.has(event.subject)) batchItemFailures.push({ itemIdentifier: messageId });
  }
  return { batchItemFailures };
}
