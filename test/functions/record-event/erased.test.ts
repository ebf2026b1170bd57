import { describe, expect, test } from "vitest";
import { contactId, conversationId, eventKey } from "../../../shared/domain/ids.ts";
import type { MailboxItem } from "../../../shared/domain/mailbox.ts";
import { inboundText, newToken, queued, receipt, SECRET } from "../../fakes/arrivals.ts";
import { pump } from "../../fakes/pump.ts";
import { world } from "../../fakes/world.ts";

const PHONE = "5511987650000";
const LOG = conversationId(SECRET, "whatsapp", PHONE);
const ID = "msg_0000000000000000000001";

async function played(...items: MailboxItem[]) {
  const here = world();
  for (const item of items) {
    here.mailbox.waiting.push(item);
    await pump(here.mailbox, () => here.ports);
  }
  return { ...here, types: here.table.logs.get(LOG)?.map(({ type }) => type) };
}

function told(what: string, item: Pick<MailboxItem, "type" | "data"> & Partial<MailboxItem>): MailboxItem {
  const at = { received: 1_795_000_000_000 };
  const key = eventKey(SECRET, "whatsapp", what);
  return { log: LOG, key, token: newToken(), account: "whatsapp", channel: "whatsapp", at, ...item };
}

const erasure = told("erased", { type: "contact.erased", data: { erasure: "era_1", contact: "con_1" } });
const optOut = told("stop", {
  type: "consent.changed",
  data: { topic: "marketing", state: "opted_out", source: "agent" },
});

describe("a log whose customer was erased", () => {
  test("does not hear what still comes about it: receipts, names, files, words of desks", async () => {
    const { types } = await played(
      inboundText("one"),
      queued(ID),
      erasure,
      receipt("message.sent", ID),
      told("name", {
        type: "contact.updated",
        data: {},
        address: PHONE,
        contact: { id: contactId(SECRET, "whatsapp", PHONE), name: "Ana" },
      }),
      told("file", { type: "media.failed", data: { message: { id: ID }, reason: "gone", code: "expired" } }),
      told("ticket", { type: "helpdesk.linked", data: { helpdesk: "desk", ticket: "77" } }),
    );
    expect(types).toEqual(["message.received", "message.queued", "contact.erased"]);
  });

  test("begins anew with the next message, with its name, and is listed again at once", async () => {
    const { types, table } = await played(
      inboundText("one", { name: "Ana" }),
      optOut,
      erasure,
      inboundText("two", { name: "Ana" }),
      queued(ID),
      receipt("message.sent", ID),
    );
    expect(types?.slice(2)).toEqual(["contact.erased", "message.received", "message.queued", "message.sent"]);
    const again = table.logs.get(LOG)?.[3];
    expect(again).toMatchObject({ sequence: 4, profile: { name: "Ana" }, after: { optedOut: ["marketing"] } });
    expect(again?.after.summarised).toBe(again?.at.recorded);
  });

  test("knows what the customer wants to hear nothing about, also when it is told later", async () => {
    const late = { ...optOut, address: PHONE, contact: { id: contactId(SECRET, "whatsapp", PHONE), name: "Ana" } };
    const { table } = await played(inboundText("one"), erasure, late);
    const last = table.logs.get(LOG)?.at(-1);
    expect(last?.after.optedOut).toEqual(["marketing"]);
    // Who they are does not come back with it.
    expect(JSON.stringify(last)).not.toMatch(new RegExp(`${PHONE}|Ana`));
  });

  test("is told of the erasure itself where it went on in another one", async () => {
    const moved = told("moved", { type: "contact.merged", data: { into: conversationId(SECRET, "whatsapp", "BR.1") } });
    expect((await played(inboundText("one"), moved, erasure)).types?.at(-1)).toBe("contact.erased");
  });
});
