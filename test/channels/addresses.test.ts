/** How callers may write a customer's address: as people write numbers, and as each connector's own webhooks say it. */
import { describe, expect, test } from "vitest";
import { addressing } from "../../shared/channels/addresses.ts";
import { connectors } from "../../shared/channels/registry.ts";

const names = Object.keys(connectors) as (keyof typeof connectors)[];
const on = (channel: string) => names.filter((name) => connectors[name].channel === channel);

test.each(names)("%s says its channel, and an address that it reads itself", (name) => {
  const { channel, example, readAddress } = addressing[name];
  expect(channel).toBe(connectors[name].channel);
  expect(readAddress(example)).toBeDefined();
});

describe.each(on("sms"))("%s", (name) => {
  const { readAddress } = addressing[name];

  test.each([
    "+351910000001",
    "+351 910 000 001",
    " +351-910-000-001 ",
    "+351 (910) 000.001",
    "\u202a+351\u00a0910\u2011000\u2011001\u202c",
  ])("reads %s as the number that its webhooks name", (written) => {
    expect(readAddress(written)).toEqual({ address: "+351910000001", number: "+351910000001" });
  });

  test.each([
    "910000001",
    "00351910000001",
    "+0351910000001",
    "+351",
    "+44 (0)20 7946 0000",
    "72975",
    "Ana",
    "+351910x",
  ])("knows no %s", (written) => expect(readAddress(written)).toBeUndefined());
});

test("sms-twilio writes to nobody who stands for those that show no number", () => {
  expect(addressing["sms-twilio"].readAddress("+266 696687")).toBeUndefined();
});

describe.each(on("whatsapp"))("%s", (name) => {
  const { readAddress } = addressing[name];

  test.each(["+351 910 000 001", "+351910000001"])("reads %s as WhatsApp's webhooks say it", (written) => {
    expect(readAddress(written)).toEqual({ address: "351910000001", number: "+351910000001" });
  });

  test("takes digits alone for what was handed out, since their country may be missing", () => {
    const given = { address: "351910000001", number: "+351910000001", isGiven: true };
    expect(readAddress("351910000001")).toEqual(given);
  });

  test.each(["BR.4410000000000000001", "BR.ENT.123"])("takes the user id %s as it is", (id) => {
    expect(readAddress(id)).toEqual({ address: id });
  });

  test("knows a group only once somebody has written there", () => {
    expect(readAddress("group:120363")).toEqual({ address: "group:120363", isGiven: true });
  });

  test.each(["351 910 000 001", "0910000001", "group:", "br.44", "Ana"])("knows no %s", (written) => {
    expect(readAddress(written)).toBeUndefined();
  });
});

describe.each(["messenger", "instagram"] as const)("%s", (name) => {
  const { readAddress } = addressing[name];

  test("knows a customer by the id that came with their messages alone", () => {
    expect(readAddress("8000000000000001")).toEqual({ address: "8000000000000001", isGiven: true });
    for (const other of ["+351910000001", "@ana", "800000000000000x"]) expect(readAddress(other)).toBeUndefined();
  });
});
