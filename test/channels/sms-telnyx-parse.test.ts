/** Of Telnyx's webhooks, what no recorded one shows. */
import { expect, it } from "vitest";
import { smsTelnyx } from "../../shared/channels/sms-telnyx/index.ts";

const PROFILE = "400174d7-0000-4000-8000-000000000001";

it("leaves a number of the profile to the account that is the profile, not to one with a number of its own", () => {
  const payload = {
    ...{ id: "m1", type: "SMS", text: "Olá", messaging_profile_id: PROFILE },
    from: { phone_number: "+351912345678" },
    to: [{ phone_number: "+15550000009" }],
  };
  const body = Buffer.from(JSON.stringify({ data: { event_type: "message.received", payload } }));
  const url = "https://hooks.example.test/webhooks/sms-telnyx";
  const request = { method: "POST", url, query: {}, headers: {}, body, receivedAt: 0 };
  const own = { name: "own", settings: { from: "+15550000002", messagingProfileId: PROFILE }, secrets: {} };
  const pool = { name: "pool", settings: { messagingProfileId: PROFILE }, secrets: {} };
  const accountFor = (accounts: (typeof own | typeof pool)[]) => {
    const result = smsTelnyx.receiver.parse(request, accounts);
    return result.ok ? result.parsed.map(({ account }) => account) : result.reason;
  };
  expect(accountFor([own, pool])).toEqual(["pool"]);
  expect(accountFor([own])).toEqual([undefined]);
});
