/**
 * The past of a number that is also in the phone app: thousands of messages in a few bodies, in chunks without order.
 * Each becomes a message with its own time. What cannot be read is told once for a body, never once for each.
 */

import type { Parsed } from "../channels/connector.ts";
import { isRecord } from "../domain/raw-element.ts";
import { type Around, ofPast, ofPastFile } from "./messages.ts";
import { notice } from "./notice.ts";
import { HistoryChunk, HistoryThread } from "./payload.ts";
import { failureIn } from "./statuses.ts";

/** @param value of a change of the field `history` */
export function ofHistory(value: Record<string, unknown>, around: Around): Parsed[] {
  const { account } = around;
  const unreadable: unknown[] = [];
  const kept = (raw: unknown, parsed: Parsed | undefined): Parsed[] => {
    if (!parsed) unreadable.push(raw);
    return parsed ? [parsed] : [];
  };
  const chunks = listIn(value.history).flatMap((raw) => {
    const { threads, errors } = HistoryChunk.safeParse(raw).data ?? {};
    if (threads || errors) return [{ threads: threads ?? [], errors: errors ?? [] }];
    unreadable.push(raw);
    return [];
  });
  const messages = chunks.flatMap(({ threads }) =>
    threads.flatMap((raw) => {
      const { id, messages } = HistoryThread.safeParse(raw).data ?? {};
      if (!messages) return kept(raw, undefined);
      return messages.flatMap((message) => kept(message, ofPast(message, id, around)));
    }),
  );
  const files = listIn(value.messages).flatMap((raw) => kept(raw, ofPastFile(raw, around)));
  const told = [...messages, ...files];

  const errors = [...listIn(value.errors), ...chunks.flatMap((chunk) => chunk.errors)];
  const refusals = errors.map((error) =>
    notice(account, "whatsapp_history", { metadata: value.metadata, error }, refusal(error)),
  );
  if (unreadable.length > 0) return [...told, ...refusals, notice(account, "unreadable_history", unreadable)];
  if (told.length > 0 || refusals.length > 0) return [...told, ...refusals];
  return [notice(account, "whatsapp_history", value, "WhatsApp hands over an empty part of this number's history.")];
}

function refusal(error: unknown): string {
  const known = isRecord(error) ? error : undefined;
  if (known?.code === 2593109) return "The history of this number stays in the phone app: its owner does not share it.";
  return `WhatsApp does not hand over the history of this number. ${failureIn(known).reason}`;
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
