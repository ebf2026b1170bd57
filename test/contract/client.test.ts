/** The client of the contract against the API over the table in memory; test/journeys has it against the whole stack. */
import { describe, expect, it } from "vitest";
import { openApi } from "../../cli/contract/openapi.ts";
import { capabilities } from "../../shared/channels/capabilities.ts";
import { ShownBatch } from "../../shared/domain/batch-shapes.ts";
import { newErasure } from "../../shared/domain/erasure.ts";
import { contactId, conversationId } from "../../shared/domain/ids.ts";
import { linkCode } from "../../shared/domain/media-link.ts";
import { CreatedSubscription } from "../../shared/domain/subscription-shapes.ts";
import { inboundText, queued, receipt, SECRET } from "../fakes/arrivals.ts";
import { apiWorld } from "../functions/api/api-world.ts";
import type { Asked } from "./arbitraries.ts";
import { type Answered, tryOperation } from "./client.ts";
import { Contract } from "./operations.ts";

const RUNS = Number(process.env.RECADO_TEST_RUNS ?? 20);
const contract = new Contract(openApi(), { isClosed: true });
const PHONE = "5511987650000";
const FILE = "med_01m80vq2d4f6h8k0n2r4t6w8y0";
const OURS = "msg_01m80v99chhrt829vc6dayx5sh";
const WAITING = "msg_01m80vq2d4f6h8k0n2r4t6w8y0";

async function place() {
  const accounts = new Map([
    ["whatsapp", capabilities["whatsapp-cloud"]],
    ["sms", capabilities["sms-twilio"]],
  ]);
  const here = apiWorld({ accounts });
  here.files.kept.set(FILE, { contentType: "application/pdf", size: 48_213, fileName: "fatura.pdf" });
  await here.arrive(inboundText("wamid.1"), inboundText("SM1", { account: "sms" }), queued(OURS), queued(WAITING));
  const conversation = conversationId(SECRET, "whatsapp", PHONE);
  for (const message of [OURS, WAITING]) await here.table.noteMessage(message, { conversation, account: "whatsapp" });
  await here.arrive(receipt("message.sent", OURS), receipt("message.delivered", OURS), receipt("message.failed", OURS));
  const known = {
    conversation: [conversationId(SECRET, "whatsapp", PHONE), conversationId(SECRET, "sms", PHONE)],
    contact: [contactId(SECRET, "whatsapp", PHONE)],
    with: [contactId(SECRET, "sms", PHONE)],
    from: [await absorb(here)],
    account: ["whatsapp", "sms"],
    address: [`+${PHONE}`],
    media: [FILE],
    message: [OURS, WAITING],
    subscription: [await subscribe(here)],
    batch: [await startBatch(here)],
    erasure: [await erase(here)],
    code: [linkCode(SECRET, FILE, here.clock.time)],
  };
  async function send({ method, url, headers, body }: Asked): Promise<Answered> {
    const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    const answer = await here.answer(method, url, { key: "", headers: lower, ...(body !== undefined && { body }) });
    await here.record();
    return answer;
  }
  return { contract, send, known };
}

/** A contact that is part of the one that is known. */
async function absorb({ ask, arrive, record }: ReturnType<typeof apiWorld>): Promise<string> {
  const address = "351912345678";
  await arrive(inboundText("wamid.2", { address, name: "Ana" }));
  const other = contactId(SECRET, "whatsapp", address);
  await ask("POST", `/v1/contacts/${contactId(SECRET, "whatsapp", PHONE)}/merge`, { body: { with: other } });
  await record();
  return other;
}

/** Of a contact of whom nothing else is asked; with its receipt. */
async function erase({ erasures, clock }: ReturnType<typeof apiWorld>): Promise<string> {
  const begun = newErasure(contactId(SECRET, "whatsapp", "351900000000"), 1, clock.time);
  await erasures.putErasure(begun);
  const done = { step: "done" as const, finishedAt: clock.time, uploads: [FILE] };
  await erasures.putErasure({ ...begun, ...done, version: 2, desks: { desk: { removed: 2, told: false } } });
  return begun.id;
}

/** With an attempt to list. */
async function subscribe({ ask }: ReturnType<typeof apiWorld>): Promise<string> {
  const { json } = await ask("POST", "/v1/subscriptions", { body: { url: "https://loja.example/recado" } });
  const { id } = CreatedSubscription.parse(json).subscription;
  await ask("POST", `/v1/subscriptions/${id}/test`);
  return id;
}

/** Of which one recipient has a message and one has none. */
async function startBatch({ ask, batches }: ReturnType<typeof apiWorld>): Promise<string> {
  const message = { content: { type: "text", text: "Boas festas!" }, topic: "marketing" };
  const recipients = [6, 7, 8].map((last) => ({ to: { account: "sms", address: `+35191234567${last}` } }));
  const { json } = await ask("POST", "/v1/batches", { body: { message, recipients } });
  const [batch] = batches.kept.values();
  const conversation = conversationId(SECRET, "whatsapp", PHONE);
  const results = [
    { message: OURS, conversation, account: "whatsapp" },
    { code: "opted_out", text: "They want none." },
  ];
  if (batch) await batches.putBatchResults(batch, 0, results);
  return ShownBatch.parse(json).batch.id;
}

describe("every answer is as the document says, whatever is asked:", () => {
  it.each(contract.operations)("$method $path", async (operation) => {
    const statuses = new Set<number>();
    const onAnswer = (_: unknown, status: number) => statuses.add(status);
    // Whatever is drawn, something of it is to be had: where chance would have it otherwise, more is asked for.
    for (let rounds = 0; rounds < 10 && !(Math.min(...statuses) < 400); rounds++)
      await tryOperation(operation, { ...(await place()), onAnswer }, RUNS);
    expect(Math.min(...statuses), "nothing that was asked for was had").toBeLessThan(400);
  });
});

describe("the client", () => {
  const find = (id: string) => {
    const found = contract.operations.find((operation) => operation.id === id);
    if (!found) throw new Error(`There is no operation ${id}`);
    return found;
  };

  it.each<[string, string, (given: Answered) => Answered]>([
    ["a field that the document does not name", "showConversation", (given) => edited(given, { colour: "red" })],
    ["a status that the document does not name", "listMessages", (given) => ({ ...given, status: 206 })],
    ["a bare fault", "showHealth", (given) => ({ ...given, status: 500 })],
    [
      "an answer without its version",
      "showContact",
      ({ headers: { "recado-version": _, ...headers }, ...given }) => ({ ...given, headers }),
    ],
    ["a refusal that is no problem", "sendMessage", (given) => (given.status < 400 ? given : { ...given, body: "{}" })],
    [
      "a forbidden request that is taken",
      "closeConversation",
      (given) => (given.status === 422 ? { ...given, status: 202 } : given),
    ],
  ])("would notice %s", async (_, id, change) => {
    const client = await place();
    const send = async (asked: Asked) => change(await client.send(asked));
    await expect(tryOperation(find(id), { ...client, send }, 60)).rejects.toThrow();
  });
});

function edited(given: Answered, more: object): Answered {
  return given.status === 200 ? { ...given, body: JSON.stringify({ ...JSON.parse(given.body), ...more }) } : given;
}
