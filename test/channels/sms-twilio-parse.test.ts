/** Of Twilio's webhooks, what no recorded one shows. */
import { describe, expect, it } from "vitest";
import { smsTwilio } from "../../shared/channels/sms-twilio/index.ts";

const SID = `SM${"0".repeat(32)}`;
const account = {
  name: "sms",
  settings: { accountSid: "AC00000000000000000000000000000001", from: "+15550000002" },
  secrets: {},
};

function parsed(fields: Record<string, string>) {
  const body = new URLSearchParams({
    ...{ MessageSid: SID, AccountSid: account.settings.accountSid, From: "+351912345678", To: "+15550000002" },
    ...fields,
  });
  const url = "https://hooks.example.test/webhooks/sms-twilio";
  const request = { method: "POST", url, query: {}, headers: {}, body: Buffer.from(String(body)), receivedAt: 0 };
  const result = smsTwilio.receiver.parse(request, [account]);
  if (!result.ok) throw new Error(result.reason);
  return result.parsed;
}

const files = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      [`MediaUrl${index}`, `https://api.twilio.com/${index}`],
      [`MediaContentType${index}`, "image/jpeg"],
    ]).flat(),
  );

describe("a message of Twilio's", () => {
  it("has ten files at most, whatever number it says", () => {
    expect(parsed({ NumMedia: "40", ...files(10) })).toHaveLength(10);
  });

  it("of several files says once that the customer wants to hear no more", () => {
    const wishes = parsed({ Body: "STOP", NumMedia: "2", OptOutType: "STOP", ...files(2) }).map(({ happening }) =>
      "message" in happening ? happening.message.consentWish : undefined,
    );
    expect(wishes).toEqual([{ wants: "stop", said: "keyword" }, undefined]);
  });

  it("of somebody who hides their number is nobody's whom a number would tell", () => {
    const [open] = parsed({ Body: "Olá" });
    expect(open).toMatchObject({ address: "+351912345678", number: "+351912345678" });
    // What Twilio writes for an anonymous caller; it would be the number of all of them.
    const [masked] = parsed({ Body: "Olá", From: "+266696687" });
    expect(masked).toMatchObject({ address: "+266696687" });
    expect(masked).not.toHaveProperty("number");
  });
});
