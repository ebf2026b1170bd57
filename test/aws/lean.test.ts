import { afterEach, describe, expect, it } from "vitest";
import { createLeanClient } from "../../shared/aws/lean-client.ts";
import { createLeanMailbox, createLeanObjects } from "../../shared/aws/lean-mailbox.ts";
import { createLeanSecrets } from "../../shared/aws/lean-secrets.ts";
import type { MailboxItem } from "../../shared/domain/mailbox.ts";
import { WorldFault } from "../../shared/ports.ts";
import { inboundText } from "../fakes/arrivals.ts";
import { PlayedClock } from "../fakes/world.ts";
import { type AwsAnswer, type AwsCall, awsServer, batchAnswer } from "./aws-server.ts";

const QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/conversations.fifo";
let close: () => Promise<void> = async () => {};
afterEach(() => close());

async function aws(answer: (call: AwsCall) => AwsAnswer) {
  const server = await awsServer(answer);
  close = server.close;
  const client = createLeanClient(server.env, { firstWaitMs: 1 });
  const objects = createLeanObjects(client, "bucket");
  return { ...server, client, objects, mailbox: createLeanMailbox(client, QUEUE, objects) };
}

interface Sent {
  QueueUrl: string;
  Entries: { Id: string; MessageBody: string; MessageGroupId: string; MessageDeduplicationId: string }[];
}

/** What a body holds: an item, a reference to one, or several. */
function itemsIn({ MessageBody }: { MessageBody: string }): (Partial<MailboxItem> & { reference?: string })[] {
  const { items, ...one } = JSON.parse(MessageBody) as { items?: MailboxItem[] };
  return items ?? [one];
}

describe("the receiver's mailbox", () => {
  it("sends each item under its group and its key, as ASCII", async () => {
    const { mailbox, calls } = await aws(({ body }) => batchAnswer(body));
    const item = inboundText("wamid.1", { text: "Olá 😀 \ufffe" });
    await mailbox.deliver([item]);
    expect(calls).toMatchObject([{ service: "sqs", method: "POST", target: "AmazonSQS.SendMessageBatch" }]);
    const { QueueUrl, Entries } = JSON.parse(calls[0]?.body ?? "") as Sent;
    expect(QueueUrl).toBe(QUEUE);
    expect(Entries).toMatchObject([{ MessageGroupId: item.log, MessageDeduplicationId: item.key }]);
    const body = Entries[0]?.MessageBody ?? "";
    expect(body).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.parse(body)).toEqual(item);
  });

  it("sends again what was refused, and only that", async () => {
    let refusals = 2;
    const { mailbox, calls } = await aws(({ body }) =>
      batchAnswer(body, ({ MessageBody }) => MessageBody.includes("wamid.1") && refusals-- > 0),
    );
    await mailbox.deliver(["wamid.0", "wamid.1", "wamid.2"].map((id) => inboundText(id, { address: id })));
    expect(calls.map(({ body }) => (JSON.parse(body) as Sent).Entries.length)).toEqual([3, 1, 1]);
  });

  it("lays a large item into the bucket first, and carries a reference", async () => {
    const { mailbox, calls } = await aws(({ service, body }) =>
      service === "s3" ? { status: 200, body: "" } : batchAnswer(body),
    );
    const item = inboundText("wamid.1", { text: "é".repeat(50_000) });
    await mailbox.deliver([item]);
    const reference = `mailbox/${item.key}-${item.token}`;
    expect(calls.map(({ service, method, path }) => [service, method, path])).toEqual([
      ["s3", "PUT", `/bucket/${reference}`],
      ["sqs", "POST", "/"],
    ]);
    expect(JSON.parse(calls[0]?.body ?? "")).toEqual(item);
    expect(JSON.parse((JSON.parse(calls[1]?.body ?? "") as Sent).Entries[0]?.MessageBody ?? "")).toEqual({ reference });
  });

  it("tells when it could not send", async () => {
    const { mailbox } = await aws(({ body }) => batchAnswer(body, () => true));
    await expect(mailbox.deliver([inboundText("wamid.1")])).rejects.toThrow(WorldFault);
  });

  it("packs what one conversation is told into few bodies, in order, under an id made of all keys", async () => {
    const { mailbox, calls } = await aws(({ body }) => batchAnswer(body));
    const items = Array.from({ length: 1000 }, (_, index) => inboundText(`wamid.${index}`));
    await mailbox.deliver(items);
    expect(calls).toHaveLength(50);
    const entries = calls.flatMap(({ body }) => (JSON.parse(body) as Sent).Entries);
    expect(entries.flatMap(itemsIn)).toEqual(items);
    expect(new Set(entries.map((entry) => entry.MessageDeduplicationId)).size).toBe(50);

    const idOf = async (ids: string[]) => {
      calls.length = 0;
      await mailbox.deliver(ids.map((id) => inboundText(id)));
      return (JSON.parse(calls[0]?.body ?? "") as Sent).Entries[0]?.MessageDeduplicationId;
    };
    expect(await idOf(["a", "b"])).toBe(await idOf(["a", "b"]));
    expect(await idOf(["a", "b"])).not.toBe(await idOf(["a", "c"]));
    expect(await idOf(["a"])).toBe(inboundText("a").key);
  });

  it("keeps every body below the queue's limit, and a large item in its place among small ones", async () => {
    const { mailbox, calls } = await aws(({ service, body }) =>
      service === "s3" ? { status: 200, body: "" } : batchAnswer(body),
    );
    const sizes = [10, 90_000, 90_000, 90_000, 250_000, 10, 10];
    const items = sizes.map((size, index) => inboundText(`wamid.${index}`, { text: "x".repeat(size) }));
    await mailbox.deliver(items);
    const entries = calls
      .filter(({ service }) => service === "sqs")
      .flatMap(({ body }) => (JSON.parse(body) as Sent).Entries);
    for (const { MessageBody } of entries) expect(MessageBody.length).toBeLessThanOrEqual(200_000);
    const order = entries.flatMap((entry) =>
      itemsIn(entry).map((item) => item.key ?? item.reference?.slice("mailbox/".length).slice(0, 22)),
    );
    expect(order).toEqual(items.map(({ key }) => key));
  });

  it("takes a thousand updates of one body", async () => {
    const { mailbox, calls } = await aws(({ body }) => batchAnswer(body));
    const items = Array.from({ length: 1000 }, (_, index) =>
      inboundText(`wamid.${index}`, { address: `c${index % 50}` }),
    );
    await mailbox.deliver(items);
    const sent = calls.flatMap(({ body }) => (JSON.parse(body) as Sent).Entries.flatMap(itemsIn));
    for (const log of new Set(items.map((item) => item.log))) {
      const keysOf = (all: Partial<MailboxItem>[]) => all.filter((item) => item.log === log).map(({ key }) => key);
      expect(keysOf(sent)).toEqual(keysOf(items));
    }
    expect(calls).toHaveLength(5);
  });
});

describe("a call without the SDK", () => {
  const PUT = { service: "s3", method: "PUT", path: "/bucket/quarantine/x/1", headers: {}, body: "x" } as const;

  it.each<[string, AwsAnswer]>([
    ["a server's failure", { status: 500, body: "" }],
    ["a throttle", { status: 400, body: '{"__type":"com.amazonaws.sqs#ThrottlingException"}' }],
    ["S3's throttle", { status: 503, body: "<Error><Code>SlowDown</Code></Error>" }],
    ["a broken connection", "drop"],
  ])("is made again after %s, four times at most", async (_, fault) => {
    let left = 3;
    const { client, calls } = await aws(() => (left-- > 0 ? fault : { status: 200, body: "done" }));
    expect(await client(PUT)).toBe("done");
    expect(calls).toHaveLength(4);
    left = 4;
    await expect(client(PUT)).rejects.toThrow(WorldFault);
    expect(calls).toHaveLength(8);
  });

  it("is not made again when it was refused", async () => {
    const { client, calls } = await aws(() => ({ status: 400, body: '{"__type":"com.amazonaws.sqs#AccessDenied"}' }));
    await expect(client(PUT)).rejects.toThrow("s3: HTTP 400 AccessDenied");
    expect(calls).toHaveLength(1);
  });
});

describe("the receiver's secrets", () => {
  const names = ["deployment", ...Array.from({ length: 11 }, (_, index) => `account-${index}`)];
  const found = (body: string, value = '{"appSecret":"s"}') => {
    const { Names, WithDecryption } = JSON.parse(body) as { Names: string[]; WithDecryption: boolean };
    expect(WithDecryption).toBe(true);
    expect(Names.length).toBeLessThanOrEqual(10);
    const Parameters = Names.filter((name) => !name.endsWith("missing")).map((Name) => ({ Name, Value: value }));
    return { status: 200, body: JSON.stringify({ Parameters }) };
  };

  it("are read once, by ten, and again after five minutes", async () => {
    const clock = new PlayedClock();
    const { client, calls } = await aws(({ body }) => found(body));
    const secrets = createLeanSecrets(client, { path: "/recado/dev", names, clock });
    const [one, other] = await Promise.all([secrets(), secrets()]);
    expect(one).toBe(other);
    expect([...one]).toEqual(names.map((name) => [name, { appSecret: "s" }]));
    expect(calls).toMatchObject([{ service: "ssm", target: "AmazonSSM.GetParameters" }, { service: "ssm" }]);
    clock.time += 5 * 60_000 - 1;
    await secrets();
    expect(calls).toHaveLength(2);
    clock.time += 1;
    await secrets();
    expect(calls).toHaveLength(4);
  });

  it("stay as they were when a later read fails", async () => {
    const clock = new PlayedClock();
    let isDown = false;
    const { client } = await aws(({ body }) => (isDown ? { status: 400, body: "" } : found(body)));
    const secrets = createLeanSecrets(client, { path: "/recado/dev", names: ["a"], clock });
    await secrets();
    isDown = true;
    clock.time += 10 * 60_000;
    expect([...(await secrets())]).toEqual([["a", { appSecret: "s" }]]);
  });

  it("are a fault of the world when the first read fails, and there at the next", async () => {
    let isDown = true;
    const { client } = await aws(({ body }) => (isDown ? { status: 400, body: "" } : found(body)));
    const secrets = createLeanSecrets(client, { path: "/recado/dev", names: ["a"], clock: new PlayedClock() });
    await expect(secrets()).rejects.toThrow(WorldFault);
    isDown = false;
    expect((await secrets()).size).toBe(1);
  });

  it("are looked for again soon while one is missing or no JSON", async () => {
    const clock = new PlayedClock();
    let value = "no JSON";
    const { client, calls } = await aws(({ body }) => found(body, value));
    const secrets = createLeanSecrets(client, { path: "/recado/dev", names: ["a", "missing"], clock });
    expect((await secrets()).size).toBe(0);
    value = '{"appSecret":"s"}';
    clock.time += 15_000;
    expect([...(await secrets()).keys()]).toEqual(["a"]);
    expect(calls).toHaveLength(2);
  });
});
