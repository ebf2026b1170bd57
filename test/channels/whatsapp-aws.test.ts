/** Whatever Meta tells, it tells the same by way of AWS. */
import { describe, expect, it } from "vitest";
import type { Connector } from "../../shared/channels/connector.ts";
import { connectors } from "../../shared/channels/registry.ts";
import { fixturesOf, SAMPLE, TOPICS, webhook } from "../contracts/provider.ts";

const { receiver }: Connector = connectors["whatsapp-aws"];
const account = { ...SAMPLE["whatsapp-aws"], settings: SAMPLE["whatsapp-cloud"].settings, name: "whatsapp" };

describe("an entry of Meta's in a notification of AWS's", () => {
  it.each(fixturesOf("whatsapp-cloud"))("is read as in a webhook of Meta's: $name", ({ body, parsed }) => {
    const { entry } = body as { entry: unknown[] };
    const told = entry.flatMap((whatsAppWebhookEntry): unknown[] => {
      const Message = { context: {}, whatsAppWebhookEntry, aws_account_id: "111122223333" };
      const notification = { Type: "Notification", TopicArn: TOPICS["whatsapp-aws"], Message };
      const result = receiver.parse(webhook("whatsapp-aws", { body: notification }), [account]);
      return result.ok ? result.parsed : [result.reason];
    });
    expect(told).toEqual(parsed);
  });
});
