/** Sending for somebody who is limited to some accounts. */
import { beforeEach, describe, expect, test } from "vitest";
import { contactId, conversationId, personId } from "../../shared/domain/ids.ts";
import type { Recipient } from "../../shared/domain/sending-shapes.ts";
import { onAccounts } from "../../shared/sending/on-accounts.ts";
import { prepare } from "../../shared/sending/prepare.ts";
import { inboundText, receipt, SECRET } from "../fakes/arrivals.ts";
import { apiWorld } from "../functions/api/api-world.ts";

const ana = "5511987650000";
const contact = contactId(SECRET, "whatsapp", ana);
const wanted = { content: { type: "text", text: "Olá" }, author: { type: "system" } } as const;

let here: ReturnType<typeof apiWorld>;
beforeEach(() => {
  here = apiWorld();
});

const prepared = (to: Recipient, accounts: readonly string[]) => {
  const ports = { ...here.ports, idSecret: SECRET };
  return prepare([to], wanted, { id: "msg_1" }, onAccounts(ports, accounts));
};

describe("a conversation in which another account stood in last", () => {
  beforeEach(async () => {
    const { address: _, ...sent } = receipt("message.sent", "msg_0");
    await here.arrive(inboundText("wamid.1", { time: here.clock.time }), { ...sent, account: "sms" });
  });

  test("is theirs whose account it is", async () => {
    const conversation = conversationId(SECRET, "whatsapp", ana);
    expect(await prepared({ contact }, ["whatsapp"])).toMatchObject({ kind: "ready", place: { conversation } });
  });

  test("is nobody's of the one that stood in", async () => {
    expect(await prepared({ contact }, ["sms"])).toMatchObject({ kind: "refused", code: "recipient_unknown" });
  });
});

test("who wants to hear nothing is known by what they told other accounts", async () => {
  const number = "+351910000001";
  const said = { channel: "sms", topic: "all", state: "opted_out", source: "keyword", at: 1 } as const;
  await here.table.putConsent(personId(SECRET, number), said);
  const to = { account: "sms", address: number };
  expect(await prepared(to, ["sms"])).toMatchObject({ kind: "refused", code: "opted_out" });
});
