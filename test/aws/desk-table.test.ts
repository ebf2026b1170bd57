/** The real code of the desks' items on dynalite. */
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DeskTable } from "../../shared/aws/desk-table.ts";
import type { DeskState } from "../../shared/domain/desk-state.ts";
import { type Dynalite, startDynalite } from "./dynalite.ts";

const LOG = "conv_AAAAAAAAAAAAAAAAAAAAAA";
const OTHER = "conv_BBBBBBBBBBBBBBBBBBBBBB";
const NOW = 1_795_000_000_000;

let dynalite: Dynalite;
let tableName: string;
let table: DeskTable;
beforeAll(async () => {
  dynalite = await startDynalite();
});
beforeEach(async () => {
  tableName = await dynalite.newTable();
  table = new DeskTable({ tableName, client: dynalite.client });
});
afterAll(() => dynalite.close());

async function stored(pk: string, sk: string): Promise<Record<string, unknown> | undefined> {
  const { Item } = await dynalite.client.send(new GetItemCommand({ TableName: tableName, Key: marshall({ pk, sk }) }));
  return Item && unmarshall(Item);
}

describe("a ticket", () => {
  const whole: DeskState = {
    id: "t2",
    kept: { contact: "c1", text: "ã|\n" },
    previous: { id: "t1", kept: { contact: "c1" } },
    openedAt: NOW,
    openedBy: 4,
    closedAt: NOW + 1,
    told: { entry: 7, step: 1.002 },
    trying: { entry: 8, step: 0, upTo: 9 },
    following: [{ message: "r1", ours: ["msg_1", "msg_2"], from: 5, told: "sent", attempt: 1 }],
    waiting: ["msg_3"],
    isAnswered: false,
    windowTold: NOW,
  };

  it.each<[string, DeskState]>([
    ["of which all is known", whole],
    ["of which nothing is known yet", { kept: {}, following: [], waiting: [] }],
  ])("%s is read as it was written", async (_, state) => {
    await table.putDeskState("desk", LOG, state);
    expect(await table.deskState("desk", LOG)).toEqual(state);
  });

  it("is that of one conversation at one desk, and the last that was written", async () => {
    await table.putDeskState("desk", LOG, whole);
    const { closedAt: _, ...rest } = whole;
    await table.putDeskState("desk", LOG, { ...rest, id: "t3" });
    expect(await table.deskState("desk", LOG)).toEqual({ ...rest, id: "t3" });
    expect(await table.deskState("desk", OTHER)).toBeUndefined();
    expect(await table.deskState("desk-2", LOG)).toBeUndefined();
  });

  it("leads to its conversation, by the id of its desk", async () => {
    await table.linkTicket("desk", "t#1", LOG);
    expect(await table.conversationOf("desk", "t#1")).toBe(LOG);
    expect(await table.conversationOf("desk", "t")).toBeUndefined();
    expect(await table.conversationOf("other", "t#1")).toBeUndefined();
    // One desk's name may be the beginning of another one's.
    await table.linkTicket("desk-2", "t#1", OTHER);
    expect(await table.conversationOf("desk", "t#1")).toBe(LOG);
  });
});

describe("a message", () => {
  it("is found from either side", async () => {
    await table.linkMessage("desk", LOG, { message: "msg_1", deskMessage: "d1", isOurs: true });
    await table.linkMessage("desk", LOG, { message: "msg_2", deskMessage: "r1", isOurs: false });
    expect(await table.deskMessage("desk", LOG, "msg_1")).toBe("d1");
    expect(await table.messageBehind("desk", LOG, "d1")).toEqual({ message: "msg_1", isOurs: true });
    expect(await table.messageBehind("desk", LOG, "r1")).toEqual({ message: "msg_2", isOurs: false });
    expect(await table.deskMessage("desk", OTHER, "msg_1")).toBeUndefined();
    expect(await table.messageBehind("other", LOG, "d1")).toBeUndefined();
  });

  it("that became several there is found from each, and the last that was linked stands for it", async () => {
    for (const deskMessage of ["d2", "d1"])
      await table.linkMessage("desk", LOG, { message: "msg_1", deskMessage, isOurs: true });
    expect(await table.messageBehind("desk", LOG, "d2")).toEqual({ message: "msg_1", isOurs: true });
    expect(await table.deskMessage("desk", LOG, "msg_1")).toBe("d1");
  });

  it("is known for ninety days, both ways; the ticket itself for ever", async () => {
    const before = Math.floor(Date.now() / 1000);
    await table.linkMessage("desk", LOG, { message: "msg_1", deskMessage: "d1", isOurs: true });
    await table.linkTicket("desk", "t1", LOG);
    await table.putDeskState("desk", LOG, { kept: {}, following: [], waiting: [] });
    const after = Math.floor(Date.now() / 1000);
    for (const sk of ["OURS#msg_1", "THEIRS#d1"]) {
      const { expires } = (await stored(`DESK#desk#${LOG}`, sk)) ?? {};
      expect(expires).toBeGreaterThanOrEqual(before + 90 * 86_400);
      expect(expires).toBeLessThanOrEqual(after + 90 * 86_400);
    }
    expect(await stored(`DESK#desk#${LOG}`, "TICKET")).not.toHaveProperty("expires");
    expect(await stored("LINK#desk#t1", "LINK")).not.toHaveProperty("expires");
  });
});

describe("how far a ticket was listened to", () => {
  it.each([{}, { ticket: "t1", upTo: "9" }, { tags: [] }, { upTo: "", tags: ["vip", "ã"] }])(
    "is read as it was written: %o",
    async (heard) => {
      expect(await table.listened("desk", LOG)).toEqual({});
      await table.putListened("desk", LOG, heard);
      expect(await table.listened("desk", LOG)).toEqual(heard);
    },
  );
});

describe("since when a desk follows", () => {
  it("is the first time that anybody asked, whoever asks later", async () => {
    expect(await table.deskSince("desk", "whatsapp", NOW)).toBe(NOW);
    expect(await table.deskSince("desk", "whatsapp", NOW + 5)).toBe(NOW);
    expect(await table.deskSince("desk", "whatsapp", NOW - 5)).toBe(NOW);
    expect(await table.deskSince("other", "whatsapp", NOW + 7)).toBe(NOW + 7);
  });

  it("is the same for all who ask at once", async () => {
    const asked = Array.from({ length: 12 }, (_, index) => table.deskSince("desk", "whatsapp", NOW + index));
    const answers = new Set(await Promise.all(asked));
    expect(answers.size).toBe(1);
    expect(await table.deskSince("desk", "whatsapp", 0)).toBe([...answers][0]);
  });

  it("is that of another one who was quicker between the question and the answer", async () => {
    const overtaken: Pick<DynamoDBClient, "send"> = {
      async send(command: Parameters<DynamoDBClient["send"]>[0]) {
        if (command instanceof PutItemCommand) await table.deskSince("desk", "whatsapp", NOW);
        return dynalite.client.send(command as PutItemCommand);
      },
    } as DynamoDBClient;
    const late = new DeskTable({ tableName, client: overtaken as DynamoDBClient });
    expect(await late.deskSince("desk", "whatsapp", NOW + 1_000)).toBe(NOW);
  });
});

describe("how far a desk was tended", () => {
  it.each([{ handedOver: "all" as const, askedUntil: NOW }, { handedOver: { cursor: `${NOW}#${LOG}` } }, {}])(
    "is read as it was written: %o",
    async (progress) => {
      expect(await table.deskProgress("desk")).toEqual({});
      await table.deskSince("desk", "whatsapp", NOW);
      await table.putDeskProgress("desk", progress);
      expect(await table.deskProgress("desk")).toEqual(progress);
      expect(await table.deskProgress("other")).toEqual({});
      expect(await table.deskSince("desk", "whatsapp", 0)).toBe(NOW);
    },
  );
});
