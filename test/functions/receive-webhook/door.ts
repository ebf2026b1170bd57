/** A receiver's story with the outside in memory. */
import { randomBytes } from "node:crypto";
import { type Door, type Ports, webhookReceiver } from "../../../functions/receive-webhook/receive-webhook.ts";
import type { Account, Connector } from "../../../shared/channels/connector.ts";
import { connectors } from "../../../shared/channels/registry.ts";
import { type ConnectorName, SAMPLE } from "../../contracts/provider.ts";
import { MemoryObjects } from "../../fakes/memory-objects.ts";
import { MemoryMailbox, PlayedClock } from "../../fakes/world.ts";

export const ID_SECRET = "the secret of this deployment";

export function door(
  name: ConnectorName,
  changes: { accounts?: readonly Account[]; joinByNumber?: boolean; ports?: Partial<Ports> } = {},
) {
  const connector: Connector = connectors[name];
  const accounts = changes.accounts ?? [SAMPLE[name]];
  const mailbox = new MemoryMailbox();
  const objects = new MemoryObjects();
  const clock = new PlayedClock();
  const documents = new Map<string, Record<string, unknown>>([["deployment", { idSecret: ID_SECRET }]]);
  for (const account of accounts) documents.set(account.name, account.secrets as Record<string, unknown>);
  const { receiver, channel } = connector;
  const place: Door = { receiver, connector: name, channel, joinByNumber: changes.joinByNumber ?? true, accounts };
  const ports: Ports = {
    mailbox,
    objects,
    clock,
    random: randomBytes,
    secrets: async () => documents,
    ...changes.ports,
  };
  return { receive: webhookReceiver(place, ports), mailbox, objects, clock, documents };
}
