/** What one of many recipients gets: the message with their values in it, to the first of their addresses that may have it. */
import type { BatchOrder } from "../domain/batch.ts";
import { withValues } from "../domain/batch-placeholders.ts";
import { batchMessageId } from "../domain/ids.ts";
import { type Ports, type Prepared, prepare, type Refused } from "./prepare.ts";

/**
 * @param index of the recipient, from 0
 * @throws Error when the order has none there
 */
export function prepareOneOfMany(
  { batch, message, recipients }: Pick<BatchOrder, "batch" | "message" | "recipients">,
  index: number,
  ports: Ports,
): Promise<Prepared> {
  const recipient = recipients[index];
  if (!recipient) throw new Error(`no recipient ${index}`);
  const { to, values = {} } = recipient;
  const { content, template, author, topic } = message;
  const said = withValues({ ...(content && { content }), ...(template && { template }) }, values);
  return prepare(
    Array.isArray(to) ? to : [to],
    { ...said, author, topic, sendAt: batch.sendAt },
    { id: batchMessageId(ports.idSecret, batch.id, index), batch: { id: batch.id, recipient: index } },
    ports,
  );
}

/** Why a recipient gets nothing: of several, what the first was refused for. */
export function refusalOf({ code, reasons }: Refused): { code: string; text: string } {
  return { code, text: reasons.map(({ text }) => text).join(" ") };
}
