import * as z from "zod";

const Id = z.string().min(1);

export const Settings = z.strictObject({
  /** What stands before `.freshchat.com` in the address of the API: the account's own word, or `api.eu` and the like. */
  domain: z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, "is what stands before .freshchat.com"),
  /** The topic whose conversations ours are: one for all accounts, or each account's own by the account's name. */
  channelIds: z.union([Id, z.record(z.string(), Id)]),
  /** The agent who writes Recado's notes. */
  agentId: Id,
  /** Agents who are no people: what they say is a bot's. */
  botIds: z.array(Id).default([]),
});
export type Settings = z.output<typeof Settings>;

/** As they stand in the desk's document; nothing is certain until it was looked at. */
export interface Secrets {
  apiToken?: unknown;
  publicKey?: unknown;
}

export const secrets = [
  { name: "apiToken", prompt: "API token of Freshchat", rotates: false },
  { name: "publicKey", prompt: "Public key of Freshchat's webhooks (RSA, PEM)", rotates: true },
] as const;
