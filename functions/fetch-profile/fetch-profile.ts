/**
 * fetch-profile: asks the provider what a customer is called, and tells the conversation's log. It is in nobody's way: no
 * message waits for it, and when the provider does not answer it is given up, and asked again when the customer returns.
 */
import type { Account, ProfileSource } from "../../shared/channels/connector.ts";
import { eventKey, type IdSecret, newToken } from "../../shared/domain/ids.ts";
import type { ProfileRequest } from "../../shared/domain/mailbox.ts";
import { log } from "../../shared/log.ts";
import type { Clock, Http, LogReader, Mailbox, Next, Random } from "../../shared/ports.ts";

/** An account as this deployment knows it, with the way to its customers' names. */
export type ProfileAccount =
  | { kind: "ready"; account: Account; source: ProfileSource; http: Http }
  | { kind: "no_secrets" | "not_configured" };

export interface Ports {
  table: Pick<LogReader, "newest">;
  mailbox: Mailbox;
  account(name: string): Promise<ProfileAccount>;
  clock: Clock;
  random: Random;
  idSecret: IdSecret;
}

const DONE: Next = { kind: "done" };
/** Between one try and the next; after the last there is none. */
const WAITS_SECONDS = [30, 300, 3600, 6 * 3600];

/**
 * @param received how often the queue has handed the request out
 * @throws WorldFault: the same request again later
 */
export async function fetchProfile(request: ProfileRequest, received: number, ports: Ports): Promise<Next> {
  const { log: name, account, address } = request;
  const state = await ports.account(account);
  if (state.kind === "not_configured") return DONE;
  const told =
    state.kind === "ready"
      ? await state.source.profile(address, state.account, state.http)
      : { kind: "unavailable" as const, detail: "no secrets" };
  switch (told.kind) {
    case "known":
      await tell(told.name, request, ports);
      return DONE;
    case "none":
      return DONE;
    default: {
      const afterSeconds = WAITS_SECONDS[received - 1];
      const code = afterSeconds === undefined ? "profile_given_up" : "profile_later";
      log("warn", code, { log: name, account, detail: told.detail, received });
      return afterSeconds === undefined ? DONE : { kind: "retry", afterSeconds };
    }
  }
}

/** One event for a conversation and a name, however often it is fetched. */
async function tell(customer: string, { log: name, account, address }: ProfileRequest, ports: Ports): Promise<void> {
  const newest = await ports.table.newest(name);
  const contact = newest?.after.contact;
  if (!newest || contact === undefined) return;
  await ports.mailbox.deliver([
    {
      log: name,
      key: eventKey(ports.idSecret, account, `${name}#named#${customer}`),
      token: newToken(ports.random),
      type: "contact.updated",
      account,
      channel: newest.channel,
      address,
      contact: { id: contact, name: customer },
      at: { received: ports.clock.now() },
      data: { change: "name", name: customer },
    },
  ]);
}
